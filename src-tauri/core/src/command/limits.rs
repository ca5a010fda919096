//! How long what is typed may be, at the one place where every wish passes: whatever is longer is refused, never cut.
//! A text of megabytes that was once taken would be shown, saved and sent again at every change.
//!
//! [`typed`] takes every command apart field by field, so that a new field does not compile until it is named here.

use super::{Command, Refusal};
use crate::alarm::AlarmKey;
use crate::draft::{BYTES_MAX as DRAFT_BYTES_MAX, Text};
use crate::handover::BYTES_MAX as HANDOVER_BYTES_MAX;
use crate::incident::{IncidentWish, Own, Part};
use crate::ledger::LedgerWish;
use crate::ledger::wish::{ContactText, KEPT_BYTES_MAX, Plan, SHEET_NAME_BYTES_MAX};
use crate::settings::{SettingsPatch, SoundChoice, TEMPLATE_BYTES_MAX};
use crate::shift::ShiftWish;
use crate::training::{Practised, Training, TrainingWish};

/// Longest id, key or pair of keys, in bytes.
const ID_BYTES_MAX: usize = 200;
/// Longest title, name, channel or reason, in bytes: what fits on a few lines of the window.
const LINE_BYTES_MAX: usize = 1_000;
/// Longest link or path of a file, in bytes.
const LINK_BYTES_MAX: usize = 4_096;
/// Longest text of several sentences, in bytes.
const TEXT_BYTES_MAX: usize = 32 * 1024;
/// Most things of one kind in one command: components, schedules, moments of a score.
const EACH_MAX: usize = 500;

/// What a command holds that somebody typed.
#[derive(Default)]
struct Typed<'a> {
    /// Each text, with how long it may be in bytes.
    texts: Vec<(&'a str, usize)>,
    /// Whether a handover is among what is too long: it has words of its own.
    handover: bool,
    /// How many things of one kind there are.
    many: Vec<usize>,
}

/// Whether nothing in a command is longer than Herald keeps.
///
/// # Errors
/// The [`Refusal`] that says so.
pub(super) fn within(command: &Command) -> Result<(), Refusal> {
    let typed = typed(command);
    let long = typed.texts.iter().any(|(text, most)| text.len() > *most) || typed.many.iter().any(|it| *it > EACH_MAX);
    match (long, typed.handover) {
        (false, _) => Ok(()),
        (true, true) => Err(Refusal::HandoverTooLong),
        (true, false) => Err(Refusal::TooMuch),
    }
}

/// How many texts a command holds, however long they are.
#[must_use]
pub fn texts(command: &Command) -> usize {
    typed(command).texts.len()
}

impl<'a> Typed<'a> {
    fn id(&mut self, text: &'a str) {
        self.texts.push((text, ID_BYTES_MAX));
    }

    fn line(&mut self, text: &'a str) {
        self.texts.push((text, LINE_BYTES_MAX));
    }

    fn link(&mut self, text: &'a str) {
        self.texts.push((text, LINK_BYTES_MAX));
    }

    fn text(&mut self, text: &'a str) {
        self.texts.push((text, TEXT_BYTES_MAX));
    }

    fn ids(&mut self, ids: impl ExactSizeIterator<Item = &'a String>) {
        self.many.push(ids.len());
        ids.for_each(|id| self.id(id));
    }

    fn handover(&mut self, text: &'a str) {
        self.texts.push((text, HANDOVER_BYTES_MAX));
        self.handover = true;
    }
}

fn typed(command: &Command) -> Typed<'_> {
    let mut all = Typed::default();
    match command {
        Command::Acknowledge { page, triggered_at: _ } | Command::AnswerHere { page, triggered_at: _ } => {
            all.id(page.as_str())
        }
        Command::ClosePage { page, triggered_at: _, note } => {
            all.id(page.as_str());
            note.iter().for_each(|note| all.text(note));
        }
        Command::Quiet { alarm } | Command::Unquiet { alarm } => match alarm {
            AlarmKey::Page { page, triggered_at: _ } => all.id(page.as_str()),
            AlarmKey::MorePages
            | AlarmKey::Blind { source: _ }
            | AlarmKey::Recovered { source: _ }
            | AlarmKey::Update { incident: _, due_at: _ }
            | AlarmKey::Handover { shift: _ }
            | AlarmKey::Maintenance { maintenance: _, at: _ }
            | AlarmKey::Test => {}
        },
        Command::Set { patch } => set(&mut all, patch),
        Command::Incident { wish } => incident(&mut all, wish),
        Command::Shift { wish } => shift(&mut all, wish),
        Command::Ledger { wish } => ledger(&mut all, wish),
        Command::Training { wish } => training(&mut all, wish),
        Command::PollNow
        | Command::TestAlarm
        | Command::TestAnswered { seen: _, heard: _ }
        | Command::Disconnect
        | Command::DisconnectFeed { source: _ }
        | Command::DisconnectSlack
        | Command::DisconnectZendesk => {}
    }
    all
}

fn set<'a>(all: &mut Typed<'a>, patch: &'a SettingsPatch) {
    match patch {
        SettingsPatch::Sound { sound: _, choice: SoundChoice { volume: _, file } } => {
            file.iter().for_each(|file| all.link(file));
        }
        SettingsPatch::Hotkey { keys } => keys.iter().for_each(|keys| all.id(keys)),
        SettingsPatch::ShadowSchedules { chosen } => all.ids(chosen.keys()),
        SettingsPatch::Templates { templates } => {
            all.many.push(templates.len());
            for template in templates {
                all.line(&template.name);
                all.texts.push((&template.text, TEMPLATE_BYTES_MAX));
            }
        }
        SettingsPatch::PollInterval { seconds: _ }
        | SettingsPatch::Shadow { on: _ }
        | SettingsPatch::QuietHours { hours: _ }
        | SettingsPatch::Theme { theme: _ }
        | SettingsPatch::Onboarding { step: _ } => {}
    }
}

fn incident<'a>(all: &mut Typed<'a>, wish: &'a IncidentWish) {
    match wish {
        IncidentWish::Open { own: it, page } => {
            own(all, it);
            page.iter().for_each(|page| all.id(page.as_str()));
        }
        IncidentWish::Correct { incident: _, own: it } => own(all, it),
        IncidentWish::JoinPage { incident: _, page } => all.id(page.as_str()),
        IncidentWish::Separate { incident: _, part } => match part {
            Part::Issue { iid: _ } => {}
            Part::Post { id } => all.id(id),
            Part::Page { id } => all.id(id.as_str()),
        },
        IncidentWish::Tick { incident: _, task } | IncidentWish::Untick { incident: _, task } => all.id(task),
        IncidentWish::Skip { incident: _, task, reason } => {
            all.id(task);
            all.line(reason);
        }
        IncidentWish::Write { incident: _, text }
        | IncidentWish::Publish { incident: _, text }
        | IncidentWish::PostedByHand { incident: _, text, at: _ } => draft(all, text),
        IncidentWish::Decide { incident: _, yes: _ }
        | IncidentWish::Join { incident: _, with: _ }
        | IncidentWish::Label { incident: _ }
        | IncidentWish::Recurred { incident: _, yes: _ }
        | IncidentWish::StillRunning { incident: _ }
        | IncidentWish::End { incident: _, yes: _ }
        | IncidentWish::Promise { incident: _, due_at: _ }
        | IncidentWish::Discard { incident: _ }
        | IncidentWish::Asked { incident: _ }
        | IncidentWish::Agreed { incident: _ }
        | IncidentWish::WasPublished { publication: _, yes: _ } => {}
    }
}

fn own<'a>(all: &mut Typed<'a>, own: &'a Own) {
    let Own { title, severity: _, state: _, issue_url, call_url, channel, im, eoc, monitoring_min: _ } = own;
    [title, channel, im, eoc].into_iter().flatten().for_each(|line| all.line(line));
    [issue_url, call_url].into_iter().flatten().for_each(|link| all.link(link));
}

/// A draft may be long while it is written: it is told that it cannot be posted, and nothing of it is lost.
fn draft<'a>(all: &mut Typed<'a>, text: &'a Text) {
    let Text { title, body, phase: _, impact: _, components, promise: _, muted: _ } = text;
    all.texts.push((title, DRAFT_BYTES_MAX));
    all.texts.push((body, DRAFT_BYTES_MAX));
    all.ids(components.iter());
}

fn shift<'a>(all: &mut Typed<'a>, wish: &'a ShiftWish) {
    match wish {
        ShiftWish::Note { shift: _, notes } => all.handover(notes),
        ShiftWish::Write { shift: _, text } => all.handover(text),
        ShiftWish::File { shift: _, title, text } => {
            all.line(title);
            all.handover(text);
        }
        ShiftWish::Import { markdown } => all.handover(markdown),
        ShiftWish::Start { role: _, ends_at: _ }
        | ShiftWish::End
        | ShiftWish::Anew { shift: _ }
        | ShiftWish::Undo { shift: _ }
        | ShiftWish::Noticed { shift: _ }
        | ShiftWish::Done { shift: _, how: _ }
        | ShiftWish::PassOn { shift: _ }
        | ShiftWish::NotDone { shift: _ }
        | ShiftWish::NotFile { shift: _ }
        | ShiftWish::MadeConfidential { shift: _ }
        | ShiftWish::Hinted { shift: _, incident: _ }
        | ShiftWish::TakenOverDone => {}
    }
}

fn ledger<'a>(all: &mut Typed<'a>, wish: &'a LedgerWish) {
    match wish {
        LedgerWish::AddContact { contact } | LedgerWish::EditContact { id: _, contact } => {
            let ContactText { asked_by, what, ticket, owner } = contact;
            all.line(asked_by);
            all.text(what);
            ticket.iter().for_each(|ticket| all.link(ticket));
            owner.iter().for_each(|owner| all.line(owner));
        }
        LedgerWish::AddMaintenance { plan } | LedgerWish::EditMaintenance { id: _, plan } => {
            let Plan { title, details, issue_url, starts_at: _, ends_at: _, components, automation: _, reminds: _ } =
                plan;
            all.line(title);
            all.text(details);
            issue_url.iter().for_each(|url| all.link(url));
            all.ids(components.iter());
        }
        LedgerWish::Tell { id: _, tell: _, text, muted: _, mails_twice: _ } => all.text(text),
        LedgerWish::Amplified { id: _, by } => by.iter().for_each(|by| all.line(by)),
        LedgerWish::Adopt { post } | LedgerWish::NotMine { post } => all.id(post),
        LedgerWish::Keep { sheet, typed } => {
            all.texts.push((sheet, SHEET_NAME_BYTES_MAX));
            typed.iter().for_each(|typed| all.texts.push((typed, KEPT_BYTES_MAX)));
        }
        LedgerWish::MoveContact { id: _, to: _ }
        | LedgerWish::UndoContact { id: _ }
        | LedgerWish::Schedule { id: _ }
        | LedgerWish::ByHand { id: _, deed: _ }
        | LedgerWish::CallOff { id: _, yes: _ }
        | LedgerWish::Seen { id: _, at: _ } => {}
    }
}

fn training<'a>(all: &mut Typed<'a>, wish: &'a TrainingWish) {
    match wish {
        TrainingWish::Add { entry } | TrainingWish::Change { training: _, entry } => {
            let Training { at: _, kind: _, title, notes, practised } = entry.as_ref();
            all.line(title);
            all.text(notes);
            if let Some(Practised { event, scenario, score, left_early: _ }) = practised {
                all.id(event);
                all.id(scenario);
                all.many.extend([score.kpis.len(), score.timeline.len()]);
                score.timeline.iter().for_each(|moment| all.line(&moment.what));
            }
        }
        TrainingWish::Step { key, done: _ } => all.id(key),
        TrainingWish::Remove { training: _ } => {}
    }
}
