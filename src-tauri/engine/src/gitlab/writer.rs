//! What Herald writes to the tracker, each followed by a look at what came of it (APIS.md section 2).

use chrono::TimeDelta;
use herald_core::{Fault, FaultKind, Time};
use reqwest::Method;

use super::{Reader, encoded, wire};
use crate::http::Request;

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

/// Writes to a tracker. The gate lets it out only while an errand is on its way.
pub(crate) struct Writer(Reader);

impl Writer {
    pub fn new(reader: Reader) -> Self {
        Self(reader)
    }

    /// Puts a label on an issue; the others stay. A label that does not exist is refused, because GitLab would make
    /// one (APIS.md 0.10).
    pub async fn label(&self, iid: u64, label: &str) -> Result<(), Fault> {
        let project = encoded(&self.0.project);
        self.known_label(&project, label).await?;
        let request = Request {
            method: Method::PUT,
            url: format!("{}/projects/{project}/issues/{iid}", self.0.base_url),
            headers: self.0.headers.clone(),
            body: Some(wire::adds_label(label)),
        };
        let answer: wire::Labelled = self.0.http.parse(&self.0.http.send(request).await?)?;
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
    /// is public (APIS.md 2).
    pub async fn file(&self, issue: &NewIssue<'_>) -> Result<FiledIssue, Fault> {
        let project = encoded(issue.project);
        let request = Request {
            method: Method::POST,
            url: format!("{}/projects/{project}/issues", self.0.base_url),
            headers: self.0.headers.clone(),
            body: Some(wire::files_confidentially(issue.title, issue.text, issue.labels)),
        };
        let answer: wire::Filed = self.0.http.parse(&self.0.http.send(request).await?)?;
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
