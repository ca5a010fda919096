//! Trying the tracker: whose key it is, what it can do, and whether the project can be read.

use herald_core::feed::Tracker;
use herald_core::text::clean_line;
use herald_core::{Fault, FaultKind, TokenPlace};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::value::RawValue;

use super::{Reader, encoded, wire};
use crate::http::Http;
use crate::pagerduty::{ConnectError, check_url};

/// Longest name of a person that is kept, in graphemes.
const NAME_MAX: usize = 80;

/// Tries an address, a project and a key.
pub(crate) async fn connect(
    http: &Http,
    base_url: &str,
    project: &str,
    token: Option<&SecretString>,
) -> Result<Tracker, ConnectError> {
    let base_url = api_url(&check_url(base_url, "GitLab's address")?);
    let project = path_of(project);
    if project.is_empty() {
        return Err(ConnectError::failed("Name the project that holds the incident issues, such as group/project."));
    }
    let token = token.filter(|token| !token.expose_secret().trim().is_empty());
    let failed = |fault: Fault| ConnectError::failed(advice(&fault, token.is_some()));
    let reader = Reader::at(http.clone(), &base_url, &project, token).map_err(failed)?;
    let mut tracker = Tracker { base_url, project, user: None, token: None, can_write: false };
    if token.is_some() {
        let user: wire::User = reader.read("/user").await.map_err(failed)?;
        let scopes = match reader.read::<wire::Token>("/personal_access_tokens/self").await {
            Ok(token) => token.scopes,
            // Keys of other kinds cannot be looked up; they are taken to read only.
            Err(fault) if matches!(fault.kind, FaultKind::NotFound | FaultKind::Forbidden | FaultKind::Rejected) => {
                None
            }
            Err(fault) => return Err(failed(fault)),
        };
        if scopes.as_ref().is_some_and(|scopes| !scopes.iter().any(|it| it == "api" || it == "read_api")) {
            return Err(ConnectError::failed(
                "This key may not read issues. Make one with the scope read_api, or api to label issues too.",
            ));
        }
        tracker.user = Some(clean_line(user.name.as_deref().or(user.username.as_deref()).unwrap_or("you"), NAME_MAX));
        tracker.token = Some(TokenPlace::Keychain);
        tracker.can_write = scopes.is_some_and(|scopes| scopes.iter().any(|it| it == "api"));
    }
    let project = encoded(&tracker.project);
    reader.read::<Box<RawValue>>(&format!("/projects/{project}")).await.map_err(failed)?;
    reader.read::<Vec<Box<RawValue>>>(&format!("/projects/{project}/issues?per_page=1")).await.map_err(failed)?;
    Ok(tracker)
}

/// The API's address, also where that of the pages was given.
fn api_url(url: &str) -> String {
    let path = url.split_once("://").map_or("", |(_, rest)| rest);
    if path.contains("/api/") { url.to_owned() } else { format!("{url}/api/v4") }
}

/// The project as id or path, also where its link was given.
fn path_of(project: &str) -> String {
    let project = project.trim();
    let path = url::Url::parse(project).map_or_else(|_| project.to_owned(), |url| url.path().to_owned());
    path.split("/-/").next().unwrap_or_default().trim_matches('/').to_owned()
}

fn advice(fault: &Fault, with_key: bool) -> String {
    let particulars = if fault.detail.is_empty() { String::new() } else { format!(" ({})", fault.detail) };
    let advice = match (fault.kind, with_key) {
        (FaultKind::Unauthorized, true) => {
            "GitLab does not accept this key. It may have expired: make a new one under Preferences, Access tokens."
        }
        (FaultKind::Unauthorized, false) => "GitLab wants a key here. Make one under Preferences, Access tokens.",
        (FaultKind::Forbidden, true) => {
            "This key may not read that. It needs the scope read_api, and you the right to see the issues."
        }
        (FaultKind::Forbidden, false) => "This is not open to everybody. Connect with a key.",
        (FaultKind::NotFound, true) => {
            "GitLab shows no such project to this key. Check the address and the project, and that you are a member."
        }
        (FaultKind::NotFound, false) => {
            "There is no such public project. Check the address and the project, or connect with a key."
        }
        (FaultKind::RateLimited, _) => "GitLab asks for a pause. Try again in a minute; a key allows more requests.",
        (FaultKind::Server, _) => "GitLab is in trouble itself. Try again later.",
        (FaultKind::Rejected | FaultKind::PageNotShown, _) => "GitLab refused the request.",
        (FaultKind::Timeout | FaultKind::Unreachable | FaultKind::Broken, _) => {
            "GitLab does not answer. Check the network and the address."
        }
        (FaultKind::Tls, _) => "The server could not prove who it is. Do not enter keys on this network.",
        (FaultKind::Local, _) => fault.next_step(),
        (FaultKind::NotTheService | FaultKind::TooLarge, _) => {
            "This is not GitLab's API. Check the address; a log-in page of this network may be in the way."
        }
        (FaultKind::NoToken, _) => "The key could not be fetched from the keychain. Enter it again.",
    };
    format!("{advice}{particulars}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_projects_as_people_paste_them() {
        for (given, expected) in [
            ("https://gitlab.example", "https://gitlab.example/api/v4"),
            ("https://gitlab.example/api/v4", "https://gitlab.example/api/v4"),
            ("https://example.com/gitlab", "https://example.com/gitlab/api/v4"),
        ] {
            assert_eq!(api_url(given), expected, "{given}");
        }
        for (given, expected) in [
            (" group/project ", "group/project"),
            ("/group/sub/project/", "group/sub/project"),
            ("7444821", "7444821"),
            ("https://gitlab.example/group/project/-/issues/12?x=1", "group/project"),
            ("", ""),
        ] {
            assert_eq!(path_of(given), expected, "{given}");
        }
    }
}
