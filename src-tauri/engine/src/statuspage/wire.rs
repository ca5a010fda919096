//! Statuspage's JSON: the feed read leniently, requests built exactly (services.md 4, faults.md 11).

use std::collections::{BTreeMap, BTreeSet};

use herald_core::amends::Amends;
use herald_core::draft::{Broadcast, Publication, ReadBackPost};
use herald_core::feed::{Component, PageTold, PostSeen, Update};
use herald_core::text::{self, clean_line, same_text};
use herald_core::{Impact, Phase, Time};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::maintenance;
use crate::lenient::{clean_text, id, is_web, item, lenient, lenient_list, time};
use crate::syndication::html;

/// A body on its way to the service, or one that is only looked into.
pub(super) type Body = Value;

/// Most components, incidents and updates that are kept.
const COMPONENTS_MAX: usize = 1000;
const POSTS_MAX: usize = 100;
const UPDATES_MAX: usize = 300;
/// Longest name that is kept, in graphemes.
const NAME_MAX: usize = 80;

/// `summary.json`; without its lists it is not Statuspage's answer.
#[derive(Deserialize)]
pub(super) struct Feed {
    components: Vec<Box<RawValue>>,
    incidents: Vec<Box<RawValue>>,
    #[serde(default, deserialize_with = "lenient")]
    scheduled_maintenances: Option<Vec<Box<RawValue>>>,
}

#[derive(Deserialize)]
pub(super) struct Part {
    pub id: String,
    #[serde(default, deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    status: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    group: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    group_id: Option<String>,
}

#[derive(Deserialize)]
struct Incident {
    id: String,
    #[serde(default, deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    status: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    impact: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    started_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    created_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    updated_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    shortlink: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    incident_updates: Option<Vec<Box<RawValue>>>,
    #[serde(default, deserialize_with = "lenient_list")]
    components: Vec<Part>,
    #[serde(default, deserialize_with = "lenient")]
    metadata: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct IncidentUpdate {
    #[serde(default, deserialize_with = "lenient")]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub body: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub created_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    display_at: Option<String>,
    #[serde(default, deserialize_with = "lenient_list")]
    affected_components: Vec<Affected>,
}

#[derive(Deserialize)]
struct Affected {
    #[serde(default, deserialize_with = "lenient")]
    new_status: Option<String>,
}

impl IncidentUpdate {
    /// When customers are told that it was published.
    fn at(&self) -> Option<Time> {
        time(self.display_at.as_deref()).or_else(|| time(self.created_at.as_deref()))
    }
}

/// What the feed tells, how many items were left out, and whether all incidents were read.
pub(super) fn told(feed: &Feed) -> (PageTold, u32, bool) {
    let (mut told, mut skipped, mut complete) = (PageTold::default(), 0, true);
    let read = |raw: &RawValue| item::<Part>(raw).filter(|it| id(&it.id).is_some());
    let parts: Vec<Option<Part>> = feed.components.iter().map(|raw| read(raw)).collect();
    let name = |part: &Part| clean_line(part.name.as_deref().unwrap_or(&part.id), NAME_MAX);
    let is_group = |part: &&Part| part.group == Some(true);
    let groups: BTreeMap<&str, String> =
        parts.iter().flatten().filter(is_group).map(|part| (part.id.as_str(), name(part))).collect();
    for part in &parts {
        match part {
            Some(part) if is_group(&part) => {}
            Some(part) if told.components.len() < COMPONENTS_MAX => {
                let group = part.group_id.as_deref().and_then(|group| groups.get(group));
                let name = group.map_or_else(|| name(part), |group| format!("{} ({group})", name(part)));
                told.components.push(Component { id: part.id.clone(), name, impact: impact(part.status.as_deref()) });
            }
            Some(_) | None => skipped += 1,
        }
    }
    for raw in &feed.incidents {
        let incident = item::<Incident>(raw);
        // Some lists hold planned work, too; it has words of its own, and a list of its own here.
        if incident.as_ref().is_some_and(planned) {
            continue;
        }
        match incident.and_then(post) {
            Some((post, updates_skipped)) if told.posts.len() < POSTS_MAX => {
                told.posts.push(post);
                skipped += updates_skipped;
            }
            Some(_) | None => {
                skipped += 1;
                complete = false;
            }
        }
    }
    if let Some(planned) = &feed.scheduled_maintenances {
        (told.maintenances, told.maintenances_complete) = maintenance::wire::seen(planned);
    }
    (told, skipped, complete)
}

/// Whether it is planned work.
fn planned(it: &Incident) -> bool {
    let words = ["scheduled", "in_progress", "verifying", "completed"];
    it.impact.as_deref() == Some("maintenance") || it.status.as_deref().is_some_and(|status| words.contains(&status))
}

fn post(it: Incident) -> Option<(PostSeen, u32)> {
    let (updates, skipped) = updates(&it);
    let post = PostSeen {
        id: id(&it.id)?,
        title: text::title(it.name.as_deref().unwrap_or_default()),
        url: it.shortlink.filter(|url| is_web(url)),
        open: phase(it.status.as_deref()) != Some(Phase::Resolved),
        components: it.components.iter().filter_map(|it| id(&it.id)).collect::<BTreeSet<_>>().into_iter().collect(),
        updates,
    };
    Some((post, skipped))
}

/// The updates, oldest first. One with an unknown status leaves the incident in the phase it was in; what the incident
/// says of itself is true of the newest, which also has its time where none of them has one.
fn updates(incident: &Incident) -> (Vec<Update>, u32) {
    let values = incident.incident_updates.as_deref().unwrap_or_default();
    let mut read: Vec<(Option<Time>, IncidentUpdate)> =
        values.iter().filter_map(|raw| item::<IncidentUpdate>(raw)).map(|it| (it.at(), it)).collect();
    if read.iter().all(|(at, _)| at.is_none()) {
        let own = [&incident.updated_at, &incident.created_at, &incident.started_at];
        let own = own.into_iter().find_map(|at| time(at.as_deref()));
        // Statuspage lists the newest first.
        read.first_mut().into_iter().for_each(|(at, _)| *at = own);
    }
    let mut read: Vec<(Time, IncidentUpdate)> = read.into_iter().filter_map(|(at, it)| Some((at?, it))).collect();
    read.sort_by_key(|(at, _)| *at);
    let skipped = values.len() - read.len();
    let newest_says = read.last().is_some_and(|(_, it)| phase(it.status.as_deref()).is_some());
    let mut last = None;
    let newest = read.len().saturating_sub(UPDATES_MAX);
    let updates = read.into_iter().skip(newest).map(|(at, it)| {
        last = phase(it.status.as_deref()).or(last);
        let text = clean_text(&html::text(it.body.as_deref().unwrap_or_default()));
        Update { at, phase: last, impact: gravest(&it.affected_components), text, mine: false }
    });
    let mut updates: Vec<Update> = updates.collect();
    if let Some(newest) = updates.last_mut().filter(|_| !newest_says) {
        newest.phase = phase(incident.status.as_deref()).or(newest.phase);
    }
    (updates, u32::try_from(skipped).unwrap_or(u32::MAX))
}

/// The gravest status that an update gives; none when one of them is unknown.
fn gravest(affected: &[Affected]) -> Option<Impact> {
    let all: Option<Vec<Impact>> = affected.iter().map(|it| impact(it.new_status.as_deref())).collect();
    all?.into_iter().max()
}

fn phase(status: Option<&str>) -> Option<Phase> {
    match status? {
        "investigating" => Some(Phase::Investigating),
        "identified" => Some(Phase::Identified),
        "monitoring" => Some(Phase::Monitoring),
        "resolved" | "postmortem" => Some(Phase::Resolved),
        _ => None,
    }
}

fn impact(status: Option<&str>) -> Option<Impact> {
    match status? {
        "operational" => Some(Impact::Operational),
        "degraded_performance" => Some(Impact::Degraded),
        "partial_outage" => Some(Impact::Partial),
        "major_outage" => Some(Impact::Disruption),
        _ => None,
    }
}

fn status_word(impact: Impact) -> &'static str {
    match impact {
        Impact::Operational => "operational",
        Impact::Degraded => "degraded_performance",
        Impact::Partial => "partial_outage",
        // There is no word for security.
        Impact::Disruption | Impact::Security => "major_outage",
    }
}

/// The body that publishes this. Components are sent twice: one list attaches them, the other gives their status.
pub(super) fn request(publication: &Publication) -> Value {
    let text = &publication.text;
    // Only a resolution comes without a status.
    let impact = text.impact.filter(|_| text.phase != Phase::Resolved).unwrap_or(Impact::Operational);
    let mut incident = json!({
        "status": text.phase.key(),
        "body": text.body,
        "deliver_notifications": !text.muted.contains(&Broadcast::Email),
        "metadata": { "herald": { "publication": marker(publication) } },
    });
    let amends = amends(publication);
    if amends.title {
        incident["name"] = json!(text.title);
    }
    if !amends.sets.is_empty() {
        let statuses: BTreeMap<&str, &str> = amends.sets.iter().map(|id| (id.as_str(), status_word(impact))).collect();
        incident["components"] = json!(statuses);
    }
    // An empty list would take all components off the incident.
    if !text.components.is_empty() && (amends.components || !amends.sets.is_empty()) {
        incident["component_ids"] = json!(text.components);
    }
    json!({ "incident": incident })
}

/// What it says beside words and phase: everything when it opens the incident.
fn amends(publication: &Publication) -> Amends {
    let all =
        || Amends { title: publication.post.is_none(), components: true, sets: publication.text.components.clone() };
    publication.amends.clone().filter(|_| publication.post.is_some()).unwrap_or_else(all)
}

/// Tells this attempt from all others, the same each time it is asked.
fn marker(publication: &Publication) -> String {
    format!("{}-{}", publication.incident, publication.asked_at.timestamp_millis())
}

/// The id of what an answer describes.
pub(super) fn published(answer: &Value) -> Option<String> {
    id(answer.get("id")?.as_str()?)
}

/// Incidents as they are now. `None` when one of them cannot be read, so that nothing is certain.
pub(super) fn posts(list: &[Box<RawValue>]) -> Option<Vec<PostSeen>> {
    let read = |raw: &RawValue| {
        let it: Incident = item(raw)?;
        it.incident_updates.as_ref()?;
        let (post, skipped) = post(it)?;
        (skipped == 0).then_some(post)
    };
    list.iter().map(|raw| read(raw)).collect()
}

/// Looks for a publication among incidents: by its marker, and then by words that were not there when it was sent. `None`
/// when something there cannot be read, so that nothing is certain.
pub(super) fn look(list: &[Box<RawValue>], publication: &Publication, earliest: Time) -> Option<ReadBackPost> {
    let marker = marker(publication);
    let (mut unclear, mut alike) = (false, false);
    for raw in list {
        let Some((it, id)) = item::<Incident>(raw).and_then(|it| id(&it.id).map(|id| (it, id))) else {
            unclear = true;
            continue;
        };
        let mark =
            it.metadata.as_ref().and_then(|it| it.get("herald")?.get("publication")?.as_str()).map(str::to_owned);
        if mark.as_ref() == Some(&marker) {
            return Some(ReadBackPost::There { post: id });
        }
        let known = publication.basis.as_ref();
        let candidate = match &publication.post {
            Some(post) => *post == id,
            None => {
                let before = known.is_some_and(|basis| basis.posts.contains(&id));
                !before && same_text(it.name.as_deref().unwrap_or_default(), &publication.text.title)
            }
        };
        let Some(updates) = it.incident_updates.as_ref().filter(|_| candidate) else {
            unclear |= candidate;
            continue;
        };
        if !updates.iter().any(|update| is_it(update, publication, earliest)) {
            continue;
        }
        let text = &publication.text;
        let is = |update: &Update| update.phase == Some(text.phase) && same_text(&update.text, &text.body);
        if post(it).is_some_and(|(post, _)| known.is_none_or(|basis| basis.news(&post).iter().any(is))) {
            // Each of Herald's updates carries its mark: under another one the same words are somebody else's, or a mark
            // was overwritten since. Where no mark is told, the words decide.
            alike = true;
            if mark.is_none() {
                return Some(ReadBackPost::There { post: id });
            }
        }
    }
    match (alike, unclear) {
        (true, _) => Some(ReadBackPost::Alike),
        (false, false) => Some(ReadBackPost::Absent),
        (false, true) => None,
    }
}

fn is_it(update: &RawValue, publication: &Publication, earliest: Time) -> bool {
    item::<IncidentUpdate>(update).is_some_and(|it| {
        let created = time(it.created_at.as_deref()).or(it.at());
        created.is_none_or(|at| at >= earliest)
            && phase(it.status.as_deref()).is_none_or(|phase| phase == publication.text.phase)
            && same_text(it.body.as_deref().unwrap_or_default(), &publication.text.body)
    })
}

#[cfg(test)]
mod tests;
