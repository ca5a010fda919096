//! Every rule, hit and not hit.

use super::*;
use crate::post::weigh::weight;

const ISSUE: &str = "https://tracker.example/issues/1";

#[test]
fn a_time_that_nobody_can_be_sure_of_is_to_be_confirmed() {
    for (phase, text, expected) in [
        (Phase::Identified, "We work on it. Next update at 3pm CST.", Some(Weight::Confirm)),
        (Phase::Identified, "We work on it. Next update by end of day.", Some(Weight::Confirm)),
        (Phase::Identified, "We work on it. Next update at 15:00 UTC.", None),
        (Phase::Resolved, "All is well. Next update tomorrow.", None),
    ] {
        let update = Text { text: text.into(), ..update(phase) };
        let hit = lint(&update, &facts(None), now()).into_iter().find(|lint| lint.rule == LintRule::PromiseUnsure);
        assert_eq!(hit.as_ref().map(|lint| lint.weight), expected, "{text}");
        assert!(hit.is_none_or(|lint| lint.says.contains("set it by hand")), "it says what to do next");
    }
}

#[test]
fn a_good_update_has_no_findings() {
    for (previous, update) in [
        (None, update(Phase::Investigating)),
        (Some(Phase::Investigating), update(Phase::Identified)),
        (Some(Phase::Identified), update(Phase::Monitoring)),
        (Some(Phase::Monitoring), update(Phase::Resolved)),
    ] {
        assert_eq!(check(previous, &update), vec![], "{previous:?} to {update:?}");
    }
}

#[test]
fn what_is_empty_blocks() {
    let blocked = |rule, update| assert_eq!(check(Some(Phase::Investigating), &update), [(rule, Weight::Block, None)]);
    blocked(LintRule::TitleEmpty, Text { title: " ".into(), ..update(Phase::Identified) });
    blocked(LintRule::TextEmpty, Text { text: "\n".into(), ..update(Phase::Identified) });
    blocked(LintRule::ImpactMissing, Text { impact: None, ..update(Phase::Identified) });
}

#[test]
fn fields_of_a_template() {
    for (text, hit) in [("We look. {link}", true), ("We look at {id}", false)] {
        assert_eq!(hits(LintRule::FieldUnfilled, Phase::Identified, text), hit, "{text:?}");
    }
    let titled = Text { title: "{incident}".into(), text: "{incident} {link}".into(), ..update(Phase::Identified) };
    assert_eq!(says(&titled), ["Still to be filled in: {incident}, {link}."]);
}

#[test]
fn length() {
    use LintRule::{BodyTooLong, TooLong, WordsCut};
    let x = |count| "x".repeat(count);
    for (text, expected) in [
        (x(220), None),
        (format!("{} {ISSUE}", x(220)), None),
        (x(221), Some((BodyTooLong, Weight::Advice))),
        (format!("{} {ISSUE}", x(222)), Some((BodyTooLong, Weight::Advice))),
        (format!("{} {ISSUE}", x(230)), Some((WordsCut, Weight::Confirm))),
        (format!("{} {ISSUE} and more", x(200)), Some((WordsCut, Weight::Confirm))),
        (x(280), Some((WordsCut, Weight::Confirm))),
        (x(281), Some((TooLong, Weight::Block))),
        (format!("{} {ISSUE}", x(257)), Some((TooLong, Weight::Block))),
    ] {
        let update = Text { text: text.clone(), ..update(Phase::Identified) };
        let found = check(Some(Phase::Investigating), &update);
        assert_eq!(
            found,
            expected.map(|(rule, weight)| (rule, weight, None)).into_iter().collect::<Vec<_>>(),
            "{text:?}"
        );
    }
}

#[test]
fn a_word_that_says_nothing_can_go() {
    let long = format!("Jobs had already run. {} {ISSUE}", "x".repeat(200));
    let short = long.replace("already ", "");
    let update = Text { text: long, ..update(Phase::Identified) };
    assert_eq!(
        check(Some(Phase::Investigating), &update),
        [(LintRule::BodyTooLong, Weight::Advice, Some(Fix::ReplaceText { text: short }))]
    );
    assert_eq!(says(&update), ["Body is 2 over 220, so cut posts show too little of the link."]);
}

#[test]
fn the_link_of_the_issue() {
    let append = || Some(Fix::AppendLink { url: ISSUE.into() });
    for (previous, phase, text, expected) in [
        (None, Phase::Investigating, "We look.", Some(append())),
        (None, Phase::Investigating, "We look. https://other.example/1", Some(append())),
        (None, Phase::Investigating, "We look. ftp://tracker.example/issues/1", Some(append())),
        (None, Phase::Investigating, "We look. https://tracker.example/issues/1#note", None),
        (Some(Phase::Monitoring), Phase::Resolved, "It is over.", Some(append())),
        (Some(Phase::Investigating), Phase::Identified, "We know why.", None),
    ] {
        let text = text.to_owned();
        let found = check(previous, &Text { text: text.clone(), ..update(phase) });
        let expected: Vec<_> = expected.map(|fix| (LintRule::LinkMissing, Weight::Confirm, fix)).into_iter().collect();
        assert_eq!(found, expected, "{text:?} at {phase:?}");
    }
}

#[test]
fn without_a_known_issue_any_link_will_do() {
    for (issue, text, expected) in [
        (None, "We look. https://other.example/1", vec![]),
        (None, "We look.", vec![None]),
        (Some("javascript:alert(1)"), "We look.", vec![None]),
        (Some("https://secret.example/1"), "We look.", vec![None]),
    ] {
        let update = Text { text: text.into(), ..update(Phase::Investigating) };
        let facts = Facts { issue, ..facts(None) };
        let fixes: Vec<_> = lint(&update, &facts, now()).into_iter().map(|lint| lint.fix).collect();
        assert_eq!(fixes, expected, "{issue:?} {text:?}");
    }
}

#[test]
fn confidential_links() {
    for (text, expected) in [
        ("See https://secret.example/1", vec!["https://secret.example/1"]),
        (
            "See http://wiki.internal/a and http://wiki.internal/b",
            vec!["http://wiki.internal/a", "http://wiki.internal/b"],
        ),
        ("See http://wiki.internal/a, http://wiki.internal/a", vec!["http://wiki.internal/a"]),
        ("See https://secret.example.org/1", vec![]),
    ] {
        let found = check(Some(Phase::Investigating), &Text { text: text.into(), ..update(Phase::Identified) });
        let fix = |url: &str| Some(Fix::RemoveLink { url: url.into() });
        let expected: Vec<_> =
            expected.into_iter().map(|url| (LintRule::Confidential, Weight::Confirm, fix(url))).collect();
        assert_eq!(found, expected, "{text:?}");
    }
    let titled = Text { title: "Slow https://secret.example/1".into(), ..update(Phase::Identified) };
    assert_eq!(check(Some(Phase::Investigating), &titled).len(), 1, "titles are public too");
}

#[test]
fn components_at_creation() {
    for (previous, phase, components, hit) in [
        (None, Phase::Investigating, vec![], true),
        (None, Phase::Investigating, vec![" ".to_owned()], true),
        (None, Phase::Investigating, vec!["Pipelines".to_owned()], false),
        (Some(Phase::Investigating), Phase::Identified, vec![], false),
    ] {
        let update = Text { components: components.clone(), ..update(phase) };
        let expected = if hit { vec![(LintRule::NoComponents, Weight::Confirm, None)] } else { vec![] };
        assert_eq!(check(previous, &update), expected, "{previous:?} {components:?}");
    }
}

#[test]
fn three_facts_about_a_fix() {
    let found = |previous, text: &str| check(previous, &Text { text: text.into(), ..update(Phase::Monitoring) });
    let hit = |weight| vec![(LintRule::MonitoringFacts, weight, None)];
    assert_eq!(found(Some(Phase::Identified), "A fix is out."), hit(Weight::Confirm));
    assert_eq!(found(Some(Phase::Monitoring), "Still calm."), hit(Weight::Advice));
    let promised = "Back to normal, we monitor, next update in 60 minutes.";
    assert_eq!(found(Some(Phase::Identified), promised), hit(Weight::Confirm), "the next update is not the end");
    let update = Text { text: "We monitor.".into(), ..update(Phase::Monitoring) };
    assert_eq!(says(&update), ["Also say: systems are back to normal · how long until we resolve."]);
}

#[test]
fn status_by_phase() {
    let set = |impact| Some(Fix::SetImpact { impact });
    for (phase, impact, expected) in [
        (Phase::Identified, Impact::Operational, Some((LintRule::OperationalTooEarly, set(Impact::Partial)))),
        (Phase::Monitoring, Impact::Operational, Some((LintRule::OperationalTooEarly, set(Impact::Partial)))),
        (Phase::Monitoring, Impact::Degraded, None),
        (Phase::Resolved, Impact::Operational, None),
        (Phase::Resolved, Impact::Degraded, Some((LintRule::ResolvedNotOperational, set(Impact::Operational)))),
        (Phase::Resolved, Impact::Security, Some((LintRule::ResolvedNotOperational, set(Impact::Operational)))),
    ] {
        let found = check(Some(Phase::Identified), &Text { impact: Some(impact), ..update(phase) });
        let expected: Vec<_> = expected.map(|(rule, fix)| (rule, Weight::Confirm, fix)).into_iter().collect();
        assert_eq!(found, expected, "{phase:?} {impact:?}");
    }
    let unknown = Text { impact: Some(Impact::Operational), ..update(Phase::Investigating) };
    assert_eq!(check(None, &unknown)[0].2, set(Impact::Degraded), "the mildest, when none was published");
}

#[test]
fn it_is_over_only_after_the_all_clear() {
    let before = published(Phase::Monitoring, "We look.");
    for (phase, unfinished, expected) in [
        (Phase::Monitoring, &["Confirmed", "All-clear"][..], None),
        (Phase::Resolved, &[], None),
        (Phase::Resolved, &["Confirmed", "All-clear"], Some("Resolved, but still open: Confirmed · All-clear.")),
    ] {
        let found = lint(&update(phase), &Facts { unfinished, ..facts(Some(&before)) }, now());
        let said: Vec<_> = found.iter().map(|it| (it.rule, it.weight, it.says.as_str())).collect();
        let expected: Vec<_> =
            expected.map(|says| (LintRule::ResolvedTooEarly, Weight::Confirm, says)).into_iter().collect();
        assert_eq!(said, expected, "{phase:?} {unfinished:?}");
    }
}

#[test]
fn promises_that_cannot_be_kept() {
    for (text, expected) in [
        ("Wait. Next update by 13:30 UTC.", Some("Next update by 13:30 UTC")),
        ("Wait. Next update by 14:00 UTC.", Some("Next update by 14:00 UTC")),
        ("Wait. Next update by 14:01 UTC.", None),
        ("Wait. Next update in 30 minutes.", None),
    ] {
        let found = check(Some(Phase::Investigating), &Text { text: text.into(), ..update(Phase::Identified) });
        let fix = |words: &str| Some(Fix::DropPromise { words: words.into() });
        let expected: Vec<_> =
            expected.map(|words| (LintRule::PromisePast, Weight::Confirm, fix(words))).into_iter().collect();
        assert_eq!(found, expected, "{text:?}");
    }
}

#[test]
fn the_same_text_again() {
    for (text, hit) in [("We  look.\n", true), ("We look", false), ("we look.", false)] {
        let previous = published(Phase::Investigating, "We look.");
        let update = Text { text: text.into(), ..update(Phase::Identified) };
        let rules: Vec<_> = lint(&update, &facts(Some(&previous)), now()).iter().map(|lint| lint.rule).collect();
        assert_eq!(rules, if hit { vec![LintRule::NothingChanged] } else { vec![] }, "{text:?}");
    }
}

#[test]
fn the_gravest_comes_first() {
    let nothing =
        Text { title: String::new(), text: "x".repeat(222), components: vec![], ..update(Phase::Investigating) };
    let weights: Vec<_> = check(None, &nothing).into_iter().map(|(rule, ..)| rule).collect();
    let expected = [LintRule::TitleEmpty, LintRule::LinkMissing, LintRule::NoComponents, LintRule::BodyTooLong];
    assert_eq!(weights, expected);
}

#[test]
fn every_fix_puts_its_finding_right() {
    let text = "See http://wiki.internal/a. Next update by 13:30 UTC.".to_owned();
    let mut broken = Text { text, impact: Some(Impact::Degraded), ..update(Phase::Resolved) };
    while let Some(fix) = findings(Some(Phase::Monitoring), &broken).into_iter().find_map(|lint| lint.fix) {
        let left = findings(Some(Phase::Monitoring), &broken).len();
        broken = fix.apply(broken);
        assert!(findings(Some(Phase::Monitoring), &broken).len() < left, "{fix:?} left {broken:?}");
    }
    assert_eq!(broken.text, format!("See. {ISSUE}"));
}

#[test]
fn no_text_makes_it_stumble() {
    let nasty = "İn 1h30m99 … next update — in 99999999999999 min, 1.h 1..5 h at 25:99 :: 1h- 👨‍👩‍👧‍👦 {link {} {{link}}\u{0}\u{202E} \
                 http:// https://. https://ß.de/ẞ。次 a.b.c@d.com/ é.com 14:30Z 0 pm half an hour an hour and a";
    let ends = nasty.char_indices().map(|(at, _)| at).chain([nasty.len()]);
    for (at, text) in ends.map(|at| (at, &nasty[..at])) {
        for text in [text, &nasty[at..]] {
            let update = Text { text: text.into(), title: text.into(), ..update(Phase::Monitoring) };
            for lint in findings(None, &update) {
                lint.fix.map(|fix| fix.apply(update.clone()));
            }
            let limits = Limits { visible: 30, practice: true, ..Limits::default() };
            let shown = cut(text, &limits).shown;
            assert!(weight(&shown, &limits) <= 30, "{text:?} is cut to {shown:?}");
        }
    }
}

fn hits(rule: LintRule, phase: Phase, text: &str) -> bool {
    let update = Text { text: text.into(), ..update(phase) };
    check(Some(Phase::Investigating), &update).into_iter().any(|(found, ..)| found == rule)
}

fn check(previous: Option<Phase>, update: &Text) -> Vec<(LintRule, Weight, Option<Fix>)> {
    findings(previous, update).into_iter().map(|lint| (lint.rule, lint.weight, lint.fix)).collect()
}

fn says(update: &Text) -> Vec<String> {
    findings(Some(Phase::Identified), update).into_iter().map(|lint| lint.says).collect()
}

fn findings(previous: Option<Phase>, update: &Text) -> Vec<Lint> {
    let previous = previous.map(|phase| published(phase, "We look."));
    lint(update, &facts(previous.as_ref()), now())
}

fn facts(previous: Option<&Published>) -> Facts<'_> {
    static LIMITS: Limits = Limits { total: 280, visible: 230, body: 220, link: 23, practice: true };
    static CONFIDENTIAL: std::sync::LazyLock<Beginnings> =
        std::sync::LazyLock::new(|| Beginnings::of(["https://secret.example", "wiki.internal"]));
    static WORDINGS: std::sync::LazyLock<Wordings> = std::sync::LazyLock::new(Wordings::default);
    Facts {
        previous,
        issue: Some(ISSUE),
        confidential: &CONFIDENTIAL,
        issue_unseen: false,
        unfinished: &[],
        limits: &LIMITS,
        wordings: &WORDINGS,
    }
}

/// An update that nothing is wrong with.
fn update(phase: Phase) -> Text {
    let text = match phase {
        Phase::Investigating => format!("Jobs start late. We look into it. {ISSUE}"),
        Phase::Identified => "We know why jobs start late. Next update in 30 minutes.".to_owned(),
        Phase::Monitoring => "Systems are back to normal. We monitor for 30 minutes, then resolve.".to_owned(),
        Phase::Resolved => format!("Resolved, all is back to normal. {ISSUE}"),
    };
    let impact = Some(if phase == Phase::Resolved { Impact::Operational } else { Impact::Partial });
    Text { title: "Jobs start late".into(), text, phase, impact, components: vec!["Pipelines".into()] }
}

fn published(phase: Phase, text: &str) -> Published {
    let text = Text { text: text.into(), impact: Some(Impact::Partial), ..update(phase) };
    Published { text, at: now() }
}

fn now() -> Time {
    "2026-11-20T14:00:00Z".parse().expect("an instant")
}
