//! `herald status`, as scripts and panels ask it.

use anyhow::Result;

use crate::desk::{Desk, median, ms, settle};
use crate::peers;
use crate::table::Taken;

/// Times that it is asked; the first ones warm the caches up.
const ASKED: usize = 55;
const WARM: usize = 5;

pub async fn take(taken: &mut Taken) -> Result<()> {
    let desk = Desk::start().await?;
    settle().await;
    let folder = desk.app.data_dir().to_string_lossy().into_owned();
    let (mut cpu, mut wall) = (vec![], vec![]);
    for number in 0..ASKED {
        let (said, took, used) = peers::run(&desk.desktop, desk.app.binary(), &["status", "--data-dir", &folder])?;
        anyhow::ensure!(said.contains("No open page"), "it said: {said}");
        if number >= WARM {
            cpu.push(ms(used));
            wall.push(ms(took));
        }
    }
    taken.put("status-cpu", median(cpu));
    taken.put("status-wall", median(wall));
    Ok(())
}
