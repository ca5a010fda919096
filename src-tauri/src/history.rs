//! What the window asks of the past: searched, opened, measured and exported beside the loop.

use herald_core::history::{HistoryFound, HistoryQuery, PastIncident, PastPage};
use herald_core::kpi::{KpiAsk, Kpis};
use herald_core::{IncidentId, PageId, Time};
use herald_engine::clock::wall_now;
use herald_engine::export::{Format, Span};
use herald_engine::store::StoreError;
use tauri::AppHandle;

use crate::app::Running;
use crate::mishap::UiError;

type Held<'a> = tauri::State<'a, Running>;

fn unread(error: StoreError) -> UiError {
    UiError::failed(format!("The past cannot be read: {error}."))
}

#[tauri::command]
pub(crate) async fn search_history(running: Held<'_>, query: HistoryQuery) -> Result<HistoryFound, UiError> {
    running.herald.past(move |archive| archive.search(&query)).await.map_err(unread)
}

#[tauri::command]
pub(crate) async fn past_incident(running: Held<'_>, incident: IncidentId) -> Result<Option<PastIncident>, UiError> {
    running.herald.past(move |archive| archive.incident(incident)).await.map_err(unread)
}

#[tauri::command]
pub(crate) async fn past_page(running: Held<'_>, page: PageId, at: Time) -> Result<Option<PastPage>, UiError> {
    running.herald.past(move |archive| archive.page(&page, at)).await.map_err(unread)
}

#[tauri::command]
pub(crate) async fn kpis(running: Held<'_>, ask: KpiAsk) -> Result<Option<Kpis>, UiError> {
    running.herald.past(move |archive| archive.kpis(ask, wall_now())).await.map_err(unread)
}

/// Asks where to, and writes there. Says where; nothing when the user thought better of it.
#[tauri::command]
pub(crate) async fn export_history(
    app: AppHandle,
    running: Held<'_>,
    span: Span,
    format: Format,
) -> Result<Option<String>, UiError> {
    use tauri_plugin_dialog::DialogExt as _;
    let (reply, answer) = tokio::sync::oneshot::channel();
    let name = format!("herald-{}.{}", wall_now().format("%Y-%m-%d"), format.ending());
    app.dialog().file().set_file_name(name).save_file(move |file| {
        let _ = reply.send(file);
    });
    let Some(file) = answer.await.ok().flatten() else { return Ok(None) };
    let file = file
        .into_path()
        .map_err(|_| UiError::failed("Herald cannot write there. Choose a folder on this computer."))?;
    let text = running.herald.past(move |archive| archive.export(span, format, wall_now())).await.map_err(unread)?;
    let shown = file.display().to_string();
    let written = tokio::task::spawn_blocking(move || herald_engine::files::save(&file, &text)).await;
    match written {
        Ok(Ok(())) => Ok(Some(shown)),
        Ok(Err(error)) => Err(UiError::failed(format!("{shown} cannot be written: {error}"))),
        Err(error) => Err(UiError::failed(format!("{shown} was not written: {error}"))),
    }
}
