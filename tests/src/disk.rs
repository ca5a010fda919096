//! A disk with faults, laid between a program and the C library: no mount and no rights are needed. What each fault says
//! is what the manual says of the call.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::desktop::{Desktop, text};

/// What refuses, in C: it must stand in place of the C library's own.
const SHIM: &str = include_str!("disk/shim.c");

/// Why a lock is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLocks {
    /// "No locks available": fcntl(2), "a remote locking protocol failed (e.g., locking over NFS)"; flock(2) on NFS is the
    /// same there.
    Enolck = 37,
    /// "Function not implemented", as Lustre says when it is mounted without `flock` (Lustre manual, "Mount Options").
    Enosys = 38,
    /// "Operation not supported": cargo takes it for a file system without locks, too (rust-lang/cargo,
    /// src/cargo/util/flock.rs, `error_unsupported`).
    Eopnotsupp = 95,
}

impl Desktop {
    /// From here on, whatever programs of this desktop try to lock under `folder` is refused.
    ///
    /// # Errors
    /// When the fault cannot be made.
    pub async fn without_locks(&self, folder: &Path, why: NoLocks) -> Result<()> {
        self.set_env("HERALD_TEST_NO_LOCKS", &format!("{}:{}", why as i32, text(folder)));
        self.set_env("LD_PRELOAD", &text(&self.shim().await?));
        Ok(())
    }

    async fn shim(&self) -> Result<PathBuf> {
        let (source, library) = (self.dir().join("shim.c"), self.dir().join("shim.so"));
        if !library.exists() {
            std::fs::write(&source, SHIM)?;
            // Rust links with it, so that it is there wherever the tests are built.
            self.run("cc", &["-shared", "-fPIC", "-O1", "-o", &text(&library), &text(&source), "-ldl"]).await?;
        }
        ensure!(library.exists(), "no shim was made");
        Ok(library)
    }
}
