//! Rules about the code itself. Each says why it is there, and each is shown to be able to fail.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use herald_tests::desktop::root;

#[path = "tidy/citations.rs"]
mod citations;
#[path = "tidy/fakes.rs"]
mod fakes;
#[path = "tidy/mutants.rs"]
mod mutants;
#[path = "tidy/packages.rs"]
mod packages;
#[path = "tidy/playbook.rs"]
mod playbook;

/// Files that may be longer than [`LINES_MAX`], and why. Empty is how it should stay.
const LONG_FILES: &[(&str, &str)] = &[];

/// A longer file is usually two of something.
const LINES_MAX: usize = 500;

/// Signs in a line of the window's code.
const SIGNS_MAX: usize = 200;

/// What may stand at the top level, beside files and folders that begin with a dot.
const TOP_LEVEL: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "Makefile",
    "PERFORMANCE.md",
    "README.md",
    "SECURITY.md",
    "clippy.toml",
    "deny.toml",
    "docs",
    "icons",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "src-tauri",
    "tests",
    "ui",
];

/// One file of the checkout.
struct Source {
    path: String,
    text: String,
}

/// One rule about single files.
struct Rule {
    name: &'static str,
    why: &'static str,
    /// Says what is wrong with a file, each with its line.
    check: fn(&Source) -> Vec<String>,
    /// Files (path and text) that break the rule.
    broken: &'static [(&'static str, &'static str)],
    /// Files that look similar and keep it.
    kept: &'static [(&'static str, &'static str)],
}

// The searched words are put together from halves where this file would otherwise find itself.
const RULES: &[Rule] = &[
    Rule {
        name: "files open with a comment",
        why: "the first line says what the file is for",
        check: opens_with_a_comment,
        broken: &[
            ("src-tauri/src/a.rs", "use x;\n"),
            ("ui/src/a.svelte", "<script lang=\"ts\">\nlet a;\n"),
            ("a.ts", ""),
        ],
        kept: &[
            ("src-tauri/src/a.rs", "//! Says it.\n"),
            ("ui/src/a.svelte", "<script lang=\"ts\">\n  // Says it.\n"),
            ("ui/src/b.svelte", "<!-- Says it. -->\n"),
            ("ui/src/a.ts", "/** Says it. */\n"),
        ],
    },
    Rule {
        name: "nothing is left open",
        why: "what is not done belongs into the issue, and a switched-off test is none",
        check: |source| {
            let words = [
                concat!("TO", "DO"),
                concat!("FIX", "ME"),
                concat!("X", "XX"),
                concat!("unimpl", "emented!"),
                concat!("to", "do!("),
                concat!("#[ig", "nore"),
            ];
            let skipped = [concat!(".sk", "ip("), concat!(".on", "ly(")];
            let script = source.path.ends_with(".test.ts");
            lines(source, is_source, |line| has(line, &words) || (script && has(line, &skipped)))
        },
        broken: &[
            ("src-tauri/src/a.rs", concat!("// TO", "DO later\n")),
            ("tests/tests/a.rs", concat!("#[ig", "nore]\n")),
            ("ui/src/a.test.ts", concat!("it.sk", "ip('x')\n")),
        ],
        kept: &[("src-tauri/src/a.rs", "let rest = words.iter().skip(1);\n")],
    },
    Rule {
        name: "tests wait for conditions",
        why: "a guessed pause is too short on a loaded machine and too long on every other",
        check: |source| lines(source, is_test, |line| has_apart(line, &[concat!("sle", "ep(")])),
        broken: &[("tests/tests/a.rs", concat!("tokio::time::sle", "ep(second).await;\n"))],
        kept: &[
            ("src-tauri/engine/src/a.rs", concat!("tokio::time::sle", "ep(second).await;\n")),
            ("tests/src/a.rs", concat!("fn preparing_for_sle", "ep(&self) {}\n")),
        ],
    },
    Rule {
        name: "animations end",
        why: "each of their frames is painted, and a page may call all night",
        check: |source| {
            lines(source, |path| path.starts_with("ui/src/"), |line| has_apart(line, &[concat!("infi", "nite")]))
        },
        broken: &[("ui/src/a.svelte", concat!("i { animation: turn 1s infi", "nite; }\n"))],
        kept: &[("ui/src/a.svelte", "i { animation: turn 1s 25; }\n")],
    },
    Rule {
        name: "the loop never touches a file",
        why: "a disk that does not answer must hold up no alarm: store/keeper.rs and shelf.rs are beside the loop",
        check: |source| {
            let inside = ["src-tauri/engine/src/run.rs", "src-tauri/engine/src/run/"];
            let words = ["fs::", "files::", "Store::", "StoreError", "practised::", "playbook::held", "File::"];
            lines(source, |path| inside.iter().any(|it| path.starts_with(it)), |line| has(line, &words))
        },
        broken: &[("src-tauri/engine/src/run/a.rs", "let text = fs::read(path);\n")],
        kept: &[
            ("src-tauri/engine/src/run.rs", "self.store.send(order);\n"),
            ("src-tauri/engine/src/store/a.rs", "let text = fs::read(path);\n"),
        ],
    },
    Rule {
        name: "files stay short",
        why: "a long file is two of something",
        check: |source| {
            let count = source.text.lines().count();
            let excused = LONG_FILES.iter().any(|(path, _)| *path == source.path);
            let long = is_source(&source.path) && count > LINES_MAX && !excused;
            if long { vec![format!("{} has {count} lines", source.path)] } else { Vec::new() }
        },
        broken: &[("src-tauri/src/a.rs", include_str!("../../Cargo.lock"))],
        kept: &[("Cargo.lock", include_str!("../../Cargo.lock"))],
    },
    Rule {
        name: "lines of the window stay short",
        why: "the formatter breaks no text and no path of a drawing: whoever writes one does",
        check: |source| {
            let window = |path: &str| path.starts_with("ui/") && is_source(path);
            lines(source, window, |line| line.chars().count() > SIGNS_MAX)
        },
        broken: &[("ui/src/a.ts", include_str!("../../ui/src/gen/types.ts"))],
        kept: &[("ui/src/a.svelte", "<p>short</p>\n")],
    },
    Rule {
        name: "no paths of one machine",
        why: "a clean clone has to work anywhere",
        check: |source| {
            let folders = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];
            lines(source, |path| path != "Cargo.lock", |line| has_apart(line, &folders))
        },
        broken: &[("Makefile", concat!("cd /wo", "rk/main\n")), ("README.md", concat!("/ho", "me/ann/x\n"))],
        kept: &[("README.md", "in ~/herald, the network/work/load\n")],
    },
    Rule {
        name: "core reads no clock and throws no dice",
        why: "time and chance are arguments, or the simulation proves nothing",
        check: |source| {
            let calls = ["Utc::now", "Local::now", "SystemTime", "Instant::now", "thread_rng", "rand::", "fastrand::"];
            lines(source, |path| path.starts_with("src-tauri/core/src/"), |line| has_apart(code(line), &calls))
        },
        broken: &[("src-tauri/core/src/a.rs", "let now = Utc::now();\n")],
        kept: &[
            ("src-tauri/engine/src/clock.rs", "Utc::now()\n"),
            ("src-tauri/core/src/a.rs", "// not Utc::now\nuse crate::errand::Errand;\n"),
        ],
    },
    Rule {
        name: "core does no I/O",
        why: "the core decides, the engine does",
        check: |source| {
            let doors = ["std::fs", "std::net", "std::process", "std::env", "std::io", "std::thread", "println!"];
            lines(source, |path| path.starts_with("src-tauri/core/src/"), |line| has(code(line), &doors))
        },
        broken: &[("src-tauri/core/src/a.rs", "use std::fs;\n")],
        kept: &[("src-tauri/core/src/a.rs", "use std::fmt;\n")],
    },
    Rule {
        name: "the window writes no raw HTML",
        why: "titles and bodies of incidents come from outside",
        check: |source| {
            let raw = ["{@html", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"];
            lines(source, |path| path.starts_with("ui/src/"), |line| has(code(line), &raw))
        },
        broken: &[("ui/src/a.svelte", "<p>{@html text}</p>\n"), ("ui/src/a.ts", "node.innerHTML = text;\n")],
        kept: &[("ui/src/a.svelte", "<p>{text}</p>\n"), ("ui/index.html", "innerHTML\n")],
    },
    Rule {
        name: "only the host talks to Rust",
        why: "every screen has to work against the pretend host",
        check: |source| {
            let window = |path: &str| path.starts_with("ui/src/") && !path.starts_with("ui/src/host/");
            lines(source, window, |line| has(code(line), &["@tauri-apps/", "__TAURI"]))
        },
        broken: &[("ui/src/screens/a.ts", "import { invoke } from '@tauri-apps/api/core';\n")],
        kept: &[("ui/src/host/tauri.ts", "import { invoke } from '@tauri-apps/api/core';\n")],
    },
    Rule {
        name: "only the store speaks SQL",
        why: "rows are contracts, kept in one place",
        check: |source| {
            let elsewhere = |path: &str| {
                path.starts_with("src-tauri/")
                    && path.ends_with(".rs")
                    && !path.starts_with("src-tauri/engine/src/store")
            };
            let words = ["SELECT ", "INSERT INTO ", "INSERT OR ", "DELETE FROM ", "CREATE TABLE ", "PRAGMA "];
            let speaks = |line: &str| has(line, &words) || (line.contains("UPDATE ") && line.contains(" SET "));
            lines(source, elsewhere, |line| speaks(code(line)))
        },
        broken: &[
            ("src-tauri/src/a.rs", "\"SELECT id FROM page\"\n"),
            ("src-tauri/src/b.rs", "\"UPDATE page SET a\"\n"),
        ],
        kept: &[
            ("src-tauri/engine/src/store/page.rs", "\"SELECT id FROM page\"\n"),
            ("src-tauri/engine/src/store.rs", "\"SELECT id FROM page\"\n"),
            ("src-tauri/src/a.rs", "// SELECT a menu entry\n\"an UPDATE is due\"\n"),
        ],
    },
    Rule {
        name: "only wire.rs knows a service's JSON",
        why: "a service that changes its answers changes one file",
        check: knows_no_json,
        broken: &[
            ("src-tauri/engine/src/pagerduty/client.rs", "#[derive(Debug, Deserialize)]\n"),
            ("src-tauri/engine/src/pagerduty.rs", "#[derive(\n    Debug,\n    serde::Deserialize,\n)]\nstruct A;\n"),
            ("src-tauri/engine/src/pagerduty/write.rs", "let body = json!({\"incident\": 1});\n"),
        ],
        kept: &[
            ("src-tauri/engine/src/pagerduty/wire.rs", "#[derive(Deserialize)]\n"),
            ("src-tauri/engine/src/settings.rs", "#[derive(Deserialize)]\n"),
            ("src-tauri/engine/src/pagerduty/read.rs", "fn a() {}\n#[cfg(test)]\nmod tests { json!({}) }\n"),
        ],
    },
    Rule {
        name: "screens show words, not the codes of papers",
        why: "whoever is on duty has no paper at hand; comments cite, sentences say it",
        check: citations::shows_a_code,
        broken: &[
            ("ui/src/a.svelte", concat!("<!-- Fits (H", "40). -->\n<p>Too long (H", "40)</p>\n")),
            ("src-tauri/core/src/a.rs", concat!("let says = \"Too long, H", "40.\";\n")),
            ("src-tauri/watch/src/cli.rs", concat!("    /// Checks the lengths (H", "40).\n")),
            ("src-tauri/engine/playbook/a.toml", concat!("help = \"See faults.md", " 4.\"\n")),
        ],
        kept: &[
            ("ui/src/a.svelte", "<!-- Fits\n  in all (H40). -->\n<path d=\"M3 4H12\" />\n"),
            ("ui/src/a.ts", "/** Fits (H40). */\nlet a; // H40\n"),
            ("src-tauri/core/src/a.rs", "/// Fits (H40).\nfn a() {}\n#[cfg(test)]\nmod t { assert!(a, \"H40\"); }\n"),
            ("src-tauri/core/src/a/tests.rs", "assert!(a, \"H40\");\n"),
            ("src-tauri/engine/playbook/a.toml", "# Fits (H40).\ntotal = 280\n"),
        ],
    },
    Rule {
        name: "a fake has a source",
        why: "a fake made from our own reading agrees with our own mistakes",
        check: fakes::names_no_source,
        broken: &[
            ("src-tauri/practice/src/gitlab/a.rs", "//! Plays it.\n"),
            ("src-tauri/practice/src/slack.rs", "//! Plays it.\n// Source of all evil.\nfn a() {}\n"),
            (
                "src-tauri/practice/src/fault.rs",
                "pub enum FaultKind {\n    /// Source: RFC 1.\n    Late,\n    /// Never.\n    Lost,\n}\n",
            ),
        ],
        kept: &[
            ("src-tauri/practice/src/gitlab/a.rs", "//! Plays it.\n//!\n//! Source: docs.gitlab.com.\n"),
            ("src-tauri/practice/src/zendesk/b.rs", "//! Ours: no manner of Zendesk's.\n"),
            ("src-tauri/practice/src/stage.rs", "//! The stage.\n"),
        ],
    },
];

#[test]
fn every_rule_holds() -> Result<()> {
    let sources = sources()?;
    let complaints: Vec<String> = RULES
        .iter()
        .flat_map(|rule| {
            let found: Vec<String> = sources.iter().flat_map(|source| (rule.check)(source)).collect();
            (!found.is_empty()).then(|| format!("{} ({}):\n  {}", rule.name, rule.why, found.join("\n  ")))
        })
        .collect();
    ensure!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    Ok(())
}

#[test]
fn every_rule_can_fail_and_can_hold() {
    for rule in RULES {
        let complaints =
            |(path, text): &(&str, &str)| (rule.check)(&Source { path: (*path).into(), text: (*text).into() });
        for example in rule.broken {
            assert!(!complaints(example).is_empty(), "{}: must reject {example:.60?}", rule.name);
        }
        for example in rule.kept {
            assert_eq!(complaints(example), Vec::<String>::new(), "{}: must accept {example:.60?}", rule.name);
        }
    }
}

#[test]
fn excuses_are_still_needed() -> Result<()> {
    let sources = sources()?;
    for (path, why) in LONG_FILES {
        let lines = sources.iter().find(|source| source.path == *path).map(|source| source.text.lines().count());
        assert!(lines.is_some_and(|lines| lines > LINES_MAX), "{path} ({why}) needs no excuse any more");
    }
    Ok(())
}

#[test]
fn top_level_holds_only_what_the_blueprint_names() -> Result<()> {
    let paths = paths()?;
    let extra: BTreeSet<&str> = paths.iter().filter_map(|path| stranger(path)).collect();
    assert_eq!(extra, BTreeSet::new(), "belongs into a folder, or not into the project at all");
    assert_eq!(stranger("notes.md"), Some("notes.md"), "the rule can fail");
    assert_eq!(stranger("src/main.rs"), Some("src"), "the rule can fail");
    assert_eq!(stranger(".ci/run"), None);
    Ok(())
}

// ---- what the rules look at ------------------------------------------------------------------------------------------

/// Paths of everything that is in the repository, or would be with the next `git add --all`.
fn paths() -> Result<Vec<String>> {
    let mut git = Command::new("git");
    // A folder of another owner, as a container mounts it, is ours to read all the same.
    git.arg("-c").arg(format!("safe.directory={}", root().display()));
    git.args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"]).current_dir(root());
    let output = git.output().context("running git")?;
    ensure!(output.status.success(), "git: {}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8(output.stdout)?;
    let exists = |path: &&str| !path.is_empty() && root().join(path).is_file();
    Ok(listed.split('\0').filter(exists).map(str::to_owned).collect())
}

fn sources() -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for path in paths()? {
        // Pictures and sounds are no text.
        if let Ok(text) = String::from_utf8(std::fs::read(root().join(&path))?) {
            sources.push(Source { path, text });
        }
    }
    ensure!(!sources.is_empty(), "no sources found");
    Ok(sources)
}

fn is_source(path: &str) -> bool {
    let kind = [".rs", ".ts", ".svelte"].iter().any(|ending| path.ends_with(ending));
    kind && !path.contains("/gen/")
}

fn is_test(path: &str) -> bool {
    is_source(path) && (path.starts_with("tests/") || path.contains("/tests/") || path.ends_with(".test.ts"))
}

/// Lines of a file (where the path fits) that a test points out, as `path:line: text`.
fn lines(source: &Source, path_fits: impl Fn(&str) -> bool, wrong: impl Fn(&str) -> bool) -> Vec<String> {
    if !path_fits(&source.path) {
        return Vec::new();
    }
    let numbered = (1..).zip(source.text.lines());
    let wrong = numbered.filter(|(_, line)| wrong(line));
    wrong.map(|(number, line)| format!("{}:{number}: {}", source.path, line.trim())).collect()
}

fn has(line: &str, words: &[&str]) -> bool {
    words.iter().any(|word| line.contains(word))
}

/// Like [`has`], but only where the word does not continue another one.
fn has_apart(line: &str, words: &[&str]) -> bool {
    let goes_on = |before: &str| before.ends_with(|last: char| last.is_alphanumeric() || last == '_');
    words.iter().any(|word| line.match_indices(word).any(|(at, _)| !goes_on(&line[..at])))
}

/// A line without the comment at its end; a link is no comment.
fn code(line: &str) -> &str {
    let line = line.split_once(" // ").map_or(line, |(code, _)| code);
    if line.trim_start().starts_with("//") { "" } else { line }
}

fn opens_with_a_comment(source: &Source) -> Vec<String> {
    let mut lines = source.text.lines().map(str::trim);
    let first = lines.next().unwrap_or_default();
    let comment = |line: &str| line.starts_with("//") || line.starts_with("/*") || line.starts_with("<!--");
    let opens = match source.path.rsplit_once('.') {
        _ if !is_source(&source.path) => true,
        Some((_, "rs")) => first.starts_with("//!"),
        Some((_, "svelte")) if first.starts_with("<script") => lines.next().is_some_and(comment),
        _ => comment(first),
    };
    if opens { Vec::new() } else { vec![format!("{} opens with {first:?}", source.path)] }
}

fn knows_no_json(source: &Source) -> Vec<String> {
    const SERVICES: [&str; 6] = ["pagerduty", "gitlab", "statusio", "statuspage", "slack", "zendesk"];
    let inside = source.path.strip_prefix("src-tauri/engine/src/").unwrap_or_default();
    let service = SERVICES.iter().any(|name| inside.split(['/', '.']).any(|part| part == *name));
    if !service || inside.ends_with("wire.rs") || inside.contains("tests") {
        return Vec::new();
    }
    let product = source.text.split("#[cfg(test)]").next().unwrap_or_default();
    let words = ["Deserialize", "json!(", "serde_json::Value"];
    let product = Source { path: source.path.clone(), text: product.into() };
    lines(&product, |_| true, |line| has(code(line), &words))
}

fn stranger(path: &str) -> Option<&str> {
    let top = path.split('/').next().unwrap_or(path);
    (!top.starts_with('.') && !TOP_LEVEL.contains(&top)).then_some(top)
}
