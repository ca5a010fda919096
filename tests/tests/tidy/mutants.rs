//! The list of mutants: one that no longer finds the text that it changes breaks nothing, and would be said by nobody until
//! somebody runs them all.

use anyhow::{Context as _, Result};
use herald_tests::desktop::root;

#[test]
fn every_mutant_finds_its_text() -> Result<()> {
    let list = std::fs::read_to_string(root().join("tests/mutants/list.toml"))?;
    let list: toml::Table = toml::from_str(&list).context("tests/mutants/list.toml")?;
    let mutants = list["mutant"].as_array().context("no mutants")?;
    assert!(!mutants.is_empty());
    for mutant in mutants {
        let word = |key: &str| mutant[key].as_str().with_context(|| format!("{key} of {mutant}"));
        let text = std::fs::read_to_string(root().join(word("file")?)).with_context(|| format!("{mutant}"))?;
        assert_eq!(text.matches(word("find")?).count(), 1, "{}: in {}", word("name")?, word("file")?);
    }
    Ok(())
}
