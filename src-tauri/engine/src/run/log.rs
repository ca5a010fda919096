//! What the log says of changes.

use herald_core::Change;

/// Logs what the user would notice, without titles and names (SECURITY.md).
pub(super) fn log(change: &Change) {
    match change {
        Change::Page(page) => {
            tracing::info!(page = %page.seen.id, status = ?page.seen.status, gone = page.gone.is_some(), "page");
        }
        Change::Job(id, job) => tracing::info!(id, stage = ?job.stage, "job"),
        Change::JobGone(id) => tracing::info!(id, "job ended"),
        Change::Alarm(key, alarm) => tracing::debug!(?key, rounds = alarm.rounds, ending = alarm.ending, "alarm"),
        Change::Publication(id, publication) => tracing::info!(id, stage = ?publication.stage, "publication"),
        Change::Errand(id, errand) => tracing::info!(id, stage = ?errand.stage, "errand"),
        Change::ErrandGone(id) => tracing::info!(id, "errand ended"),
        Change::Shift(id, shift) => tracing::info!(id, role = ?shift.role, open = shift.open(), "shift"),
        Change::Tracker(tracker) => tracing::info!(connected = tracker.is_some(), "tracker"),
        Change::StatusPage(page) => tracing::info!(connected = page.is_some(), "status page"),
        Change::Zendesk(zendesk) => tracing::info!(connected = zendesk.is_some(), "zendesk"),
        Change::Slack(slack) => tracing::info!(connected = slack.is_some(), "slack"),
        Change::Account(account) => tracing::info!(connected = account.is_some(), "account"),
        Change::PageForgotten(_)
        | Change::AlarmGone(_)
        | Change::Incident(..)
        | Change::IncidentForgotten(_)
        | Change::Draft(..)
        | Change::DraftGone(_)
        | Change::PublicationGone(_)
        | Change::ShiftForgotten(_)
        | Change::TakenOver(_)
        | Change::Contact(..)
        | Change::ContactForgotten(_)
        | Change::Maintenance(..)
        | Change::MaintenanceForgotten(_)
        | Change::NotMine(_)
        | Change::Kept(_)
        | Change::Training(..)
        | Change::TrainingGone(_)
        | Change::Source(..)
        | Change::OnCall(_)
        | Change::Settings(_)
        | Change::Playbook(_)
        | Change::Session(_) => {}
    }
}
