//! Reads the playbook: the default that ships with Herald, and a team's own file laid over it.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::LazyLock;

use herald_core::Playbook;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use crate::files::{self, Look};

/// The default, as text.
pub const DEFAULT: &str = concat!(
    include_str!("../playbook/default.toml"),
    include_str!("../playbook/stages.toml"),
    include_str!("../playbook/reference.toml"),
);
/// The file name of a user's own playbook inside the data folder.
pub const FILE: &str = "playbook.toml";
/// What a team adds to rather than replaces: each has an id.
const BY_ID: &str = "templates";
/// What that file said when it was last sound: it holds while the file cannot be used.
const GOOD_FILE: &str = "playbook.good.toml";
/// Largest playbook that is read, in bytes.
const BYTES_MAX: u64 = 1024 * 1024;

/// Everything that is wrong with a playbook, each with its line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct PlaybookError(pub Vec<String>);

/// The default playbook.
#[must_use]
pub fn default() -> Playbook {
    static DEFAULT_PLAYBOOK: LazyLock<Playbook> =
        LazyLock::new(|| parse("default", "").expect("the default playbook is checked by a test"));
    DEFAULT_PLAYBOOK.clone()
}

/// Reads the file at `path` over the default.
///
/// # Errors
/// With every fault that was found, as `file:line: key: what is allowed`.
pub fn read(path: &Path) -> Result<Playbook, PlaybookError> {
    Ok(read_with_text(path)?.0)
}

fn read_with_text(path: &Path) -> Result<(Playbook, String), PlaybookError> {
    let name = path.file_name().map_or("playbook".into(), |name| name.to_string_lossy());
    let fault = |why: String| PlaybookError(vec![format!("{name}: {why}")]);
    let found = path.metadata().map_err(|error| fault(format!("cannot be read: {error}")))?;
    // Whoever reads a pipe waits for somebody who writes.
    if !found.is_file() {
        return Err(fault("is no file".into()));
    }
    if found.len() > BYTES_MAX {
        return Err(fault("is larger than 1 MiB".into()));
    }
    let bytes = std::fs::read(path).map_err(|error| fault(format!("cannot be read: {error}")))?;
    let text = files::text_of(&bytes).map_err(|error| fault(format!("cannot be read: {error}")))?;
    Ok((parse(&name, &text)?, text))
}

/// The rules that hold in a data folder.
#[derive(Clone, Debug)]
pub struct Held {
    /// The rules: of the file, else what it last said when it was sound, else the default.
    pub playbook: Playbook,
    /// What is wrong with the file.
    pub fault: Option<PlaybookError>,
    /// Whether they are the default.
    pub default: bool,
    /// The text that they were read from.
    pub text: Option<String>,
}

impl Held {
    /// Whether the team has rules, but never had any that could be read.
    #[must_use]
    pub fn unknown(&self) -> bool {
        self.default && self.fault.is_some()
    }
}

/// The rules that hold in `folder`. A file that is away may be on its way: what it said last holds until somebody
/// [forgets](forget) it.
#[must_use]
pub fn held(folder: &Path) -> Held {
    let path = folder.join(FILE);
    let fault = match read_with_text(&path) {
        Ok((playbook, text)) => return Held { playbook, fault: None, default: false, text: Some(text) },
        Err(fault) => Some(fault).filter(|_| Seen::at(&path) != Seen::Away),
    };
    match read_with_text(&folder.join(GOOD_FILE)) {
        Ok((playbook, text)) => Held { playbook, fault, default: false, text: Some(text) },
        Err(_) => Held { playbook: default(), fault, default: true, text: None },
    }
}

/// Keeps what the file of `folder` says for the time when it cannot be used. A folder that cannot be written changes
/// nothing about the rules that hold now.
pub fn keep(folder: &Path) {
    if let Ok((_, text)) = read_with_text(&folder.join(FILE)) {
        keep_text(folder, &text);
    }
}

/// Keeps what a file said.
pub(crate) fn keep_text(folder: &Path, text: &str) {
    let good = folder.join(GOOD_FILE);
    if std::fs::read_to_string(&good).is_ok_and(|known| known == text) {
        return;
    }
    if let Err(error) = files::save_private(&good, text) {
        tracing::warn!(%error, "the sound playbook was not kept");
    }
}

/// Whether what the file of `folder` said is kept.
pub(crate) fn is_kept(folder: &Path) -> bool {
    Seen::at(&folder.join(GOOD_FILE)) != Seen::Away
}

/// Lets go of what the file of `folder` said, because it was removed.
pub fn forget(folder: &Path) {
    let _ = std::fs::remove_file(folder.join(GOOD_FILE));
}

/// How a file looks from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It is there, and looks like this.
    There(Look),
    /// It is not there.
    Away,
    /// Nobody can tell, as in a folder of a network that is down.
    Unclear,
}

impl Seen {
    pub fn at(path: &Path) -> Self {
        match Look::at(path) {
            Ok(look) => Self::There(look),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::Away,
            Err(_) => Self::Unclear,
        }
    }
}

/// Checks a team's file and makes it the playbook of this data folder. It is replaced as a whole, or not at all.
///
/// # Errors
/// With every fault that was found, as `file:line: key: what is allowed`.
pub fn adopt(from: &Path, folder: &Path) -> Result<Playbook, PlaybookError> {
    let (playbook, text) = read_with_text(from)?;
    files::save_private(&folder.join(FILE), &text)
        .map_err(|error| PlaybookError(vec![format!("{FILE} cannot be written: {error}")]))?;
    Ok(playbook)
}

/// Lays `text` over the default and checks the whole.
///
/// # Errors
/// With every fault that was found, as `file:line: key: what is allowed`.
pub fn parse(file: &str, text: &str) -> Result<Playbook, PlaybookError> {
    let syntax = |error: toml::de::Error| {
        let line = error.span().map_or(1, |span| line_at(text, span.start));
        PlaybookError(vec![format!("{file}:{line}: {}", error.message().trim())])
    };
    let own: Table = text.parse().map_err(syntax)?;
    let lines = lines(text);
    let at = |key: &str| match line_of(&lines, key) {
        Some(line) => format!("{file}:{line}: {key}"),
        None => format!("{file}: {key}"),
    };
    let mut whole: Table = DEFAULT.parse().map_err(syntax)?;
    lay_over(&mut whole, own);
    let ids: Vec<String> = whole.get(BY_ID).map(ids).unwrap_or_default();
    let playbook: Playbook = serde_path_to_error::deserialize(Value::Table(whole)).map_err(|error| {
        let key = by_name(&error.path().to_string(), &ids);
        PlaybookError(vec![format!("{}: {}", at(&key), error.into_inner().message().trim())])
    })?;
    let faults = playbook.faults();
    if faults.is_empty() {
        Ok(playbook)
    } else {
        Err(PlaybookError(faults.into_iter().map(|(key, why)| format!("{} {why}", at(&key))).collect()))
    }
}

/// Tables are merged, what has ids is laid over by id, everything else is replaced.
fn lay_over(base: &mut Table, own: Table) {
    for (key, value) in own {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(base)), Value::Table(own)) => lay_over(base, own),
            (Some(Value::Array(base)), Value::Array(own)) if key == BY_ID => lay_over_by_id(base, own),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// The same id takes the place of what has it, an empty text removes it, and what is new comes last.
fn lay_over_by_id(base: &mut Vec<Value>, own: Vec<Value>) {
    for value in own {
        let at = base.iter().position(|it| id(it).is_some() && id(it) == id(&value));
        let removes = value.get("text").and_then(Value::as_str).is_some_and(|text| text.trim().is_empty());
        match at {
            Some(at) if removes => drop(base.remove(at)),
            Some(at) => base[at] = value,
            None => base.push(value),
        }
    }
}

fn id(value: &Value) -> Option<&str> {
    value.get("id").and_then(Value::as_str)
}

fn ids(values: &Value) -> Vec<String> {
    let all = values.as_array().into_iter().flatten();
    all.map(|it| id(it).unwrap_or_default().to_owned()).collect()
}

/// `templates[3].name` with the id in place of the number, which counts the default's too.
fn by_name(key: &str, ids: &[String]) -> String {
    let nth = key.strip_prefix(BY_ID).and_then(|rest| rest.strip_prefix('[')).and_then(|rest| rest.split_once(']'));
    let named = nth.and_then(|(nth, rest)| Some(format!("{BY_ID}.{}{rest}", ids.get(nth.parse::<usize>().ok()?)?)));
    named.unwrap_or_else(|| key.to_owned())
}

/// The line of each key, by its full name.
fn lines(text: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    if let Ok(table) = DeTable::parse(text) {
        collect(text, "", table.get_ref(), &mut found);
    }
    found
}

fn collect(text: &str, prefix: &str, table: &DeTable<'_>, found: &mut BTreeMap<String, usize>) {
    for (key, value) in table {
        let name = if prefix.is_empty() { key.get_ref().to_string() } else { format!("{prefix}.{}", key.get_ref()) };
        found.insert(name.clone(), line_at(text, key.span().start));
        match Spanned::get_ref(value) {
            DeValue::Table(inner) => collect(text, &name, inner, found),
            DeValue::Array(all) => {
                for inner in all.iter().filter_map(|it| it.get_ref().as_table()) {
                    if let Some(id) = inner.get("id") {
                        let name = format!("{name}.{}", id.get_ref().as_str().unwrap_or_default());
                        found.insert(name.clone(), line_at(text, id.span().start));
                        collect(text, &name, inner, found);
                    }
                }
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
    }
}

/// The line of a key, or of the nearest table around it.
fn line_of(lines: &BTreeMap<String, usize>, key: &str) -> Option<usize> {
    let mut key = key;
    loop {
        if let Some(line) = lines.get(key) {
            return Some(*line);
        }
        key = key.rsplit_once('.')?.0;
    }
}

fn line_at(text: &str, byte: usize) -> usize {
    text[..byte.min(text.len())].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_sound() {
        let playbook = default();
        assert_eq!(playbook.page.target_min, 15, "H21");
        assert_eq!(playbook.faults(), []);
    }

    #[test]
    fn a_team_names_only_what_differs() {
        let playbook = parse("team.toml", "name = \"Quillbrook\"\n[page]\nquiet_min = 3\n").expect("sound");
        assert_eq!((playbook.name.as_str(), playbook.page.quiet_min, playbook.page.target_min), ("Quillbrook", 3, 15));
    }

    #[test]
    fn templates_are_laid_over_by_id() {
        let own = "\
            [[templates]]\nid = \"mine\"\nname = \"Mine\"\ntext = \"We know of it. {link}\"\n\
            [[templates]]\nid = \"errors\"\nname = \"Ours\"\ntext = \"Errors.\"\n\
            [[templates]]\nid = \"thanks\"\ntext = \"\"\n";
        let of = |playbook: &Playbook| playbook.templates.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
        let mut expected = of(&default());
        expected.retain(|id| id != "thanks");
        expected.push("mine".into());
        let playbook = parse("team.toml", own).expect("sound");
        assert_eq!(of(&playbook), expected, "the family of no material updates stays");
        let ours = playbook.templates.iter().find(|it| it.id == "errors").expect("replaced in its place");
        assert_eq!((ours.name.as_str(), ours.phase), ("Ours", None));
    }

    #[test]
    fn a_teams_file_is_taken_only_when_it_is_sound() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, own) = (folder.path().join("team.toml"), folder.path().join(FILE));
        std::fs::write(&from, "[page]\ntarget_min = 0\n").expect("written");
        let error = adopt(&from, folder.path()).expect_err("not sound").to_string();
        assert!(error.starts_with("team.toml:2: page.target_min"), "{error}");
        assert!(!own.exists());
        std::fs::write(&from, "name = \"Quillbrook\"\n").expect("written");
        assert_eq!(adopt(&from, folder.path()).expect("sound").name, "Quillbrook");
        assert_eq!(std::fs::read_to_string(own).expect("copied"), "name = \"Quillbrook\"\n");
        let none = adopt(&folder.path().join("none.toml"), folder.path()).expect_err("no file").to_string();
        assert!(none.starts_with("none.toml: cannot be read"), "{none}");
    }

    #[test]
    fn what_was_sound_last_holds_while_the_file_cannot_be_used() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        let file = path.join(FILE);
        let told = || {
            let held = held(path);
            (held.playbook.name.clone(), held.fault.is_some(), held.unknown())
        };
        let own = default().name;
        assert_eq!(told(), (own.clone(), false, false), "no file");
        std::fs::write(&file, "name = ").expect("written");
        keep(path);
        assert_eq!(told(), (own.clone(), true, true), "a file that was never sound");
        std::fs::write(&file, "name = \"Quillbrook\"\n").expect("written");
        keep(path);
        assert_eq!(told(), ("Quillbrook".into(), false, false));
        std::fs::write(&file, "name = ").expect("written");
        keep(path);
        assert_eq!(told(), ("Quillbrook".into(), true, false), "damaged later");
        std::fs::remove_file(&file).expect("removed");
        assert_eq!(told(), ("Quillbrook".into(), false, false), "away, perhaps for a moment");
        forget(path);
        assert_eq!(told(), (own, false, false), "removed");
    }

    #[test]
    fn faults_name_file_line_key_and_what_is_allowed() {
        for (text, expected) in [
            ("name = ", "team.toml:1: "),
            ("\n[page]\ntarget_min = 0\n", "team.toml:3: page.target_min is 0; allowed is 1 to 240"),
            (
                "[page]\ntarget_min = \"soon\"\n",
                "team.toml:2: page.target_min: invalid type: string \"soon\", expected u32",
            ),
            (
                "[page]\n\ntarget_minutes = 5\n",
                "team.toml:3: page.target_minutes: unknown field `target_minutes`, expected one of `target_min`, `quiet_min`, `notifications_max`",
            ),
            (
                "[pagerduty]\ndefault_region = \"mars\"\n",
                "team.toml:2: pagerduty.default_region is not among the regions: eu, us",
            ),
            (
                "[[templates]]\nid = \"errors\"\ntext = \"x\"\n\n[[templates]]\nid = \"own\"\nname = \"Own\"\ntext = \"{who}\"\n",
                "team.toml:2: templates.errors: missing field `name`",
            ),
            (
                "[[templates]]\nid = \"a\"\nname = \"A\"\ntext = \"x\"\n\n[[templates]]\nid = \"own\"\nname = \"Own\"\ntext = \"{who}\"\n",
                "team.toml:7: templates.own text has the field {who}",
            ),
            (
                "[[templates]]\nid = \"gone\"\nname = \"Gone\"\ntext = \"\"\n",
                "team.toml:2: templates.gone text is empty",
            ),
            ("[[templates]]\nname = \"Own\"\ntext = \"x\"\n", "team.toml:1: templates.: missing field `id`"),
            ("[links]\nboard = \"javascript:1\"\n", "team.toml:2: links.board must start with https:// or http://"),
        ] {
            let error = parse("team.toml", text).expect_err(text).to_string();
            assert!(error.starts_with(expected), "{text:?} says {error:?}, not {expected:?}");
        }
    }
}
