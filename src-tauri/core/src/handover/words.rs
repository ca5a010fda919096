//! Facts and template to Markdown. What others wrote stays text: it makes no links, mentions nobody, commands nothing.

use chrono::TimeDelta;

use super::{Facts, Item};
use crate::Time;
use crate::playbook::handover::{HandoverRules, SectionName, SectionRules};
use crate::post::phrases::without_holes;
use crate::shift::{Role, Shift};

/// What stands where a handover tells of its shift, when none is known.
const NO_SHIFT: &str = "**No shift is known. This is what Herald has now.**";

/// The title.
#[must_use]
pub fn title(rules: &HandoverRules, shift: Option<&Shift>) -> String {
    whole(&rules.title, &shift_fields(shift))
}

/// The handover as people read it.
#[must_use]
pub fn text(rules: &HandoverRules, facts: &Facts, shift: Option<&Shift>) -> String {
    let mut fields = shift_fields(shift);
    fields.extend(SectionName::ALL.into_iter().map(|name| (name.key(), section(rules, facts, name))));
    let template = if shift.is_some() { rules.text.clone() } else { without_shift(&rules.text) };
    squeezed(&whole(&template, &fields))
}

/// A template for a time in which no shift is known: one sentence takes the place of the lines that tell only of the shift.
fn without_shift(template: &str) -> String {
    let holds = |line: &str, name: &str| line.contains(&format!("{{{name}}}"));
    let of_shift = |line: &str| {
        shift_fields(None).iter().any(|(name, _)| holds(line, name))
            && !SectionName::ALL.into_iter().any(|name| holds(line, name.key()))
    };
    let mut said = false;
    let lines = template.lines().filter_map(|line| match of_shift(line) {
        false => Some(line),
        true => (!std::mem::replace(&mut said, true)).then_some(NO_SHIFT),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// One section. When nothing happened, one sentence stands in place of all that would say so one by one.
fn section(rules: &HandoverRules, facts: &Facts, name: SectionName) -> String {
    let always = matches!(name, SectionName::Kpis | SectionName::Notes);
    match rules.sections.get(&name) {
        Some(section) if always || !facts.nothing() => {
            let items = facts.items(name);
            let count = if name == SectionName::Pages { facts.pages as usize } else { items.len() };
            section_text(section, items, count)
        }
        Some(_) if name == SectionName::Running => rules.nothing.clone(),
        Some(_) | None => String::new(),
    }
}

fn section_text(rules: &SectionRules, items: &[Item], count: usize) -> String {
    let heading = rules.heading.replace("{count}", &count.to_string());
    if items.is_empty() {
        return if rules.none.is_empty() { String::new() } else { format!("{heading}\n\n{}", rules.none) };
    }
    let items: Vec<String> = items.iter().map(|item| item_text(&rules.item, item)).collect();
    format!("{heading}\n\n{}", items.join("\n"))
}

/// An item, without the lines that would have a hole.
fn item_text(template: &str, item: &[(&'static str, String)]) -> String {
    let hole = |line: &&str| item.iter().any(|(name, value)| value.is_empty() && line.contains(&format!("{{{name}}}")));
    let lines = template.lines().filter(|line| !hole(line));
    lines.map(|line| filled(line, item)).collect::<Vec<_>>().join("\n")
}

/// A text whose fields may be empty, without the phrases that would have a hole: a section that is left out leaves its
/// line.
fn whole(template: &str, fields: &[(&'static str, String)]) -> String {
    let sections = SectionName::ALL.map(SectionName::key);
    let known = |name: &str| fields.iter().find(|(known, _)| *known == name && !sections.contains(known));
    filled(&without_holes(template, |name| known(name).map(|(_, value)| value.is_empty())), fields)
}

/// Puts the fields into a template, each once: what a field holds is not looked at again.
fn filled(template: &str, fields: &[(&'static str, String)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let field = after.split_once('}').and_then(|(name, behind)| {
            fields.iter().find(|(known, _)| *known == name).map(|(_, value)| (value, behind))
        });
        match field {
            Some((value, behind)) => {
                text.push_str(value);
                rest = behind;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

fn shift_fields(shift: Option<&Shift>) -> Item {
    let date = |at: Time| at.format("%d-%m-%Y").to_string();
    let started = shift.map(|it| it.started_at);
    let end = shift.and_then(|it| it.ended_at.or(it.ends_at));
    let to = match (started, end) {
        (Some(started), Some(end)) => clock(end, started),
        (Some(_), None) => "now".into(),
        (None, _) => String::new(),
    };
    vec![
        ("date", started.map_or_else(|| "no shift".into(), date)),
        ("from", started.map_or_else(String::new, |at| at.format("%H:%M").to_string())),
        ("to", to),
        ("role", shift.map_or(Role::OnCall, |it| it.role).label().into()),
    ]
}

/// A time of day, with its date when it is another than that of `day`.
fn clock(at: Time, day: Time) -> String {
    let date = if at.date_naive() == day.date_naive() { "" } else { "%d-%m-%Y " };
    at.format(&format!("{date}%H:%M")).to_string()
}

/// A moment to the second, with its date when it is another than that of `day`.
#[must_use]
pub fn moment(at: Time, day: Time) -> String {
    let date = if at.date_naive() == day.date_naive() { "" } else { "%d-%m-%Y " };
    at.format(&format!("{date}%H:%M:%S UTC")).to_string()
}

/// Date and time, as status pages write them (H61).
#[must_use]
pub fn dated(at: Time) -> String {
    at.format("%d-%m-%Y %H:%M UTC").to_string()
}

/// A length as a clock shows it: "02:31", "1:02:31".
#[must_use]
pub fn face(length: TimeDelta) -> String {
    let s = length.num_seconds().max(0);
    let (hours, minutes, seconds) = (s / 3600, s / 60 % 60, s % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes:02}:{seconds:02}") }
}

/// No more than one empty line in a row, and none at either end.
fn squeezed(text: &str) -> String {
    let mut lines: Vec<&str> = vec![];
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && lines.last().is_none_or(|last| last.is_empty())) {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned()
}
