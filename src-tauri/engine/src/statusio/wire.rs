//! Status.io's JSON: the feed read leniently, requests built exactly (services.md 3, faults.md 11).

use std::collections::{BTreeMap, BTreeSet};

use herald_core::draft::{Broadcast, Publication};
use herald_core::feed::{Component, PageTold, PostSeen, StatusPage, Update};
use herald_core::text::{self, clean_line, same_text};
use herald_core::{Fault, FaultKind, Impact, Phase, Time};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{maintenance, resolves};
use crate::lenient::{clean_text, code, id, is_web, item, lenient, lenient_list, time};

/// A body on its way to the service, or one that is only looked into.
pub(super) type Body = Value;

/// Most components, incidents and updates that are kept.
const COMPONENTS_MAX: usize = 1000;
const POSTS_MAX: usize = 100;
const UPDATES_MAX: usize = 300;
/// Longest name that is kept, in graphemes.
const NAME_MAX: usize = 80;

/// The public feed; without its lists it is not Status.io's answer.
#[derive(Deserialize)]
pub(super) struct Feed {
    result: FeedResult,
}

#[derive(Deserialize)]
struct FeedResult {
    status: Vec<Box<RawValue>>,
    incidents: Vec<Box<RawValue>>,
    #[serde(default)]
    maintenance: Option<Box<RawValue>>,
}

/// What of a component can be chosen: the ids of its containers, by its own.
pub(super) type Pairs = BTreeMap<String, Vec<String>>;

#[derive(Deserialize)]
pub(super) struct Part {
    #[serde(alias = "_id")]
    id: String,
    #[serde(default, deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    status_code: Option<Value>,
    #[serde(default, deserialize_with = "lenient_list")]
    containers: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Incident {
    #[serde(default, rename = "_id", deserialize_with = "lenient")]
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    current_active: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    datetime_open: Option<String>,
    #[serde(default, deserialize_with = "lenient_list")]
    messages: Vec<Box<RawValue>>,
    #[serde(default, deserialize_with = "lenient_list")]
    components_affected: Vec<Part>,
    #[serde(default, deserialize_with = "lenient_list")]
    containers_affected: Vec<Part>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default, deserialize_with = "lenient")]
    details: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    state: Option<Value>,
    #[serde(default, deserialize_with = "lenient")]
    status: Option<Value>,
    #[serde(default, deserialize_with = "lenient")]
    datetime: Option<String>,
}

/// `{"status":{"error":"no"},"result":...}`; what it says counts, whatever the HTTP status says.
#[derive(Deserialize)]
pub(super) struct Envelope {
    status: EnvelopeStatus,
    #[serde(default)]
    result: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct EnvelopeStatus {
    error: String,
    #[serde(default, deserialize_with = "lenient")]
    message: Option<String>,
}

/// The result of a request that was done, if it has one, or its refusal.
pub(super) fn result(envelope: Envelope) -> Result<Option<Box<RawValue>>, Fault> {
    match envelope.status.error.as_str() {
        "no" => Ok(envelope.result),
        "yes" => {
            let message = clean_line(envelope.status.message.as_deref().unwrap_or_default(), 160);
            Err(Fault::new(FaultKind::Rejected, message))
        }
        _ => Err(Fault::new(FaultKind::Broken, "an answer that says neither yes nor no")),
    }
}

/// What the feed tells, how many items were left out, and whether all incidents were read.
pub(super) fn told(feed: &Feed, page: &StatusPage) -> (PageTold, u32, bool) {
    let (mut told, mut skipped, mut complete) = (PageTold::default(), 0, true);
    let mut pairs = Pairs::new();
    for raw in &feed.result.status {
        match item::<Part>(raw).as_ref().and_then(components) {
            Some((id, containers, found)) if told.components.len() < COMPONENTS_MAX => {
                pairs.insert(id, containers);
                told.components.extend(found);
            }
            Some(_) | None => skipped += 1,
        }
    }
    for raw in &feed.result.incidents {
        match item::<Incident>(raw).and_then(|it| post(it, page, &pairs)) {
            Some((post, messages_skipped)) if told.posts.len() < POSTS_MAX => {
                told.posts.push(post);
                skipped += messages_skipped;
            }
            Some(_) | None => {
                skipped += 1;
                complete = false;
            }
        }
    }
    let maintenance = feed.result.maintenance.as_deref().and_then(|raw| maintenance::wire::seen(raw, &pairs));
    (told.maintenances, told.maintenances_complete) = maintenance.unwrap_or_default();
    (told, skipped, complete)
}

/// A component as everything of it that can be chosen: one for each container.
fn components(part: &Part) -> Option<(String, Vec<String>, Vec<Component>)> {
    let name = |part: &Part| clean_line(part.name.as_deref().unwrap_or(&part.id), NAME_MAX);
    let component = id(&part.id)?;
    let containers: Vec<Part> = part.containers.iter().filter_map(|raw| item(raw)).collect();
    let containers: Vec<&Part> = containers.iter().filter(|it| id(&it.id).is_some()).collect();
    if containers.is_empty() {
        return None;
    }
    let found = containers.iter().map(|container| Component {
        id: format!("{component}-{}", container.id),
        name: if containers.len() == 1 { name(part) } else { format!("{} ({})", name(part), name(container)) },
        impact: impact(container.status_code.as_ref()),
    });
    let found = found.collect();
    Some((component, containers.iter().map(|it| it.id.clone()).collect(), found))
}

/// The pairs that are affected: with containers only those, without them the whole components.
pub(super) fn affected(components: &[Part], containers: &[Part], pairs: &Pairs) -> Vec<String> {
    let containers: BTreeSet<&str> = containers.iter().map(|it| it.id.as_str()).collect();
    let affected = components.iter().flat_map(|component| {
        let known = pairs.get(&component.id).into_iter().flatten();
        let named = known.filter(|id| containers.is_empty() || containers.contains(id.as_str()));
        named.map(|container| format!("{}-{container}", component.id))
    });
    affected.collect::<BTreeSet<_>>().into_iter().collect()
}

fn post(it: Incident, page: &StatusPage, pairs: &Pairs) -> Option<(PostSeen, u32)> {
    let id = id(it.id.as_deref()?)?;
    let (updates, skipped) = updates(&it);
    let url = format!("{}/pages/incident/{}/{id}", page.public_url, page.page_id);
    let over = updates.last().is_some_and(|update| update.phase == Some(Phase::Resolved));
    let post = PostSeen {
        title: text::title(it.name.as_deref().unwrap_or_default()),
        url: Some(url).filter(|url| is_web(url)),
        open: it.current_active.unwrap_or(!over),
        components: affected(&it.components_affected, &it.containers_affected, pairs),
        updates,
        id,
    };
    Some((post, skipped))
}

/// The updates, oldest first. One with an unknown state leaves the incident in the phase it was in. The only one of an
/// incident was published when that was opened, where it does not say when.
fn updates(incident: &Incident) -> (Vec<Update>, u32) {
    let messages = &incident.messages;
    let opened = || time(incident.datetime_open.as_deref()).filter(|_| messages.len() == 1);
    let read = |raw: &RawValue| {
        let it: Message = item(raw)?;
        Some((time(it.datetime.as_deref()).or_else(opened)?, it))
    };
    let mut read: Vec<(Time, Message)> = messages.iter().filter_map(|raw| read(raw)).collect();
    read.sort_by_key(|(at, _)| *at);
    let skipped = messages.len() - read.len();
    let mut last = None;
    let newest = read.len().saturating_sub(UPDATES_MAX);
    let updates = read.into_iter().skip(newest).map(|(at, it)| {
        last = phase(it.state.as_ref()).or(last);
        let text = clean_text(it.details.as_deref().unwrap_or_default());
        Update { at, phase: last, impact: impact(it.status.as_ref()), text, mine: false }
    });
    (updates.collect(), u32::try_from(skipped).unwrap_or(u32::MAX))
}

/// `state` and `status` use the same numbers for different things (services.md 3.1).
fn phase(value: Option<&Value>) -> Option<Phase> {
    match code(value)? {
        100 => Some(Phase::Investigating),
        200 => Some(Phase::Identified),
        300 => Some(Phase::Monitoring),
        400 => Some(Phase::Resolved),
        _ => None,
    }
}

fn impact(value: Option<&Value>) -> Option<Impact> {
    match code(value)? {
        100 => Some(Impact::Operational),
        300 => Some(Impact::Degraded),
        400 => Some(Impact::Partial),
        500 => Some(Impact::Disruption),
        600 => Some(Impact::Security),
        // 200 is planned maintenance, which no incident has.
        _ => None,
    }
}

fn status_code(impact: Impact) -> u16 {
    match impact {
        Impact::Operational => 100,
        Impact::Degraded => 300,
        Impact::Partial => 400,
        Impact::Disruption => 500,
        Impact::Security => 600,
    }
}

fn state_code(phase: Phase) -> u16 {
    match phase {
        Phase::Investigating => 100,
        Phase::Identified => 200,
        // Resolving is a call of its own; the official clients know no state for it (services.md 3.1).
        Phase::Monitoring | Phase::Resolved => 300,
    }
}

/// The call that publishes this, and its body. The subject is left to the page's default.
pub(super) fn request(page_id: &str, publication: &Publication) -> (&'static str, Value) {
    let text = &publication.text;
    let resolves = resolves(publication);
    // Only a resolution comes without a status.
    let impact = text.impact.filter(|_| !resolves).unwrap_or(Impact::Operational);
    let mut body = json!({
        "statuspage_id": page_id,
        "incident_details": text.body,
        "current_status": status_code(impact),
        "current_state": state_code(text.phase),
    });
    for channel in Broadcast::ALL {
        body[flag(channel)] = json!(if text.muted.contains(&channel) { "0" } else { "1" });
    }
    match &publication.post {
        None => {
            body["incident_name"] = json!(text.title);
            body["infrastructure_affected"] = json!(text.components);
            body["all_infrastructure_affected"] = json!("0");
            ("/incident/create", body)
        }
        Some(post) => {
            body["incident_id"] = json!(post);
            (if resolves { "/incident/resolve" } else { "/incident/update" }, body)
        }
    }
}

pub(super) fn flag(channel: Broadcast) -> &'static str {
    match channel {
        Broadcast::Email => "notify_email",
        Broadcast::Sms => "notify_sms",
        Broadcast::Webhook => "notify_webhook",
        Broadcast::Social => "social",
        Broadcast::Irc => "irc",
        Broadcast::Msteams => "msteams",
        Broadcast::Slack => "slack",
    }
}

/// What reading back saw.
#[derive(Debug, PartialEq)]
pub(super) struct Looked {
    /// The incident that holds what was published.
    pub found: Option<String>,
    /// All incidents that were there.
    pub ids: Vec<String>,
}

/// Incidents as they are now. `None` when one of them cannot be read, so that nothing is certain. Their components count
/// as those that are known while it is the same ones: the API does not tell which parts of a component are chosen.
pub(super) fn posts(result: &RawValue, page: &StatusPage, publication: &Publication) -> Option<Vec<PostSeen>> {
    let items = item::<Vec<Box<RawValue>>>(result).unwrap_or_else(|| vec![result.to_owned()]);
    let known = publication.basis.as_ref().map(|basis| &basis.components);
    let parts = |ids: &BTreeSet<String>| {
        let part = |id: &String| id.split_once('-').map_or(id.clone(), |(component, _)| component.to_owned());
        ids.iter().map(part).collect::<BTreeSet<_>>()
    };
    let read = |raw: &RawValue| {
        let it: Incident = item(raw)?;
        let named: BTreeSet<String> = it.components_affected.iter().map(|it| it.id.clone()).collect();
        let (mut post, skipped) = post(it, page, &Pairs::new())?;
        let same = known.filter(|known| named.is_empty() || parts(known) == named);
        post.components = same.unwrap_or(&named).iter().cloned().collect();
        (skipped == 0).then_some(post)
    };
    items.iter().map(|raw| read(raw)).collect()
}

/// Looks for a publication among incidents. `None` when something there cannot be read, so that nothing is certain.
pub(super) fn look(result: &RawValue, publication: &Publication, earliest: Time) -> Option<Looked> {
    let items = match item::<Vec<Box<RawValue>>>(result) {
        Some(items) => items,
        None => vec![result.to_owned()],
    };
    let mut looked = Looked { found: None, ids: vec![] };
    let mut unclear = false;
    for raw in &items {
        let it: Incident = item(raw)?;
        let id = id(it.id.as_deref()?)?;
        let candidate = match &publication.post {
            Some(post) => *post == id,
            None => {
                let before = publication.basis.as_ref().is_some_and(|basis| basis.posts.contains(&id));
                !before && same_text(it.name.as_deref().unwrap_or_default(), &publication.text.title)
            }
        };
        // Words that were there when it was sent are an earlier update's: Status.io knows no marks.
        let (updates, _) = updates(&it);
        let seen = PostSeen { updates, ..empty(&id) };
        let same = |update: &Update| same_text(&update.text, &publication.text.body);
        let fresh = publication.basis.as_ref().is_none_or(|basis| basis.news(&seen).iter().any(same));
        for raw in it.messages.iter().filter(|_| candidate) {
            match item::<Message>(raw).and_then(|message| is_it(&message, publication, earliest)) {
                Some(true) if fresh => looked.found = Some(id.clone()),
                Some(_) => {}
                None => unclear = true,
            }
        }
        unclear |= candidate && it.messages.is_empty();
        looked.ids.push(id);
    }
    (looked.found.is_some() || !unclear).then_some(looked)
}

fn empty(id: &str) -> PostSeen {
    let (title, url, open) = (String::new(), None, true);
    PostSeen { id: id.to_owned(), title, url, open, updates: vec![], components: vec![] }
}

/// Whether a message is the one that was published. Of a resolution the page chooses the state.
fn is_it(message: &Message, publication: &Publication, earliest: Time) -> Option<bool> {
    if !same_text(message.details.as_deref()?, &publication.text.body) {
        return Some(false);
    }
    let recent = time(message.datetime.as_deref()).is_none_or(|at| at >= earliest);
    let state = phase(message.state.as_ref()).is_none_or(|phase| phase == publication.text.phase);
    Some(recent && (state || resolves(publication)))
}

#[cfg(test)]
mod tests;
