//! What happened in a practice event, as far as it is measured: read from Herald's own state, with what only the
//! practice world knows put in by whoever runs it.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::Time;
use crate::cadence;
use crate::incident::{Held, Incident};
use crate::page::{Gone, Page};
use crate::phase::{Phase, Severity};
use crate::post::promise;
use crate::shadow::{Standing, standing};
use crate::stage::TickSays;
use crate::state::State;

/// What happened in a practice event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// When it began.
    pub began_at: Time,
    /// When it was ended.
    pub ended_at: Time,
    /// The time within which a page is to be taken (H21).
    pub target: TimeDelta,
    /// Pages that called me.
    pub pages: Vec<PageFacts>,
    /// Incidents that the public was to be told of.
    pub incidents: Vec<IncidentFacts>,
    /// Pages of incidents of which it was decided that the public is not told.
    pub declined: BTreeSet<String>,
    /// The handover of the shift.
    pub handover: Expected,
    /// What was said and asked, for the timeline.
    pub heard: Vec<(Time, String)>,
}

/// One occurrence of a page that called me.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageFacts {
    /// PagerDuty's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// When it was triggered.
    pub triggered_at: Time,
    /// Who took it first.
    pub taken: Option<Deed>,
    /// Who closed it.
    pub closed: Option<Deed>,
    /// When it left untaken: closed by itself, or moved on to somebody else.
    pub left_at: Option<Time>,
}

/// Something that somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// When.
    pub at: Time,
    /// Whether it was me.
    pub by_me: bool,
}

/// An incident that the public was to be told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentFacts {
    /// Its title.
    pub title: String,
    /// Pages that called for it.
    pub pages: Vec<String>,
    /// Whether the public was to be told.
    pub public: bool,
    /// When the first update was due.
    pub first_due: Option<Time>,
    /// What was published, oldest first.
    pub updates: Vec<UpdateFacts>,
    /// When it was over.
    pub ended_at: Option<Time>,
    /// The stakeholders' thread.
    pub stakeholders: Expected,
}

/// One published update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateFacts {
    /// When it was published.
    pub at: Time,
    /// The phase it told, if it told one.
    pub phase: Option<Phase>,
    /// Whether I published it.
    pub mine: bool,
    /// When the next was due after it.
    pub next_due: Option<Time>,
}

/// Something that is expected, and whether it was seen to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Nothing tells whether it was done, or it was not expected.
    Unseen,
    /// It was not done.
    Missing,
    /// It was done then.
    Done(Time),
}

/// What only the practice world knows: each occurrence of a page, and what was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witness {
    /// Occurrences of pages, whoever they called.
    pub pages: Vec<PageFacts>,
    /// What was said and asked.
    pub heard: Vec<(Time, String)>,
}

impl PageFacts {
    /// An occurrence; one that was closed untaken has left.
    #[must_use]
    pub fn of(id: &str, title: &str, triggered_at: Time, taken: Option<Deed>, closed: Option<Deed>) -> Self {
        let left_at = closed.as_ref().filter(|_| taken.is_none()).map(|closed| closed.at);
        Self { id: id.into(), title: title.into(), triggered_at, taken, closed, left_at }
    }
}

impl Facts {
    /// The same with what the practice world knows better: of the pages that called me, every occurrence.
    #[must_use]
    pub fn seen_by(self, witness: Witness) -> Self {
        let mine = |page: &PageFacts| self.pages.iter().any(|known| known.id == page.id);
        let pages = witness.pages.into_iter().filter(mine).collect();
        let heard = self.heard.into_iter().chain(witness.heard).collect();
        Self { pages, heard, ..self }
    }

    /// What Herald's own state tells of the time since `began_at`.
    #[must_use]
    pub fn of(state: &State, began_at: Time, now: Time) -> Self {
        // PagerDuty tells whole seconds, so a page of the first second may seem older than the event.
        let from = began_at - TimeDelta::seconds(1);
        let mine = |page: &&Page| {
            page.seen.triggered_at > from
                && !page.requested
                && !matches!(standing(state, page, now), Standing::Shadow { .. })
        };
        let (declined, incidents): (Vec<&Incident>, Vec<&Incident>) =
            state.incidents.values().partition(|it| it.declined_at.is_some());
        let ids = |it: &Incident| it.pages.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>();
        Self {
            began_at,
            ended_at: now,
            target: state.playbook.target(),
            pages: state.pages.values().filter(mine).map(|page| of_page(state, page)).collect(),
            incidents: incidents.into_iter().map(|it| of_incident(state, it, began_at)).collect(),
            declined: declined.into_iter().flat_map(ids).collect(),
            handover: handover(state, began_at),
            heard: vec![],
        }
    }
}

fn of_page(state: &State, page: &Page) -> PageFacts {
    let me = state.account.as_ref().map(|account| account.user_id.as_str());
    let seen = &page.seen;
    let by_me = seen.taken_by.as_ref().is_some_and(|by| Some(by.id.as_str()) == me);
    let taken = seen.taken_at.map(|at| Deed { at, by_me });
    // Who closed it, PagerDuty does not say: whoever had it.
    let closed =
        page.gone.as_ref().filter(|(why, _)| matches!(why, Gone::Closed)).map(|(_, at)| Deed { at: *at, by_me });
    let left_at = page.gone.as_ref().filter(|_| taken.is_none()).map(|(_, at)| *at);
    let (id, title) = (seen.id.as_str().to_owned(), seen.title.clone());
    PageFacts { id, title, triggered_at: seen.triggered_at, taken, closed, left_at }
}

fn of_incident(state: &State, incident: &Incident, began_at: Time) -> IncidentFacts {
    let due = |phase, from| cadence::due_as_held(incident, &state.playbook.updates, phase, from);
    let published = incident.published();
    let grave = |held: &Held| held.severity.is_some_and(|severity| severity <= Severity::S2);
    let grave_since = incident.severities().into_iter().find(grave).map(|held| held.since);
    let public = incident.decided_at.is_some() || grave_since.is_some() || !published.is_empty();
    let from = incident.decided_at.or(grave_since).unwrap_or(incident.since).max(began_at);
    let first_due = due(Phase::Investigating, from).filter(|_| public);
    let by_hand = incident.promise.as_ref().filter(|promise| incident.promised_last(promise));
    let last_at = published.last().map(|update| update.at);
    let next_due = |at: Time, phase: Option<Phase>, text: &str| {
        let by_hand = by_hand.filter(|_| Some(at) == last_at).map(|promise| promise.due_at);
        let promised = by_hand.or_else(|| promise::found(text, at).map(|found| found.due));
        due(phase?, at).map(|due_at| promised.unwrap_or(due_at))
    };
    let updates = published.into_iter().map(|update| UpdateFacts {
        next_due: next_due(update.at, update.phase, &update.text),
        at: update.at,
        phase: update.phase,
        mine: update.mine,
    });
    IncidentFacts {
        title: incident.title().to_owned(),
        pages: incident.pages.iter().map(|id| id.as_str().to_owned()).collect(),
        public,
        first_due,
        updates: updates.collect(),
        ended_at: incident.ended_at,
        stakeholders: stakeholders(state, incident),
    }
}

/// Whoever reads the public page is told; stakeholders then have a thread, unless it was left out with a reason (H51).
fn stakeholders(state: &State, incident: &Incident) -> Expected {
    let task = &state.playbook.kpi.stakeholder_task;
    let tick = incident.ticks.get(task).map(|tick| (tick.at, &tick.says));
    match tick {
        Some((at, TickSays::Done)) => Expected::Done(at),
        Some((_, TickSays::Skipped { .. })) => Expected::Unseen,
        Some((_, TickSays::Open)) | None if task.is_empty() || !incident.public() => Expected::Unseen,
        Some((_, TickSays::Open)) | None => Expected::Missing,
    }
}

/// Only where a shift is known, a handover is expected.
fn handover(state: &State, began_at: Time) -> Expected {
    let done = state.shifts.values().filter_map(|shift| shift.handover.done_at).filter(|at| *at >= began_at).max();
    match done {
        Some(at) => Expected::Done(at),
        None if state.shifts.is_empty() => Expected::Unseen,
        None => Expected::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Update;
    use crate::page::{Named, PageId};
    use crate::shift::{Role, Shift};
    use crate::state::tests::{at, connected, entry, page};

    fn update(minutes: i64, phase: Phase, text: &str) -> Update {
        Update { at: at(minutes), phase: Some(phase), impact: None, text: text.into(), mine: true }
    }

    /// Investigating at S1 every 10 minutes, unless an update promised another time.
    #[test]
    fn due_times_follow_table_and_promise() {
        let mut state = connected();
        let mut incident = Incident::new(at(0));
        incident.own.severity = Some(Severity::S1);
        incident.decided_at = Some(at(2));
        incident.updates = vec![
            update(5, Phase::Investigating, "Looking."),
            update(12, Phase::Investigating, "Still looking. Next update in 30 minutes."),
            update(40, Phase::Resolved, "Over."),
        ];
        state.incidents.insert(1, incident);
        let facts = Facts::of(&state, at(0), at(60));
        let told = &facts.incidents[0];
        assert_eq!(told.first_due, Some(at(12)));
        let due: Vec<Option<Time>> = told.updates.iter().map(|it| it.next_due).collect();
        assert_eq!(due, [Some(at(15)), Some(at(42)), None]);
    }

    /// S1 wants an update every 10 minutes, S3 every 30 once the cause is known.
    #[test]
    fn an_interval_is_as_long_as_the_severity_of_its_time_allowed() {
        use Severity::{S1, S3};
        for (name, severities, last, kept, of) in [
            ("never changed", vec![S1], 45, 3, 4),
            ("raised: what came before had time", vec![S3, S1], 45, 4, 4),
            ("raised, and then too late", vec![S3, S1], 49, 3, 4),
            ("lowered: what came before had none", vec![S1, S3], 45, 3, 4),
            ("lowered, and then there was time", vec![S1, S3], 68, 3, 4),
            ("lowered, and too late even so", vec![S1, S3], 70, 2, 4),
        ] {
            let mut state = connected();
            let mut incident = Incident::new(at(0));
            incident.decided_at = Some(at(0));
            incident.own.severity = severities.first().copied();
            if let Some(then) = severities.get(1) {
                incident.own.severity = Some(*then);
                incident.note_severity(severities.first().copied(), at(36));
            }
            let (identified, resolved) = (Phase::Identified, Phase::Resolved);
            let updates = [(9, identified), (28, identified), (38, identified), (last, resolved)];
            incident.updates =
                updates.map(|(minutes, phase)| update(minutes, phase, &format!("As of {minutes}."))).into();
            state.incidents.insert(1, incident);
            let score = crate::training::score(&Facts::of(&state, at(0), at(90)));
            let updates = score.kpis.iter().find(|kpi| kpi.kind == crate::training::score::KpiKind::Updates);
            assert_eq!(updates.map(|kpi| (kpi.kept, kpi.of)), Some((kept, of)), "{name}");
        }
    }

    #[test]
    fn what_nobody_needs_to_hear_is_not_due() {
        let mut state = connected();
        let mut mild = Incident::new(at(0));
        mild.own.severity = Some(Severity::S4);
        let declined = Incident { declined_at: Some(at(1)), ..Incident::new(at(0)) };
        state.incidents.extend([(1, mild), (2, declined)]);
        let facts = Facts::of(&state, at(0), at(60));
        assert_eq!(facts.incidents.iter().map(|it| (it.public, it.first_due)).collect::<Vec<_>>(), [(false, None)]);
    }

    #[test]
    fn pages_say_who_took_them() {
        let mut state = connected();
        state.oncall.known_at = Some(at(0));
        state.oncall.entries = vec![entry("PRIMARY", "POLICY", 0, 600)];
        let me = Named { id: "ME".into(), name: "Elena".into() };
        let other = Named { id: "PD".into(), name: "Dana".into() };
        for (id, by) in [("MINE", Some(me)), ("THEIRS", Some(other)), ("NOBODYS", None)] {
            let mut it = page(id, 5);
            let seen = std::sync::Arc::make_mut(&mut it.seen);
            (seen.taken_at, seen.taken_by) = (by.as_ref().map(|_| at(9)), by);
            state.pages.insert(PageId::new(id), it);
        }
        state.pages.insert(PageId::new("OLD"), page("OLD", 1));
        let facts = Facts::of(&state, at(2), at(60));
        let told: Vec<(&str, Option<bool>)> =
            facts.pages.iter().map(|it| (it.id.as_str(), it.taken.as_ref().map(|taken| taken.by_me))).collect();
        assert_eq!(told, [("MINE", Some(true)), ("NOBODYS", None), ("THEIRS", Some(false))]);
        state.settings.shadow = true;
        assert_eq!(Facts::of(&state, at(2), at(60)).pages, [], "a trainee who watches takes nothing");
    }

    #[test]
    fn the_practice_world_knows_every_occurrence_of_my_pages() {
        let deed = |minutes, by_me| Some(Deed { at: at(minutes), by_me });
        let of = |id: &str, minutes, taken, closed| PageFacts::of(id, "t", at(minutes), taken, closed);
        let known = Facts { pages: vec![of("MINE", 20, None, None)], ..Facts::of(&connected(), at(0), at(60)) };
        let witness = Witness {
            pages: vec![
                of("MINE", 1, deed(2, true), deed(9, true)),
                of("THEIRS", 3, None, None),
                of("MINE", 20, None, deed(30, false)),
            ],
            heard: vec![(at(4), "Ruth: Go ahead.".into())],
        };
        let facts = known.clone().seen_by(witness.clone());
        let told: Vec<_> = facts.pages.iter().map(|it| (it.triggered_at, it.left_at)).collect();
        assert_eq!(told, [(at(1), None), (at(20), Some(at(30)))], "twice, and the second went untaken");
        assert_eq!((facts.heard, facts.handover), (witness.heard, known.handover));
    }

    #[test]
    fn a_handover_is_expected_of_a_shift() {
        let mut state = connected();
        let handover = |state: &State| Facts::of(state, at(10), at(60)).handover;
        assert_eq!(handover(&state), Expected::Unseen);
        state.shifts.insert(1, Shift::new(at(0), None, Role::OnCall, false));
        assert_eq!(handover(&state), Expected::Missing);
        state.shifts.get_mut(&1).expect("there").handover.done_at = Some(at(5));
        assert_eq!(handover(&state), Expected::Missing, "that was before");
        state.shifts.get_mut(&1).expect("there").handover.done_at = Some(at(50));
        assert_eq!(handover(&state), Expected::Done(at(50)));
    }
}
