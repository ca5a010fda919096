//! "I intend to…": what is sent to Slack before an update is published, and when it may be (H43).

use crate::Time;
use crate::command::Refusal;
use crate::feed::SlackHook;
use crate::incident::IncidentId;
use crate::permit::{About, may_write};
use crate::shadow::DutyOf;
use crate::state::State;
use crate::view::compose::compose;

/// A text that may be sent now, and where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intention {
    /// Where it goes.
    pub slack: SlackHook,
    /// The words, as the composer shows them.
    pub text: String,
}

/// What would be sent about an incident now.
///
/// # Errors
/// The [`Refusal`] says why nothing may be sent.
pub fn intention(state: &State, incident: IncidentId, now: Time) -> Result<Intention, Refusal> {
    let known = state.incidents.get(&incident).filter(|it| it.open()).ok_or(Refusal::NoSuchIncident)?;
    let slack = state.slack.clone().ok_or(Refusal::NoSlack)?;
    may_write(state, About::Duty(DutyOf::Incident(incident)), now)?;
    if state.session.store_fault.is_some() {
        return Err(Refusal::CannotSave);
    }
    let composed = compose(state, incident, known, now);
    if composed.text.body.trim().is_empty() {
        return Err(Refusal::CannotGoOut);
    }
    Ok(Intention { slack, text: composed.intend })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::TokenPlace;
    use crate::command::Command;
    use crate::draft::Text;
    use crate::incident::{IncidentWish, Own};
    use crate::settings::SettingsPatch;
    use crate::state::Mode;
    use crate::state::tests::{at, on_duty};
    use crate::step::{Input, step};

    #[test]
    fn it_may_be_sent_when_there_is_something_to_say_and_somebody_to_hear_it() {
        let mut state = on_duty();
        assert_eq!(intention(&state, 1, at(1)), Err(Refusal::NoSuchIncident));
        let own = Own { title: Some("Sign-in fails".into()), ..Own::default() };
        wish(&mut state, IncidentWish::Open { own, page: None });
        assert_eq!(intention(&state, 1, at(1)), Err(Refusal::NoSlack));
        let slack = SlackHook { channel: "#incident".into(), token: TokenPlace::Keychain };
        put(&mut state, Input::SlackConnected(slack.clone()));
        assert_eq!(intention(&state, 1, at(1)), Err(Refusal::CannotGoOut), "nothing is written yet");
        let text = Text { body: "We are looking into it.".into(), ..composed(&state) };
        wish(&mut state, IncidentWish::Write { incident: 1, text });
        let sent = intention(&state, 1, at(1)).expect("it may");
        assert_eq!(sent.slack, slack);
        assert!(sent.text.contains("We are looking into it."), "{}", sent.text);

        put(&mut state, Input::StoreSeen(Some("full".into())));
        assert_eq!(intention(&state, 1, at(1)), Err(Refusal::CannotSave));
        put(&mut state, Input::StoreSeen(None));
        put(&mut state, Input::User(Command::Set { patch: SettingsPatch::Shadow { on: true } }));
        assert_eq!(intention(&state, 1, at(1)), Err(Refusal::ShadowPublish));
        state.session.mode = Mode::Practice { scenario: "quiet".into() };
        assert!(intention(&state, 1, at(1)).is_ok(), "the practice world is written to all the same");
        put(&mut state, Input::User(Command::DisconnectSlack));
        assert_eq!(intention(&state, 1, at(1)), Err(Refusal::NoSlack));
    }

    fn composed(state: &State) -> Text {
        compose(state, 1, &state.incidents[&1], at(1)).text
    }

    fn wish(state: &mut State, wish: IncidentWish) {
        put(state, Input::User(Command::Incident { wish: Box::new(wish) }));
    }

    fn put(state: &mut State, input: Input) {
        for change in step(state, input, at(1)) {
            state.apply(&change);
        }
    }
}
