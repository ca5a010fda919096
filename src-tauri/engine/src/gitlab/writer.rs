//! What Herald writes to the tracker, each followed by a look at what came of it (services.md 2).

use chrono::TimeDelta;
use herald_core::{Fault, FaultKind, Permit, Time};
use reqwest::Method;

use super::{Reader, encoded, wire};
use crate::http::Outgoing;

/// Issues of mine that are looked through after a lost answer; nobody files more at once.
const FILED_LIMIT: u32 = 20;

/// The same text that was filed so long before is the same issue: its answer was lost, and the user asked again.
const SAME_FOR: TimeDelta = TimeDelta::hours(12);

/// An issue that is to be filed.
pub(crate) struct NewIssue<'a> {
    /// The project, as id or path.
    pub project: &'a str,
    pub title: &'a str,
    pub text: &'a str,
    pub labels: &'a [String],
    /// When the user asked for it.
    pub asked_at: Time,
}

/// An issue that was filed.
pub(crate) struct FiledIssue {
    pub url: String,
    /// Only what the tracker says; whoever says nothing has said no.
    pub confidential: bool,
}

/// Writes to a tracker, each time with a permit.
pub(crate) struct Writer(Reader);

impl Writer {
    pub fn new(reader: Reader) -> Self {
        Self(reader)
    }

    /// Puts a label on an issue; the others stay. A label that does not exist is refused, because GitLab would make
    /// one (services.md 0.10). So is one that would take away what a colleague set and nobody here has seen: of labels
    /// with one scope, an issue carries the last.
    pub async fn label(&self, permit: Permit, iid: u64, label: &str, seen: &[String]) -> Result<(), Fault> {
        let project = encoded(&self.0.project);
        self.known_label(&project, label).await.map_err(unread)?;
        let path = format!("/projects/{project}/issues/{iid}");
        let before: wire::Labelled = self.0.read(&path).await.map_err(unread)?;
        if before.has(label) {
            return Ok(());
        }
        if let Some(rival) = before.rival(label).filter(|rival| !seen.contains(rival)) {
            let why = format!("Herald looked first: somebody set {rival}, which GitLab would take away for {label}");
            return Err(Fault::new(FaultKind::Rejected, why));
        }
        let out = Outgoing {
            method: Method::PUT,
            url: format!("{}/projects/{project}/issues/{iid}", self.0.base_url),
            headers: self.0.headers.clone(),
            body: wire::adds_label(label),
        };
        let answer: wire::Labelled = self.0.http.parse(&self.0.http.write(permit, out).await?)?;
        if answer.has(label) {
            Ok(())
        } else {
            Err(Fault::new(FaultKind::Broken, "the issue does not carry the label"))
        }
    }

    /// Looks before an issue is filed: whether its labels exist, and whether an earlier attempt arrived after all. When
    /// this fails, nothing was sent.
    pub async fn before_filing(&self, issue: &NewIssue<'_>) -> Result<Option<FiledIssue>, Fault> {
        for label in issue.labels {
            self.known_label(&encoded(issue.project), label).await?;
        }
        self.find_filed(issue).await
    }

    /// Files an issue that only the project's members see, and gives what the tracker made of it: GitLab's own default
    /// is public (services.md 2).
    pub async fn file(&self, permit: Permit, issue: &NewIssue<'_>) -> Result<FiledIssue, Fault> {
        let project = encoded(issue.project);
        let out = Outgoing {
            method: Method::POST,
            url: format!("{}/projects/{project}/issues", self.0.base_url),
            headers: self.0.headers.clone(),
            body: wire::files_confidentially(issue.title, issue.text, issue.labels),
        };
        let answer: wire::Filed = self.0.http.parse(&self.0.http.write(permit, out).await?)?;
        Ok(answer.at(&self.0.base_url, issue.project))
    }

    /// The issue that says the same among those that I filed last. An older one of the same title, or one that was
    /// filed before the text was edited, is another.
    pub async fn find_filed(&self, issue: &NewIssue<'_>) -> Result<Option<FiledIssue>, Fault> {
        let (project, since) = (issue.project, issue.asked_at - SAME_FOR);
        let path = format!(
            "/projects/{}/issues?scope=created_by_me&order_by=created_at&sort=desc&per_page={FILED_LIMIT}",
            encoded(project)
        );
        let recent: Vec<wire::Filed> = self.0.read(&path).await?;
        let found = recent.into_iter().find(|it| it.says(issue.title, issue.text, since));
        Ok(found.map(|it| it.at(&self.0.base_url, project)))
    }

    /// A label that does not exist is refused: GitLab would make one.
    async fn known_label(&self, project: &str, label: &str) -> Result<(), Fault> {
        let known: Result<wire::LabelSeen, Fault> =
            self.0.read(&format!("/projects/{project}/labels/{}", encoded(label))).await;
        match known {
            Ok(_) => Ok(()),
            Err(fault) if fault.kind == FaultKind::NotFound => {
                let why = format!("the label {label} does not exist in the tracker");
                Err(Fault::new(FaultKind::Rejected, why))
            }
            Err(fault) => Err(fault),
        }
    }

    /// Whether an issue carries a label.
    pub async fn has_label(&self, iid: u64, label: &str) -> Result<bool, Fault> {
        let project = encoded(&self.0.project);
        let issue: wire::Labelled = self.0.read(&format!("/projects/{project}/issues/{iid}")).await?;
        Ok(issue.has(label))
    }
}

/// A look that failed: nothing was sent, whatever its kind says of writes.
fn unread(fault: Fault) -> Fault {
    let about_write = [FaultKind::Unauthorized, FaultKind::Forbidden, FaultKind::Rejected, FaultKind::NotFound];
    if about_write.contains(&fault.kind) {
        return fault;
    }
    let detail = format!("the tracker could not be read before: {}", fault.reason());
    Fault { kind: FaultKind::Rejected, detail, ..fault }
}
