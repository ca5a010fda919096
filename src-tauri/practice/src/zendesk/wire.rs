//! Zendesk's JSON.
//!
//! Source: the answers of a real Zendesk that zenpy's tests recorded, facetoe/zenpy, `tests/test_api/betamax`: tickets with
//! their audit, users, jobs, both kinds of pages.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use crate::cast::Cast;

use super::tickets::{CUSTOMER, Comment, Ticket, Time};

/// The id of the first agent; the cast follows in its order.
const FIRST_AGENT: u64 = 7_900_101;

/// Writes for one world.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wire<'a> {
    pub(super) cast: &'a Cast,
    /// The address of the API, without a slash at the end.
    pub(super) api: &'a str,
}

pub(super) fn stamp(time: Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Gives the id of an agent by their place in the cast.
pub(super) fn agent_id(place: usize) -> u64 {
    FIRST_AGENT + place as u64
}

impl Wire<'_> {
    pub(super) fn ticket(self, it: &Ticket) -> Value {
        let requester = it.comments.first().map_or(CUSTOMER, |first| first.by);
        let channel = if requester == CUSTOMER { "email" } else { "api" };
        let mut shown = json!({
            "url": format!("{}/tickets/{}.json", self.api, it.id),
            "id": it.id,
            "external_id": null,
            "via": {"channel": channel, "source": {"from": {}, "to": {}, "rel": null}},
            "created_at": stamp(it.created_at),
            "updated_at": stamp(it.updated_at),
            "type": it.kind,
            "subject": it.subject,
            "raw_subject": it.subject,
            "description": it.description,
            "priority": it.priority,
            "status": it.status,
            "recipient": null,
            "requester_id": requester,
            "submitter_id": requester,
            "assignee_id": it.assignee,
            "organization_id": null,
            "group_id": null,
            "collaborator_ids": [],
            "follower_ids": [],
            "email_cc_ids": [],
            "forum_topic_id": null,
            "problem_id": null,
            "has_incidents": false,
            "is_public": true,
        });
        let more = json!({
            "due_at": null,
            "tags": it.tags,
            "custom_fields": [],
            "satisfaction_rating": null,
            "sharing_agreement_ids": [],
            "followup_ids": [],
            "allow_channelback": false,
            "allow_attachments": true,
            "from_messaging_channel": false,
        });
        if let (Some(shown), Value::Object(more)) = (shown.as_object_mut(), more) {
            shown.extend(more);
        }
        shown
    }

    /// Writes the audit of a change: the comment it brought, if any, and the fields that are new.
    pub(super) fn audit(self, it: &Ticket, by: u64, comment: Option<&Comment>) -> Value {
        let id = it.id * 1000 + it.comments.len() as u64;
        let events: Vec<Value> = comment.map(|comment| self.comment(comment)).into_iter().collect();
        json!({
            "id": id,
            "ticket_id": it.id,
            "created_at": stamp(it.updated_at),
            "author_id": by,
            "metadata": {"system": {}, "custom": {}},
            "events": events,
            "via": {"channel": "api", "source": {"from": {}, "to": {}, "rel": null}},
        })
    }

    pub(super) fn comment(self, it: &Comment) -> Value {
        json!({
            "id": it.id,
            "type": "Comment",
            "author_id": it.by,
            "body": it.body,
            "html_body": it.body,
            "plain_body": it.body,
            "public": it.public,
            "attachments": [],
            "created_at": stamp(it.at),
        })
    }

    /// Writes somebody by their id: an agent of the cast, or the customer.
    pub(super) fn user(self, id: u64, since: Time) -> Option<Value> {
        let agent = id.checked_sub(FIRST_AGENT).and_then(|place| self.cast.users.get(usize::try_from(place).ok()?));
        let (name, email, role, zone) = match agent {
            Some(user) => (user.name.as_str(), user.email.as_str(), "agent", user.time_zone.as_str()),
            None if id == CUSTOMER => ("Customer", "customer@example.com", "end-user", "Etc/UTC"),
            None => return None,
        };
        Some(json!({
            "id": id,
            "url": format!("{}/users/{id}.json", self.api),
            "name": name,
            "email": email,
            "created_at": stamp(since),
            "updated_at": stamp(since),
            "time_zone": zone,
            "iana_time_zone": zone,
            "phone": null,
            "photo": null,
            "locale": "en-US",
            "organization_id": null,
            "role": role,
            "verified": true,
            "external_id": null,
            "tags": [],
            "alias": null,
            "active": true,
            "shared": false,
            "suspended": false,
            "user_fields": {},
        }))
    }

    /// Writes what came of a request for many tickets; here it is done at once.
    pub(super) fn job(self, number: usize, ids: &[u64], now: Time) -> Value {
        let id = format!("V3-{number:032x}");
        let results: Vec<Value> = ids.iter().enumerate().map(|(index, id)| json!({"index": index, "id": id})).collect();
        json!({"job_status": {
            "id": id,
            "url": format!("{}/job_statuses/{id}.json", self.api),
            "total": ids.len(),
            "progress": ids.len(),
            "status": "completed",
            "message": format!("Completed at {}", now.format("%Y-%m-%d %H:%M:%S +0000")),
            "results": results,
        }})
    }
}
