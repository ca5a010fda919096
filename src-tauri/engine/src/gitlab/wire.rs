//! GitLab's JSON, read leniently (services.md 2, faults.md 11).

use herald_core::feed::IssueSeen;
use herald_core::playbook::TrackerRules;
use herald_core::text::{self, clean_line};
use herald_core::{Severity, Time};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{encoded, facts};
use crate::lenient::{is_web, item, lenient, lenient_list, time};

/// Anything that GitLab tells.
pub(super) trait Told: serde::de::DeserializeOwned {}

impl<T: serde::de::DeserializeOwned> Told for T {}

/// Most labels of an issue that are kept.
const LABELS_MAX: usize = 60;
/// Longest label that is kept, in graphemes.
const LABEL_MAX: usize = 100;

/// `GET /user`; without an id it is not GitLab's answer.
#[derive(Deserialize)]
pub(super) struct User {
    #[serde(rename = "id")]
    _id: u64,
    #[serde(default, deserialize_with = "lenient")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub username: Option<String>,
}

/// `GET /personal_access_tokens/self`.
#[derive(Deserialize)]
pub(super) struct Token {
    #[serde(default, deserialize_with = "lenient")]
    pub scopes: Option<Vec<String>>,
}

/// `GET /projects/:id/labels/:name`; without a name it is not GitLab's answer.
#[derive(Deserialize)]
pub(super) struct LabelSeen {
    #[serde(rename = "name")]
    _name: String,
}

/// An issue, as far as its labels are concerned.
#[derive(Deserialize)]
pub(super) struct Labelled {
    #[serde(default, deserialize_with = "lenient_list")]
    labels: Vec<Value>,
}

impl Labelled {
    /// Whether it carries this label.
    pub fn has(&self, name: &str) -> bool {
        self.labels.iter().filter_map(label).any(|it| it == name)
    }

    /// A label that GitLab would take away for this one, as they have the same scope: all before the last `::`.
    pub fn rival(&self, name: &str) -> Option<String> {
        let scope = |it: &str| it.rsplit_once("::").map(|(scope, _)| scope.to_owned());
        let wanted = scope(name)?;
        self.labels.iter().filter_map(label).find(|it| *it != name && scope(it).as_ref() == Some(&wanted))
    }
}

/// `GET /projects/:id/issues/:iid`, as far as its words are concerned; without a number it is not GitLab's answer.
#[derive(Deserialize)]
pub(super) struct Worded {
    #[serde(rename = "iid")]
    _iid: u64,
    #[serde(default, deserialize_with = "lenient")]
    pub title: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub description: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub confidential: Option<bool>,
}

/// An issue that was filed, as far as that is to be known.
#[derive(Deserialize)]
pub(super) struct Filed {
    iid: u64,
    #[serde(default, deserialize_with = "lenient")]
    title: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    description: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    created_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    confidential: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    web_url: Option<String>,
}

impl Filed {
    /// Whether it says this, and was made since then where it tells. GitLab trims what it is given, and what stands
    /// between words may come back otherwise.
    pub fn says(&self, title: &str, text: &str, since: Time) -> bool {
        let same = |it: &Option<String>, wanted: &str| {
            it.as_deref().is_some_and(|it| it.split_whitespace().eq(wanted.split_whitespace()))
        };
        let new = time(self.created_at.as_deref()).is_none_or(|at| at >= since);
        new && same(&self.title, title) && same(&self.description, text)
    }

    /// Where it stands, and whether only members see it.
    pub fn at(self, base_url: &str, project: &str) -> super::FiledIssue {
        let url = self.web_url.filter(|url| is_web(url)).unwrap_or_else(|| link(base_url, project, self.iid));
        super::FiledIssue { url, confidential: self.confidential == Some(true) }
    }
}

/// Asks for an issue that only members see; GitLab's default is public.
pub(super) fn files_confidentially(title: &str, text: &str, labels: &[String]) -> Value {
    json!({
        "title": title,
        "description": text,
        "confidential": true,
        "issue_type": "issue",
        "labels": labels.join(","),
    })
}

/// Asks for one more label. `labels` would replace all of them.
pub(super) fn adds_label(label: &str) -> Value {
    json!({ "add_labels": label })
}

#[derive(Deserialize)]
struct Issue {
    iid: u64,
    #[serde(default, deserialize_with = "lenient")]
    title: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    description: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    state: Option<String>,
    #[serde(default, deserialize_with = "lenient_list")]
    labels: Vec<Value>,
    #[serde(default, deserialize_with = "lenient")]
    confidential: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    severity: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    web_url: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    created_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    updated_at: Option<String>,
}

/// Reads one issue. `None` when it lacks what makes an issue: a number.
pub(super) fn issue(
    raw: &RawValue,
    rules: &TrackerRules,
    base_url: &str,
    project: &str,
    asked_at: Time,
) -> Option<IssueSeen> {
    let it: Issue = item(raw)?;
    let created = time(it.created_at.as_deref());
    let updated = time(it.updated_at.as_deref());
    let created_at = created.or(updated).unwrap_or(asked_at);
    let labels: Vec<String> = it.labels.iter().filter_map(label).take(LABELS_MAX).collect();
    let carries = |wanted: &String| labels.iter().any(|label| label.eq_ignore_ascii_case(wanted.trim()));
    Some(IssueSeen {
        iid: it.iid,
        url: it.web_url.filter(|url| is_web(url)).unwrap_or_else(|| link(base_url, project, it.iid)),
        title: text::title(it.title.as_deref().unwrap_or_default()),
        // A label is the team's own word; GitLab's field counts where no label says it.
        severity: labels
            .iter()
            .filter_map(|label| severity(label, &rules.severity_label))
            .min()
            .or_else(|| severity_field(it.severity.as_deref()?)),
        // What GitLab calls by another name one day is taken as open (faults.md 11).
        open: it.state.as_deref() != Some("closed"),
        active: rules.labels.iter().all(carries),
        says: rules.states.iter().rev().find(|(_, labels)| labels.iter().any(carries)).map(|(state, _)| *state),
        labels,
        // Whoever does not say that it is public does not get it linked to customers.
        confidential: it.confidential.unwrap_or(true),
        found: facts::find(it.description.as_deref().unwrap_or_default(), &rules.facts),
        created_at,
        updated_at: updated.unwrap_or(created_at),
    })
}

/// A label, as its name or as an object that has one.
fn label(value: &Value) -> Option<String> {
    let name = value.as_str().or_else(|| value.get("name")?.as_str())?;
    Some(clean_line(name, LABEL_MAX)).filter(|name| !name.is_empty())
}

fn severity(label: &str, before: &str) -> Option<Severity> {
    match label.strip_prefix(before)?.trim() {
        "1" => Some(Severity::S1),
        "2" => Some(Severity::S2),
        "3" => Some(Severity::S3),
        "4" => Some(Severity::S4),
        _ => None,
    }
}

/// GitLab's own field, which its documentation of incidents pairs with S1 to S4; `UNKNOWN` is what nobody chose.
fn severity_field(field: &str) -> Option<Severity> {
    match field.to_ascii_lowercase().as_str() {
        "critical" => Some(Severity::S1),
        "high" => Some(Severity::S2),
        "medium" => Some(Severity::S3),
        "low" => Some(Severity::S4),
        _ => None,
    }
}

/// Where an issue stands that does not say it: on the site, or at least in the API.
fn link(base_url: &str, project: &str, iid: u64) -> String {
    match base_url.strip_suffix("/api/v4") {
        Some(site) if project.contains('/') => format!("{site}/{project}/-/issues/{iid}"),
        Some(_) | None => format!("{base_url}/projects/{}/issues/{iid}", encoded(project)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::DateTime;
    use herald_core::feed::IssueState;
    use herald_core::playbook::IssueFact;

    use super::*;

    fn read(json: &str) -> Option<IssueSeen> {
        let rules = TrackerRules {
            base_url: "https://gl.example/api/v4".into(),
            project: "ops/production".into(),
            labels: vec!["incident".into()],
            severity_label: "severity::".into(),
            page_label: "On-Page".into(),
            states: BTreeMap::from([
                (IssueState::Active, vec!["State::On".into()]),
                (IssueState::Mitigated, vec!["State::Better".into()]),
                (IssueState::Resolved, vec!["State::Over".into(), "Reviewed".into()]),
            ]),
            facts: BTreeMap::from([(IssueFact::Im, vec!["IM:".into()])]),
            poll_s: 30,
        };
        let raw = RawValue::from_string(json.to_owned()).expect("valid JSON");
        issue(&raw, &rules, "https://gl.example/api/v4", "ops/production", DateTime::UNIX_EPOCH)
    }

    #[test]
    fn an_issue() {
        let seen = read(
            r#"{"iid":12,"id":9,"title":"2026-06-03: Sign-in fails","description":"IM: @ann","state":"opened",
            "labels":["incident","severity::2"],"confidential":false,"created_at":"2026-06-03T10:00:00.123Z",
            "updated_at":"2026-06-03T12:30:00+02:00","web_url":"https://gl.example/ops/production/-/issues/12"}"#,
        )
        .expect("an issue");
        assert_eq!(
            (seen.iid, seen.title.as_str(), seen.severity),
            (12, "2026-06-03: Sign-in fails", Some(Severity::S2))
        );
        assert_eq!((seen.open, seen.confidential, seen.found.im.as_deref()), (true, false, Some("@ann")));
        assert_eq!(seen.updated_at.to_rfc3339(), "2026-06-03T10:30:00+00:00", "offsets are honoured");
        assert_eq!(seen.url, "https://gl.example/ops/production/-/issues/12");
    }

    #[test]
    fn odd_issues_still_are_issues() {
        let ours = "https://gl.example/ops/production/-/issues/1";
        for (name, json, title, open) in [
            ("nothing but a number", r#"{"iid":1}"#, "(no title)", true),
            (
                "null everywhere",
                r#"{"iid":1,"title":null,"labels":null,"state":null,"web_url":null}"#,
                "(no title)",
                true,
            ),
            (
                "wrong types",
                r#"{"iid":1,"title":7,"labels":"x","description":{},"confidential":"no"}"#,
                "(no title)",
                true,
            ),
            ("an unknown state", r#"{"iid":1,"title":"x","state":"frozen"}"#, "x", true),
            ("closed", r#"{"iid":1,"title":"x","state":"closed"}"#, "x", false),
            ("a bad link", r#"{"iid":1,"title":"x","web_url":"javascript:alert(1)"}"#, "x", true),
            ("half an emoji", r#"{"iid":1,"title":"a \ud83d b"}"#, "a \u{FFFD} b", true),
        ] {
            let seen = read(json).unwrap_or_else(|| panic!("{name} is an issue"));
            let told = (seen.title.as_str(), seen.open, seen.url.as_str(), seen.confidential);
            assert_eq!(told, (title, open, ours, true), "{name}");
        }
        for json in [r#"{"title":"no number"}"#, r#"{"iid":"12"}"#, r#"{"iid":-1}"#, "7", "null"] {
            assert_eq!(read(json), None, "{json}");
        }
    }

    #[test]
    fn severities() {
        for (labels, expected) in [
            (r#"["severity::1"]"#, Some(Severity::S1)),
            (r#"["severity::3","severity::2"]"#, Some(Severity::S2)),
            (r#"[{"name":"severity::4"},7,null]"#, Some(Severity::S4)),
            (r#"["severity::5","severity::","Severity::1"]"#, None),
            ("[]", None),
        ] {
            let seen = read(&format!(r#"{{"iid":1,"labels":{labels}}}"#)).expect("an issue");
            assert_eq!(seen.severity, expected, "{labels}");
        }
        // GitLab's REST documentation of issues: the field is in each answer about an incident.
        for (labels, field, expected) in [
            ("[]", r#""CRITICAL""#, Some(Severity::S1)),
            (r#"["incident"]"#, r#""HIGH""#, Some(Severity::S2)),
            ("[]", r#""MEDIUM""#, Some(Severity::S3)),
            ("[]", r#""low""#, Some(Severity::S4)),
            (r#"["severity::4"]"#, r#""CRITICAL""#, Some(Severity::S4)),
            ("[]", r#""UNKNOWN""#, None),
            ("[]", "7", None),
            ("[]", "null", None),
        ] {
            let seen = read(&format!(r#"{{"iid":1,"labels":{labels},"severity":{field}}}"#)).expect("an issue");
            assert_eq!(seen.severity, expected, "{labels}, {field}");
        }
    }

    #[test]
    fn what_the_labels_say() {
        for (labels, active, says) in [
            (r#"["incident","State::On"]"#, true, Some(IssueState::Active)),
            (r#"["Incident"]"#, true, None),
            (r#"["State::Better"]"#, false, Some(IssueState::Mitigated)),
            (r#"["incident",{"name":"reviewed"},"State::On"]"#, true, Some(IssueState::Resolved)),
            ("[]", false, None),
        ] {
            let seen = read(&format!(r#"{{"iid":1,"labels":{labels}}}"#)).expect("an issue");
            assert_eq!((seen.active, seen.says), (active, says), "{labels}");
        }
    }
}
