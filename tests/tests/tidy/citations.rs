//! Whether everything that code, window, playbook and papers cite is in the repository.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};

use super::{Source, paths, sources};

const HANDBOOK: &str = "docs/handbook.md";
const SERVICES: &str = "docs/services.md";
const FAULTS: &str = "docs/faults.md";

/// Kinds of files that cite; locks and pictures hold what only looks like it.
const KINDS: [&str; 6] = [".rs", ".ts", ".svelte", ".toml", ".md", ".py"];

/// What can be cited.
struct Library {
    /// Every file, by its path.
    paths: BTreeSet<String>,
    /// Items of the handbook: `H30`.
    items: BTreeSet<String>,
    /// Sections and items of the services: `1.5`.
    sections: BTreeSet<String>,
    /// Rows of the faults, and what holds after each: `11`, `I1`.
    faults: BTreeSet<String>,
    /// Every place that a link can lead to within a paper: `docs/handbook.md#h30`.
    anchors: BTreeSet<String>,
}

impl Library {
    fn new(sources: &[Source]) -> Result<Self> {
        let text = |path: &str| {
            let found = sources.iter().find(|it| it.path == path);
            found.map(|it| it.text.as_str()).with_context(|| format!("{path} is missing"))
        };
        let items = between(text(HANDBOOK)?, "</a>**", "**");
        let sections = text(SERVICES)?.lines().filter_map(|line| {
            let heading = line.strip_prefix("## ").or(line.strip_prefix("### "));
            let head = heading.and_then(|it| it.split(' ').next());
            head.or_else(|| line.strip_prefix("- **")?.split("**").next())
        });
        let rows = text(FAULTS)?.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next());
        let rows = rows.filter(|it| it.parse::<u32>().is_ok()).map(str::to_owned);
        let invariants = between(text(FAULTS)?, "</a>**", ",");
        let papers = sources.iter().filter(|it| it.path.ends_with(".md"));
        Ok(Self {
            paths: paths()?.into_iter().collect(),
            items: items.collect(),
            sections: sections.map(str::to_owned).collect(),
            faults: rows.chain(invariants).collect(),
            anchors: papers.flat_map(anchors).collect(),
        })
    }

    /// Everything that a file cites and that is not here, each with its line.
    fn missing(&self, source: &Source) -> Vec<String> {
        if !KINDS.iter().any(|kind| source.path.ends_with(kind)) || source.path == "CHANGELOG.md" {
            return vec![];
        }
        let mut missing = vec![];
        for (number, line) in (1..).zip(source.text.lines()) {
            let mut says = |what: String| missing.push(format!("{}:{number}: {what}", source.path));
            items(line).filter(|it| !self.items.contains(it)).for_each(&mut says);
            for (paper, known) in [("services.md ", &self.sections), ("faults.md ", &self.faults)] {
                let cited = numbers_after(line, paper).filter(|it| !known.contains(it));
                cited.for_each(|it| says(format!("{paper}{it}")));
            }
            papers(line).filter(|it| !self.paths.contains(it)).for_each(&mut says);
            if source.path.ends_with(".md") {
                links(line).filter(|it| !self.leads_somewhere(&source.path, it)).for_each(&mut says);
            }
        }
        missing
    }

    fn leads_somewhere(&self, from: &str, link: &str) -> bool {
        let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
        let target = if path.is_empty() { from.to_owned() } else { beside(from, path) };
        match anchor {
            Some(anchor) => self.anchors.contains(&format!("{target}#{anchor}")),
            None => self.paths.iter().any(|it| *it == target || it.starts_with(&format!("{target}/"))),
        }
    }
}

/// Lines that put a code of a paper before the user, each with its number.
pub fn shows_a_code(source: &Source) -> Vec<String> {
    let path = source.path.as_str();
    let window = path.starts_with("ui/src/") && !path.contains("/gen/");
    let program = path.starts_with("src-tauri/") && path.ends_with(".rs") && !path.contains("/tests");
    let playbook = path.starts_with("src-tauri/engine/playbook/");
    // What stands over an option is what `--help` says.
    let help = path == "src-tauri/watch/src/cli.rs";
    let (mut commented, mut found) = (false, vec![]);
    for (number, line) in (1..).zip(source.text.lines()) {
        if line.starts_with("#[cfg(test)]") {
            break;
        }
        let begins = line.trim_start();
        let opens = ["<!--", "/*"].iter().any(|it| begins.starts_with(it));
        let hidden = commented || opens || begins.starts_with("//") || (playbook && begins.starts_with('#'));
        commented = (commented || opens) && !["-->", "*/"].iter().any(|it| line.contains(it));
        let shown = if help { line } else { line.split_once(" // ").map_or(line, |(code, _)| code) };
        let codes =
            items(shown).count() + usize::from(["services.md ", "faults.md "].iter().any(|it| shown.contains(it)));
        if (window || program || playbook) && (help || !hidden) && codes > 0 {
            found.push(format!("{path}:{number}: {}", line.trim()));
        }
    }
    found
}

#[test]
fn everything_cited_is_in_the_repository() -> Result<()> {
    let sources = sources()?;
    let library = Library::new(&sources)?;
    ensure!(library.items.len() == 56, "the handbook has {} items", library.items.len());
    ensure!(library.faults.len() == 44 && library.sections.len() > 25, "faults and services are read");
    let missing: Vec<String> = sources.iter().flat_map(|source| library.missing(source)).collect();
    ensure!(missing.is_empty(), "cited, but not in docs/ or the repository:\n  {}", missing.join("\n  "));
    Ok(())
}

#[test]
fn what_is_not_there_is_noticed() -> Result<()> {
    let library = Library::new(&sources()?)?;
    let missing = |path: &str, text: &str| library.missing(&Source { path: path.into(), text: text.into() }).len();
    // Put together from halves where this file would otherwise find itself.
    for (text, count) in [
        (concat!("/// Never (H", "99, H21).\n"), 1),
        (concat!("\"H", "9\""), 1),
        ("/// Taken in time (H21), H30–H37.\n", 0),
        ("let path = \"M3 H12a4\"; let more = \"H19.6Q19.2 11\"; let hash = 0xH999;\n", 0),
        (concat!("/// (services.md 1", ".9, 2, 3.", "8 and 4)\n"), 2),
        ("/// (services.md 1.3, 2, 3, 4, 5)\n", 0),
        (concat!("/// (faults.md 11, 4", "3–4", "5, I", "3)\n"), 4),
        ("/// faults.md 1 to 14: told. (faults.md I1)\n", 0),
        (concat!("/// as API", "S.md 1.1 has it\n"), 1),
        (concat!("// docs/gui", "des.md\n"), 1),
        ("// ARCHITECTURE.md, docs/faults.md, someone/else `docs/REST-API/04-Rate-Limits.md`\n", 0),
    ] {
        assert_eq!(missing("src-tauri/src/a.rs", text), count, "{text:?}");
    }
    let links = concat!("[x](docs/handbook.md#h", "9) [y](docs/handbook.md#h30) [z](docs/../READ.m", "d)\n");
    assert_eq!(missing("README.md", links), 2);
    assert_eq!(
        missing("README.md", "[x](https://example.org) [y](./src-tauri/core) [z](docs/faults.md#time-and-network)\n"),
        0
    );
    Ok(())
}

/// Items of the handbook that a line cites: an H and up to three figures, apart from everything else.
fn items(line: &str) -> impl Iterator<Item = String> + '_ {
    line.match_indices('H').filter_map(move |(at, _)| {
        let before = line[..at].chars().next_back();
        let figures: String = line[at + 1..].chars().take_while(char::is_ascii_digit).collect();
        let mut rest = line[at + 1 + figures.len()..].chars();
        let (after, next) = (rest.next(), rest.next());
        let apart = |it: Option<char>| it.is_none_or(|it| !it.is_alphanumeric() && !"_.:+".contains(it));
        // The path of a drawing goes on with coordinates.
        let sentence = (after == Some('.') || after == Some(':')) && next.is_none_or(|it| !it.is_ascii_digit());
        let drawn = line[..at].trim_end().ends_with(|it: char| it.is_ascii_digit());
        let cited = (1..=3).contains(&figures.len()) && apart(before) && (apart(after) || sentence) && !drawn;
        cited.then(|| format!("H{figures}"))
    })
}

/// The numbers that follow each mention of a paper: `1.5, 2 and 3`, `1 to 14`, `35–37`, with all that are between.
fn numbers_after<'a>(line: &'a str, paper: &'a str) -> impl Iterator<Item = String> + 'a {
    line.match_indices(paper).flat_map(move |(at, _)| {
        let mut rest = &line[at + paper.len()..];
        let mut found: Vec<String> = vec![];
        let mut until = false;
        loop {
            let length = rest.find(|it: char| !(it.is_ascii_digit() || it == '.' || it == 'I')).unwrap_or(rest.len());
            let number = rest[..length].trim_end_matches('.');
            if !number.contains(|it: char| it.is_ascii_digit()) {
                break found;
            }
            if let (true, Some(Ok(first)), Ok(last)) = (until, found.last().map(|it| it.parse::<u32>()), number.parse())
            {
                found.extend((first + 1..last).map(|it| it.to_string()));
            }
            found.push(number.to_owned());
            rest = &rest[number.len()..];
            let joints = [(", ", false), (" and ", false), ("–", true), (" to ", true)];
            let Some((joint, spans)) = joints.into_iter().find(|(joint, _)| rest.starts_with(joint)) else {
                break found;
            };
            (rest, until) = (&rest[joint.len()..], spans);
        }
    })
}

/// Papers that a line names: those in capital letters, which stand at the top, and those of `docs/`.
fn papers(line: &str) -> impl Iterator<Item = String> + '_ {
    line.match_indices(".md").filter_map(move |(at, _)| {
        let begins = line[..at].rfind(|it: char| !(it.is_ascii_alphanumeric() || "-_/.".contains(it)));
        let path = &line[begins.map_or(0, |it| it + line[it..].chars().next().map_or(1, char::len_utf8))..at];
        let name = path.rsplit('/').next()?;
        let capitals = name.len() > 2 && name.chars().all(|it| it.is_ascii_uppercase());
        let ours = path.strip_prefix("docs/").is_some_and(|it| !it.contains('/'));
        (ours || (capitals && !path.contains('/'))).then(|| format!("{path}.md"))
    })
}

/// Where the links of a line lead, those out of the repository left out.
fn links(line: &str) -> impl Iterator<Item = String> + '_ {
    between(line, "](", ")").filter(|it| !it.contains("://") && !it.contains(' '))
}

/// Places of a paper: its anchors, and its headings as they become links.
fn anchors(source: &Source) -> Vec<String> {
    let headings = source.text.lines().filter(|line| line.starts_with('#')).map(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        words.chars().filter(|it| it.is_alphanumeric() || *it == '-' || *it == '_').collect()
    });
    let all = headings.chain(between(&source.text, "<a id=\"", "\""));
    all.map(|it: String| format!("{}#{it}", source.path)).collect()
}

/// The path of what is linked from a file as `path`.
fn beside(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn between<'a>(text: &'a str, begins: &'a str, ends: &'a str) -> impl Iterator<Item = String> + 'a {
    text.split(begins).skip(1).filter_map(move |rest| Some(rest.split(ends).next()?.to_owned()))
}
