//! What others do with my page: each ends its alarm, and says why.

use herald_core::page::{AskedState, Gone};
use herald_core::shadow::Standing;
use herald_core::tray::Sign;
use herald_core::{PageStatus, Refusal};
use herald_practice::{Act, AnswerRequest, AskResponders, Escalate, ResponderState, Trigger};

use crate::rig::{Rig, alarm_of};

stories! {
    others_act_on_my_page:
    others_end_the_alarm,
    a_page_that_comes_back_to_me_calls_again,
    a_request_to_help_calls_until_it_is_answered,
}

async fn others_end_the_alarm() {
    let dana = || vec!["Dana Okafor".to_owned()];
    tokio::join!(
        ends("taken by a shadow", |rig, id| rig.taken_by(id, "priya"), Sign::Open, None),
        ends("taken over", |rig, id| rig.taken_by(id, "dana"), Sign::Quiet, Some(Gone::MovedOn { to: dana() })),
        ends("closed", |rig, id| rig.resolved(id), Sign::Quiet, Some(Gone::Closed)),
        ends("reassigned", |rig, id| rig.reassigned(id, "dana"), Sign::Quiet, Some(Gone::MovedOn { to: dana() })),
        ends("escalated", escalate, Sign::Quiet, Some(Gone::MovedOn { to: vec!["Tomas Lindqvist".into()] })),
    );
}

async fn a_page_that_comes_back_to_me_calls_again() {
    let rig = Rig::quiet().await;
    let id = rig.trigger("wanders");
    rig.until_announced(&id).await;
    rig.reassigned(&id, "dana");
    rig.until("it to leave", |rig| rig.card(&id).is_none()).await;
    rig.reassigned(&id, "elena");
    rig.until_calls(&id, 2).await;
}

/// Asked through "Add responders": nothing is assigned to me, and PagerDuty rings.
async fn a_request_to_help_calls_until_it_is_answered() {
    let rig = Rig::quiet().await;
    let theirs = Trigger { title: "theirs".into(), assign_to: vec!["dana".into()], ..Trigger::default() };
    let id = rig.act(Act::Trigger(theirs)).remove(0);
    rig.taken_by(&id, "dana");
    rig.until_polled(2).await;
    assert_eq!(rig.sign(), Sign::Quiet, "what others have is theirs");
    let (to, by) = (vec!["elena".to_owned()], "dana".to_owned());
    rig.act(Act::AskResponders(AskResponders { page: id.clone(), to, by, text: "Please help".into() }));
    rig.until_announced(&id).await;
    let (card, said) = (rig.card(&id).expect("shown"), rig.rounds(&id).remove(0));
    assert_eq!((rig.sign(), card.standing), (Sign::Page, Standing::Asked));
    assert!(said.title.starts_with("Asked to help") && said.body.contains("Please help"), "{said:?}");
    assert_eq!(rig.acknowledge(&id).await, Err(Refusal::AskedOnly), "its answer is given in PagerDuty");
    assert_eq!((card.may.acknowledge, card.may.close, card.may.answer_here), (false, false, false));
    rig.act(Act::AnswerRequest(AnswerRequest { page: id.clone(), by: "elena".into(), answer: ResponderState::Joined }));
    rig.until("the withdrawal", |rig| rig.screen.look().withdrawn.contains(&alarm_of(&card))).await;
    let left = rig.herald.shown().view.left[0].why.clone();
    assert_eq!((left, rig.writes().len()), (Gone::Answered { how: AskedState::Joined }, 0), "and nothing was written");
}

async fn ends(name: &str, how: impl FnOnce(&Rig, &str), sign: Sign, why: Option<Gone>) {
    let rig = Rig::quiet().await;
    let id = rig.trigger(name);
    rig.until_announced(&id).await;
    let card = rig.card(&id).expect("shown");
    how(&rig, &id);
    rig.until(name, |rig| rig.screen.look().withdrawn.contains(&alarm_of(&card))).await;
    rig.until("the icon", |rig| rig.sign() == sign).await;
    let view = &rig.herald.shown().view;
    assert_eq!(view.left.first().map(|left| left.why.clone()), why, "{name}");
    if why.is_none() {
        let card = rig.card(&id).expect("still among mine");
        assert_eq!((card.status, card.taken_by_me), (PageStatus::Acknowledged, false), "{name}");
        assert_eq!(card.taken_by.map(|who| who.name), Some("Priya Nair".into()), "{name}: who has it");
    }
    let late = herald_core::Command::Acknowledge { page: card.id, triggered_at: card.triggered_at };
    assert_eq!(rig.command(late).await, Err(Refusal::Over), "{name}: a late wish is refused");
    assert_eq!((rig.rounds(&id).len(), rig.writes().len()), (1, 0), "{name}: announced once, nothing written");
}

fn escalate(rig: &Rig, id: &str) {
    rig.act(Act::Escalate(Escalate { page: id.to_owned(), level: None }));
}
