//! What scenarios make of incidents: declared, changed, talked about, closed.
//!
//! Ours: no manner of GitLab's.

use crate::act::issue::state_label;
use crate::act::{
    Comment, Declare, EditIssue, ImSays, IssueBy, Link, Say, SetConfidential, SetSeverity, SetState, Trigger,
};
use crate::stage::{ActError, Stage};

use super::body::{self, Facts};
use super::issue::Time;
use super::tracker::{Draft, Hand};
use super::wire::web_url;

/// What an act gives: the number of the issue it touched.
type Outcome = Result<Vec<String>, ActError>;

/// Declares an incident; gives the issue's number, and the page's id if it pages.
pub(crate) fn declare(stage: &mut Stage, act: &Declare, now: Time) -> Vec<String> {
    let at = now - act.ago.unwrap_or_default().delta();
    let cast = stage.cast();
    let im = act.im.as_deref().unwrap_or(&cast.im).to_owned();
    let eoc = act.eoc.as_deref().unwrap_or(&cast.eoc).to_owned();
    let iid = stage.gitlab.next_iid(0);
    let domain = format!("{}.example", cast.account.subdomain);
    let channel = format!("#incident-{iid}");
    let call_url = format!("https://calls.{domain}/j/{iid}");
    let severity = act.severity.unwrap_or(2);
    let description = body::write(&Facts {
        im: &im,
        eoc: &eoc,
        severity,
        impact: act.impact.as_deref().unwrap_or("To be determined."),
        status: act.status.as_deref().unwrap_or("We are investigating. More information will be added as we have it."),
        channel: &channel,
        channel_url: &format!("https://chat.{domain}/archives/incident-{iid}"),
        call_url: &call_url,
        started: &at.format("%Y-%m-%d %H:%M UTC").to_string(),
    });
    let state = state_label(act.state.as_deref().unwrap_or("active")).unwrap_or("Incident::Active");
    let own = ["incident".to_owned(), state.to_owned(), severity_label(severity)];
    let draft = Draft {
        name: act.incident.clone(),
        title: format!("{}: {}", at.format("%Y-%m-%d"), act.title).chars().take(255).collect(),
        description,
        kind: "incident".to_owned(),
        confidential: act.confidential,
        labels: own.into_iter().chain(act.labels.iter().cloned()).collect(),
        assignees: vec![stage.user(&im)],
        im: Some(stage.user(&im)),
        channel,
    };
    let hand = Hand { by: stage.user(&eoc), at, api: false };
    let index = stage.gitlab.create(0, draft, hand);
    let page = act.page.as_ref().map(|page| {
        let issue = &stage.gitlab.issues[index];
        let href = web_url(stage.cast(), &stage.base, issue);
        let impact = act.impact.clone().unwrap_or_default();
        let link = Link { href: href.clone(), text: format!("Incident {iid}") };
        let priority = format!("p{severity}");
        Trigger {
            page: Some(page.clone()),
            title: format!("[S{severity}] {}", act.title),
            priority: stage.cast().priority_index(&priority).map(|_| priority),
            ago: act.ago,
            details: if act.in_details { Some(format!("{impact} {href}")) } else { act.impact.clone() },
            links: if act.in_details { Vec::new() } else { vec![link] },
            conference_url: (!act.in_details).then_some(call_url),
            ..Trigger::default()
        }
    });
    let mut touched = vec![iid.to_string()];
    if let Some(trigger) = page {
        let paged = stage.pagerduty.trigger(&trigger, now).into_iter();
        touched.extend(paged.map(|place| stage.pagerduty.incidents[place].id.clone()));
    }
    touched
}

pub(crate) fn set_severity(stage: &mut Stage, act: &SetSeverity, now: Time) -> Outcome {
    let (index, hand) = find(stage, &act.incident, act.by.as_deref(), now)?;
    stage.gitlab.relabel(index, &[severity_label(act.severity)], &[], hand);
    touched(stage, index)
}

pub(crate) fn set_state(stage: &mut Stage, act: &SetState, now: Time) -> Outcome {
    let (index, hand) = find(stage, &act.incident, act.by.as_deref(), now)?;
    let label = state_label(&act.state).map(str::to_owned);
    stage.gitlab.relabel(index, label.as_slice(), &[], hand);
    touched(stage, index)
}

pub(crate) fn edit(stage: &mut Stage, act: &EditIssue, now: Time) -> Outcome {
    let (index, hand) = find(stage, &act.incident, act.by.as_deref(), now)?;
    if let Some(title) = &act.title {
        stage.gitlab.set_title(index, title, hand);
    }
    let mut description = act.description.clone().unwrap_or_else(|| stage.gitlab.issues[index].description.clone());
    for (heading, text) in [(body::IMPACT, &act.impact), (body::STATUS, &act.status)] {
        if let Some(text) = text {
            description = body::under(&description, heading, text);
        }
    }
    stage.gitlab.set_description(index, &description, hand);
    stage.gitlab.relabel(index, &act.add_labels, &act.remove_labels, hand);
    touched(stage, index)
}

pub(crate) fn set_confidential(stage: &mut Stage, act: &SetConfidential, now: Time) -> Outcome {
    let (index, hand) = find(stage, &act.incident, act.by.as_deref(), now)?;
    stage.gitlab.set_confidential(index, act.confidential.unwrap_or(true), hand);
    touched(stage, index)
}

pub(crate) fn set_open(stage: &mut Stage, act: &IssueBy, open: bool, now: Time) -> Outcome {
    let (index, hand) = find(stage, &act.incident, act.by.as_deref(), now)?;
    stage.gitlab.set_open(index, open, hand);
    touched(stage, index)
}

pub(crate) fn comment(stage: &mut Stage, act: &Comment, now: Time) -> Outcome {
    let (index, hand) = find(stage, &act.incident, Some(&act.by), now)?;
    stage.gitlab.note(index, &act.text, act.internal, hand);
    touched(stage, index)
}

pub(crate) fn im_says(stage: &mut Stage, act: &ImSays, now: Time) -> Outcome {
    let (index, hand) = find(stage, &act.incident, None, now)?;
    let channel = stage.gitlab.issues[index].channel.clone();
    let who = stage.cast().users.get(hand.by).map_or_else(String::new, |user| user.key.clone());
    stage.say(&Say { who, channel, text: act.text.clone() }, now);
    stage.gitlab.note(index, &act.text, false, hand);
    touched(stage, index)
}

/// Finds the issue that an act speaks of, and whose hand changes it: the incident manager's if nobody is named.
fn find(stage: &Stage, name: &str, by: Option<&str>, at: Time) -> Result<(usize, Hand), ActError> {
    let index = stage.gitlab.named(name).ok_or_else(|| ActError::NoIssue(name.to_owned()))?;
    let by = by.map_or(stage.gitlab.issues[index].im, |key| stage.user(key));
    Ok((index, Hand { by, at, api: false }))
}

fn touched(stage: &Stage, index: usize) -> Outcome {
    Ok(vec![stage.gitlab.issues[index].iid.to_string()])
}

fn severity_label(severity: u8) -> String {
    format!("severity::{severity}")
}
