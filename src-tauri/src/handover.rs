//! `herald handover`, and what the window needs of files for it: save a handover, take one over.

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use herald_core::Command;
use herald_core::handover::BYTES_MAX;
use herald_core::shift::{HandedBy, ShiftId, ShiftWish};
use herald_engine::files;
use tauri::AppHandle;
use tauri_plugin_dialog::{DialogExt as _, FilePath};

use crate::ack::Link;
use crate::app::Running;
use crate::cli::{Outcome, complain, runtime, say};
use crate::control::{Ask, Reply};
use crate::mishap::UiError;
use crate::status;

/// Prints the handover of the shift, or saves it; the newest one's, of the Herald that runs or of what the last one
/// saved.
pub(crate) fn write(folder: &Path, out: Option<&Path>) -> anyhow::Result<Outcome> {
    let (_, view, _) = status::seen(folder)?;
    let shift = view.shifts.first();
    let text = match shift {
        Some(shift) => shift.handover.markdown.clone(),
        None => view.no_shift.clone().unwrap_or_default(),
    };
    let Some(out) = out else {
        say(text.trim_end());
        return Ok(Outcome::Done);
    };
    files::save(out, &text).with_context(|| format!("{} cannot be written", out.display()))?;
    match shift {
        Some(shift) => wish(folder, ShiftWish::Done { shift: shift.id, how: HandedBy::Saved }),
        None => Ok(Outcome::Done),
    }
}

/// Takes over what another Herald handed over.
pub(crate) fn import(folder: &Path, file: &Path) -> anyhow::Result<Outcome> {
    let markdown = read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    wish(folder, ShiftWish::Import { markdown })
}

fn wish(folder: &Path, wish: ShiftWish) -> anyhow::Result<Outcome> {
    let tokio = runtime()?;
    let link = Link::open(folder, tokio.handle())?;
    match tokio.block_on(link.ask(Ask::Command { command: command(wish) }))? {
        Reply::Refused { message } => {
            complain(&message);
            Ok(Outcome::Refused)
        }
        Reply::Done | Reply::Status { .. } | Reply::Connected { .. } | Reply::Tested { .. } => Ok(Outcome::Done),
    }
}

fn command(wish: ShiftWish) -> Command {
    Command::Shift { wish: Box::new(wish) }
}

/// A file's text, no more of it than a handover may have: one byte beyond is enough to be refused as too long.
fn read(file: &Path) -> std::io::Result<String> {
    let mut bytes = vec![];
    std::fs::File::open(file)?.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    // One that is cut within a sign is refused as too long, whatever the rest of it says.
    Ok(files::text_of(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into_owned()))
}

/// Asks for a file and saves the handover in it. Says whether the user chose one.
#[tauri::command]
pub(crate) async fn save_handover(
    app: AppHandle,
    running: tauri::State<'_, Running>,
    shift: ShiftId,
) -> Result<bool, UiError> {
    let view = running.herald.shown().view.clone();
    let gone = || UiError::failed("This shift is not at hand any more.");
    let handover = view.shifts.into_iter().find(|it| it.id == shift).map(|it| it.handover).ok_or_else(gone)?;
    let name: String = handover.title.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let (reply, answer) = tokio::sync::oneshot::channel();
    let dialog = app.dialog().file().add_filter("Markdown", &["md"]).set_file_name(format!("{name}.md"));
    dialog.save_file(move |file| {
        let _ = reply.send(file);
    });
    let Some(path) = chosen(answer.await.ok().flatten())? else { return Ok(false) };
    files::save(&path, &handover.markdown).map_err(|error| UiError::failed(format!("Not saved: {error}.")))?;
    let done = running.herald.command(command(ShiftWish::Done { shift, how: HandedBy::Saved })).await;
    done.map(|()| true).map_err(|refusal| UiError::failed(refusal.message()))
}

/// Asks for a file and takes over the handover in it. Says whether the user chose one.
#[tauri::command]
pub(crate) async fn import_handover(app: AppHandle, running: tauri::State<'_, Running>) -> Result<bool, UiError> {
    let (reply, answer) = tokio::sync::oneshot::channel();
    app.dialog().file().add_filter("Markdown", &["md", "txt"]).pick_file(move |file| {
        let _ = reply.send(file);
    });
    let Some(path) = chosen(answer.await.ok().flatten())? else { return Ok(false) };
    let markdown = read(&path).map_err(|error| UiError::failed(format!("The file cannot be read: {error}.")))?;
    let taken = running.herald.command(command(ShiftWish::Import { markdown })).await;
    taken.map(|()| true).map_err(|refusal| UiError::failed(refusal.message()))
}

fn chosen(file: Option<FilePath>) -> Result<Option<std::path::PathBuf>, UiError> {
    let path = file.map(FilePath::into_path).transpose();
    path.map_err(|_| UiError::failed("This is no file on this computer."))
}
