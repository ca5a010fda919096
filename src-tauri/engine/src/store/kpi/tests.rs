//! The figures that the database counts, against a slow count in Rust over random duties with everything nasty in them.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use herald_core::feed::Update;
use herald_core::incident::{By, Held, Kept};
use herald_core::ledger::{Contact, ContactState};
use herald_core::page::Gone;
use herald_core::shift::Shift;
use herald_core::stage::{self, TickSays};
use herald_core::training::{Practised, Score, Training, TrainingKind};
use herald_core::{Change, Page, Phase, Severity};

use super::*;
use crate::store::Store;
use crate::store::tests::{open, page as a_page};

/// Random duties that are tried.
const DUTIES: u64 = 120;

/// A duty as plain lists, which the reference counts.
#[derive(Default)]
struct Duty {
    pages: Vec<(Page, bool)>,
    incidents: Vec<(i64, Incident, Option<Ticks>, bool)>,
    shifts: Vec<Shift>,
    contacts: Vec<Contact>,
    trainings: Vec<Training>,
}

/// How the two tasks of an incident stand.
#[derive(Clone, Copy)]
struct Ticks {
    bridge: Tick,
    threads: Tick,
}

#[derive(Clone, Copy, PartialEq)]
enum Tick {
    Open,
    Done,
    Aside,
}

fn at(text: &str) -> Time {
    text.parse().expect("an instant")
}

/// The moments are drawn from a fortnight around the turn of a year: quarters, shifts and ranges meet there.
fn moment(random: &mut fastrand::Rng) -> Time {
    let borders = ["2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00Z", "2027-01-01T00:00:00.001Z"];
    match random.u8(0..12) {
        nth @ 0..=2 => at(borders[usize::from(nth)]),
        // Whole hours meet each other.
        3..=5 => at("2026-12-25T00:00:00Z") + TimeDelta::hours(random.i64(0..336)),
        _ => at("2026-12-25T00:00:00Z") + TimeDelta::milliseconds(random.i64(0..1_209_600_000)),
    }
}

fn maybe<T>(random: &mut fastrand::Rng, make: impl FnOnce(&mut fastrand::Rng) -> T) -> Option<T> {
    if random.bool() { Some(make(random)) } else { None }
}

fn some_page(random: &mut fastrand::Rng, nth: usize) -> (Page, bool) {
    let triggered_at = moment(random);
    let near = |random: &mut fastrand::Rng| {
        triggered_at
            + random.choice([0, 1, 899_999, 900_000, 900_001, 3_600_000, -5].map(TimeDelta::milliseconds)).expect("one")
    };
    // The same page calls again now and then.
    let mut page = a_page(&format!("P{}", nth % 7), 0);
    Arc::make_mut(&mut page.seen).triggered_at = triggered_at;
    page.answered_at = maybe(random, near);
    let why = if random.bool() { Gone::Closed } else { Gone::MovedOn { to: vec![] } };
    page.gone = maybe(random, near).map(|at| (why, at));
    page.shadowed = random.u8(0..5) == 0;
    (page, random.bool())
}

fn some_incident(random: &mut fastrand::Rng, id: i64) -> (i64, Incident, Option<Ticks>, bool) {
    let mut incident = Incident::new(moment(random));
    let mut times: Vec<Time> = (0..random.usize(0..6)).map(|_| moment(random)).collect();
    times.sort();
    times.dedup();
    for (nth, at) in times.into_iter().enumerate() {
        let phase = random.choice(Phase::ALL).expect("one");
        incident.updates.push(Update {
            at,
            phase: Some(phase),
            impact: None,
            text: format!("{id} {nth}"),
            mine: random.bool(),
        });
        let due = at + random.choice([-1, 0, 1, 60_000, -60_000].map(TimeDelta::milliseconds)).expect("one");
        incident.kept.extend(maybe(random, |_| Kept { update_at: at, due_at: due }));
    }
    incident.pages = (0..random.usize(0..3)).map(|_| PageId::new(&format!("P{}", random.u8(0..7)))).collect();
    incident.decided_at = maybe(random, moment);
    // Now and then its severity changes once.
    let severity = |random: &mut fastrand::Rng| {
        random.choice([None, Some(Severity::S1), Some(Severity::S2), Some(Severity::S3)]).expect("one")
    };
    incident.own.severity = severity(random);
    if random.bool() {
        let since =
            incident.updates.last().map_or(incident.since, |last| last.at) + TimeDelta::minutes(random.i64(1..70));
        incident.held = vec![
            Held { since: incident.since, severity: severity(random) },
            Held { since: since.max(incident.since + TimeDelta::minutes(1)), severity: incident.own.severity },
        ];
    }
    incident.ended_at = maybe(random, moment);
    let tick = |random: &mut fastrand::Rng| random.choice([Tick::Open, Tick::Done, Tick::Aside]).expect("one");
    let ticks = maybe(random, |random| Ticks { bridge: tick(random), threads: tick(random) });
    (id, incident, ticks, random.bool())
}

fn some_duty(random: &mut fastrand::Rng) -> Duty {
    let mut duty = Duty::default();
    for nth in 0..random.usize(0..20) {
        let (page, live) = some_page(random, nth);
        let key = |page: &Page| (page.seen.id.clone(), page.seen.triggered_at);
        duty.pages.retain(|(known, _)| key(known) != key(&page));
        duty.pages.push((page, live));
    }
    for id in 1..=random.i64(0..12) {
        duty.incidents.push(some_incident(random, id));
    }
    // They overlap, last no time at all, or end before they begin.
    for _ in 0..random.usize(0..6) {
        let role = if random.u8(0..4) == 0 { Role::Shadow } else { Role::OnCall };
        let mut shift = Shift::new(moment(random), maybe(random, moment), role, random.bool());
        shift.ended_at = maybe(random, moment);
        let near = shift.ended_at.unwrap_or(shift.started_at);
        let apart = [-3_600_001, -3_600_000, -1, 0, 60_000].map(TimeDelta::milliseconds);
        shift.handover.done_at = maybe(random, |random| near + random.choice(apart).expect("one"));
        shift.handover.issue_url = maybe(random, |_| "https://tracker.example/1".into());
        duty.shifts.push(shift);
    }
    for _ in 0..random.usize(0..8) {
        let states = [ContactState::Open, ContactState::Done, ContactState::HandedOver, ContactState::Planned];
        let (asked_at, state) = (moment(random), random.choice(states).expect("one"));
        let (ticket, owner, what) = (None, None, "Ask \"them\" 🔥".into());
        let state_at = asked_at;
        duty.contacts.push(Contact {
            asked_at,
            asked_by: String::new(),
            what,
            ticket,
            owner,
            state,
            state_at,
            earlier: vec![],
        });
    }
    for _ in 0..random.usize(0..3) {
        let (at, title, notes) = (moment(random), "Talk".into(), String::new());
        let score = Score { began_at: at, ended_at: at, kpis: vec![], timeline: vec![] };
        let practised = |left_early| Practised { event: "e".into(), scenario: "s".into(), score, left_early };
        let practised = random.bool().then(|| practised(random.bool()));
        duty.trainings.push(Training { at, kind: TrainingKind::Practice, title, notes, practised });
    }
    duty
}

/// Writes a duty as Herald would, and the ticks as a later Herald keeps them.
fn save(store: &mut Store, duty: &Duty) {
    let number = |nth: usize| i64::try_from(nth).expect("few") + 1;
    let mut changes: Vec<Change> = vec![];
    changes.extend(duty.incidents.iter().map(|(id, it, ..)| Change::Incident(*id, Box::new(it.clone()))));
    changes.extend(duty.shifts.iter().enumerate().map(|(nth, it)| Change::Shift(number(nth), Box::new(it.clone()))));
    changes
        .extend(duty.contacts.iter().enumerate().map(|(nth, it)| Change::Contact(number(nth), Box::new(it.clone()))));
    changes
        .extend(duty.trainings.iter().enumerate().map(|(nth, it)| Change::Training(number(nth), Box::new(it.clone()))));
    store.commit(&changes).expect("commits");
    for (page, _) in &duty.pages {
        store.commit(&[Change::Page(Box::new(page.clone()))]).expect("commits");
    }
    // A new trigger made history of the older ones; here each is as it was drawn.
    for (page, live) in &duty.pages {
        let sql = "UPDATE page SET live = ?3 WHERE id = ?1 AND triggered_at = ?2";
        let key = params![page.seen.id.as_str(), page.seen.triggered_at.to_rfc3339(), live];
        store.db.execute(sql, key).expect("is set");
    }
    for (id, _, ticks, live) in &duty.incidents {
        let one = |tick| match tick {
            // A tick that was taken back is none.
            Tick::Open if id % 2 == 0 => None,
            Tick::Open => Some(TickSays::Open),
            Tick::Done => Some(TickSays::Done),
            Tick::Aside => Some(TickSays::Skipped { reason: "not \"needed\"".into() }),
        };
        let tasks = |ticks: &Ticks| {
            let rules = crate::playbook::default().kpi;
            let both = [(rules.bridge_task, one(ticks.bridge)), (rules.stakeholder_task, one(ticks.threads))];
            let tick = |says| stage::Tick { at: at("2027-01-01T00:00:00Z"), by: By::Me, saw: String::new(), says };
            both.into_iter().filter_map(|(task, says)| Some((task, tick(says?)))).collect::<BTreeMap<_, _>>()
        };
        let sql = "UPDATE incident SET live = ?2, body = iif(?3 IS NULL, json_remove(body, '$.ticks'),
                   json_set(body, '$.ticks', json(?3))) WHERE id = ?1";
        let ticks = ticks.as_ref().map(|ticks| serde_json::to_string(&tasks(ticks)).expect("JSON"));
        store.db.execute(sql, params![id, live, ticks]).expect("is set");
    }
}

// ---- the slow count ----

type Counts = [u32; 3];

fn tally(verdicts: impl Iterator<Item = Option<Verdict>>) -> Counts {
    let mut counts = [0; 3];
    for verdict in verdicts.flatten() {
        for (count, _) in counts.iter_mut().zip(Verdict::ALL).filter(|(_, it)| *it == verdict) {
            *count += 1;
        }
    }
    counts
}

/// The default playbook's own numbers, written down anew: nothing here asks the code that is counted against.
const LEAD_MIN: i64 = 3;
const EARLY_MIN: i64 = 60;

/// Minutes between two updates, by phase and severity; the shortest where the severity is unknown.
fn interval_min(phase: Phase, severity: Option<Severity>) -> Option<i64> {
    Some(match (phase, severity) {
        (Phase::Resolved, _) => return None,
        (Phase::Monitoring, None | Some(Severity::S1)) => 30,
        (Phase::Monitoring, Some(_)) => 60,
        (_, None | Some(Severity::S1)) => 10,
        (Phase::Identified, Some(Severity::S3 | Severity::S4)) | (Phase::Identified, Some(Severity::S2)) => 30,
        (Phase::Investigating, Some(_)) => 15,
    })
}

/// When the next update is late, minute by minute: the first at which the severity that holds has been waited for long
/// enough, and that has held for the lead time if it came after the interval began.
fn late_at(incident: &Incident) -> Option<Time> {
    if incident.ended_at.is_some() {
        return None;
    }
    let last = incident.updates.iter().max_by_key(|update| update.at);
    let (from, phase) = match last {
        Some(last) => (last.at, last.phase?),
        None => (incident.decided_at?, Phase::Investigating),
    };
    let raised = incident.held.get(1).map(|held| (held.since, held.severity));
    let first = incident.held.first().map_or(incident.own.severity, |held| held.severity);
    let minute = TimeDelta::minutes(1);
    let of =
        |severity| interval_min(phase, severity).map(|minutes| from + minute * i32::try_from(minutes).expect("few"));
    let Some((since, then)) = raised.filter(|(since, _)| *since > from) else {
        return of(raised.map_or(first, |(_, then)| then));
    };
    let before = of(first)?;
    if before < since {
        Some(before)
    } else {
        Some(of(then)?.max(since + minute * i32::try_from(LEAD_MIN).expect("few")))
    }
}

impl Duty {
    fn on_call(&self, at: Time) -> bool {
        let runs = |it: &Shift| it.started_at <= at && it.ended_at.is_none_or(|ended| at < ended);
        self.shifts.iter().any(|it| it.role == Role::OnCall && runs(it))
    }

    fn page(&self, page: &Page, live: bool, now: Time) -> Option<Verdict> {
        let due = page.seen.triggered_at + TimeDelta::minutes(15);
        if page.shadowed {
            return None;
        }
        let Some(answered) = page.answered_at else {
            return match &page.gone {
                Some((_, left)) => (*left > due).then_some(Verdict::Missed),
                None if !live => None,
                None => Some(if now > due { Verdict::Missed } else { Verdict::Waiting }),
            };
        };
        if answered > due {
            return Some(Verdict::Missed);
        }
        let ticked = |(_, incident, ticks, _): &(i64, Incident, Option<Ticks>, bool)| {
            ticks.filter(|_| incident.pages.contains(&page.seen.id)).map(|ticks| (ticks.bridge, incident.open()))
        };
        let bridges: Vec<(Tick, bool)> = self.incidents.iter().filter_map(ticked).collect();
        let any = |tick| bridges.iter().any(|(it, _)| *it == tick);
        let known = self.incidents.iter().any(|(_, incident, ..)| incident.pages.contains(&page.seen.id));
        Some(if !known {
            if live && page.gone.is_none() { Verdict::Waiting } else { Verdict::Missed }
        } else if bridges.is_empty() || any(Tick::Done) || any(Tick::Aside) {
            Verdict::Kept
        } else if bridges.iter().any(|(_, open)| *open) {
            Verdict::Waiting
        } else {
            Verdict::Missed
        })
    }

    fn updates(&self, within: impl Fn(Time) -> bool, now: Time) -> Counts {
        let mut verdicts = vec![];
        for (_, incident, _, live) in &self.incidents {
            for update in incident.published() {
                let Some(kept) = incident.kept.iter().find(|kept| kept.update_at == update.at) else { continue };
                let judged = update.at.min(kept.due_at);
                if within(judged) && (update.mine || self.on_call(judged)) {
                    verdicts.push(Some(if update.at <= kept.due_at { Verdict::Kept } else { Verdict::Missed }));
                }
            }
            let Some(due_at) = late_at(incident).filter(|_| *live) else { continue };
            let judged = due_at.min(now);
            let mine = incident.last_update().map_or(incident.decided_at.is_some(), |last| last.mine);
            if within(judged) && (mine || self.on_call(judged)) {
                verdicts.push(Some(if due_at < now { Verdict::Missed } else { Verdict::Waiting }));
            }
        }
        tally(verdicts.into_iter())
    }

    fn threads(&self, within: impl Fn(Time) -> bool) -> Counts {
        tally(self.incidents.iter().map(|(_, incident, ticks, _)| {
            let published = incident.published();
            let first = published.first().filter(|first| within(first.at))?;
            (published.iter().any(|update| update.mine) || self.on_call(first.at)).then_some(())?;
            match (*ticks)?.threads {
                Tick::Done => Some(Verdict::Kept),
                Tick::Aside => None,
                Tick::Open if incident.open() => Some(Verdict::Waiting),
                Tick::Open => Some(Verdict::Missed),
            }
        }))
    }

    fn contact(&self, contact: &Contact, to: Time, now: Time) -> Verdict {
        let over = |it: &Shift| {
            let runs = it.started_at <= contact.asked_at && it.ended_at.is_some_and(|ended| contact.asked_at < ended);
            it.role == Role::OnCall && runs && it.ended_at.is_some_and(|ended| ended <= now)
        };
        match contact.state {
            ContactState::Done | ContactState::HandedOver | ContactState::Planned => Verdict::Kept,
            ContactState::Open if to <= now || self.shifts.iter().any(over) => Verdict::Missed,
            ContactState::Open => Verdict::Waiting,
        }
    }

    fn training(&self, from: Time, to: Time, now: Time) -> Counts {
        tally(quarters(from, to, now).into_iter().map(|(year, quarter)| {
            let (from, to) = quarter_range(year, quarter)?;
            let held = self.trainings.iter().any(|it| it.counts() && from <= it.at && it.at < to);
            Some(if held {
                Verdict::Kept
            } else if now < to {
                Verdict::Waiting
            } else {
                Verdict::Missed
            })
        }))
    }

    fn counts(&self, from: Time, to: Time, now: Time) -> Vec<Counts> {
        let within = |at: Time| from <= at && at < to;
        let pages = self.pages.iter().filter(|(page, _)| within(page.seen.triggered_at));
        let handed = self.shifts.iter().filter(|it| it.role == Role::OnCall && within(it.started_at));
        vec![
            tally(pages.map(|(page, live)| self.page(page, *live, now))),
            self.updates(within, now),
            self.threads(within),
            tally(handed.map(|it| {
                // An hour before the end at the earliest.
                Some(match (it.ended_at, it.handover.done_at) {
                    (None, _) => Verdict::Waiting,
                    (Some(ended), Some(done)) if done >= ended - TimeDelta::minutes(EARLY_MIN) => Verdict::Kept,
                    (Some(_), _) => Verdict::Missed,
                })
            })),
            tally(self.contacts.iter().filter(|it| within(it.asked_at)).map(|it| Some(self.contact(it, to, now)))),
            self.training(from, to, now),
        ]
    }
}

#[test]
fn the_database_counts_what_a_slow_count_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut counted, mut judged) = (0, [0; 18]);
    for seed in 0..DUTIES {
        let mut random = fastrand::Rng::with_seed(seed);
        let duty = some_duty(&mut random);
        let (mut store, _) = open(folder.path());
        store.db.execute_batch("PRAGMA synchronous = OFF").expect("need not outlive a power cut");
        let clean = "DELETE FROM page; DELETE FROM incident; DELETE FROM shift; DELETE FROM contact;
                     DELETE FROM training; DELETE FROM history; DELETE FROM history_page_of;";
        store.db.execute_batch(clean).expect("is emptied");
        save(&mut store, &duty);
        let now = moment(&mut random);
        for nth in 0..6 {
            let ask = match nth {
                0 => KpiAsk::ThisQuarter,
                1 => KpiAsk::Quarter { year: 2026, quarter: 4 },
                2 => KpiAsk::LastQuarter,
                // Some end before they begin.
                _ => KpiAsk::Between { from: moment(&mut random), to: moment(&mut random) },
            };
            let (from, to) = ask.range(now).expect("a range");
            let kpis = store.kpis(ask, &crate::playbook::default(), now).expect("counts").expect("a range");
            let counts: Vec<Counts> = kpis.kpis.iter().map(|kpi| [kpi.kept, kpi.missed, kpi.waiting]).collect();
            assert_eq!(counts, duty.counts(from, to, now), "duty {seed}, {from} to {to}, now {now}: {kpis:#?}");
            for (nth, kpi) in kpis.kpis.iter().enumerate() {
                assert_eq!(kpi.items.len() as u32, kpi.kept + kpi.missed + kpi.waiting, "all are listed");
                for (of, count) in [kpi.kept, kpi.missed, kpi.waiting].into_iter().enumerate() {
                    judged[3 * nth + of] += count;
                }
            }
            counted += 1;
        }
    }
    assert!(counted > 0 && judged.iter().all(|count| *count > 0), "each verdict of each figure came up: {judged:?}");
}

#[test]
fn a_shift_is_the_one_that_runs_or_the_one_that_ran_last() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open(folder.path());
    let now = at("2027-01-02T12:00:00Z");
    let range = |store: &Store| {
        let kpis = store.kpis(KpiAsk::Shift, &crate::playbook::default(), now).expect("counts");
        kpis.map(|kpis| (kpis.from, kpis.to))
    };
    assert_eq!(range(&store), None, "there was none yet");
    let shift =
        |from: &str, to: Option<&str>| Shift { ended_at: to.map(at), ..Shift::new(at(from), None, Role::OnCall, true) };
    let (first, second) = ("2027-01-01T08:00:00Z", "2027-01-02T08:00:00Z");
    store.commit(&[Change::Shift(1, Box::new(shift(first, Some(second))))]).expect("commits");
    assert_eq!(range(&store), Some((at(first), at(second))));
    store.commit(&[Change::Shift(2, Box::new(shift(second, None)))]).expect("commits");
    assert_eq!(range(&store), Some((at(second), now + TimeDelta::seconds(1))), "what happens now is in it");
}

#[test]
fn a_long_list_is_cut_and_what_was_missed_comes_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open(folder.path());
    let from = at("2027-01-01T00:00:00Z");
    let mut incident = Incident::new(from);
    for nth in 0..300 {
        let at = from + TimeDelta::minutes(nth);
        incident.updates.push(Update {
            at,
            phase: Some(Phase::Identified),
            impact: None,
            text: nth.to_string(),
            mine: true,
        });
        let due_at = if nth == 7 { at - TimeDelta::seconds(1) } else { at };
        incident.kept.push(Kept { update_at: at, due_at });
    }
    incident.ended_at = Some(from);
    store.commit(&[Change::Incident(1, Box::new(incident))]).expect("commits");
    let ask = KpiAsk::Quarter { year: 2027, quarter: 1 };
    let kpis = store.kpis(ask, &crate::playbook::default(), from).expect("counts").expect("a quarter");
    let updates = &kpis.kpis[1];
    assert_eq!((updates.kept, updates.missed, updates.items.len(), updates.more), (299, 1, ITEMS_MAX, 100));
    let seconds = updates.items.iter().map(|item| (item.took_s, item.allowed_s)).take(2).collect::<Vec<_>>();
    assert_eq!(seconds, [(Some(60), Some(59)), (Some(60), Some(60))], "from the update before");
    assert_eq!((updates.value, updates.met), (Some(99), Some(false)));
}
