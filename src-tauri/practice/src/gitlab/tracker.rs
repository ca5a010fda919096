//! GitLab's rules: how issues begin, how labels exclude each other, what is written down.
//!
//! Source: docs.gitlab.com, "Labels" (scoped labels exclude each other) and "Issues API" (a label that does not exist
//! is made).

use crate::cast::Cast;

use super::issue::{Issue, LabelEvent, NoteEntry, StateEvent, Time, scope};
use super::labels::Styles;
use super::limits::Meter;
use super::links::IssueLink;

/// All projects' issues and labels. It reads no clock.
#[derive(Debug)]
pub(crate) struct Tracker {
    pub(crate) issues: Vec<Issue>,
    /// Labels of each project, in the order in which they came.
    pub(crate) labels: Vec<Vec<String>>,
    pub(super) styles: Styles,
    pub(super) links: Vec<IssueLink>,
    pub(crate) meter: Meter,
    pub(crate) start: Time,
    first_iids: Vec<u64>,
    next_id: u64,
}

/// What a new issue begins with.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) name: Option<String>,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) kind: String,
    pub(crate) confidential: bool,
    pub(crate) labels: Vec<String>,
    pub(crate) assignees: Vec<usize>,
    pub(crate) im: Option<usize>,
    pub(crate) channel: String,
}

/// Who changes something, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hand {
    pub(crate) by: usize,
    pub(crate) at: Time,
    /// Through the REST API.
    pub(crate) api: bool,
}

/// Ids of an instance that has been in use for a while.
const FIRST_ID: u64 = 150_000_001;

impl Tracker {
    pub(crate) fn new(cast: &Cast, start: Time) -> Self {
        Tracker {
            issues: Vec::new(),
            labels: cast.projects.iter().map(|project| project.labels.clone()).collect(),
            styles: Styles::new(),
            links: Vec::new(),
            meter: Meter::default(),
            start,
            first_iids: cast.projects.iter().map(|project| project.first_iid).collect(),
            next_id: FIRST_ID,
        }
    }

    /// Finds an issue of a project by its number.
    pub(crate) fn find(&self, project: usize, iid: &str) -> Option<usize> {
        let iid: u64 = iid.parse().ok()?;
        self.issues.iter().position(|issue| issue.project == project && issue.iid == iid)
    }

    /// Finds the issue that an act speaks of.
    pub(crate) fn named(&self, name: &str) -> Option<usize> {
        if name == "last" {
            return self.issues.len().checked_sub(1);
        }
        let of_name = self.issues.iter().position(|issue| issue.name.as_deref() == Some(name));
        of_name.or_else(|| self.find(0, name))
    }

    /// Tells the number that the next issue of a project will have.
    pub(crate) fn next_iid(&self, project: usize) -> u64 {
        let count = self.issues.iter().filter(|issue| issue.project == project).count() as u64;
        self.first_iids[project] + count
    }

    pub(crate) fn create(&mut self, project: usize, draft: Draft, hand: Hand) -> usize {
        let issue = Issue {
            id: self.id(),
            iid: self.next_iid(project),
            project,
            name: draft.name,
            title: draft.title,
            description: draft.description,
            kind: draft.kind,
            open: true,
            confidential: draft.confidential,
            labels: Vec::new(),
            author: hand.by,
            assignees: draft.assignees,
            created_at: hand.at,
            updated_at: hand.at,
            closed: None,
            notes: Vec::new(),
            label_events: Vec::new(),
            state_events: Vec::new(),
            im: draft.im.unwrap_or(hand.by),
            channel: draft.channel,
            api_writes: usize::from(hand.api),
            before: None,
        };
        self.issues.push(issue);
        let index = self.issues.len() - 1;
        for label in &draft.labels {
            self.put_label(index, label, hand);
        }
        index
    }

    /// Puts labels on and takes labels off.
    pub(crate) fn relabel(&mut self, index: usize, add: &[String], remove: &[String], hand: Hand) {
        let issue = &self.issues[index];
        let changes = add.iter().any(|label| !issue.has_label(label)) || remove.iter().any(|it| issue.has_label(it));
        if !changes {
            return;
        }
        self.issues[index].remember();
        for label in remove {
            self.take_label(index, label, hand);
        }
        for label in add {
            self.put_label(index, label, hand);
        }
        self.touch(index, hand);
    }

    /// Puts a label on: one of the same scope makes way, an unknown one comes to be.
    fn put_label(&mut self, index: usize, label: &str, hand: Hand) {
        if self.issues[index].has_label(label) {
            return;
        }
        let project = self.issues[index].project;
        if !self.labels[project].iter().any(|known| known == label) {
            self.labels[project].push(label.to_owned());
        }
        let rivals = self.issues[index].labels.iter();
        let rivals: Vec<String> =
            rivals.filter(|other| scope(label).is_some() && scope(other) == scope(label)).cloned().collect();
        for rival in rivals {
            self.take_label(index, &rival, hand);
        }
        self.write_label(index, label, true, hand);
        self.issues[index].labels.push(label.to_owned());
        self.issues[index].labels.sort();
    }

    fn take_label(&mut self, index: usize, label: &str, hand: Hand) {
        if self.issues[index].has_label(label) {
            self.issues[index].labels.retain(|other| other != label);
            self.write_label(index, label, false, hand);
        }
    }

    fn write_label(&mut self, index: usize, label: &str, added: bool, hand: Hand) {
        let event = LabelEvent { id: self.id(), at: hand.at, by: hand.by, label: label.to_owned(), added };
        self.issues[index].label_events.push(event);
    }

    pub(crate) fn set_open(&mut self, index: usize, open: bool, hand: Hand) {
        if self.issues[index].open != open {
            let issue = &mut self.issues[index];
            issue.remember();
            issue.open = open;
            issue.closed = (!open).then_some((hand.at, hand.by));
            let event = StateEvent { id: self.id(), at: hand.at, by: hand.by, open };
            self.issues[index].state_events.push(event);
            self.touch(index, hand);
        }
    }

    pub(crate) fn set_title(&mut self, index: usize, title: &str, hand: Hand) {
        let old = std::mem::replace(&mut self.issues[index].title, title.to_owned());
        if old != title {
            self.system_note(index, format!("changed title from **{old}** to **{title}**"), hand);
        }
    }

    pub(crate) fn set_description(&mut self, index: usize, description: &str, hand: Hand) {
        let old = std::mem::replace(&mut self.issues[index].description, description.to_owned());
        if old != description {
            self.system_note(index, "changed the description".to_owned(), hand);
        }
    }

    pub(crate) fn set_confidential(&mut self, index: usize, confidential: bool, hand: Hand) {
        if self.issues[index].confidential != confidential {
            self.issues[index].remember();
            self.issues[index].confidential = confidential;
            let word = if confidential { "confidential" } else { "visible to everyone" };
            self.system_note(index, format!("made the issue {word}"), hand);
        }
    }

    pub(crate) fn assign(&mut self, index: usize, people: Vec<usize>, hand: Hand) {
        if self.issues[index].assignees != people {
            self.issues[index].assignees = people;
            self.system_note(index, "changed who this is assigned to".to_owned(), hand);
        }
    }

    pub(crate) fn note(&mut self, index: usize, body: &str, internal: bool, hand: Hand) {
        self.write_note(index, body.to_owned(), internal, false, hand);
    }

    /// Goes on with a thread, or begins one; gives its id.
    pub(super) fn reply(&mut self, index: usize, thread: Option<u64>, body: &str, hand: Hand) -> u64 {
        self.note(index, body, false, hand);
        let Some(note) = self.issues[index].notes.last_mut() else {
            return 0;
        };
        note.thread = thread.unwrap_or(note.id);
        note.threaded = true;
        note.thread
    }

    fn system_note(&mut self, index: usize, body: String, hand: Hand) {
        self.write_note(index, body, false, true, hand);
    }

    fn write_note(&mut self, index: usize, body: String, internal: bool, system: bool, hand: Hand) {
        let id = self.id();
        let alone = NoteEntry { id, at: hand.at, author: hand.by, body, internal, system, thread: id, threaded: false };
        self.issues[index].notes.push(alone);
        self.touch(index, hand);
    }

    fn touch(&mut self, index: usize, hand: Hand) {
        let issue = &mut self.issues[index];
        issue.updated_at = issue.updated_at.max(hand.at);
    }

    pub(super) fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id - 1
    }
}
