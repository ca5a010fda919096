//! Tests of the handover.

use std::collections::BTreeMap;

use crate::playbook::handover::{HandoverRules, SectionName, SectionRules};

/// Rules in the shape of the default.
pub(crate) fn rules() -> HandoverRules {
    let section = |name: SectionName| {
        let item = match name {
            SectionName::Running => {
                "- **{severity} {title}**\n  - {phase}, told at {last_at}: “{last}”\n  - Next due {due}{promised}\n  - IM: {im}\n  - Issue: {issue}"
            }
            SectionName::Ended => "- {number} {title}, {from} to {to}",
            SectionName::Pages => "- {number} {title}: {triggered}, {taken}",
            SectionName::Contacts => "- {what}, {by}: {state}\n  - Owner: {owner}",
            SectionName::Maintenance => "- {title}: {starts} to {ends}, {state}",
            SectionName::Tasks => "- [ ] {text}",
            SectionName::Kpis | SectionName::Notes => "{text}",
        };
        let none = if name == SectionName::Running { "Nothing runs." } else { "" };
        (name, SectionRules { heading: format!("### {}: {{count}}", name.key()), item: item.into(), none: none.into() })
    };
    let sections: BTreeMap<SectionName, SectionRules> = SectionName::ALL.into_iter().map(section).collect();
    let all: Vec<String> = SectionName::ALL.iter().map(|name| format!("{{{}}}", name.key())).collect();
    HandoverRules {
        project: "support/handover".into(),
        labels: vec![],
        title: "Handover {date}, {from} to {to} UTC".into(),
        text: format!("**{{role}}, {{date}}, {{from}} to {{to}}**\n\n{}", all.join("\n\n")),
        nothing: "A quiet shift.".into(),
        sections,
        remind_min: 15,
        gap_min: 10,
        early_min: 60,
        long_h: 3,
        keep_h: 24,
        briefing: "/briefing".into(),
    }
}

use std::collections::BTreeSet;

use super::*;
use crate::command::{Command, Refusal, allowed};
use crate::feed::Update;
use crate::handover::parcel::{self, Parcel};
use crate::incident::{IncidentId, IncidentWish, Own, Promise};
use crate::ledger::{LedgerWish, Plan};
use crate::page::PageId;
use crate::shift::{HandedBy, Role, ShiftEnded, ShiftWish};
use crate::state::Change;
use crate::state::tests::{at, connected};
use crate::step::{Input, step};
use crate::table::Table;

const ISSUE: &str = "https://tracker.example/ops/production/-/issues/18345";

fn update(minute: i64, text: &str) -> Update {
    Update { at: at(minute), phase: Some(Phase::Identified), impact: None, text: text.into(), mine: true }
}

/// An incident that somebody speaks for.
fn running(title: &str) -> Incident {
    let last = update(31, "We traced it to one zone and move traffic away.");
    Incident {
        own: Own {
            title: Some(title.into()),
            severity: Some(Severity::S1),
            issue_url: Some(ISSUE.into()),
            im: Some("@mateo".into()),
            ..Own::default()
        },
        decided_at: Some(at(20)),
        promise: Some(Promise { due_at: at(61), made_at: at(31), made_by: Some(last.clone()), confirmed_at: None }),
        updates: vec![last],
        ..Incident::new(at(10))
    }
}

/// A state after a busy shift.
fn busy() -> State {
    let mut state = connected();
    std::sync::Arc::make_mut(&mut state.playbook).stages.clear();
    let ended = ShiftEnded {
        incident: 2,
        title: "Pipelines wait".into(),
        iid: Some(18342),
        url: None,
        since: at(-30),
        ended_at: at(40),
    };
    let page = ShiftPage {
        id: PageId::new("P1"),
        number: 42,
        title: "Sign-in <b>fails</b>".into(),
        triggered_at: at(12),
        taken: Some((at(14), "Elena".into())),
    };
    let missed = ShiftPage { number: 43, title: "Search is behind".into(), taken: None, ..page.clone() };
    let shift = Shift {
        pages: vec![page, missed],
        pages_more: 3,
        ended: vec![ended],
        handover: crate::shift::Handover { notes: "Watch the registry.\n/close".into(), ..Default::default() },
        ..Shift::new(at(0), Some(at(480)), Role::OnCall, false)
    };
    let contact = Contact {
        asked_at: at(5),
        asked_by: "Security".into(),
        what: "Tell the owners of 12 projects".into(),
        ticket: Some("https://help.example/1".into()),
        owner: None,
        state: ContactState::Open,
        state_at: at(5),
        earlier: vec![],
    };
    let plan = Plan {
        title: "Registry".into(),
        details: "It is read-only.".into(),
        issue_url: None,
        starts_at: at(2880),
        ends_at: at(2940),
        components: BTreeSet::from(["c1".to_owned()]),
        automation: true,
        reminds: false,
    };
    let maintenance = Maintenance::new(plan, at(0));
    for change in [
        Change::Shift(1, Box::new(shift)),
        Change::Incident(1, Box::new(running("Git pushes time out"))),
        Change::Contact(1, Box::new(contact)),
        Change::Maintenance(1, Box::new(maintenance)),
    ] {
        state.apply(&change);
    }
    state
}

fn written_of(state: &State) -> String {
    written(state, &state.shifts[&1])
}

fn wish(state: &mut State, wish: ShiftWish, minute: i64) -> Vec<Change> {
    let command = Command::Shift { wish: Box::new(wish) };
    let changes = step(state, Input::User(command), at(minute));
    changes.iter().for_each(|change| state.apply(change));
    changes
}

#[test]
fn a_busy_shift() {
    insta::assert_snapshot!(written_of(&busy()).replace('\u{2060}', "^"), @r#"
    **On call, 15-01-2027, 08:00 to 16:00**

    ### running: 1

    - **S1 Git pushes time out**
      - Identified, told at 08:31:00 UTC: “We traced it to one zone and move traffic away.”
      - Next due 09:01:00 UTC, as promised to the public
      - IM: @^mateo
      - Issue: <https://tracker.example/ops/production/-/issues/18345>

    ### ended: 1

    - #^18342 Pipelines wait, 07:30:00 UTC to 08:40:00 UTC

    ### pages: 5

    - #^42 Sign-in \<b\>fails\</b\>: 08:12:00 UTC, acknowledged after 02:00 by Elena
    - #^43 Search is behind: 08:12:00 UTC, not acknowledged
    - … 3 more pages: in the same shift, not listed

    ### contacts: 1

    - Tell the owners of 12 projects, Security: open
      - Owner: who made the ticket

    ### maintenance: 1

    - Registry: 17-01-2027 08:00 UTC to 17-01-2027 09:00 UTC, starts by automation

    ### kpis: 2

    1 of 2 pages acknowledged within 15 min, the slowest after 02:00
    0 of 1 stakeholder threads opened

    ### notes: 1

    Watch the registry.
    /close
    "#);
}

#[test]
fn what_is_left_in_the_stage_is_handed_over() {
    let mut state = busy();
    std::sync::Arc::make_mut(&mut state.playbook).stages = crate::stage::tests::stages();
    let tasks = |state: &State| facts(state, Some(&state.shifts[&1]), &[]).tasks;
    assert!(tasks(&state).contains(&"#18345: Do join".to_owned()), "{:?}", tasks(&state));
    let ticked = IncidentWish::Tick { incident: 1, task: "join".into() };
    let changes = step(&state, Input::User(Command::Incident { wish: Box::new(ticked) }), at(50));
    changes.iter().for_each(|change| state.apply(change));
    assert!(!tasks(&state).contains(&"#18345: Do join".to_owned()), "{:?}", tasks(&state));
}

#[test]
fn figures_are_those_of_the_shift() {
    let mut state = busy();
    let mut shift = Shift { ended_at: Some(at(30)), ..state.shifts[&1].clone() };
    let told = |state: &State, shift: &Shift| kpis_at_hand(state, shift).join("\n");
    assert!(!told(&state, &shift).contains("threads"), "told at minute 31, after its end");
    shift.ended_at = Some(at(31));
    assert!(told(&state, &shift).contains("0 of 1 stakeholder threads"), "{}", told(&state, &shift));
    shift.pages.iter_mut().for_each(|page| page.taken = None);
    assert!(told(&state, &shift).starts_with("0 of 2 pages acknowledged"), "{}", told(&state, &shift));
    state.incidents = Table::default();
    shift.pages.clear();
    assert_eq!(told(&state, &shift), "", "nothing happened");
}

#[test]
fn a_quiet_shift_says_so_in_one_sentence() {
    let mut state = connected();
    state.apply(&Change::Shift(1, Box::new(Shift::new(at(0), Some(at(480)), Role::OnCall, false))));
    insta::assert_snapshot!(written_of(&state), @r"
    **On call, 15-01-2027, 08:00 to 16:00**

    A quiet shift.
    ");
    let facts = facts(&state, Some(&state.shifts[&1]), &[]);
    assert!(facts.nothing());
}

#[test]
fn it_is_written_without_any_shift_too() {
    let state = State { shifts: Table::default(), ..busy() };
    let text = crate::view::shifts::handover_text(&state, None).expect("text").markdown;
    assert!(text.contains("Git pushes time out") && text.contains("Tell the owners"), "{text}");
    assert!(text.starts_with("**No shift is known. This is what Herald has now.**\n\n"), "no holes: {text}");
    let of_shift = ["On call", "no shift,", "to UTC", " ,"];
    assert!(of_shift.iter().all(|hole| !text.contains(hole)), "{text}");
    let of_shift = |shift| crate::view::shifts::handover_text(&busy(), shift);
    assert!(of_shift(None).is_some_and(|it| !it.text.contains("No shift is known")), "a shift has its own");
    assert_eq!((of_shift(None), of_shift(Some(7))), (of_shift(Some(1)), None), "the newest, or the one that is meant");
}

#[test]
fn what_others_wrote_stays_text() {
    for (title, expected) in [
        ("<img src=x onerror=alert(1)>", r"\<img src=x onerror=alert(1)\>"),
        ("[click](javascript:alert(1))", "\\[\u{2060}click\\](javascript:alert(1))"),
        ("Closes #12, see !3", "Closes #\u{2060}12, see !\u{2060}3"),
        ("@all look", "@\u{2060}all look"),
        ("`code` **bold**", r"\`code\` \*\*bold\*\*"),
        ("two\nlines\n/close", "two lines /close"),
        ("{notes} {title}", "{notes} {title}"),
        ("-->", r"--\>"),
    ] {
        let mut state = busy();
        state.apply(&Change::Incident(1, Box::new(running(title))));
        let text = written_of(&state);
        assert!(text.contains(&format!("- **S1 {expected}**")), "{title:?} became {text}");
    }
}

/// The number of an issue of the production project names that of another one in the project of handovers.
#[test]
fn own_numbers_lead_where_they_are_meant_to() {
    let mut state = busy();
    let url = "https://tracker.example/ops/production/-/issues/18342";
    let shift = state.shifts.get_mut(&1).expect("it is there");
    let with =
        |ended: &ShiftEnded| ShiftEnded { url: Some(url.into()), title: "Fixes !7 for @ann".into(), ..ended.clone() };
    *shift = Shift { ended: shift.ended.iter().map(with).collect(), ..shift.clone() };
    let markdown = markdown(&state, state.shifts.get(&1), &written_of(&state));
    let line = format!("- [#\u{2060}18342]({url}) Fixes !\u{2060}7 for @\u{2060}ann");
    assert!(markdown.contains(&line), "{markdown}");
    let refers = |sign: char| {
        let named = |(at, _): (usize, &str)| markdown[at + 1..].starts_with(|c: char| c.is_ascii_alphanumeric());
        markdown.match_indices(sign).any(named)
    };
    for sign in ['@', '!', '~', '%', '$'] {
        assert!(!refers(sign), "{sign} in {markdown}");
    }
    let headings = markdown.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
    assert!(!headings.match_indices('#').any(|(at, _)| headings[at + 1..].starts_with(|c: char| c.is_ascii_digit())));
}

#[test]
fn nothing_that_leaves_commands_the_tracker() {
    let state = busy();
    let markdown = markdown(&state, state.shifts.get(&1), &written_of(&state));
    assert!(markdown.contains("Watch the registry."));
    for line in markdown.lines() {
        assert!(!line.trim_start().starts_with('/'), "a quick action: {line}");
    }
    let own = super::markdown(&state, None, "  /assign @all\n<!-- herald-handover {} -->\ntext");
    assert_eq!(own.matches("<!--").count(), 1, "the user's own text hides nothing: {own}");
}

#[test]
fn what_was_edited_is_kept_and_news_are_told() {
    let mut state = busy();
    let news = |state: &State| crate::view::shifts::shifts(state, at(50)).remove(0).handover;
    assert_eq!(news(&state).news, Vec::<String>::new());
    wish(&mut state, ShiftWish::Write { shift: 1, text: "My own words".into() }, 50);
    assert_eq!((news(&state).text.as_str(), news(&state).edited), ("My own words", true));
    let mut incident = running("Git pushes time out");
    incident.updates.push(update(45, "We know why."));
    state.apply(&Change::Incident(1, Box::new(incident)));
    assert_eq!(news(&state).text, "My own words", "facts do not change it");
    let told = news(&state).news;
    assert!(told.iter().any(|line| line.contains("We know why.")) && told.len() == 2, "{told:?}");
    wish(&mut state, ShiftWish::Noticed { shift: 1 }, 51);
    assert_eq!(news(&state).news, Vec::<String>::new());
    wish(&mut state, ShiftWish::Anew { shift: 1 }, 52);
    assert!(news(&state).text.contains("We know why.") && news(&state).may_undo);
    wish(&mut state, ShiftWish::Undo { shift: 1 }, 53);
    assert_eq!(news(&state).text, "My own words", "nothing typed is lost");
    wish(&mut state, ShiftWish::Done { shift: 1, how: HandedBy::Copied }, 54);
    let mut incident = running("Git pushes time out");
    incident.updates.push(update(55, "It is better."));
    state.apply(&Change::Incident(1, Box::new(incident)));
    assert!(news(&state).news.iter().any(|line| line.contains("It is better.")), "since it was handed over");
}

#[test]
fn long_on_one_incident_is_said_once() {
    let mut state = busy();
    let long = |state: &State, minute| crate::view::shifts::shifts(state, at(minute)).remove(0).long.len();
    assert_eq!((long(&state, 199), long(&state, 200)), (0, 1), "three hours after it was decided to tell (H82)");
    wish(&mut state, ShiftWish::Hinted { shift: 1, incident: 1 }, 200);
    assert_eq!(long(&state, 300), 0);
}

// ---- taken over ----

#[test]
fn the_next_person_takes_it_over() {
    let before = busy();
    let markdown = markdown(&before, before.shifts.get(&1), &written_of(&before));
    let mut after = connected();
    wish(&mut after, ShiftWish::Import { markdown: markdown.clone() }, 485);
    let it = &after.incidents[&1];
    assert_eq!((it.title(), it.severity(), it.issue_url()), ("Git pushes time out", Some(Severity::S1), Some(ISSUE)));
    assert_eq!(it.own.im.as_deref(), Some("@mateo"));
    let clock = cadence::clock(it, &after.playbook.updates).expect("it runs");
    assert_eq!((clock.due_at, clock.counts), (at(61), Counts::Promise), "the promise holds for whoever is on duty");
    assert_eq!((after.contacts.len(), after.maintenances.len()), (1, 1));
    assert_eq!(after.taken_over.as_ref().expect("notes").notes, "Watch the registry.\n/close");
    let again = wish(&mut after, ShiftWish::Import { markdown }, 486);
    assert_eq!(again, [], "twice changes nothing");
}

#[test]
fn what_changed_hands_with_the_shift_is_open_for_the_next_person() {
    for (to, expected) in [(ContactState::HandedOver, 1), (ContactState::Done, 0), (ContactState::Planned, 0)] {
        let mut before = busy();
        let moved = Command::Ledger { wish: Box::new(LedgerWish::MoveContact { id: 1, to }) };
        for change in step(&before, Input::User(moved), at(480)) {
            before.apply(&change);
        }
        let markdown = markdown(&before, before.shifts.get(&1), "text");
        let mut after = connected();
        wish(&mut after, ShiftWish::Import { markdown }, 485);
        let open: Vec<_> = after.contacts.values().map(|it| it.state).collect();
        assert_eq!(open, vec![ContactState::Open; expected], "{to:?}");
    }
}

#[test]
fn open_contact_requests_go_with_the_shift_and_are_no_news() {
    let mut state = busy();
    wish(&mut state, ShiftWish::Done { shift: 1, how: HandedBy::Copied }, 480);
    let news = |state: &State| crate::view::shifts::shifts(state, at(481)).remove(0).handover.news;
    assert_eq!(news(&state), [""; 0]);
    wish(&mut state, ShiftWish::PassOn { shift: 1 }, 481);
    let contact = &state.contacts[&1];
    assert_eq!((contact.state, contact.state_at, contact.earlier.len()), (ContactState::HandedOver, at(481), 1));
    assert_eq!(news(&state), [""; 0], "the handover told of it already");
    let changed = Command::Ledger { wish: Box::new(LedgerWish::UndoContact { id: 1 }) };
    for change in step(&state, Input::User(changed), at(482)) {
        state.apply(&change);
    }
    assert_eq!((state.contacts[&1].state, news(&state).len()), (ContactState::Open, 1), "taking it back is news");
    wish(&mut state, ShiftWish::PassOn { shift: 1 }, 483);
    assert_eq!(state.contacts[&1].state, ContactState::HandedOver);
}

#[test]
fn what_the_feeds_know_is_joined_and_stays() {
    let before = busy();
    let markdown = markdown(&before, before.shifts.get(&1), "text");
    let known = Incident {
        own: Own { title: Some("As I call it".into()), issue_url: Some(ISSUE.into()), ..Own::default() },
        updates: vec![update(70, "Newer.")],
        ..Incident::new(at(0))
    };
    for (name, ended_at) in [("going on", None), ("over", Some(at(80)))] {
        let mut after = connected();
        after.apply(&Change::Incident(1, Box::new(Incident { ended_at, ..known.clone() })));
        wish(&mut after, ShiftWish::Import { markdown: markdown.clone() }, 485);
        assert_eq!(after.incidents.len(), 1, "{name}");
        let it = &after.incidents[&1];
        assert_eq!(it.title(), "As I call it", "{name}");
        assert_eq!(it.last_update().expect("told").text, "Newer.", "{name}: what is older does not come back");
        assert_eq!(it.promise, None, "{name}: that promise was kept");
        assert_eq!(it.own.im.is_some(), ended_at.is_none(), "{name}");
    }
}

#[test]
fn mangled_handovers_change_nothing() {
    let before = busy();
    let good = markdown(&before, before.shifts.get(&1), "text");
    let newer = good.replace("\"version\":1", "\"version\":2");
    let cut = good[..good.len() - 40].to_owned();
    let open = good.find("{").expect("there");
    let holed = format!("{}{}", &good[..open + 1], &good[open + 9..]);
    for (name, text, refusal) in [
        ("empty", String::new(), Refusal::NoHandover),
        ("another file", "# Shopping\n- milk".into(), Refusal::NoHandover),
        ("cut off", cut, Refusal::HandoverDamaged),
        ("a hole in it", holed, Refusal::HandoverDamaged),
        ("no form", "<!-- herald-handover {} -->".into(), Refusal::HandoverDamaged),
        ("no object", "<!-- herald-handover 7 -->".into(), Refusal::HandoverDamaged),
        ("newer", newer, Refusal::HandoverNewer),
        ("huge", "x".repeat(BYTES_MAX + 1), Refusal::HandoverTooLong),
    ] {
        let state = connected();
        let command = Command::Shift { wish: Box::new(ShiftWish::Import { markdown: text }) };
        assert_eq!(allowed(&state, &command, at(0)), Err(refusal), "{name}");
        assert_eq!(step(&state, Input::User(command), at(0)), [], "{name}");
    }
}

#[test]
fn what_comes_in_is_cleaned() {
    let evil = Parcel {
        version: 1,
        notes: "a\u{202E}b\n\u{0}c".into(),
        incidents: vec![parcel::Passed {
            title: "x\u{200B}\ny".into(),
            issue_url: Some("javascript:alert(1)".into()),
            call_url: Some("https://call.example/a b".into()),
            im: Some("\u{7}".into()),
            last: Some(update(10_000, "From the future")),
            promised: Some(at(20_000)),
            decided_at: Some(at(10_000)),
            ..parcel::Passed::default()
        }],
        ..Parcel::default()
    };
    let many = Parcel { incidents: vec![evil.incidents[0].clone(); 5000], ..evil.clone() };
    let read = parcel::read(&parcel::write(&evil), at(0)).expect("a parcel");
    let it = &read.incidents[0];
    assert_eq!((read.notes.as_str(), it.title.as_str()), ("ab\nc", "x y"));
    assert_eq!((&it.issue_url, &it.call_url, &it.im), (&None, &None, &None));
    assert_eq!((&it.last, it.promised, it.decided_at), (&None, None, None), "nothing is believed of the future");
    let text = parcel::write(&many);
    let few = if text.len() > BYTES_MAX { 0 } else { parcel::read(&text, at(0)).expect("read").incidents.len() };
    assert!(few <= 100);
}

#[test]
fn signs_that_end_a_comment_do_not_end_it() {
    let mut state = connected();
    let id: IncidentId = 1;
    state.apply(&Change::Incident(id, Box::new(running("--> <!-- -- ---> </script>"))));
    let text = parcel::write(&parcel::pack(&state, None));
    let inside = text.strip_prefix("<!-- herald-handover ").and_then(|it| it.strip_suffix(" -->")).expect("framed");
    for sign in ["<", ">", "--"] {
        assert!(!inside.contains(sign), "{sign} in {inside}");
    }
    let read = parcel::read(&text, at(1000)).expect("a parcel");
    assert_eq!(read.incidents[0].title, "--> <!-- -- ---> </script>");
}
