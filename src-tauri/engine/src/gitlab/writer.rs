//! What Herald writes to the tracker, each followed by a look at what came of it (APIS.md section 2).

use herald_core::{Fault, FaultKind};
use reqwest::Method;

use super::{Reader, encoded, wire};
use crate::http::Request;

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
        let known: Result<wire::LabelSeen, Fault> =
            self.0.read(&format!("/projects/{project}/labels/{}", encoded(label))).await;
        match known {
            Ok(_) => {}
            Err(fault) if fault.kind == FaultKind::NotFound => {
                let why = format!("the label {label} does not exist in the tracker");
                return Err(Fault::new(FaultKind::Rejected, why));
            }
            Err(fault) => return Err(fault),
        }
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

    /// Whether an issue carries a label.
    pub async fn has_label(&self, iid: u64, label: &str) -> Result<bool, Fault> {
        let project = encoded(&self.0.project);
        let issue: wire::Labelled = self.0.read(&format!("/projects/{project}/issues/{iid}")).await?;
        Ok(issue.has(label))
    }
}
