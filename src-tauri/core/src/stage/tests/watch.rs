//! The watch after a fix: longer than was thought, or left out.

use super::*;

#[test]
fn a_longer_watch_takes_back_what_herald_ticked_too_early() {
    let mut it = Story::new();
    it.posts(Phase::Investigating, 1);
    it.posts(Phase::Monitoring, 10);
    it.after(Input::Ticked, 41);
    assert_eq!(it.0.incidents[&1].ticks.get("watch").map(|tick| tick.at), Some(at(40)));
    it.set(|it| it.own.monitoring_min = Some(60));
    it.after(Input::Ticked, 42);
    assert_eq!(it.0.incidents[&1].ticks.get("watch"), None, "it goes on until minute 70");
    it.after(Input::Ticked, 70);
    assert_eq!(it.0.incidents[&1].ticks.get("watch").map(|tick| tick.at), Some(at(70)));
    it.wish(IncidentWish::Untick { incident: 1, task: "watch".into() }, 71);
    it.ticks(&["watch"], 72);
    it.set(|it| it.own.monitoring_min = Some(90));
    it.after(Input::Ticked, 73);
    assert_eq!(it.0.incidents[&1].ticks.get("watch").map(|tick| tick.by), Some(By::Me), "the user's word stands");
}

#[test]
fn monitoring_may_be_left_out_with_a_reason() {
    let mut story = Story::new();
    story.posts(Phase::Identified, 1);
    let skip = |reason: &str| IncidentWish::Skip { incident: 1, task: "watch".into(), reason: reason.into() };
    assert_eq!(story.tries(skip("  "), 2), Err(Refusal::NoReason));
    story.wish(skip("The IM wants no watch"), 2);
    assert_eq!(story.mark("watch", 3), Mark::Skipped { at: at(2), reason: "The IM wants no watch".into() });
    assert_eq!(story.stage(3), Stage::Resolve);
    assert_eq!(story.mark("tickets", 3), Mark::NotNeeded { why: "monitoring is left out".into() });
    assert!(story.0.incidents[&1].log.iter().any(|it| it.what.contains("The IM wants no watch")), "the reason is kept");
    story.wish(IncidentWish::Untick { incident: 1, task: "watch".into() }, 4);
    assert_eq!(story.stage(5), Stage::Engage, "taken back");
}
