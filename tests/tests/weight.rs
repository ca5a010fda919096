//! Holds the weight of a text against twitter-text v3: its published suite, and the reference itself as an oracle.
//!
//! The suite comes with the crate `twitter_text_conformance`, which `.ci/setup test` fetches and nothing builds; the
//! reference is the npm package `twitter-text`, run with node.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use herald_core::post::counted::MEANT;
use herald_core::post::weigh::{self, Limits};
use serde::Deserialize;

/// The crate that carries the suite, as `.ci/setup` fetches it.
const SUITE: &str = "twitter_text_conformance-0.3.1";
/// The newest table of emoji in it, and the one of the reference.
const EMOJI_NOW: &str = "unicode18-emoji-test.txt";
const EMOJI_THEN: &str = "unicode11-emoji-test.txt";

/// What the reference, or its suite, says about a text.
#[derive(Debug, Deserialize)]
struct Said {
    text: String,
    weight: Option<u32>,
    links: Option<Vec<String>>,
}

#[test]
fn the_published_suite_holds() -> Result<()> {
    let folder = suite()?;
    let cases = ask(&["suite", folder.to_str().context("a path in UTF-8")?], &[])?;
    ensure!(cases.len() > 1_600, "only {} cases: the suite is not read as a whole", cases.len());
    ensure!(cases.iter().filter(|it| it.weight.is_some()).count() >= 15, "the cases with weights are missing");
    let wrong: Vec<String> = cases.iter().filter_map(differs).collect();
    ensure!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    Ok(())
}

#[test]
fn generated_sentences_weigh_the_same() -> Result<()> {
    let mut dice = Dice(20_261_120);
    agree(&(0..15_000).map(|_| sentence(&mut dice)).collect::<Vec<_>>())
}

#[test]
fn every_sign_beside_and_within_a_link() -> Result<()> {
    // U+A7DC became the capital of a Latin letter in Unicode 16, which not every node knows.
    let signs = (1..0x3100).chain((0x3100..=0xFFFF).step_by(7)).chain((0x1F000..0x1FB00).step_by(7));
    let texts = signs.filter(|it| *it != 0xA7DC).filter_map(char::from_u32).map(|c| {
        format!(
            "{c}gitlab.com/x gitlab.com{c}x a{c}b.gitlab.com https://a{c}b.com \
             https://gitlab.com/a{c}b https://gitlab.com/c{c} https://gitlab.com/?a={c}b{c}"
        )
    });
    agree(&texts.collect::<Vec<_>>())
}

#[test]
fn emoji_weigh_the_same_but_for_newer_ones() -> Result<()> {
    let (then, now) = (emoji(EMOJI_THEN)?, emoji(EMOJI_NOW)?);
    ensure!(then.len() > 3_000 && now.len() > then.len(), "the tables of emoji are not read");
    let newer: Vec<String> = now.difference(&then).cloned().collect();
    let around = |it: &String| {
        let toned = format!("{it}\u{1F3FD}");
        let more = (!newer.contains(&toned)).then(|| format!("{toned}b{it}"));
        [it.clone(), format!("{it}{it}"), format!("a{it}\u{FE0F}")].into_iter().chain(more)
    };
    agree(&then.iter().flat_map(around).collect::<Vec<_>>())?;
    for it in ask(&["weigh"], &newer)? {
        let (ours, theirs) = (weight(&it.text), it.weight.unwrap_or_default());
        ensure!(ours <= theirs, "{:?} weighs {ours}, by the reference {theirs}", it.text);
    }
    Ok(())
}

#[test]
fn domains_are_the_same_but_for_newer_ones() -> Result<()> {
    let texts: Vec<String> = tld::TLD.iter().map(|top| format!("https://a.{top}/x a.{top}")).collect();
    let wrong: Vec<String> = ask(&["weigh"], &texts)?.iter().filter_map(differs).collect();
    let newer = |it: &&String| {
        ["web", "music", "spa", "kids", "amazon", "merck"].iter().any(|top| it.contains(&format!("a.{top}/")))
    };
    ensure!(wrong.iter().filter(newer).count() == 6, "these were opened after the table of the reference: {wrong:?}");
    let (what, why) = MEANT[0];
    ensure!(wrong.len() <= 40, "{} differ, more than {what} ({why}):\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}

/// Each sign of such a text may be where a link begins, so that a search from each would take minutes.
#[test]
fn a_long_text_is_weighed_at_once() -> Result<()> {
    let started = std::time::Instant::now();
    for text in
        ["字.".repeat(8_000), "字".repeat(10_000), "a_b.".repeat(8_000), "-".repeat(32_000), "é.com ".repeat(5_000)]
    {
        weight(&text);
    }
    ensure!(started.elapsed().as_secs() < 20, "it took {:?}", started.elapsed());
    Ok(())
}

/// Every text weighs what the reference says, and holds the links that it finds.
fn agree(texts: &[String]) -> Result<()> {
    let wrong: Vec<String> = ask(&["weigh"], texts)?.iter().filter_map(differs).collect();
    let some = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    ensure!(wrong.is_empty(), "{} of {} differ:\n{some}", wrong.len(), texts.len());
    Ok(())
}

fn differs(said: &Said) -> Option<String> {
    let text = said.text.as_str();
    let links: Vec<&str> = weigh::links(text, &Limits::default()).into_iter().map(|link| &text[link]).collect();
    let weight = weight(text);
    let same_links = said.links.as_ref().is_none_or(|theirs| theirs.len() == links.len());
    let same = said.weight.is_none_or(|theirs| theirs == weight) && same_links;
    (!same).then(|| format!("{text:?} weighs {weight} with {links:?}, but: {:?} with {:?}", said.weight, said.links))
}

fn weight(text: &str) -> u32 {
    weigh::weight(text, &Limits::default())
}

/// Asks the reference.
fn ask(arguments: &[&str], texts: &[String]) -> Result<Vec<Said>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/tests/oracle.mjs");
    let mut node = Command::new("node")
        .arg(script)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("node runs the reference")?;
    let mut stdin = node.stdin.take().context("its input")?;
    let asked = serde_json::to_vec(texts)?;
    let writer = std::thread::spawn(move || stdin.write_all(&asked));
    let output = node.wait_with_output()?;
    writer.join().expect("the writer ends").ok();
    ensure!(output.status.success(), "the reference did not answer: `npm --prefix ui ci` installs it");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The folder of the published suite, among the sources that cargo keeps.
fn suite() -> Result<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home =
        home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo"))).context("cargo's folder")?;
    let registries = std::fs::read_dir(home.join("registry/src"))?.filter_map(Result::ok);
    let mut folders = registries.map(|it| it.path().join(SUITE).join("tests"));
    folders.find(|it| it.is_dir()).context("the suite is missing: `.ci/setup test` fetches it")
}

/// The sequences of a table of emoji: code points before a semicolon.
fn emoji(table: &str) -> Result<BTreeSet<String>> {
    let lines = std::fs::read_to_string(suite()?.join(table))?;
    let points = |line: &str| -> Option<String> {
        let points = line.split_once(';').filter(|_| !line.starts_with('#'))?.0;
        points.split_whitespace().map(|it| char::from_u32(u32::from_str_radix(it, 16).ok()?)).collect()
    };
    Ok(lines.lines().filter_map(points).collect())
}

/// Numbers that look random and are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, many: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % many as u64).expect("fits")
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

const WORDS: &[&str] = &[
    "We",
    "investigate",
    "GitLab’s",
    "résumé",
    "cafe\u{301}",
    "e.g.",
    "v17.2.1",
    "100%",
    "…",
    "naïve",
    "日本語",
    "제품",
    "ошибка",
    "क्‍ष",
    "שלום",
    "مرحبا",
    "🔥",
    "👩🏽‍🚒",
    "🇺🇳",
    "🇽🇽",
    "1️⃣",
    "©",
    "☺️",
    "👨‍👩‍👧‍👦",
    "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
    "ﬁ",
    "Å",
    "\u{212B}",
    "ẛ̣",
    "\u{202A}x\u{202C}",
    "mail@gitlab.com",
    "#gitlab.com",
    "$gitlab.com",
    "—",
    "\u{1100}\u{1161}\u{11A8}",
];
const TOUCH: &[&str] = &[
    "", "", "", " ", " ", "\n", "’s", "“", "”", "‘", "«", "»", "—", "–", "\u{A0}", "…", "、", "。", "は", "(", ")",
    "[", "]", "\"", "'s", ",", ".", ":", ";", "!", "?", "/", "-", "_", "@", "#", "|", "\u{200B}", "\u{200E}", "é",
    "\u{301}", "🔥", "+", "=", "<", ">", "$",
];
const SCHEMES: &[&str] = &["", "", "https://", "http://", "HTTPS://", "ftp://", "//", "https:/"];
const HOSTS: &[&str] = &[
    "GitLab.com",
    "gitlab.com",
    "t.co",
    "status.gitlab.com",
    "a_b.gitlab.com",
    "git_lab.com",
    "_x.gitlab.com",
    "x-.gitlab.com",
    "-x.gitlab.com",
    "a--b.co.uk",
    "gitlab.con",
    "gitlab",
    "127.0.0.1",
    "localhost",
    "bücher.de",
    "日本語.com",
    "gitlab.みんな",
    "пример.рф",
    "xn--ls8h.la",
    "xn--.la",
    "xn--é.com",
    "a.b.c.d.example.org",
    "quillbrook.example",
    "wiki.internal",
    "twitter.com日本.com",
    "e\u{301}.fr",
    "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbabc.com",
    "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbabcd.com",
    "ああああああああああああああああああああああああああああああああああああああああああああああああああああああああああああああああ.com",
    "gitlab.com.",
    "gitlab..com",
    "foo.com日本.みんな",
    "👍.ws",
    "a😀b.to",
];
const PORTS: &[&str] = &["", "", "", "", ":443", ":8080", ":", ":x"];
const PATHS: &[&str] = &[
    "",
    "",
    "/",
    "/x",
    "/x/-/issues/1",
    "/a_(b)",
    "/a_(b_(c))",
    "/a(b",
    "/()",
    "/a–b",
    "/a—b",
    "/a|b|",
    "/a-",
    "/a.",
    "/a,b,",
    "/a.b./",
    "/@user/",
    "/é",
    "/e\u{301}",
    "/日本",
    "/д",
    "/a;b",
    "/a%20b",
    "/[x]",
    "/a*",
    "/a~",
    "/'",
    "/pbY2NfTZ's",
    "/abcdefghijklmnopqrstuvwxyz01234567890123456789",
];
const QUERIES: &[&str] = &["", "", "", "?a=1", "?a=1&b=2#c", "?", "?a=é", "?q=a|b|", "?a=1.", "?=", "#frag", "?x=(y)"];

/// A sentence with links in it, and what people put around them.
fn sentence(dice: &mut Dice) -> String {
    let mut text = String::new();
    for _ in 0..1 + dice.below(5) {
        if dice.below(3) == 0 {
            text += dice.of(WORDS);
        } else {
            for list in [SCHEMES, HOSTS, PORTS, PATHS, QUERIES] {
                text += dice.of(list);
            }
        }
        text += dice.of(TOUCH);
    }
    text
}
