//! `herald handover`: print the handover of the shift, save it, take one over.

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use herald_core::Command;
use herald_core::handover::BYTES_MAX;
use herald_core::shift::{HandedBy, ShiftId, ShiftWish};
use herald_core::view::shifts;
use herald_engine::clock::wall_now;
use herald_engine::files;

use crate::ack::Link;
use crate::cli::{Outcome, obeyed, runtime, say};
use crate::control;
use crate::door::{Ask, Reply};
use crate::status;

/// Prints the handover of the shift, or saves it; the newest one's, of the Herald that runs or of what the last one
/// saved.
pub(crate) fn write(folder: &Path, out: Option<&Path>) -> anyhow::Result<Outcome> {
    let (_, view, _) = status::seen(folder)?;
    let shift = view.shifts.first();
    let text = markdown(folder, shift.map(|shift| shift.id))?;
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

fn markdown(folder: &Path, shift: Option<ShiftId>) -> anyhow::Result<String> {
    let handover = match runtime()?.block_on(control::ask(folder, &Ask::Handover { shift }))? {
        Some(Reply::Handover { handover }) => handover,
        Some(_) => anyhow::bail!("the running Herald did not say what it hands over"),
        None => shifts::handover_text(&status::saved(folder, wall_now()), shift),
    };
    Ok(handover.map(|it| it.markdown).unwrap_or_default())
}

/// Takes over what another Herald handed over.
pub(crate) fn import(folder: &Path, file: &Path) -> anyhow::Result<Outcome> {
    let markdown = read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    wish(folder, ShiftWish::Import { markdown })
}

fn wish(folder: &Path, wish: ShiftWish) -> anyhow::Result<Outcome> {
    let tokio = runtime()?;
    let link = Link::open(folder, tokio.handle())?;
    let command = Command::Shift { wish: Box::new(wish) };
    Ok(obeyed(tokio.block_on(link.ask(Ask::Command { command }))?))
}

/// A file's text, no more of it than a handover may have: one byte beyond is enough to be refused as too long.
pub(crate) fn read(file: &Path) -> std::io::Result<String> {
    let mut bytes = vec![];
    std::fs::File::open(file)?.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    // One that is cut within a sign is refused as too long, whatever the rest of it says.
    Ok(files::text_of(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into_owned()))
}
