//! What an alarm says: title, body and buttons of its notification.

use chrono::TimeDelta;

use super::{Alarm, AlarmKey, Announcement, Button, handover, hushed, loudness, quiet_end};
use crate::Time;
use crate::cadence::{self, Counts};
use crate::incident::IncidentId;
use crate::ledger::remind;
use crate::page::Page;
use crate::poll::SourceName;
use crate::shadow::{Standing, standing};
use crate::state::State;
use crate::text::isolate;

/// Puts one round of an alarm into words.
#[must_use]
pub fn announcement(state: &State, key: &AlarmKey, alarm: &Alarm, now: Time) -> Announcement {
    let quiet = (Button::Quiet, format!("Quiet {} min", state.playbook.page.quiet_min));
    let open = (Button::Open, "Open".to_owned());
    let round = alarm.rounds + 1;
    let sound = key.sound(now).filter(|_| !hushed(state, now)).map(|sound| (sound, loudness(state, sound, round)));
    let (title, body, buttons) = match key {
        AlarmKey::Page { page, .. } => match state.pages.get(page) {
            Some(page) => page_words(state, page, now),
            None => ("Page".into(), String::new(), vec![]),
        },
        AlarmKey::MorePages => more_words(state),
        AlarmKey::Update { incident, due_at } => update_words(state, *incident, *due_at, now),
        AlarmKey::Maintenance { maintenance, .. } => {
            let (title, body) = remind::words(state, *maintenance, now);
            (title, body, vec![(Button::Acknowledge, "Got it".to_owned())])
        }
        AlarmKey::Blind { source } => {
            (format!("Cannot see {}", source.the()), blind_words(state, *source), vec![open.clone()])
        }
        AlarmKey::Recovered { source } => {
            (format!("{} answers again", capital(source.the())), recovered_words(state, *source), vec![])
        }
        AlarmKey::Handover { shift } => handover::words(state, *shift, now),
        AlarmKey::Test => {
            ("This is a test".into(), "Did you see it? Did you hear it? Answer in Herald.".into(), vec![open.clone()])
        }
    };
    let mut buttons = buttons;
    let opens = matches!(key, AlarmKey::Update { .. } | AlarmKey::Handover { .. } | AlarmKey::Maintenance { .. });
    if key.is_page() || opens {
        buttons.push(open);
    }
    if !key.once() && quiet_end(state, key, now).is_some() {
        buttons.push(quiet);
    }
    let practice = if state.session.mode.is_practice() { "Practice: " } else { "" };
    let critical = !matches!(key, AlarmKey::Recovered { .. } | AlarmKey::Handover { .. });
    Announcement { key: key.clone(), title: format!("{practice}{title}"), body, critical, buttons, sound }
}

fn page_words(state: &State, page: &Page, now: Time) -> (String, String, Vec<(Button, String)>) {
    let seen = &page.seen;
    let standing = standing(state, page, now);
    let mut lines = vec![];
    lines.extend(page.note.clone());
    lines.extend(asked_words(page));
    let ranks = [&seen.priority, &seen.kind].into_iter().flatten().map(|it| isolate(it));
    lines.extend(Some(ranks.collect::<Vec<_>>().join(", ")).filter(|ranks| !ranks.is_empty()));
    lines.extend(seen.service.as_ref().map(|service| format!("Service {}", isolate(&service.name))));
    // Points in time, never spans: the words stand on the screen until the next round, and a span is wrong by then.
    let target = seen.triggered_at + state.playbook.target();
    let by = if target > now { "acknowledge by" } else { "was to be acknowledged by" };
    let since = format!("{} UTC", seen.triggered_at.format("%H:%M:%S"));
    lines.push(if seen.calls_for_help() {
        format!("Asked {since}")
    } else {
        format!("Triggered {since}, {by} {} UTC", target.format("%H:%M:%S"))
    });
    lines.extend(seen.call_number.as_ref().map(|number| format!("Dial in: {}", isolate(number))));
    if let Standing::Unknown { .. } = standing {
        lines.push("Herald cannot tell whether this page is yours. Open it to decide.".into());
    }
    let watch = match (standing, seen.calls_for_help()) {
        (Standing::Shadow { .. }, true) => "Shadow: asked to help",
        (_, true) => "Asked to help",
        (Standing::Shadow { .. }, false) => "Shadow: page",
        (_, false) => "Page",
    };
    let mine = standing == Standing::Mine && state.session.store_fault.is_none();
    let buttons = if mine { vec![(Button::Acknowledge, "Acknowledge".to_owned())] } else { vec![] };
    (format!("{watch}: {}", isolate(&seen.title)), lines.join("\n"), buttons)
}

/// Who asks for help, and that only PagerDuty can be given the answer.
fn asked_words(page: &Page) -> Option<String> {
    let asked = page.seen.asked.as_ref().filter(|_| page.seen.asks_me())?;
    let by = asked.by.as_deref().map_or("Somebody".into(), isolate);
    let said = asked.message.as_deref().map_or(String::new(), |message| format!(": {}", isolate(message)));
    Some(format!("{by} asks you to help{said}. Answer in PagerDuty: join or decline."))
}

fn update_words(state: &State, id: IncidentId, due_at: Time, now: Time) -> (String, String, Vec<(Button, String)>) {
    let Some(incident) = state.incidents.get(&id) else { return ("Update due".into(), String::new(), vec![]) };
    let due = if due_at > now { "due at" } else { "overdue since" };
    let title = format!("Update {due} {} UTC: {}", due_at.format("%H:%M"), isolate(incident.title()));
    let clock = cadence::clock(incident, &state.playbook.updates);
    let from = clock.map_or(String::new(), |clock| counts_words(&clock));
    let severity = incident.severity().map_or("Severity unknown", crate::phase::Severity::label);
    let phase = incident.standing_words();
    let moved = incident.moved.as_ref().map(|moved| moved.why.clone());
    let lines: Vec<String> = [Some(format!("{severity}, {phase}. {from}")), moved].into_iter().flatten().collect();
    (title, lines.join("\n"), vec![])
}

/// What a due time counts from, in words (H35).
#[must_use]
pub fn counts_words(clock: &cadence::Clock) -> String {
    let from = clock.from.format("%H:%M:%S");
    match clock.counts {
        Counts::Update => format!("{} min after the update of {from} UTC.", clock.every_min),
        Counts::Decision => format!("{} min after the decision of {from} UTC to tell the public.", clock.every_min),
        Counts::Promise => format!("Promised in the update of {from} UTC."),
    }
}

fn more_words(state: &State) -> (String, String, Vec<(Button, String)>) {
    let calling = state.pages.values().filter(|page| page.grouped && page.calls());
    let (mut count, mut newest) = (0_u32, None::<&Page>);
    for page in calling {
        count += 1;
        newest = newest.filter(|known| known.seen.triggered_at >= page.seen.triggered_at).or(Some(page));
    }
    let newest = newest.map_or(String::new(), |page| format!("Newest: {}", isolate(&page.seen.title)));
    let pages = if count == 1 { "page calls" } else { "pages call" };
    (format!("{count} more {pages}"), newest, vec![])
}

fn blind_words(state: &State, source: SourceName) -> String {
    let fault = state.session.watch[source].fault.as_ref();
    let reason = fault.map_or("No answer".into(), crate::Fault::reason);
    let since = state.last_good_at(source).map_or("Not one answer since Herald started.".into(), |at| {
        format!("Last answer {} UTC.", at.format("%H:%M:%S"))
    });
    let next = fault.map_or("Keep your phone in reach.", crate::Fault::next_step);
    format!("{}. {since}\n{next}", capital(&reason))
}

fn recovered_words(state: &State, source: SourceName) -> String {
    if source != SourceName::PagerDuty {
        return "What it tells is current.".into();
    }
    let calling = state.pages.values().filter(|page| page.calls()).count();
    match calling {
        0 => "No page calls.".into(),
        1 => "1 page calls.".into(),
        n => format!("{n} pages call."),
    }
}

fn capital(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// A span of time in words: "40 s", "2 min", "3 h 5 min".
#[must_use]
pub fn span(span: TimeDelta) -> String {
    let s = span.num_seconds().max(0);
    match (s / 3600, s % 3600 / 60) {
        (0, 0) => format!("{s} s"),
        (0, min) => format!("{min} min"),
        (h, 0) => format!("{h} h"),
        (h, min) => format!("{h} h {min} min"),
    }
}
