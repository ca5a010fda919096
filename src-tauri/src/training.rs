//! What the window asks about training and about setting Herald up.

use herald_engine::{ScheduleChoice, playbook};
use herald_practice::{Summary, builtin_scenarios};
use tauri::{AppHandle, State};

use crate::app::Running;
use crate::mishap::UiError;
use crate::{playing, practice};

/// The scenarios that come with Herald, and the user's own.
#[tauri::command(async)]
pub(crate) fn scenarios(running: State<'_, Running>) -> Vec<Summary> {
    builtin_scenarios().into_iter().chain(practice::own_scenarios(&running.folder)).collect()
}

/// Starts the practice world in a Herald of its own, with a data folder of its own.
#[tauri::command(async)]
pub(crate) fn practise(running: State<'_, Running>, scenario: Option<String>) -> Result<(), UiError> {
    practice::spawn(&running.folder, scenario.as_deref())
        .map_err(|error| UiError::failed(format!("The practice world did not start: {error}")))
}

/// The practice event that is under way in this Herald.
#[tauri::command(async)]
pub(crate) fn practice_event(running: State<'_, Running>) -> Option<playing::Told> {
    running.playing.as_ref().map(|playing| playing.told())
}

/// Measures the practice event and hands its result over to the training log.
#[tauri::command]
pub(crate) async fn end_practice(running: State<'_, Running>) -> Result<playing::Told, UiError> {
    let playing = running.playing.as_ref().ok_or_else(|| UiError::failed("This is not a practice event."))?;
    playing.end(&running.herald).await.map_err(UiError::failed)
}

/// Leaves the practice world; only there.
#[tauri::command]
pub(crate) fn leave_practice(running: State<'_, Running>) {
    if running.playing.is_some() {
        running.channels.window.quit();
    }
}

/// The schedules of my escalation policies.
#[tauri::command]
pub(crate) async fn schedules(running: State<'_, Running>) -> Result<Vec<ScheduleChoice>, UiError> {
    let asked = running.herald.schedules().await;
    asked.map_err(|fault| UiError::failed(format!("{}. {}", fault.reason(), fault.next_step())))
}

/// Lets the user choose a playbook, checks it, and makes it Herald's own. Gives its name; nothing when none was chosen.
#[tauri::command]
pub(crate) async fn choose_playbook(app: AppHandle, running: State<'_, Running>) -> Result<Option<String>, UiError> {
    use tauri_plugin_dialog::DialogExt as _;
    let (reply, answer) = tokio::sync::oneshot::channel();
    app.dialog().file().add_filter("Playbooks", &["toml"]).pick_file(move |file| {
        let _ = reply.send(file);
    });
    let Some(chosen) = answer.await.ok().flatten() else { return Ok(None) };
    let path = chosen.into_path().map_err(|_| UiError::failed("This is no file on this computer."))?;
    let adopted = playbook::adopt(&path, &running.folder).map_err(|error| UiError::failed(error.to_string()))?;
    Ok(Some(adopted.name))
}
