//! How large the programs and the package are.

use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context as _, Result, ensure};

use crate::peers;
use crate::table::{Beside, Taken};

pub fn take(taken: &mut Taken) -> Result<()> {
    let watch = peers::program()?;
    taken.put("size-watch", megabytes(&watch));
    taken.put_beside("size-watch", Beside::Floor, peers::bare().and_then(|it| megabytes(&it)));
    taken.put("size-window", megabytes(&watch.with_file_name("herald-window")));
    taken.put("size-deb", package(&watch));
    Ok(())
}

fn megabytes(file: &Path) -> Result<f64> {
    let metadata = std::fs::metadata(file).with_context(|| format!("{} is missing", file.display()))?;
    Ok(metadata.len() as f64 / 1e6)
}

/// The package that holds this very program.
fn package(watch: &Path) -> Result<f64> {
    let folder = watch.with_file_name("bundle").join("deb");
    let entries = std::fs::read_dir(&folder).context("no package was built: `.ci/package deb`")?;
    let packages = entries.flatten().map(|it| it.path()).filter(|it| it.extension().is_some_and(|end| end == "deb"));
    let changed = |file: &Path| std::fs::metadata(file).and_then(|it| it.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let newest = packages.max_by_key(|it| changed(it)).context("no package was built: `.ci/package deb`")?;
    ensure!(changed(&newest) >= changed(watch), "the package is older than the program: `.ci/package deb`");
    megabytes(&newest)
}
