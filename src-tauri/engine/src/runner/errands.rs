//! What the loop has done at the tracker and the status page beside updates.

use herald_core::errand::{ErrandDone, ErrandId, ErrandInput, ErrandResult, ErrandTask};
use herald_core::feed::{StatusPage, Tracker};
use herald_core::{Fault, FaultKind, Input, Permit, State, Time};

use super::Runner;
use crate::gitlab::{self, FiledIssue, NewIssue};
use crate::http::may_have_arrived;
use crate::keys::KeyName;
use crate::run::Flight;
use crate::status_page::{StatusPageClient, Told};

/// What of the state an errand needs.
struct Places {
    tracker: Option<Tracker>,
    page: Option<StatusPage>,
    asked_at: Time,
    /// The labels of the issue that it is about, as the user saw them.
    labels: Vec<String>,
}

impl Places {
    fn of(state: &State, id: ErrandId) -> Self {
        let incident = state.errands.get(&id).and_then(|it| state.incidents.get(&it.task.incident()?));
        let labels = incident.and_then(|it| it.issue.as_ref()).map(|issue| issue.labels.clone()).unwrap_or_default();
        let asked_at = state.errands.get(&id).map_or(Time::UNIX_EPOCH, |it| it.asked_at);
        Self { tracker: state.tracker.clone(), page: state.status_page.clone(), asked_at, labels }
    }
}

impl Runner {
    pub fn run_errand(&self, permit: Permit, state: &State, id: ErrandId, task: ErrandTask) {
        let places = Places::of(state, id);
        let lost = move |fault| Input::Errand(id, ErrandInput::Ended(ErrandResult::Unknown(fault)));
        self.fly(Flight::Errand(id), lost, async move |runner| {
            let result = runner.do_errand(permit, &places, &task).await;
            Input::Errand(id, ErrandInput::Ended(result))
        });
    }

    pub fn read_back_errand(&self, state: &State, id: ErrandId, task: ErrandTask) {
        let places = Places::of(state, id);
        let lost = move |fault| Input::Errand(id, ErrandInput::ReadBack(Err(fault)));
        self.fly(Flight::Errand(id), lost, async move |runner| {
            let result = runner.noting(runner.find_errand(&places, &task).await);
            Input::Errand(id, ErrandInput::ReadBack(result))
        });
    }

    async fn do_errand(&self, permit: Permit, places: &Places, task: &ErrandTask) -> ErrandResult {
        let asked_at = places.asked_at;
        match task {
            ErrandTask::LabelIssue { iid, label, .. } => match self.tracker_writer(places).await {
                Ok(writer) => {
                    self.sent(writer.label(permit, *iid, label, &places.labels).await.map(|()| ErrandDone::Labelled))
                }
                Err(fault) => ErrandResult::Refused(fault),
            },
            ErrandTask::FileHandover { project, title, text, labels, .. } => match self.tracker_writer(places).await {
                Ok(writer) => self.file(permit, &writer, &NewIssue { project, title, text, labels, asked_at }).await,
                Err(fault) => ErrandResult::Refused(fault),
            },
            ErrandTask::ScheduleMaintenance { plan, .. } => match self.page_writer(places).await {
                Ok(writer) => self.sent(writer.schedule(permit, plan).await.map(|post| ErrandDone::Scheduled { post })),
                Err(fault) => ErrandResult::Refused(fault),
            },
            ErrandTask::TellMaintenance { post, tell, text, muted, components, .. } => {
                match self.page_writer(places).await {
                    Ok(writer) => {
                        let told = Told { post, tell: *tell, text, muted, components, asked_at: places.asked_at };
                        self.sent(writer.tell(permit, &told).await.map(|()| ErrandDone::Told))
                    }
                    Err(fault) => ErrandResult::Refused(fault),
                }
            }
        }
    }

    /// An earlier attempt may have arrived after all, so it is looked for first.
    async fn file(&self, permit: Permit, writer: &gitlab::Writer, issue: &NewIssue<'_>) -> ErrandResult {
        match self.noting(writer.before_filing(issue).await) {
            Ok(Some(known)) => ErrandResult::Done(filed(known)),
            Ok(None) => self.sent(writer.file(permit, issue).await.map(filed)),
            Err(fault) => ErrandResult::Refused(fault),
        }
    }

    /// What came of something that was sent.
    fn sent(&self, result: Result<ErrandDone, Fault>) -> ErrandResult {
        match self.noting(result) {
            Ok(done) => ErrandResult::Done(done),
            Err(fault) if may_have_arrived(&fault) => ErrandResult::Unknown(fault),
            Err(fault) => ErrandResult::Refused(fault),
        }
    }

    async fn find_errand(&self, places: &Places, task: &ErrandTask) -> Result<Option<ErrandDone>, Fault> {
        match task {
            ErrandTask::LabelIssue { iid, label, .. } => {
                let has = self.tracker_writer(places).await?.has_label(*iid, label).await?;
                Ok(has.then_some(ErrandDone::Labelled))
            }
            ErrandTask::FileHandover { project, title, text, labels, .. } => {
                let issue = NewIssue { project, title, text, labels, asked_at: places.asked_at };
                Ok(self.tracker_writer(places).await?.find_filed(&issue).await?.map(filed))
            }
            ErrandTask::ScheduleMaintenance { plan, .. } => {
                let post = self.page_writer(places).await?.scheduled(plan).await?;
                Ok(post.map(|post| ErrandDone::Scheduled { post }))
            }
            ErrandTask::TellMaintenance { post, tell, text, muted, components, .. } => {
                let told = Told { post, tell: *tell, text, muted, components, asked_at: places.asked_at };
                Ok(self.page_writer(places).await?.was_told(&told).await?.then_some(ErrandDone::Told))
            }
        }
    }

    async fn page_writer(&self, places: &Places) -> Result<StatusPageClient, Fault> {
        let none = || Fault::new(FaultKind::Rejected, "no status page is connected");
        self.writer(places.page.as_ref().ok_or_else(none)?).await
    }

    async fn tracker_writer(&self, places: &Places) -> Result<gitlab::Writer, Fault> {
        let none = || Fault::new(FaultKind::Rejected, "no tracker is connected");
        let tracker = places.tracker.as_ref().ok_or_else(none)?;
        let token = self.key_of(KeyName::Tracker, tracker.token).await?;
        Ok(gitlab::Writer::new(gitlab::Reader::new(self.http()?, tracker, token.as_ref())?))
    }
}

fn filed(issue: FiledIssue) -> ErrandDone {
    ErrandDone::Filed { url: issue.url, confidential: issue.confidential }
}
