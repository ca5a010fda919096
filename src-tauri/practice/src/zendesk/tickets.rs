//! Tickets: how they come, what is told in them, how they are tagged.
//!
//! Source: zenpy's recorded answers for the fields; developer.zendesk.com, "Tickets", for the statuses. Ours: who
//! writes them, and when.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};

pub(crate) type Time = DateTime<Utc>;

/// Ids of a Zendesk that has been in use for a while.
const FIRST_ID: u64 = 35_001;
/// More than any scenario has; the oldest leave.
const TICKETS_MAX: usize = 50_000;

/// A ticket.
#[derive(Debug, Clone)]
pub(super) struct Ticket {
    pub(super) id: u64,
    pub(super) subject: String,
    pub(super) description: String,
    /// `new`, `open`, `pending`, `hold`, `solved` or `closed`.
    pub(super) status: String,
    pub(super) priority: Option<String>,
    pub(super) kind: Option<String>,
    /// In the order of the alphabet.
    pub(super) tags: Vec<String>,
    pub(super) assignee: Option<u64>,
    pub(super) created_at: Time,
    pub(super) updated_at: Time,
    /// Oldest first: who wrote, when, what, and whether the customer reads it.
    pub(super) comments: Vec<Comment>,
    /// The number of the issue whose incident the customer feels.
    pub(super) about: Option<u64>,
}

#[derive(Debug, Clone)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) by: u64,
    pub(super) at: Time,
    pub(super) body: String,
    pub(super) public: bool,
}

/// All tickets.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// Oldest first.
    pub(super) tickets: VecDeque<Ticket>,
    /// What came of requests for many, by the ids that were given for them.
    pub(super) jobs: Vec<Vec<u64>>,
    made: u64,
    /// When requests of the last minute came.
    pub(super) requests: VecDeque<Time>,
}

impl Desk {
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        let id: u64 = id.parse().ok()?;
        self.tickets.iter().position(|ticket| ticket.id == id)
    }

    /// Takes a ticket in and gives its place.
    pub(super) fn take(&mut self, subject: &str, description: &str, by: u64, now: Time) -> usize {
        let id = FIRST_ID + self.made;
        self.made += 1;
        if self.tickets.len() == TICKETS_MAX {
            self.tickets.pop_front();
        }
        let comment = Comment { id: id * 100, by, at: now, body: description.to_owned(), public: true };
        self.tickets.push_back(Ticket {
            id,
            subject: subject.to_owned(),
            description: description.to_owned(),
            status: "new".to_owned(),
            priority: None,
            kind: None,
            tags: Vec::new(),
            assignee: None,
            created_at: now,
            updated_at: now,
            comments: vec![comment],
            about: None,
        });
        self.tickets.len() - 1
    }

    /// Makes so many tickets of an incident untagged, and the others tagged.
    pub(super) fn keep_untagged(&mut self, iid: u64, title: &str, count: u64, now: Time) {
        let lacks = |ticket: &Ticket| ticket.about == Some(iid) && !ticket.is_tagged_with(iid);
        let untagged = self.tickets.iter().filter(|ticket| lacks(ticket)).count() as u64;
        let surplus = untagged.saturating_sub(count) as usize;
        for ticket in self.tickets.iter_mut().filter(|ticket| lacks(ticket)).take(surplus) {
            ticket.add_tags(&[format!("com_incident_{iid}")], now);
        }
        for number in untagged..count.min(TICKETS_MAX as u64) {
            let subject = format!("Customer {}: is this you? {title}", number + 1);
            let place = self.take(&subject, "It does not work for us since a while.", CUSTOMER, now);
            self.tickets[place].about = Some(iid);
        }
    }
}

/// The one who wrote all tickets that came by themselves.
pub(super) const CUSTOMER: u64 = 7_900_001;

impl Ticket {
    /// Tells whether any of its tags ends in the number of an incident.
    pub(super) fn is_tagged_with(&self, iid: u64) -> bool {
        self.tags.iter().any(|tag| number_of(tag) == Some(iid))
    }

    pub(super) fn add_tags(&mut self, tags: &[String], now: Time) {
        self.tags.extend(tags.iter().map(|tag| tag.to_lowercase()));
        self.tidy(now);
    }

    pub(super) fn set_tags(&mut self, tags: &[String], now: Time) {
        self.tags.clear();
        self.add_tags(tags, now);
    }

    pub(super) fn remove_tags(&mut self, tags: &[String], now: Time) {
        self.tags.retain(|tag| !tags.iter().any(|gone| gone.eq_ignore_ascii_case(tag)));
        self.tidy(now);
    }

    fn tidy(&mut self, now: Time) {
        self.tags.sort_unstable();
        self.tags.dedup();
        self.updated_at = now;
    }
}

/// The number at the end of a tag.
pub(super) fn number_of(tag: &str) -> Option<u64> {
    tag.rsplit(|sign: char| !sign.is_ascii_digit()).next()?.parse().ok()
}
