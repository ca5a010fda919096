//! What may still be done about an incident that is over: nothing of what was being written is lost.

use crate::SourceName;
use crate::command::{Command, Refusal, allowed};
use crate::draft::Text;
use crate::incident::{Incident, IncidentId, IncidentWish, Own};
use crate::state::tests::{at, connected};
use crate::state::{Change, State};
use crate::step::{Input, step};

const OVER: IncidentId = 1;

fn ended() -> State {
    let mut state = connected();
    let mut incident = Incident::new(at(0));
    incident.own = Own { title: Some("Sign-in fails".into()), ..Own::default() };
    incident.ended_at = Some(at(60));
    state.apply(&Change::Incident(OVER, Box::new(incident)));
    state
}

fn text(state: &State, body: &str) -> Text {
    let incident = &state.incidents[&OVER];
    crate::view::compose::compose(state, OVER, incident, at(60)).text.saying(body)
}

fn wish(state: &mut State, wish: IncidentWish, now: i64) -> Result<(), Refusal> {
    let command = Command::Incident { wish: Box::new(wish) };
    allowed(state, &command, at(now))?;
    for change in step(state, Input::User(command), at(now)) {
        state.apply(&change);
    }
    Ok(())
}

#[test]
fn what_is_written_when_an_incident_ends_is_kept_shown_and_thrown_away_only_on_purpose() {
    let mut state = ended();
    let written = text(&state, "We see that sign-in");
    let view = crate::view(&state, at(61));
    assert!(view.wrapping.is_empty() && !view.ended[0].unsent);

    wish(&mut state, IncidentWish::Write { incident: OVER, text: written.clone() }, 62).expect("is saved");
    let view = crate::view(&state, at(63));
    assert_eq!(view.ended.iter().map(|it| (it.id, it.unsent, it.left_to_do)).collect::<Vec<_>>(), [(OVER, true, 0)]);
    assert_eq!(view.wrapping.iter().map(|it| &it.compose.text).collect::<Vec<_>>(), [&written]);

    let blank = written.clone().saying("  ");
    wish(&mut state, IncidentWish::Write { incident: OVER, text: blank }, 64).expect("is saved");
    assert!(!crate::view(&state, at(65)).ended[0].unsent, "blanks are no text");

    wish(&mut state, IncidentWish::Write { incident: OVER, text: written }, 66).expect("is saved");
    wish(&mut state, IncidentWish::Discard { incident: OVER }, 67).expect("is thrown away");
    let view = crate::view(&state, at(68));
    assert!(view.wrapping.is_empty() && !view.ended[0].unsent && state.drafts.is_empty());
}

#[test]
fn nothing_leaves_for_an_incident_that_is_over() {
    let mut state = ended();
    let text = text(&state, "We see that sign-in fails.");
    for refused in [
        IncidentWish::Asked { incident: OVER },
        IncidentWish::Agreed { incident: OVER },
        IncidentWish::Publish { incident: OVER, text: text.clone(), seen: None },
        IncidentWish::PostedByHand { incident: OVER, text: text.clone(), at: at(61) },
    ] {
        assert_eq!(wish(&mut state, refused.clone(), 62), Err(Refusal::NoSuchIncident), "{refused:?}");
    }
    let unknown = IncidentWish::Write { incident: 9, text };
    assert_eq!(wish(&mut state, unknown, 62), Err(Refusal::NoSuchIncident));
}

#[test]
fn pagerduty_is_disconnected_as_the_account_alone() {
    for (source, expected) in [
        (SourceName::PagerDuty, Err(Refusal::NotAFeed)),
        (SourceName::Tracker, Ok(())),
        (SourceName::StatusPage, Ok(())),
    ] {
        assert_eq!(allowed(&connected(), &Command::DisconnectFeed { source }, at(0)), expected, "{source}");
    }
}
