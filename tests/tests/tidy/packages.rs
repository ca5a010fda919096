//! Which package may use which: ours, and those of others.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use herald_tests::desktop::root;

/// Packages of ours that each package of ours may use.
const OUR_EDGES: &[(&str, &[&str])] = &[
    ("herald-core", &[]),
    ("herald-engine", &["herald-core"]),
    ("herald-practice", &[]),
    ("herald-door", &[]),
    ("herald-watch", &["herald-core", "herald-door", "herald-engine", "herald-practice"]),
    // On Linux the window is a program of its own, which knows the door alone; elsewhere it holds the watch.
    ("herald", &["herald-core", "herald-door", "herald-watch"]),
    ("herald-tests", &["herald-core", "herald-door", "herald-engine", "herald-practice"]),
];

/// What draws: only the window knows it. A name ending in `*` is a beginning.
const WINDOW_ONLY: &[&str] = &["tauri*", "wry", "tao", "gtk", "gdk", "webkit2gtk*", "rfd"];

/// The sound card, the tray and the notifications: only the watch knows them.
const WATCH_ONLY: &[&str] = &["notify-rust", "rodio", "cpal", "ksni", "arboard"];

/// What would let the core look at a clock, a file, a socket or a die.
const NOT_IN_CORE: &[&str] =
    &["tokio", "reqwest", "hyper", "rusqlite", "rand", "fastrand", "getrandom", "zbus", "tracing", "uuid"];

#[test]
fn packages_use_only_what_they_may() -> Result<()> {
    let complaints: Vec<String> =
        direct_dependencies()?.iter().flat_map(|(package, uses)| wrong_edges(package, uses)).collect();
    ensure!(complaints.is_empty(), "dependency rule:\n{}", complaints.join("\n"));

    let uses = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    assert_eq!(wrong_edges("herald-core", &uses(&["herald-engine"])), ["herald-core uses herald-engine"]);
    assert_eq!(wrong_edges("herald-practice", &uses(&["herald-core"])), ["herald-practice uses herald-core"]);
    assert_eq!(wrong_edges("herald-tests", &uses(&["herald"])), ["herald-tests uses herald"]);
    assert_eq!(wrong_edges("herald-extra", &uses(&[])), ["herald-extra is not in the blueprint"]);
    assert_eq!(wrong_edges("herald", &uses(&["herald-door", "tauri", "serde"])), Vec::<String>::new());
    assert_eq!(wrong_edges("herald-watch", &uses(&["gtk", "ksni"])), ["herald-watch uses gtk"]);
    assert_eq!(wrong_edges("herald", &uses(&["rodio"])), ["herald uses rodio"]);
    Ok(())
}

#[test]
fn forbidden_packages_do_not_come_in_by_another_door() -> Result<()> {
    let mut complaints = Vec::new();
    let mut rules = vec![("herald-core", NOT_IN_CORE), ("herald-watch", WINDOW_ONLY), ("herald", WATCH_ONLY)];
    rules.push(("herald", &["herald-core", "herald-engine", "rusqlite"]));
    for package in ["herald-core", "herald-engine", "herald-practice", "herald-door"] {
        rules.extend([(package, WINDOW_ONLY), (package, WATCH_ONLY)]);
    }
    for (package, forbidden) in rules {
        complaints.extend(unwanted(package, &all_dependencies(package)?, forbidden));
    }
    ensure!(complaints.is_empty(), "dependency rule:\n{}", complaints.join("\n"));

    let tree = BTreeSet::from(["serde".to_owned(), "tauri-utils".to_owned()]);
    assert_eq!(unwanted("x", &tree, WINDOW_ONLY), ["x reaches tauri-utils"], "the rule can fail");
    assert_eq!(unwanted("x", &tree, &["tauri"]), Vec::<String>::new());
    Ok(())
}

fn cargo(args: &[&str]) -> Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(args).current_dir(root()).output().context("running cargo")?;
    ensure!(output.status.success(), "cargo {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// What each package of ours names in its manifest, for building and testing included.
fn direct_dependencies() -> Result<BTreeMap<String, BTreeSet<String>>> {
    let metadata = cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"])?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    let name = |value: &serde_json::Value| value["name"].as_str().unwrap_or_default().to_owned();
    let uses =
        |package: &serde_json::Value| package["dependencies"].as_array().into_iter().flatten().map(name).collect();
    Ok(packages.iter().map(|package| (name(package), uses(package))).collect())
}

/// Everything that ends up in a package, however far down.
fn all_dependencies(package: &str) -> Result<BTreeSet<String>> {
    let args =
        ["tree", "--offline", "--package", package, "--edges", "normal", "--prefix", "none", "--format", "{lib}"];
    Ok(cargo(&args)?.lines().map(|line| line.replace('_', "-")).collect())
}

fn wrong_edges(package: &str, uses: &BTreeSet<String>) -> Vec<String> {
    let Some((_, ours)) = OUR_EDGES.iter().find(|(name, _)| *name == package) else {
        return vec![format!("{package} is not in the blueprint")];
    };
    let ours_but_not_allowed =
        |name: &&String| OUR_EDGES.iter().any(|(known, _)| known == name) && !ours.contains(&name.as_str());
    let wrong = uses.iter().filter(|name| ours_but_not_allowed(name) || not_its_own(package, name));
    wrong.map(|name| format!("{package} uses {name}")).collect()
}

fn not_its_own(package: &str, name: &str) -> bool {
    (package != "herald" && matches_any(name, WINDOW_ONLY))
        || (package != "herald-watch" && matches_any(name, WATCH_ONLY))
}

fn unwanted(package: &str, tree: &BTreeSet<String>, forbidden: &[&str]) -> Vec<String> {
    tree.iter().filter(|name| matches_any(name, forbidden)).map(|name| format!("{package} reaches {name}")).collect()
}

fn matches_any(name: &str, patterns: &[&str]) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == *pattern,
    })
}
