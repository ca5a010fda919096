//! The last view, and the next one made from it: only what a change touches is made anew. What turns out to be as it was
//! stays the very same, so that whoever shows it sees at once what is new.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::compose::Around;
use super::incidents::{self, IncidentCard};
use super::{PageCard, View, ledger, playbook, shifts, stages, training};
use crate::Time;
use crate::alarm::AlarmKey;
use crate::due::{SLEEP_MAX, wake_at};
use crate::incident::{Incident, IncidentId};
use crate::page::{Page, PageId, most_pressing};
use crate::poll::SourceName;
use crate::shift::Shift;
use crate::state::{Change, Session, State};
use crate::tray::{hollow, sign};

/// The last view, and what is to be made anew of it.
#[derive(Clone, Debug)]
pub struct Gallery {
    view: View,
    around: Around,
    touched: Touched,
    /// When something in it may differ by the passing of time alone.
    until: Time,
}

/// What is to be made anew. The rest of a view costs next to nothing, and is always made.
#[derive(Clone, Debug, Default)]
struct Touched {
    everything: bool,
    incidents: BTreeSet<IncidentId>,
    pages: BTreeSet<PageId>,
    all_pages: bool,
    shifts: bool,
    ledger: bool,
    training: bool,
    playbook: bool,
}

impl Gallery {
    /// Everything, made for the first time.
    #[must_use]
    pub fn new(state: &State, now: Time) -> Self {
        let (around, touched) = (Around::of(state), Touched { everything: true, ..Touched::default() });
        let view = View::make(state, now, &around, None, &touched);
        Self { view, around, touched: Touched::default(), until: wake_at(state, now) }
    }

    /// The last view.
    #[must_use]
    pub fn view(&self) -> &View {
        &self.view
    }

    /// The same, to keep.
    #[must_use]
    pub fn into_view(self) -> View {
        self.view
    }

    /// Makes what differs at `now`; says whether anything does.
    pub fn renew(&mut self, state: &State, now: Time) -> bool {
        let mut touched = std::mem::take(&mut self.touched);
        touched.everything |= crate::reached(self.until, now, SLEEP_MAX);
        if touched.everything {
            self.around = Around::of(state);
            self.until = now + SLEEP_MAX;
        }
        let view = View::make(state, now, &self.around, Some(&self.view), &touched);
        self.until = self.until.min(wake_at(state, now));
        let differs = !view.shares(&self.view);
        self.view = view;
        differs
    }

    /// Everything may be another, as after reading what was kept.
    pub fn touch_everything(&mut self) {
        self.touched.everything = true;
    }

    /// Takes note of what a change is about to touch. `before` is the state without it.
    pub fn touch(&mut self, before: &State, change: &Change) {
        let it = &mut self.touched;
        if it.everything {
            return;
        }
        match change {
            Change::Page(page) => {
                let known = before.pages.get(&page.seen.id);
                it.page(before, &page.seen.id, page.grouped || known.is_some_and(|known| known.grouped));
            }
            Change::PageForgotten(id) => it.page(before, id, true),
            Change::Job(_, job) => it.pages.extend([job.task.page().0.clone()]),
            Change::JobGone(id) => it.pages.extend(before.jobs.get(id).map(|job| job.task.page().0.clone())),
            Change::Alarm(key, _) | Change::AlarmGone(key) => it.alarm(key),
            Change::Incident(id, incident) => it.incident(before, *id, incident),
            Change::Draft(id, _) | Change::DraftGone(id) => it.incidents.extend([*id]),
            Change::Publication(_, publication) => it.incidents.extend([publication.incident]),
            Change::PublicationGone(id) => it.incidents.extend(before.publications.get(id).map(|it| it.incident)),
            Change::Shift(id, shift) => {
                it.shifts = true;
                it.everything |= before.shifts.get(id).map(duty_of) != Some(duty_of(shift));
            }
            Change::Contact(..)
            | Change::ContactForgotten(_)
            | Change::Maintenance(..)
            | Change::MaintenanceForgotten(_) => (it.ledger, it.shifts) = (true, true),
            Change::NotMine(_) | Change::Kept(_) => it.ledger = true,
            Change::Training(..) | Change::TrainingGone(_) => it.training = true,
            Change::Source(name, source) => {
                it.everything |= before.sources[*name].key_refused != source.key_refused;
                it.shifts |= files_again(before);
            }
            Change::Session(session) => {
                it.session(&before.session, session);
                it.shifts |= files_again(before);
            }
            // Always made.
            Change::TakenOver(_) => {}
            // Rare, and about all that is shown.
            Change::IncidentForgotten(_)
            | Change::Errand(..)
            | Change::ErrandGone(_)
            | Change::ShiftForgotten(_)
            | Change::Tracker(_)
            | Change::StatusPage(_)
            | Change::Slack(_)
            | Change::Zendesk(_)
            | Change::OnCall(_)
            | Change::Settings(_)
            | Change::Account(_)
            | Change::Playbook(_) => it.everything = true,
        }
    }
}

impl Touched {
    /// A page differs: for its incident, too, and for those pages that share its alarm.
    fn page(&mut self, before: &State, id: &PageId, shares_alarm: bool) {
        self.pages.insert(id.clone());
        self.all_pages |= shares_alarm;
        // The first page tells where PagerDuty is, which is a place to open.
        self.playbook = true;
        let called = before.incidents.iter().filter(|(_, incident)| incident.pages.contains(id));
        self.incidents.extend(called.map(|(id, _)| *id));
        // While there is but one incident, what belongs to no other is its.
        self.everything |= open(before) < 2;
    }

    fn alarm(&mut self, key: &AlarmKey) {
        match key {
            AlarmKey::Page { page, .. } => self.pages.extend([page.clone()]),
            AlarmKey::MorePages => self.all_pages = true,
            AlarmKey::Update { incident, .. } => self.incidents.extend([*incident]),
            AlarmKey::Handover { .. } => self.shifts = true,
            AlarmKey::Maintenance { .. } => self.ledger = true,
            // Always made.
            AlarmKey::Blind { .. } | AlarmKey::Recovered { .. } | AlarmKey::Test => {}
        }
    }

    /// An incident differs: for its own card, its pages and the handover, and for all others where they see it.
    fn incident(&mut self, before: &State, id: IncidentId, incident: &Incident) {
        let known = before.incidents.get(&id);
        self.everything |= known.map(seen_by_others) != Some(seen_by_others(incident)) || open(before) < 2;
        self.incidents.insert(id);
        self.pages.extend(incident.pages.iter().cloned());
        self.shifts = true;
    }

    /// What lasts only while Herald runs changes with every answer, and seldom in what a card shows.
    fn session(&mut self, before: &Session, session: &Session) {
        let Session {
            mode,
            zone,
            awake_since,
            look_first_until,
            components,
            maintenances,
            oncall_fault,
            asked,
            tickets,
            store_fault,
            no_rules,
            // Always made, or not shown.
            watch: _,
            oncall_at: _,
            looks: _,
            words: _,
            channels: _,
            notices: _,
            ended: _,
        } = session;
        self.ledger |= *maintenances != before.maintenances;
        let same = *mode == before.mode
            && *zone == before.zone
            && *awake_since == before.awake_since
            && *look_first_until == before.look_first_until
            && *components == before.components
            && *oncall_fault == before.oncall_fault
            && *asked == before.asked
            && *tickets == before.tickets
            && *store_fault == before.store_fault
            && *no_rules == before.no_rules;
        self.everything |= !same;
    }
}

/// How many incidents go on.
fn open(state: &State) -> usize {
    state.incidents.values().filter(|incident| incident.open()).count()
}

/// What the cards of other incidents, and of pages that belong to none, go by.
fn seen_by_others(incident: &Incident) -> impl PartialEq + '_ {
    let issue = incident.issue.as_ref().map(|issue| (&issue.url, issue.iid, issue.confidential));
    let post = incident.post.as_ref().map(|post| (&post.id, &post.components));
    (incident.ended_at, issue, post, &incident.pages, &incident.apart)
}

/// Whether a handover waits for the tracker to answer again.
fn files_again(state: &State) -> bool {
    state.shifts.values().any(|shift| shift.handover.to_file.is_some())
}

/// What of a shift decides whether I answer or only watch.
fn duty_of(shift: &Shift) -> impl PartialEq + '_ {
    (shift.started_at, shift.ended_at, shift.role, shift.by_hand, shift.ended_by_hand)
}

impl View {
    /// The view at `now`: what was not touched is taken from the last one.
    fn make(state: &State, now: Time, around: &Around, last: Option<&Self>, touched: &Touched) -> Self {
        let last_whole = last.filter(|_| !touched.everything);
        let over = last_whole.filter(|_| !touched.incidents.iter().any(|id| is_over(state, *id)));
        let (pages, pages_more) = Pages { state, now, last, touched }.make();
        let cards = Cards { state, now, around, last, touched };
        let part = |touched: bool| last_whole.filter(|_| !touched);
        Self {
            mode: state.session.mode.clone(),
            sign: sign(state, now),
            hollow: hollow(state, now),
            shadow: super::shadowing(state, now),
            account: state.account.clone(),
            duty: super::duty(state, now),
            shifts: match part(touched.shifts) {
                Some(last) => Arc::clone(&last.shifts),
                None => keep(last.map(|last| &last.shifts), shifts::shifts(state, now)),
            },
            taken_over: state.taken_over.clone(),
            pages,
            pages_more,
            incidents: incidents::ongoing(state).map(|(id, it)| cards.card(id, it)).collect(),
            wrapping: match over {
                Some(last) => last.wrapping.clone(),
                None => stages::left(state, now).into_iter().map(|(id, it)| cards.card(id, it)).collect(),
            },
            ended: match over {
                Some(last) => Arc::clone(&last.ended),
                None => keep(last.map(|last| &last.ended), incidents::ended(state, now)),
            },
            writes: crate::ended::Writes::of(state),
            components: state.session.components.clone(),
            tracker: state.tracker.clone(),
            status_page: state.status_page.clone(),
            slack: state.slack.clone(),
            zendesk: super::tickets::zendesk(state),
            ledger: match part(touched.ledger) {
                Some(last) => Arc::clone(&last.ledger),
                None => keep(last.map(|last| &last.ledger), ledger::ledger(state, now)),
            },
            left: super::left(state),
            source: super::source(state, SourceName::PagerDuty, now),
            feeds: super::feeds(state, now),
            channels: super::channels(state),
            store_fault: state.session.store_fault.clone(),
            notices: state.session.notices.clone(),
            testing: state.alarms.get(&AlarmKey::Test).is_some_and(|alarm| !alarm.ending),
            settings: state.settings.clone(),
            training: match part(touched.training) {
                Some(last) => Arc::clone(&last.training),
                None => keep(last.map(|last| &last.training), training::training(state, now)),
            },
            playbook: match part(touched.playbook) {
                Some(last) => Arc::clone(&last.playbook),
                None => keep(last.map(|last| &last.playbook), playbook::playbook(state)),
            },
        }
    }
}

/// Whether what is shown of it stands among what is over.
fn is_over(state: &State, id: IncidentId) -> bool {
    state.incidents.get(&id).is_none_or(|incident| !incident.open())
}

/// What was shown before, where it is the same.
fn keep<T: PartialEq>(known: Option<&Arc<T>>, made: T) -> Arc<T> {
    match known {
        Some(known) if **known == made => Arc::clone(known),
        Some(_) | None => Arc::new(made),
    }
}

struct Pages<'a> {
    state: &'a State,
    now: Time,
    last: Option<&'a View>,
    touched: &'a Touched,
}

impl Pages<'_> {
    fn make(&self) -> (Vec<Arc<PageCard>>, u32) {
        let (open, more) = most_pressing(self.state, super::CARDS_MAX, self.now);
        // The same for all that share one alarm, and long in the saying when they are many.
        let known_quiet = OnceCell::new();
        let may_quiet = || *known_quiet.get_or_init(|| super::may_quiet_more(self.state, self.now));
        let card = |page: &Page| {
            let known = self.known(&page.seen.id);
            match known.filter(|_| !self.touches(&page.seen.id)) {
                Some(known) => Arc::clone(known),
                None => keep(known, super::card(self.state, page, may_quiet, self.now)),
            }
        };
        (open.into_iter().map(card).collect(), u32::try_from(more).unwrap_or(u32::MAX))
    }

    fn touches(&self, id: &PageId) -> bool {
        self.touched.everything || self.touched.all_pages || self.touched.pages.contains(id)
    }

    fn known(&self, id: &PageId) -> Option<&Arc<PageCard>> {
        self.last?.pages.iter().find(|card| card.id == *id)
    }
}

struct Cards<'a> {
    state: &'a State,
    now: Time,
    around: &'a Around,
    last: Option<&'a View>,
    touched: &'a Touched,
}

impl Cards<'_> {
    fn card(&self, id: IncidentId, incident: &Incident) -> Arc<IncidentCard> {
        let touched = self.touched.everything || self.touched.incidents.contains(&id);
        let known = self.known(id);
        match known.filter(|_| !touched) {
            Some(known) => Arc::clone(known),
            None => keep(known, incidents::card(self.state, self.around, id, incident, self.now)),
        }
    }

    fn known(&self, id: IncidentId) -> Option<&Arc<IncidentCard>> {
        // Both are in the order of the ids.
        let among = |cards: &'_ [Arc<IncidentCard>]| cards.binary_search_by_key(&id, |card| card.id).ok();
        let last = self.last?;
        let wrapping = || among(&last.wrapping).map(|place| &last.wrapping[place]);
        among(&last.incidents).map(|place| &last.incidents[place]).or_else(wrapping)
    }
}
