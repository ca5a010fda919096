//! Writes GitLab's JSON.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use crate::cast::{Cast, Project};

use super::issue::{Issue, LabelEvent, NoteEntry, StateEvent, Time};
use super::labels::{Styles, usual_color};
use super::token::Person;

/// Writes things as GitLab shows them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wire<'a> {
    pub(super) cast: &'a Cast,
    pub(super) base: &'a str,
    pub(super) styles: &'a Styles,
    pub(super) with_labels_details: bool,
}

/// GitLab's times always have milliseconds.
pub(super) fn stamp(time: Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub(super) fn state_word(issue: &Issue) -> &'static str {
    if issue.open { "opened" } else { "closed" }
}

pub(super) fn web_url(cast: &Cast, base: &str, issue: &Issue) -> String {
    format!("{base}/gitlab/{}/-/issues/{}", cast.projects[issue.project].path, issue.iid)
}

impl Wire<'_> {
    pub(super) fn issue(self, issue: &Issue) -> Value {
        let project = &self.cast.projects[issue.project];
        let assignees: Vec<Value> = issue.assignees.iter().map(|place| self.person(*place)).collect();
        let labels: Vec<Value> = match self.with_labels_details {
            true => issue.labels.iter().map(|name| self.label(name)).collect(),
            false => issue.labels.iter().map(|name| json!(name)).collect(),
        };
        let api = format!("{}/gitlab/api/v4/projects/{}", self.base, project.id);
        let own = format!("{api}/issues/{}", issue.iid);
        let spoken = issue.notes.iter().filter(|note| !note.system).count();
        let mut shown = json!({
            "id": issue.id,
            "iid": issue.iid,
            "project_id": project.id,
            "title": issue.title,
            "description": issue.description,
            "state": state_word(issue),
            "created_at": stamp(issue.created_at),
            "updated_at": stamp(issue.updated_at),
            "closed_at": issue.closed.map(|(at, _)| stamp(at)),
            "closed_by": issue.closed.map(|(_, by)| self.person(by)),
            "labels": labels,
            "milestone": null,
            "assignees": assignees,
            "author": self.person(issue.author),
            "type": issue.kind.to_uppercase(),
            "assignee": assignees.first(),
            "user_notes_count": spoken,
            "merge_requests_count": 0,
            "upvotes": 0,
            "downvotes": 0,
            "due_date": null,
            "confidential": issue.confidential,
            "discussion_locked": null,
            "issue_type": issue.kind,
            "web_url": web_url(self.cast, self.base, issue),
        });
        let more = json!({
            "time_stats": {"time_estimate": 0, "total_time_spent": 0,
                "human_time_estimate": null, "human_total_time_spent": null},
            "task_completion_status": {"count": 0, "completed_count": 0},
            "has_tasks": false,
            "weight": null,
            "blocking_issues_count": 0,
            "epic": null,
            "health_status": null,
            // Not the label: production leaves this field alone.
            "severity": "UNKNOWN",
            "imported": false,
            "imported_from": "none",
            "moved_to_id": null,
            "service_desk_reply_to": null,
            "references": {
                "short": format!("#{}", issue.iid),
                "relative": format!("#{}", issue.iid),
                "full": format!("{}#{}", project.path, issue.iid),
            },
            "_links": {
                "self": own,
                "notes": format!("{own}/notes"),
                "award_emoji": format!("{own}/award_emoji"),
                "project": api,
                "closed_as_duplicate_of": null,
            },
        });
        if let (Some(shown), Value::Object(more)) = (shown.as_object_mut(), more) {
            shown.extend(more);
        }
        shown
    }

    pub(super) fn note(self, issue: &Issue, note: &NoteEntry) -> Value {
        json!({
            "id": note.id,
            "type": note.threaded.then_some("DiscussionNote"),
            "body": note.body,
            "author": self.person(note.author),
            "created_at": stamp(note.at),
            "updated_at": stamp(note.at),
            "system": note.system,
            "noteable_id": issue.id,
            "noteable_type": "Issue",
            "project_id": self.cast.projects[issue.project].id,
            "resolvable": false,
            "confidential": note.internal,
            "internal": note.internal,
            "imported": false,
            "imported_from": "none",
            "noteable_iid": issue.iid,
            "commands_changes": {},
        })
    }

    pub(super) fn label_event(self, issue: &Issue, event: &LabelEvent) -> Value {
        json!({
            "id": event.id,
            "user": self.person(event.by),
            "created_at": stamp(event.at),
            "resource_type": "Issue",
            "resource_id": issue.id,
            "label": self.label(&event.label),
            "action": if event.added { "add" } else { "remove" },
        })
    }

    /// Source: docs.gitlab.com, "Resource state events API".
    pub(super) fn state_event(self, issue: &Issue, event: &StateEvent) -> Value {
        json!({
            "id": event.id,
            "user": self.person(event.by),
            "created_at": stamp(event.at),
            "resource_type": "Issue",
            "resource_id": issue.id,
            "state": if event.open { "reopened" } else { "closed" },
        })
    }

    pub(super) fn label(self, name: &str) -> Value {
        let id = name.bytes().fold(7_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 9_999_991);
        let style = self.styles.get(name);
        json!({
            "id": id,
            "name": name,
            "description": style.and_then(|it| it.description.as_ref()),
            "description_html": "",
            "text_color": "#FFFFFF",
            "color": style.map_or_else(usual_color, |it| it.color.clone()),
            "archived": false,
        })
    }

    pub(super) fn project(self, project: &Project) -> Value {
        let (group, slug) = project.path.rsplit_once('/').unwrap_or(("", &project.path));
        json!({
            "id": project.id,
            "description": null,
            "name": project.name,
            "name_with_namespace": format!("{} / {}", group.replace('/', " / "), project.name),
            "path": slug,
            "path_with_namespace": project.path,
            "default_branch": "main",
            "visibility": if project.public { "public" } else { "private" },
            "issues_enabled": true,
            "archived": false,
            "web_url": format!("{}/gitlab/{}", self.base, project.path),
            "namespace": {"kind": "group", "full_path": group},
            "_links": {"self": format!("{}/gitlab/api/v4/projects/{}", self.base, project.id)},
        })
    }

    pub(super) fn person(self, place: usize) -> Value {
        let person = Person::of(self.cast, place);
        json!({
            "id": person.id,
            "username": person.username,
            "public_email": null,
            "name": person.name,
            "state": "active",
            "locked": false,
            "avatar_url": null,
            "web_url": format!("{}/gitlab/{}", self.base, person.username),
        })
    }
}
