//! Every cell of the cadence table, and every rule about what a due time counts from.

use std::collections::BTreeMap;

use super::*;
use crate::feed::Update;
use crate::incident::{By, Event, Promise};
use crate::state::tests::at;

/// The table of H30.
pub(crate) fn rules() -> UpdateRules {
    let row = |minutes: [u32; 4]| Severity::ALL.into_iter().zip(minutes).collect::<BTreeMap<_, _>>();
    UpdateRules {
        cadence_min: BTreeMap::from([
            (Phase::Investigating, row([10, 15, 15, 15])),
            (Phase::Identified, row([10, 30, 30, 30])),
            (Phase::Monitoring, row([30, 60, 60, 60])),
        ]),
        lead_min: 3,
        monitoring_min: 30,
        limits: crate::post::weigh::Limits::default(),
        wordings: crate::post::wordings::Wordings::default(),
        intend: "I intend to post: {text}".into(),
        intend_move: "I intend to move to {phase} and post: {text}".into(),
        ask_after_h: 12,
        late_write_s: 30,
    }
}

/// An update published at `minutes`.
fn update(minutes: i64, phase: Phase) -> Update {
    Update { at: at(minutes), phase: Some(phase), impact: None, text: format!("text of {minutes}"), mine: true }
}

/// An incident of this severity with these updates.
fn incident(severity: Option<Severity>, updates: &[(i64, Phase)]) -> Incident {
    let mut incident = Incident::new(at(0));
    incident.own.severity = severity;
    incident.updates = updates.iter().map(|(minutes, phase)| update(*minutes, *phase)).collect();
    incident
}

fn due_min(incident: &Incident) -> Option<i64> {
    clock(incident, &rules()).map(|clock| (clock.due_at - at(0)).num_minutes())
}

#[test]
fn every_cell_of_the_table_holds() {
    use Phase::{Identified, Investigating, Monitoring, Resolved};
    use Severity::{S1, S2, S3, S4};
    for (phase, severity, minutes) in [
        (Investigating, Some(S1), Some(10)),
        (Investigating, Some(S2), Some(15)),
        (Investigating, Some(S3), Some(15)),
        (Investigating, Some(S4), Some(15)),
        (Identified, Some(S1), Some(10)),
        (Identified, Some(S2), Some(30)),
        (Identified, Some(S3), Some(30)),
        (Identified, Some(S4), Some(30)),
        (Monitoring, Some(S1), Some(30)),
        (Monitoring, Some(S2), Some(60)),
        (Monitoring, Some(S3), Some(60)),
        (Monitoring, Some(S4), Some(60)),
        (Resolved, Some(S1), None),
        (Resolved, Some(S2), None),
        (Resolved, Some(S3), None),
        (Resolved, Some(S4), None),
        // An unknown severity gets the shortest of its phase (H33).
        (Investigating, None, Some(10)),
        (Identified, None, Some(10)),
        (Monitoring, None, Some(30)),
        (Resolved, None, None),
    ] {
        let due = due_min(&incident(severity, &[(5, phase)]));
        assert_eq!(due, minutes.map(|minutes| minutes + 5), "{phase:?} {severity:?}");
    }
}

#[test]
fn it_counts_from_the_newest_update_whoever_posted_it() {
    let mut it = incident(Some(Severity::S2), &[(0, Phase::Investigating)]);
    let elsewhere = Update { mine: false, ..update(8, Phase::Identified) };
    it.post = Some(crate::feed::PostSeen {
        id: "p".into(),
        title: "t".into(),
        url: None,
        open: true,
        updates: vec![elsewhere],
        components: vec![],
    });
    assert_eq!(due_min(&it), Some(38), "30 minutes after the other person's update");
}

#[test]
fn before_the_first_update_it_counts_from_the_decision() {
    let mut it = incident(Some(Severity::S1), &[]);
    assert_eq!(due_min(&it), None, "nobody decided to tell the public");
    it.decided_at = Some(at(4));
    let clock = clock(&it, &rules()).expect("decided");
    assert_eq!((clock.due_at, clock.from, clock.counts), (at(14), at(4), Counts::Decision));
}

#[test]
fn a_promise_overrides_the_table_until_it_is_kept() {
    let mut it = incident(Some(Severity::S1), &[(0, Phase::Identified)]);
    it.promise = Some(Promise { due_at: at(60), made_at: at(0), made_by: None, confirmed_at: None });
    let promised = clock(&it, &rules()).expect("open");
    assert_eq!((promised.due_at, promised.counts), (at(60), Counts::Promise));
    it.updates.push(update(30, Phase::Identified));
    assert_eq!(due_min(&it), Some(40), "the next update keeps it, and the table holds again");
}

#[test]
fn nothing_is_due_when_it_is_over() {
    let mut it = incident(Some(Severity::S1), &[(0, Phase::Identified)]);
    it.ended_at = Some(at(3));
    assert_eq!(due_min(&it), None);
}

#[test]
fn monitoring_has_a_clock_of_its_own() {
    let mut it =
        incident(Some(Severity::S2), &[(0, Phase::Identified), (10, Phase::Monitoring), (25, Phase::Monitoring)]);
    let period = monitoring(&it, &rules()).expect("in Monitoring");
    assert_eq!((period.from, period.ends_at, period.minutes), (at(10), at(40), 30), "from its first update");
    it.own.monitoring_min = Some(45);
    assert_eq!(monitoring(&it, &rules()).map(|it| it.ends_at), Some(at(55)), "what the incident manager asks");
    it.updates.push(update(30, Phase::Identified));
    assert_eq!(monitoring(&it, &rules()), None, "it came back");
}

#[test]
fn urgency_follows_the_lead_time() {
    let clock = clock(&incident(Some(Severity::S1), &[(0, Phase::Investigating)]), &rules()).expect("open");
    for (seconds, expected) in [
        (0, Urgency::Later),
        (419, Urgency::Later),
        (420, Urgency::Soon),
        (599, Urgency::Soon),
        (600, Urgency::Over),
        (9000, Urgency::Over),
    ] {
        assert_eq!(clock.urgency(&rules(), at(0) + TimeDelta::seconds(seconds)), expected, "after {seconds} s");
    }
}

#[test]
fn what_stood_still_for_long_is_asked_about() {
    let mut it = incident(Some(Severity::S3), &[(0, Phase::Monitoring)]);
    assert_eq!(still_running(&it, &rules(), at(11 * 60)), None);
    assert_eq!(still_running(&it, &rules(), at(12 * 60)), Some(StillRunning { since: at(0), issue: None }));
    it.log.push(Event { at: at(700), by: By::Me, what: "Still running".into() });
    assert_eq!(still_running(&it, &rules(), at(12 * 60)), None, "I said so");
}

#[test]
fn changes_are_announced_before_they_come() {
    let it = incident(Some(Severity::S1), &[(0, Phase::Monitoring)]);
    let mut now = at(0);
    let mut seen = vec![];
    while let Some(next) = changes_at(&it, &rules(), now) {
        assert!(next > now, "time goes on");
        seen.push((next - at(0)).num_minutes());
        now = next;
    }
    assert_eq!(seen, [27, 30, 720], "due soon, due and period over, still running?");
}

#[test]
fn each_update_keeps_the_time_it_was_due() {
    use Phase::{Identified, Investigating, Resolved};
    let minute = |at: Time| (at - self::at(0)).num_minutes();
    let kept = |before: Option<&Incident>, after: &mut Incident| -> Vec<(i64, i64)> {
        after.kept = super::kept(before, after, &rules());
        after.kept.iter().map(|kept| (minute(kept.update_at), minute(kept.due_at))).collect()
    };
    let s2 = Some(Severity::S2);
    // Seen for the first time with three updates: nothing is known of the first.
    let mut first = incident(s2, &[(0, Investigating), (20, Identified), (40, Identified)]);
    assert_eq!(kept(None, &mut first), [(20, 15), (40, 50)]);
    // It grows worse, then comes the next: what was due before stays, what is new was due by the new severity.
    let mut worse =
        Incident { own: crate::incident::Own { severity: Some(Severity::S1), ..first.own.clone() }, ..first };
    assert_eq!(kept(Some(&worse.clone()), &mut worse), [(20, 15), (40, 50)], "a severity rewrites nothing");
    let mut next = worse.clone();
    next.updates.push(update(58, Resolved));
    assert_eq!(kept(Some(&worse), &mut next), [(20, 15), (40, 50), (58, 50)]);
    // The feed knows better when the last was published.
    let mut corrected = next.clone();
    corrected.updates[3].text.push_str(" \n");
    corrected.updates[3].at = at(57);
    assert_eq!(kept(Some(&next), &mut corrected), [(20, 15), (40, 50), (57, 50)], "the same update");
    // One that was posted by hand is noted late: what followed it followed sooner.
    let mut noted = worse.clone();
    noted.updates.insert(2, update(30, Identified));
    assert_eq!(kept(Some(&worse), &mut noted), [(20, 15), (30, 30), (40, 40)], "by today's severity");
    // A promise, and an update that nothing was due before.
    let promise = Promise { due_at: at(90), made_at: at(40), made_by: None, confirmed_at: None };
    let promised = Incident { promise: Some(promise), ..worse };
    let mut held = promised.clone();
    held.updates.extend([update(80, Resolved), update(200, Investigating)]);
    assert_eq!(kept(Some(&promised), &mut held), [(20, 15), (40, 50), (80, 90)], "nothing is due after Resolved");
}

/// Identified from minute 20 on, which is every 10 minutes at S1 and every 30 otherwise.
#[test]
fn what_was_due_follows_the_severity_of_each_moment() {
    use Severity::{S1, S2, S3};
    type Changes<'a> = &'a [(i64, Severity)];
    let table: [(&str, Severity, Changes<'_>, Option<i64>); 8] = [
        ("never changed", S2, &[], Some(50)),
        ("raised before it counted", S2, &[(10, S1)], Some(30)),
        ("raised while there was time", S2, &[(24, S1)], Some(30)),
        ("raised when it would have been over", S2, &[(35, S1)], Some(38)),
        ("raised just before it would have been over", S2, &[(29, S1)], Some(32)),
        ("raised after it was due", S2, &[(51, S1)], Some(50)),
        ("lowered while there was time", S1, &[(29, S3)], Some(50)),
        ("lowered when it was over", S1, &[(31, S3)], Some(30)),
    ];
    for (name, first, changes, expected) in table {
        let mut it = incident(Some(first), &[]);
        for (minutes, severity) in changes {
            let before = it.severity();
            it.own.severity = Some(*severity);
            it.note_severity(before, at(*minutes));
        }
        let due = due_as_held(&it, &rules(), Phase::Identified, at(20)).map(|due| (due - at(0)).num_minutes());
        assert_eq!(due, expected, "{name}");
        assert_eq!(due_as_held(&it, &rules(), Phase::Resolved, at(20)), None, "{name}");
    }
    let mut restless = incident(None, &[]);
    for minutes in 0..200 {
        let before = restless.severity();
        restless.own.severity = if before == Some(S1) { Some(S2) } else { Some(S1) };
        restless.note_severity(before, at(minutes));
        restless.note_severity(restless.severity(), at(minutes));
    }
    assert_eq!(restless.held.len(), 50, "a limit");
}

#[test]
fn an_update_just_after_a_raised_severity_is_in_time() {
    let mut stood = incident(Some(Severity::S2), &[(0, Phase::Identified)]);
    let before = stood.severity();
    stood.own.severity = Some(Severity::S1);
    stood.note_severity(before, at(20));
    assert_eq!(due_min(&stood), Some(10), "the card says that it is due");
    assert_eq!(late_at(&stood, &rules()), Some(at(23)), "and there is the lead time to write it");
    let mut after = stood.clone();
    after.updates.push(update(21, Phase::Identified));
    let kept = super::kept(Some(&stood), &after, &rules());
    assert_eq!(kept.last().map(|kept| kept.due_at), Some(at(23)));
    let promise = Promise { due_at: at(15), made_at: at(0), made_by: None, confirmed_at: None };
    let promised = Incident { promise: Some(promise), ..stood };
    assert_eq!(late_at(&promised, &rules()), Some(at(15)), "a promise is a promise");
}

/// Of what does not say where it stands nobody can tell when more is due: that is never lateness. A phase that was told
/// before still holds.
#[test]
fn an_update_without_a_phase_makes_no_clock_and_ends_none() {
    let untold = |minutes| Update { phase: None, ..update(minutes, Phase::Investigating) };
    let of = |updates: Vec<Update>| Incident { updates, ..incident(Some(Severity::S1), &[]) };
    assert_eq!(due_min(&of(vec![untold(0)])), None);
    assert_eq!(due_min(&of(vec![update(0, Phase::Monitoring), untold(5)])), Some(35), "it counts from the newer");
    assert_eq!(due_min(&of(vec![untold(0), update(5, Phase::Identified)])), Some(15));
    assert_eq!(due_min(&of(vec![update(0, Phase::Resolved), untold(5)])), None, "it was over and nobody took it back");
    let decided = Incident { decided_at: Some(at(0)), ..of(vec![untold(0)]) };
    assert_eq!(due_min(&decided), None, "it is public already");
    assert!(kept(None, &of(vec![untold(0), untold(60)]), &rules()).is_empty(), "nothing was late");
}
