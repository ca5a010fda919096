//! Reads and clicks a menu that an application exports through `com.canonical.dbusmenu`.
//!
//! As panels do: the interface, its defaults and the access keys' underscores are those of libdbusmenu
//! (`libdbusmenu-glib/dbus-menu.xml`), `AboutToShow` goes first, and an entry that is grey or hidden cannot be clicked
//! (gnome-shell-extension-appindicator, `dbusMenu.js`).

use std::collections::HashMap;
use std::fmt::Write as _;

use anyhow::{Result, bail, ensure};
use zbus::zvariant::{OwnedValue, Value};

const MENU: &str = "com.canonical.dbusmenu";

/// What stands between a submenu's label and the entry in it.
pub const INSIDE: &str = " › ";

/// One entry of a menu.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The application's number for it.
    pub id: i32,
    /// Its text, without the mark of the access key; empty for a separator.
    pub label: String,
    /// Whether it can be clicked.
    pub enabled: bool,
    /// Whether it is shown.
    pub visible: bool,
    /// On or off for check marks and radio buttons, nothing for other entries.
    pub checked: Option<bool>,
    /// Whether it is a line between groups.
    pub separator: bool,
    /// Entries of its submenu.
    pub children: Vec<Entry>,
}

/// The tree as it travels: id, properties, children.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// Reads the whole menu, announcing the look first as panels do.
pub(crate) async fn read(connection: &zbus::Connection, name: &str, path: &str) -> Result<Vec<Entry>> {
    // Only a hint that the menu may be rebuilt; some applications do not have the method.
    let _ = connection.call_method(Some(name), path, Some(MENU), "AboutToShow", &0i32).await;
    let no_filter: Vec<String> = Vec::new();
    let reply = connection.call_method(Some(name), path, Some(MENU), "GetLayout", &(0i32, -1i32, no_filter)).await?;
    let (_revision, root): (u32, Layout) = reply.body().deserialize()?;
    Ok(entry(root)?.children)
}

/// Clicks the entry with this label (`Submenu › Label` where the label alone is not enough).
pub(crate) async fn click(connection: &zbus::Connection, name: &str, path: &str, label: &str) -> Result<()> {
    let entries = read(connection, name, path).await?;
    let mut found = Vec::new();
    find(&entries, "", label, &mut found);
    let [entry] = found.as_slice() else {
        bail!("{} menu entries are called {label:?}:\n{}", found.len(), text(&entries));
    };
    ensure!(entry.visible && entry.enabled, "the menu entry {label:?} cannot be clicked:\n{}", text(&entries));
    let event = (entry.id, "clicked", Value::from(0i32), 0u32);
    connection.call_method(Some(name), path, Some(MENU), "Event", &event).await?;
    Ok(())
}

/// The visible entries as lines: `-` separates, `[x]` and `[ ]` are check marks, `(grey)` cannot be clicked.
pub(crate) fn text(entries: &[Entry]) -> String {
    let mut lines = String::new();
    write_lines(entries, 0, &mut lines);
    lines
}

fn write_lines(entries: &[Entry], depth: usize, lines: &mut String) {
    for entry in entries.iter().filter(|entry| entry.visible) {
        let mark = match entry.checked {
            Some(true) => "[x] ",
            Some(false) => "[ ] ",
            None => "",
        };
        let label = if entry.separator { "-" } else { &entry.label };
        let grey = if entry.enabled || entry.separator { "" } else { " (grey)" };
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "{:indent$}{mark}{label}{grey}", "", indent = depth * 2);
        write_lines(&entry.children, depth + 1, lines);
    }
}

fn find<'a>(entries: &'a [Entry], above: &str, label: &str, found: &mut Vec<&'a Entry>) {
    for entry in entries {
        let full = format!("{above}{}", entry.label);
        if !entry.separator && entry.visible && (entry.label == label || full == label) {
            found.push(entry);
        }
        find(&entry.children, &format!("{full}{INSIDE}"), label, found);
    }
}

fn entry((id, properties, children): Layout) -> Result<Entry> {
    let get = |name: &str| properties.get(name).map(|value| &**value);
    let is = |name: &str, default: bool| match get(name) {
        Some(Value::Bool(value)) => *value,
        _ => default,
    };
    let words = |name: &str| match get(name) {
        Some(Value::Str(text)) => text.to_string(),
        _ => String::new(),
    };
    let separator = words("type") == "separator";
    let checkable = !words("toggle-type").is_empty();
    let on = matches!(get("toggle-state"), Some(Value::I32(1)));
    let children = children.into_iter().map(|child| entry(Layout::try_from(child)?)).collect::<Result<_>>()?;
    Ok(Entry {
        id,
        label: plain(&words("label")),
        enabled: is("enabled", true),
        visible: is("visible", true),
        checked: checkable.then_some(on),
        separator,
        children,
    })
}

/// Takes the access key's underscore out of a label; two stand for a real one.
fn plain(label: &str) -> String {
    label.replace("__", "\0").replace('_', "").replace('\0', "_")
}
