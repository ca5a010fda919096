//! Disks with faults: one laid between a program and the C library, for which no mount and no rights are needed and where
//! each fault says what the manual says of the call; and real ones, where this user may mount them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};
use tempfile::TempDir;

use crate::desktop::{Desktop, text};
use crate::skip::made;

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

    /// From here on, whoever reads `file` beyond what it holds now waits until what this returns is dropped: a disk that is
    /// quick with a little and slow with much, as one that spins, or lies behind a network, is with a large file. A read there
    /// has no time limit (nfs(5), `hard`: a request is tried again for ever).
    ///
    /// # Errors
    /// When the fault cannot be made.
    pub async fn slow_beyond(&self, file: &Path) -> Result<File> {
        let gate = File::create(format!("{}.gate", text(file)))?;
        gate.lock()?;
        self.set_env("HERALD_TEST_FAR", &format!("{}:{}", file.metadata()?.len(), text(file)));
        self.set_env("LD_PRELOAD", &text(&self.shim().await?));
        Ok(gate)
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

/// A disk that can be frozen, where this user may make one: whoever writes to it waits until it is thawed (fsfreeze(8)).
pub struct Freezer {
    mount: Mount,
    _image: TempDir,
}

impl Freezer {
    /// One that lies at this folder, which exists; none where that is not allowed.
    #[must_use]
    pub fn at(folder: &Path) -> Option<Self> {
        made(Self::laid(folder), "no disk can be mounted and frozen here")
    }

    fn laid(folder: &Path) -> Option<Self> {
        let image = TempDir::new().ok()?;
        let file = image.path().join("disk");
        File::create(&file).and_then(|file| file.set_len(32 << 20)).ok()?;
        let made = runs("mkfs.ext4", &["-q", &text(&file)]);
        let mount = made.then(|| Mount::at(folder, &["-o", "loop", &text(&file)])).flatten()?;
        let freezer = Self { mount, _image: image };
        (freezer.asked("-f") && freezer.asked("-u")).then_some(freezer)
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.mount.0
    }

    /// From here on, whoever writes waits.
    ///
    /// # Errors
    /// When it cannot be frozen.
    pub fn freeze(&self) -> Result<()> {
        ensure!(self.asked("-f"), "it does not freeze");
        Ok(())
    }

    /// Whoever waits goes on.
    ///
    /// # Errors
    /// When it cannot be thawed.
    pub fn thaw(&self) -> Result<()> {
        ensure!(self.asked("-u"), "it does not thaw");
        Ok(())
    }

    fn asked(&self, what: &str) -> bool {
        runs("fsfreeze", &[what, &text(self.path())])
    }
}

impl Drop for Freezer {
    fn drop(&mut self) {
        // A frozen one cannot be unmounted; one that is not frozen only says so.
        self.asked("-u");
    }
}

/// A disk without any room left, where this user may make one.
pub struct Full(#[expect(dead_code, reason = "it is unmounted with this")] Mount);

impl Full {
    /// One that lies at this folder, which exists; none where that is not allowed.
    #[must_use]
    pub fn at(folder: &Path) -> Option<Self> {
        let mount = Mount::at(folder, &["-t", "tmpfs", "-o", "size=4k", "tmpfs"]);
        let mount = made(mount, "no disk can be mounted here")?;
        let filled = std::fs::write(folder.join("full"), [0; 4096]).is_ok();
        let full = filled && std::fs::write(folder.join("more"), [0]).is_err();
        made(full.then_some(Self(mount)), "a disk of one page takes more here")
    }
}

/// Something that is mounted at a folder as long as this lives.
struct Mount(PathBuf);

impl Mount {
    fn at(folder: &Path, what: &[&str]) -> Option<Self> {
        runs("mount", &[what, &[&text(folder)]].concat()).then(|| Self(folder.to_owned()))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        runs("umount", &["-l", &text(&self.0)]);
    }
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|it| it.status.success())
}
