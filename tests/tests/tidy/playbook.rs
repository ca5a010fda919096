//! The reference of the playbook, `docs/playbook.md`, is made from the code: types and comments of the rules, the defaults,
//! and what the check allows. The example beside it names every key.

#[path = "playbook/code.rs"]
mod code;

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail, ensure};
use herald_tests::desktop::root;
use serde_json::Value;

use self::code::{Holds, Key, Kind, Types, snake};
use super::{Source, sources};

const REFERENCE: &str = "docs/playbook.md";
const EXAMPLE: &str = "docs/playbook-example.toml";
/// Longest value that is shown whole, in characters.
const SHOWN_MAX: usize = 160;
/// The same for what has names of its own, which are not told elsewhere.
const NAMES_MAX: usize = 600;

const HEAD: &str = "\
# The playbook

Every rule that belongs to a team is data. Lay your own over the default by writing what differs into `playbook.toml` in
the data folder. `herald playbook check FILE` says what is wrong with one, by line and key; `herald playbook show` prints
the rules that hold. Tables are laid over key by key and templates by their `id` (a new one adds, the same one
replaces, an empty `text` removes); any other list replaces the whole list.
A key that does not exist is refused.

This page is made from the code by a test, which fails when they differ: change the comments there. The examples are from
[playbook-example.toml](playbook-example.toml), a whole playbook that the same test reads as Herald does. What is in
capitals stands for any of several names. Codes such as H30 are items of the [handbook](handbook.md); there are also the
papers on [services](services.md) and [faults](faults.md).
";

#[test]
fn the_reference_of_the_playbook_is_what_the_code_says() -> Result<()> {
    let types = Types::new(&sources()?)?;
    let defaults = serde_json::to_value(herald_engine::playbook::default())?;
    let text = std::fs::read_to_string(root().join(EXAMPLE))?;
    herald_engine::playbook::parse("playbook-example.toml", &text)?;
    let example = serde_json::to_value(toml::from_str::<toml::Table>(&text)?)?;

    let mut page = Page::new(&types);
    page.table(&Place::default(), "Playbook", Some(&defaults), &example)?;
    page.all_words()?;
    for leaf in leaves(&[], &defaults) {
        let told = page.keys.iter().any(|key| fits(key, &leaf));
        ensure!(told, "{} is in the default playbook, and not in the reference", leaf.join("."));
    }
    let path = root().join(REFERENCE);
    if std::fs::read_to_string(&path).unwrap_or_default() != page.text {
        std::fs::write(&path, &page.text)?;
        bail!("{REFERENCE} was not what the code says. It is now: look at it and commit it.");
    }
    Ok(())
}

#[test]
fn a_key_without_words_or_example_is_noticed() -> Result<()> {
    let told = |text: &str| {
        let text = format!("/// All.\n#[derive(Deserialize)]\npub struct Playbook {{ {text} }}\n");
        let types = Types::new(&[Source { path: "src-tauri/core/src/a.rs".into(), text }])?;
        let mut page = Page::new(&types);
        let example = serde_json::json!({ "name": "Quillbrook" });
        page.table(&Place::default(), "Playbook", Some(&example), &example).map(|()| page.text)
    };
    let described = told("/// What the team\n /// calls it.\n pub name: String,")?;
    assert!(described.contains("| `name` | text | `\"Quillbrook\"` | What the team calls it. |"), "{described}");
    assert!(told("pub name: String,").is_err(), "no words");
    assert!(told("/// A name.\n pub other: String,").is_err(), "no example");
    assert!(told("/// A name.\n #[serde(rename = \"x\")]\n pub name: String,").is_err(), "what is not understood");
    Ok(())
}

/// Where a table stands.
#[derive(Clone, Default)]
struct Place {
    /// As it is told: `alarm.SOUND`.
    shown: String,
    /// As it stands in the example: `alarm.page`.
    example: String,
    /// Its keys, with `*` for any.
    keys: Vec<String>,
    /// Whether it is one of a list.
    listed: bool,
    /// What is said of a table that there are many of.
    many: String,
}

impl Place {
    fn key(&self, name: &str) -> Self {
        self.and(name, name, name)
    }

    fn and(&self, shown: &str, example: &str, key: &str) -> Self {
        let joined = |path: &str, name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        Self {
            shown: joined(&self.shown, shown),
            example: joined(&self.example, example),
            keys: self.keys.iter().cloned().chain([key.to_owned()]).collect(),
            listed: self.listed,
            many: String::new(),
        }
    }
}

/// The page as it is being written.
struct Page<'a> {
    types: &'a Types,
    text: String,
    /// Every key that was told.
    keys: Vec<Vec<String>>,
    /// Enums that were named, and are told at the end.
    words: Vec<String>,
}

impl<'a> Page<'a> {
    fn new(types: &'a Types) -> Self {
        Self { types, text: HEAD.into(), keys: vec![], words: vec![] }
    }

    /// Tells the table `name`, and those inside it.
    fn table(&mut self, place: &Place, name: &str, default: Option<&Value>, example: &Value) -> Result<()> {
        let described = self.types.of(name)?;
        let Kind::Table(keys) = &described.kind else { bail!("{name} is no table") };
        let heading = match place.shown.as_str() {
            "" => "What stands first".to_owned(),
            path if place.listed => format!("[[{path}]]"),
            path => format!("[{path}]"),
        };
        let _ = write!(self.text, "\n## {heading}\n\n{}{}\n", described.means, place.many);
        let (mut rows, mut inner, mut shown) = (String::new(), vec![], vec![]);
        for key in keys {
            let full = place.key(&key.name);
            ensure!(!key.means.is_empty(), "{} has no comment that says what it means", full.shown);
            let example = example.get(&key.name).with_context(|| format!("{} is not in {EXAMPLE}", full.shown))?;
            let default = default.and_then(|it| it.get(&key.name));
            if let Some((place, name)) = self.inside(&full, &key.holds, example)? {
                let default = if place.listed { None } else { default.map(|it| inmost(it, &full, &place)) };
                inner.push((place.clone(), name, default.cloned(), inmost_example(example, &full, &place)?));
                continue;
            }
            rows.push_str(&self.row(&full, key, default)?);
            shown.push(format!("{} = {}", key.name, inline(example)));
        }
        if !rows.is_empty() {
            let header = match place.example.as_str() {
                "" => String::new(),
                path if place.listed => format!("[[{path}]]\n"),
                path => format!("[{path}]\n"),
            };
            let _ = write!(self.text, "\n| Key | Type | Default | Meaning |\n|---|---|---|---|\n{rows}");
            let _ = write!(self.text, "\n```toml\n{header}{}\n```\n", shown.join("\n"));
        }
        for (place, name, default, example) in inner {
            self.table(&place, &name, default.as_ref(), &example)?;
        }
        Ok(())
    }

    /// The table that a key holds, one or many, if it does.
    fn inside(&mut self, place: &Place, holds: &Holds, example: &Value) -> Result<Option<(Place, String)>> {
        let types = self.types;
        let table = |holds: &Holds| -> Result<Option<String>> {
            let Holds::Named(name) = holds else { return Ok(None) };
            Ok(matches!(types.of(name)?.kind, Kind::Table(_)).then(|| name.clone()))
        };
        Ok(match holds {
            Holds::List(inner) => table(inner)?.map(|name| (Place { listed: true, ..place.clone() }, name)),
            Holds::Map(key, inner) => match table(inner)? {
                Some(name) => {
                    let first = example.as_object().and_then(|it| it.keys().next());
                    let first = first.with_context(|| format!("{} is empty in {EXAMPLE}", place.shown))?;
                    let mut place = place.and(&any(key), first, "*");
                    if let Holds::Named(key) = key.as_ref() {
                        place.many =
                            format!(" There is one for each {}; the defaults are those of `{first}`.", named(key));
                        self.name(key);
                    }
                    Some((place, name))
                }
                None => None,
            },
            Holds::Text | Holds::Number | Holds::Switch | Holds::Named(_) => {
                table(holds)?.map(|name| (place.clone(), name))
            }
        })
    }

    fn row(&mut self, place: &Place, key: &Key, default: Option<&Value>) -> Result<String> {
        let (mut name, mut keys, mut holds) = (key.name.clone(), place.keys.clone(), &key.holds);
        let mut each = vec![];
        while let Holds::Map(by, inner) = holds {
            if let Holds::Named(by) = by.as_ref() {
                each.push(named(by));
                self.name(by);
            }
            name = format!("{name}.{}", any(by));
            keys.push("*".into());
            holds = inner.as_ref();
        }
        self.keys.push(keys);
        let says = match default {
            Some(value) if !value.is_null() => format!("`{}`", shortened(value)),
            _ if key.optional => "none".into(),
            _ => "needed".into(),
        };
        let mut kind = self.kind(holds)?;
        if let (Holds::Number, false) = (holds, place.listed) {
            let path = probed(&place.keys, default);
            kind.push_str(&path.and_then(|it| allowed(&it)).map_or(String::new(), |it| format!(", {it}")));
        }
        if !each.is_empty() {
            let _ = write!(kind, " for each {}", each.join(" and "));
        }
        Ok(format!("| `{name}` | {kind} | {says} | {} |\n", key.means))
    }

    fn kind(&mut self, holds: &Holds) -> Result<String> {
        Ok(match holds {
            Holds::Text => "text".into(),
            Holds::Number => "number".into(),
            Holds::Switch => "`true` or `false`".into(),
            Holds::List(inner) if matches!(inner.as_ref(), Holds::Number) => "list of numbers".into(),
            Holds::List(inner) => format!("list of {}", self.kind(inner)?),
            Holds::Map(_, inner) => self.kind(inner)?,
            Holds::Named(name) => {
                self.name(name);
                format!("a {}", named(name))
            }
        })
    }

    fn name(&mut self, words: &str) {
        if !self.words.iter().any(|it| it == words) {
            self.words.push(words.to_owned());
        }
    }

    /// Tells what each of the named words means.
    fn all_words(&mut self) -> Result<()> {
        for name in std::mem::take(&mut self.words) {
            let described = self.types.of(&name)?;
            let Kind::Words(words) = described.kind else { bail!("{name} has no words") };
            let _ = write!(self.text, "\n## {}\n\n{}\n\n", title(&name), described.means);
            self.text.push_str("| Word | Meaning |\n|---|---|\n");
            for (word, means) in words {
                ensure!(!means.is_empty(), "{name} does not say what {word} means");
                let _ = writeln!(self.text, "| `{word}` | {means} |");
            }
        }
        Ok(())
    }
}

/// `SectionName` as a heading: `Words: section name`.
fn title(name: &str) -> String {
    format!("Words: {}", snake(name).replace('_', " "))
}

/// A link to the words of an enum.
fn named(name: &str) -> String {
    let anchor = title(name).to_lowercase().replace(' ', "-").replace(':', "");
    format!("[{}](#{anchor})", snake(name).replace('_', " "))
}

/// What stands for any key of a map.
fn any(key: &Holds) -> String {
    if let Holds::Named(name) = key { snake(name).to_uppercase() } else { "NAME".into() }
}

/// The value of the table at `to` within that of the key at `from`: of many, the one that the example has, or the first.
fn inmost<'a>(value: &'a Value, from: &Place, to: &Place) -> &'a Value {
    if from.keys.len() == to.keys.len() {
        return value;
    }
    let name = to.example.rsplit('.').next().unwrap_or_default();
    value.get(name).unwrap_or(value)
}

fn inmost_example(value: &Value, from: &Place, to: &Place) -> Result<Value> {
    let inside = if to.listed && value.is_array() { value.get(0) } else { Some(inmost(value, from, to)) };
    inside.cloned().with_context(|| format!("{} is empty in {EXAMPLE}", from.shown))
}

/// The path of a number as a playbook has it: the first of many.
fn probed(keys: &[String], default: Option<&Value>) -> Option<String> {
    let mut path = keys.iter().map(String::as_str).collect::<Vec<_>>();
    let mut value = default?;
    while let Value::Object(map) = value {
        let (key, inner) = map.iter().next()?;
        path.push(key);
        value = inner;
    }
    Some(path.join(".").replace("alarm.*", "alarm.page"))
}

/// What the check of the playbook allows for a number, in its own words.
fn allowed(path: &str) -> Option<String> {
    [u32::MAX.to_string(), u8::MAX.to_string()].iter().find_map(|much| {
        let refused = herald_engine::playbook::parse("probe", &format!("{path} = {much}")).err()?.to_string();
        let says = refused.lines().find_map(|line| line.split_once(&format!(" {path} is {much}; allowed is ")))?.1;
        Some(says.to_owned())
    })
}

/// A value as TOML has it, in one line.
fn inline(value: &Value) -> String {
    if let Value::Array(all) = value {
        return format!("[{}]", all.iter().map(inline).collect::<Vec<_>>().join(", "));
    }
    let Value::Object(map) = value else { return value.to_string() };
    let pairs = map.iter().map(|(key, value)| format!("{key} = {}", inline(value)));
    let pairs = pairs.collect::<Vec<_>>().join(", ");
    if pairs.is_empty() { "{}".into() } else { format!("{{ {pairs} }}") }
}

fn shortened(value: &Value) -> String {
    let text = inline(value).replace('|', "\\|");
    let max = if value.is_object() { NAMES_MAX } else { SHOWN_MAX };
    match text.char_indices().nth(max) {
        Some((at, _)) => format!("{} …", &text[..at]),
        None => text,
    }
}

/// Every key of a value, however deep; what stands in lists counts once.
fn leaves(path: &[String], value: &Value) -> Vec<Vec<String>> {
    if let Value::Object(map) = value {
        let each = map.iter().map(|(key, value)| ([path, std::slice::from_ref(key)].concat(), value));
        return each.flat_map(|(path, value)| leaves(&path, value)).collect();
    }
    let listed = value.as_array().filter(|all| all.iter().all(Value::is_object));
    listed.map_or_else(|| vec![path.to_vec()], |all| all.iter().flat_map(|it| leaves(path, it)).collect())
}

fn fits(key: &[String], leaf: &[String]) -> bool {
    key.len() == leaf.len() && key.iter().zip(leaf).all(|(key, leaf)| key == "*" || key == leaf)
}
