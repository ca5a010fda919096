//! Writes to PagerDuty: only with a permit, only after looking, and never twice.

use herald_core::job::still_stands;
use herald_core::{Fault, FaultKind, JobId, JobResult, Page, Permit, Task, Write};
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};

use super::{Reader, about_one_page, wire};
use crate::http::{Outgoing, may_have_arrived, refusal};

/// Carries out one job. It cannot be made without a [`Permit`], which does not exist in shadow mode.
pub(crate) struct Writer {
    reader: Reader,
    permit: Permit,
    /// The page as the user saw it.
    known: Page,
}

impl Writer {
    pub fn new(reader: Reader, permit: Permit, known: Page) -> Self {
        Self { reader, permit, known }
    }

    /// Reads the page, and writes only if it still is what the user saw: acknowledging a closed page would reopen
    /// it (services.md 0.1).
    pub async fn carry_out(self, job: JobId, task: &Task) -> JobResult {
        let known = (&self.known.seen.id, self.known.seen.triggered_at);
        if self.permit.write() != Write::Job(job) || task.page() != known {
            return JobResult::Refused(Fault::new(FaultKind::Rejected, "the permit is for something else"));
        }
        match self.reader.page_before_writing(&self.known).await {
            Ok(seen) if still_stands(task, &self.known.seen, &seen) => self.write(task).await,
            Ok(seen) => JobResult::Obsolete(seen),
            // That a page may not be read says nothing about what the key may write.
            Err(fault) if fault.kind == FaultKind::Forbidden => {
                JobResult::Refused(Fault { kind: FaultKind::Rejected, ..fault })
            }
            Err(fault) => JobResult::Refused(fault),
        }
    }

    async fn write(self, task: &Task) -> JobResult {
        let body = match task {
            Task::Acknowledge { .. } => wire::new_status("acknowledged", None),
            Task::Close { note, .. } => wire::new_status("resolved", note.as_deref()),
        };
        let mut headers = (*self.reader.headers).clone();
        match HeaderValue::from_str(self.permit.from().unwrap_or_default()) {
            Ok(from) => headers.insert(HeaderName::from_static("from"), from),
            Err(_) => return JobResult::Refused(Fault::new(FaultKind::Rejected, "your e-mail cannot be sent")),
        };
        let out = Outgoing {
            method: Method::PUT,
            url: format!("{}/incidents/{}", self.reader.base_url, task.page().0),
            headers,
            body,
        };
        let result = match self.reader.http.write(self.permit, out).await {
            Ok(answer) if answer.status == StatusCode::FORBIDDEN && wire::lost_this_page(&answer.body) => {
                let fault = refusal(&answer, self.reader.http.now());
                Err(Fault { kind: FaultKind::Rejected, ..fault })
            }
            Ok(answer) => self.reader.one(&answer).map_err(about_one_page),
            Err(fault) => Err(fault),
        };
        match result {
            Ok(seen) => JobResult::Done(seen),
            Err(fault) if may_have_arrived(&fault) => JobResult::Unknown(fault),
            Err(fault) => JobResult::Refused(fault),
        }
    }
}
