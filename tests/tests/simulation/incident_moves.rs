//! What the user does about incidents, and how likely it is.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use herald_core::draft::PublishStage;
use herald_core::feed::{PageKind, StatusPage, Tracker};
use herald_core::incident::Own;
use herald_core::{AlarmKey, Command, Incident, IncidentId, IncidentWish, Input, Phase, Severity, SourceName, Text};
use herald_core::{TokenPlace, draft::ReadBackPost};
use proptest::prelude::*;

use crate::herald::{Herald, Message};
use crate::page_world::{PublicMove, TROUBLES, impact, link, title, trouble_in};
use crate::public_model::FEEDS;
use crate::tickets::zendesk;

/// What the user does; cards and attempts are chosen among those that Herald knows.
#[derive(Clone, Copy, Debug)]
pub enum Deed {
    Open(u8, Option<Severity>),
    Decide(usize, bool),
    Rate(usize, Option<Severity>),
    Write(usize, Phase, Option<i64>),
    Publish(usize, Phase, Option<i64>),
    PublishSame(usize),
    PublishDraft(usize),
    Discard(usize),
    Review(usize),
    PostByHand(usize, Phase, Option<i64>, i64),
    Promise(usize, Option<i64>),
    End(usize, bool),
    Tick(usize, usize),
    Untick(usize, usize),
    Skip(usize, usize),
    Recurred(usize, bool),
    Look(usize),
    Label(usize),
    Quiet(usize),
    Connect(SourceName),
    Disconnect(SourceName),
}

impl Herald {
    /// A connected Herald with tracker, status page and Zendesk.
    pub fn with_feeds() -> Self {
        let mut it = Self::new();
        FEEDS.into_iter().for_each(|source| it.connect_feed(source));
        it.tell(Message::Input(Input::ZendeskConnected(zendesk())));
        it
    }

    /// The user does it, if it can be done.
    pub fn deed(&mut self, deed: Deed) {
        match deed {
            Deed::Open(n, severity) => self.open_card(n, severity),
            Deed::Decide(nth, yes) => self.wish(nth, |incident, _| IncidentWish::Decide { incident, yes }),
            Deed::Rate(nth, severity) => self.wish(nth, |incident, it| {
                let own = Own { severity, ..it.own.clone() };
                IncidentWish::Correct { incident, own }
            }),
            Deed::Write(nth, phase, promise) => {
                let n = self.next_text();
                self.wish(nth, |incident, it| IncidentWish::Write { incident, text: text(n, it, phase, promise) });
            }
            Deed::Publish(nth, phase, promise) => {
                let n = self.next_text();
                self.wish(nth, |incident, it| IncidentWish::Publish {
                    incident,
                    text: text(n, it, phase, promise),
                    seen: None,
                });
            }
            Deed::PublishSame(nth) => self.wish(nth, |incident, it| {
                let n = trouble_of(it).expect("every card has its issue");
                let text = text(0, it, Phase::Identified, None).saying(&format!("Nothing new. {}", link(n)));
                IncidentWish::Publish { incident, text, seen: None }
            }),
            Deed::PublishDraft(nth) => {
                let drafts: Vec<_> = self.state.drafts.iter().map(|(id, it)| (*id, it.text.clone())).collect();
                if let Some((incident, text)) = nth.checked_rem(drafts.len()).and_then(|nth| drafts.get(nth)).cloned() {
                    self.do_wish(IncidentWish::Publish { incident, text, seen: None });
                }
            }
            Deed::Discard(nth) => self.wish(nth, |incident, _| IncidentWish::Discard { incident }),
            Deed::Review(nth) => {
                self.wish(nth, |incident, _| IncidentWish::Asked { incident });
                self.wish(nth, |incident, _| IncidentWish::Agreed { incident });
            }
            Deed::PostByHand(nth, phase, promise, ago_s) => self.post_by_hand(nth, phase, promise, ago_s),
            Deed::Promise(nth, minutes) => {
                let now = self.now();
                let due_at = minutes.map(|minutes| now + TimeDelta::minutes(minutes));
                self.wish(nth, |incident, _| IncidentWish::Promise { incident, due_at });
            }
            Deed::End(nth, yes) => self.wish(nth, |incident, _| IncidentWish::End { incident, yes }),
            Deed::Tick(nth, task) => self.about_task(nth, task, |incident, task| IncidentWish::Tick { incident, task }),
            Deed::Untick(nth, task) => {
                self.about_task(nth, task, |incident, task| IncidentWish::Untick { incident, task });
            }
            Deed::Skip(nth, task) => self.about_task(nth, task, |incident, task| {
                let reason = "The lead said so".into();
                IncidentWish::Skip { incident, task, reason }
            }),
            Deed::Recurred(nth, yes) => self.wish(nth, |incident, _| IncidentWish::Recurred { incident, yes }),
            Deed::Look(nth) => self.look_at_the_page(nth),
            Deed::Label(nth) => self.wish(nth, |incident, _| IncidentWish::Label { incident }),
            Deed::Quiet(nth) => {
                let is_update = |key: &&AlarmKey| matches!(key, AlarmKey::Update { .. });
                let keys: Vec<AlarmKey> = self.state.alarms.keys().filter(is_update).cloned().collect();
                if let Some(alarm) = nth.checked_rem(keys.len()).and_then(|nth| keys.get(nth)).cloned() {
                    self.tell(Message::User(Command::Quiet { alarm }));
                }
            }
            Deed::Connect(source) => self.connect_feed(source),
            Deed::Disconnect(source) => self.tell(Message::User(Command::DisconnectFeed { source })),
        }
    }

    /// The user connects a feed.
    pub fn connect_feed(&mut self, source: SourceName) {
        self.tell(Message::Input(match source {
            SourceName::Tracker | SourceName::PagerDuty => Input::TrackerConnected(tracker()),
            SourceName::StatusPage => Input::StatusPageConnected(status_page()),
        }));
    }

    /// Nobody enters by hand what is on the screen already.
    fn open_card(&mut self, n: u8, severity: Option<Severity>) {
        let known = self.state.incidents.values().any(|it| it.open() && trouble_of(it) == Some(n));
        if !known {
            let own = Own { title: Some(title(n)), severity, issue_url: Some(link(n)), ..Own::default() };
            self.do_wish(IncidentWish::Open { own, page: None });
        }
    }

    /// The user posts on the website and then says so, with the time as remembered.
    fn post_by_hand(&mut self, nth: usize, phase: Phase, promise: Option<i64>, ago_s: i64) {
        let Some((incident, card)) = self.card(nth) else { return };
        if !card.open() || self.skew.abs() > TimeDelta::minutes(5) {
            return;
        }
        // Nobody does two things at one moment.
        self.world.now += TimeDelta::milliseconds(1);
        let text = text(self.next_text(), &card, phase, promise);
        let n = trouble_in(&text.body).expect("it links its issue");
        self.world.public.post_by_hand(n, &text, self.world.now);
        self.do_wish(IncidentWish::PostedByHand { incident, text, at: self.now() - TimeDelta::seconds(ago_s) });
    }

    /// The user looks whether an attempt with an unknown answer is on the page, and says what is there.
    fn look_at_the_page(&mut self, nth: usize) {
        let unsure = self.state.publications.iter().filter(|(_, it)| matches!(it.stage, PublishStage::Unsure { .. }));
        let unsure: Vec<_> = unsure.map(|(id, it)| (*id, it.clone())).collect();
        if let Some((publication, it)) = nth.checked_rem(unsure.len()).and_then(|nth| unsure.get(nth)) {
            let yes = matches!(self.world.public.find(it), ReadBackPost::There { .. });
            self.do_wish(IncidentWish::WasPublished { publication: *publication, yes });
        }
    }

    fn wish(&mut self, nth: usize, wish: impl FnOnce(IncidentId, &Incident) -> IncidentWish) {
        if let Some((id, incident)) = self.card(nth) {
            self.do_wish(wish(id, &incident));
        }
    }

    fn about_task(&mut self, nth: usize, task: usize, wish: impl FnOnce(IncidentId, String) -> IncidentWish) {
        let tasks: Vec<&str> =
            self.state.playbook.stages.iter().flat_map(|it| &it.tasks).map(|it| it.id.as_str()).collect();
        if let Some(task) = task.checked_rem(tasks.len()).map(|task| tasks[task].to_owned()) {
            self.wish(nth, |incident, _| wish(incident, task));
        }
    }

    fn do_wish(&mut self, wish: IncidentWish) {
        self.tell(Message::User(Command::Incident { wish: Box::new(wish) }));
    }

    fn card(&self, nth: usize) -> Option<(IncidentId, Incident)> {
        let nth = nth.checked_rem(self.state.incidents.len())?;
        self.state.incidents.iter().nth(nth).map(|(id, incident)| (*id, incident.clone()))
    }

    fn next_text(&mut self) -> u32 {
        self.witness.texts += 1;
        self.witness.texts
    }
}

/// A text that was never written before.
fn text(number: u32, incident: &Incident, phase: Phase, promise: Option<i64>) -> Text {
    let n = trouble_of(incident).expect("every card has its issue");
    // Some promise without meaning it: the tick is off.
    let promised = promise.map_or(String::new(), |minutes| format!(" Next update in {} minutes.", minutes.abs()));
    Text {
        title: title(n),
        body: format!("I tell number {number}.{promised} {}", link(n)),
        phase,
        impact: Some(impact(phase)),
        components: BTreeSet::new(),
        promise: promise.is_some_and(|minutes| minutes > 0),
        muted: BTreeSet::new(),
    }
}

/// Which trouble a card is about.
pub fn trouble_of(incident: &Incident) -> Option<u8> {
    let texts = incident.post.iter().flat_map(|post| post.updates.iter().map(|update| update.text.as_str()));
    let own = incident.own.issue_url.as_deref().or(incident.issue.as_ref().map(|issue| issue.url.as_str()));
    own.into_iter().chain(texts).find_map(trouble_in)
}

/// The tracker that is connected.
pub fn tracker() -> Tracker {
    Tracker {
        base_url: "https://tracker.example/api/v4".into(),
        project: "ops".into(),
        user: Some("elena".into()),
        token: Some(TokenPlace::Keychain),
        can_write: true,
    }
}

/// The status page that is connected, to read and to write.
pub fn status_page() -> StatusPage {
    StatusPage {
        kind: PageKind::StatusIo,
        api_url: "https://status.example/v2".into(),
        feed_url: "https://status.example/1.0".into(),
        public_url: "https://status.example".into(),
        page_id: "page".into(),
        token: Some(TokenPlace::Keychain),
    }
}

/// What happens at tracker and status page.
pub fn public_move() -> impl Strategy<Value = PublicMove> {
    let n = || 0..TROUBLES;
    prop_oneof![
        5 => (n(), severity()).prop_map(|(n, severity)| PublicMove::Declare(n, severity)),
        3 => (n(), severity()).prop_map(|(n, severity)| PublicMove::Rate(n, severity)),
        1 => n().prop_map(PublicMove::CloseIssue),
        2 => n().prop_map(PublicMove::Relabel),
        1 => (n(), any::<bool>()).prop_map(|(n, hide)| PublicMove::Hide(n, hide)),
        6 => (n(), phase()).prop_map(|(n, phase)| PublicMove::Post(n, phase)),
        2 => n().prop_map(PublicMove::PostSame),
        1 => prop_oneof![Just(0_i64), 1..300_i64].prop_map(PublicMove::Lag),
        2 => (1..90_i64, 30..600_i64).prop_map(|(for_s, by_s)| PublicMove::Stale { for_s, by_s }),
    ]
}

/// What the user does.
pub fn deed() -> impl Strategy<Value = Deed> {
    let nth = || 0..3_usize;
    let feed = || prop_oneof![Just(SourceName::Tracker), Just(SourceName::StatusPage)];
    let promise = || {
        let minutes = prop_oneof![4 => 2..90_i64, 1 => -20..-5_i64];
        prop::option::weighted(0.4, minutes)
    };
    prop_oneof![
        4 => (0..TROUBLES, severity()).prop_map(|(n, severity)| Deed::Open(n, severity)),
        3 => (nth(), prop::bool::weighted(0.9)).prop_map(|(nth, yes)| Deed::Decide(nth, yes)),
        2 => (nth(), severity()).prop_map(|(nth, severity)| Deed::Rate(nth, severity)),
        5 => (nth(), phase(), promise()).prop_map(|(nth, phase, promise)| Deed::Write(nth, phase, promise)),
        8 => (nth(), phase(), promise()).prop_map(|(nth, phase, promise)| Deed::Publish(nth, phase, promise)),
        6 => nth().prop_map(Deed::PublishSame),
        4 => nth().prop_map(Deed::PublishDraft),
        1 => nth().prop_map(Deed::Discard),
        1 => nth().prop_map(Deed::Review),
        3 => (nth(), phase(), promise(), 0..100_i64)
            .prop_map(|(nth, phase, promise, ago_s)| Deed::PostByHand(nth, phase, promise, ago_s)),
        1 => (nth(), prop::option::of(2..60_i64)).prop_map(|(nth, minutes)| Deed::Promise(nth, minutes)),
        1 => (nth(), any::<bool>()).prop_map(|(nth, yes)| Deed::End(nth, yes)),
        2 => (nth(), 0..40_usize).prop_map(|(nth, task)| Deed::Tick(nth, task)),
        1 => (nth(), 0..40_usize).prop_map(|(nth, task)| Deed::Untick(nth, task)),
        1 => (nth(), 0..40_usize).prop_map(|(nth, task)| Deed::Skip(nth, task)),
        1 => (nth(), prop::bool::weighted(0.7)).prop_map(|(nth, yes)| Deed::Recurred(nth, yes)),
        2 => nth().prop_map(Deed::Look),
        4 => nth().prop_map(Deed::Label),
        4 => nth().prop_map(Deed::Quiet),
        2 => feed().prop_map(Deed::Connect),
        1 => feed().prop_map(Deed::Disconnect),
    ]
}

fn severity() -> impl Strategy<Value = Option<Severity>> {
    prop::option::weighted(0.7, prop::sample::select(&Severity::ALL[..]))
}

fn phase() -> impl Strategy<Value = Phase> {
    prop_oneof![
        4 => Just(Phase::Investigating),
        4 => Just(Phase::Identified),
        3 => Just(Phase::Monitoring),
        1 => Just(Phase::Resolved),
    ]
}
