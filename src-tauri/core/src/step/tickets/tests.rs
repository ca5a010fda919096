//! When tickets are counted, and what a failure changes.

use chrono::TimeDelta;

use super::*;
use crate::account::TokenPlace;
use crate::due::{Action, due, wake_at};
use crate::incident::{IncidentWish, Own};
use crate::state::tests::{at, connected};
use crate::view::tickets::TicketsView;
use crate::zendesk::ZendeskRules;
use crate::{SourceName, view};

struct Story(State);

impl Story {
    /// A Herald whose playbook knows how tickets are tagged, with a Zendesk.
    fn new() -> Self {
        let mut state = connected();
        let mut rules = (*state.playbook).clone();
        rules.zendesk = ZendeskRules {
            tag: "com_incident_{iid}".into(),
            untagged: "created>{hours}hours -tags:{tag}".into(),
            hours: 4,
            poll_s: 180,
            ..ZendeskRules::default()
        };
        state.playbook = Arc::new(rules);
        let mut story = Self(state);
        story.put(Input::ZendeskConnected(desk()), 0);
        story
    }

    fn put(&mut self, input: Input, minutes: i64) {
        for change in step(&self.0, input, at(minutes)) {
            self.0.apply(&change);
        }
    }

    fn wish(&mut self, wish: IncidentWish, minutes: i64) {
        self.put(Input::User(Command::Incident { wish: Box::new(wish) }), minutes);
    }

    /// Opens an incident with an issue's number, or without one.
    fn open(&mut self, iid: Option<u64>, minutes: i64) -> IncidentId {
        let issue_url = iid.map(|iid| format!("https://tracker.example/a/-/issues/{iid}"));
        let own = Own { title: Some("Sign-in fails".into()), issue_url, ..Own::default() };
        self.wish(IncidentWish::Open { own, page: None }, minutes);
        self.0.next_incident - 1
    }

    fn counted(&mut self, incident: IncidentId, result: Result<u64, Fault>, minutes: i64) {
        self.put(Input::TicketsCounted(incident, result), minutes);
    }

    fn due(&self, minutes: i64) -> Vec<IncidentId> {
        let counts = |action| if let Action::CountTickets(id) = action { Some(id) } else { None };
        due(&self.0, at(minutes)).into_iter().filter_map(counts).collect()
    }

    fn shown(&self, minutes: i64) -> Option<TicketsView> {
        view(&self.0, at(minutes)).incidents[0].stages.tickets.clone()
    }
}

fn desk() -> Zendesk {
    let (base_url, email) = ("https://desk.example".into(), "ada@desk.example".into());
    Zendesk { base_url, email, token: TokenPlace::Keychain }
}

fn fault(kind: FaultKind) -> Result<u64, Fault> {
    Err(Fault::new(kind, "HTTP"))
}

#[test]
fn it_is_asked_only_while_an_incident_is_open_and_no_more_often_than_said() {
    let mut story = Story::new();
    assert_eq!(story.due(1), vec![] as Vec<IncidentId>, "nothing is open");
    let id = story.open(Some(7), 1);
    assert_eq!(story.due(1), [id], "at once");
    assert_eq!(story.shown(1), None, "nothing is known yet");
    story.counted(id, Ok(7), 1);
    for (minutes, expected) in [(1, vec![]), (3, vec![]), (4, vec![id]), (40, vec![id])] {
        assert_eq!(story.due(minutes), expected, "after {minutes} min");
    }
    let told = TicketsView { count: Some(7), at: Some(at(1)), old_at: Some(at(7)), fault: None };
    assert_eq!(story.shown(3), Some(told));
    story.counted(id, fault(FaultKind::Server), 4);
    assert_eq!((story.due(6), story.due(7)), (vec![], vec![id]), "a failure is not repeated sooner");
    story.wish(IncidentWish::End { incident: id, yes: true }, 7);
    assert_eq!(story.due(60), vec![] as Vec<IncidentId>, "it is over");
    assert_eq!(story.0.session.tickets, Tickets::default(), "nothing of it is left");
    let id = story.open(None, 8);
    assert_eq!(story.due(60), vec![] as Vec<IncidentId>, "without a number there is no tag to look for: {id}");
}

#[test]
fn an_answer_on_its_way_hides_no_other_count() {
    let mut story = Story::new();
    let first = story.open(Some(7), 0);
    story.counted(first, Ok(1), 0);
    story.open(Some(8), 1);
    let soon = at(3) - chrono::TimeDelta::seconds(5);
    assert_eq!(crate::wake_at(&story.0, soon), at(3), "the second is under way, the first is due");
}

#[test]
fn the_search_is_one_of_tickets_and_reaches_back_far_enough() {
    let mut story = Story::new();
    let id = story.open(Some(7), 0);
    for (minutes, expected) in [(1, "created>4hours"), (600, "created>10hours")] {
        let query = zendesk::query(&story.0, id, &story.0.incidents[&id], at(minutes));
        assert_eq!(query, Some(format!("type:ticket {expected} -tags:com_incident_7")));
    }
}

#[test]
fn the_newest_are_counted_in_a_storm() {
    let mut story = Story::new();
    let ids: Vec<IncidentId> = (0..7).map(|nth| story.open(Some(10 + nth), 1 + nth.cast_signed())).collect();
    let mut newest = ids[2..].to_vec();
    newest.reverse();
    assert_eq!(story.due(9), newest);
}

#[test]
fn a_pause_is_honoured_by_all_and_never_without_end() {
    let mut story = Story::new();
    let first = story.open(Some(7), 1);
    let limited = |retry_at| Err(Fault { retry_at: Some(retry_at), ..Fault::new(FaultKind::RateLimited, "HTTP 429") });
    story.counted(first, limited(at(3)), 1);
    let second = story.open(Some(8), 2);
    assert_eq!((story.due(2), story.due(3)), (vec![], vec![second]), "the pause holds for every incident");
    assert!(wake_at(&story.0, at(3) - TimeDelta::seconds(5)) <= at(3), "and ends in time");
    story.counted(second, limited(at(600)), 3);
    assert_eq!(story.due(4), [first], "a pause longer than any is none");
    story.counted(first, Ok(3), 4);
    assert_eq!(story.shown(4).and_then(|it| it.fault), None, "an answer ends what was wrong");
}

#[test]
fn a_refused_key_is_tried_twice_and_alarms_nobody() {
    let mut story = Story::new();
    let id = story.open(Some(7), 1);
    let alarms = story.0.alarms.clone();
    for (minutes, refused, due) in [(1, false, vec![id]), (5, true, vec![])] {
        story.counted(id, fault(FaultKind::Unauthorized), minutes);
        assert_eq!(story.0.session.tickets.key_refused(), refused);
        assert_eq!(story.due(minutes + 4), due, "after {minutes} min");
    }
    assert_eq!(story.0.alarms, alarms, "no alarm");
    let calm = [SourceName::PagerDuty, SourceName::Tracker, SourceName::StatusPage]
        .iter()
        .all(|source| story.0.session.watch[*source].fault.is_none());
    assert!(calm, "and no source is blamed");
    story.put(Input::ZendeskConnected(desk()), 10);
    assert_eq!(story.due(10), [id], "another key is tried at once");
    story.put(Input::User(Command::DisconnectZendesk), 11);
    assert_eq!((story.due(60), &story.0.zendesk), (vec![], &None));
    assert_eq!(story.shown(11), None);
}

#[test]
fn a_clock_that_ran_ahead_makes_no_count_fresh_and_none_late() {
    let mut story = Story::new();
    let id = story.open(Some(7), 1);
    story.counted(id, Ok(2), 600);
    story.put(Input::Ticked, 10);
    assert_eq!(story.shown(10).and_then(|it| it.at), Some(at(10)));
    assert_eq!(story.due(10), [id]);
}

#[test]
fn answers_of_another_zendesk_are_of_another_era() {
    for input in [Input::ZendeskConnected(desk()), Input::User(Command::DisconnectZendesk)] {
        assert!(input.begins_era(), "{input:?}");
    }
}
