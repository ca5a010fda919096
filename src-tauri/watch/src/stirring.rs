//! Whether something stirs in the data folder. The kernel tells it (inotify(7)): looking for it every other second would
//! cost more than all polls together.

use std::time::Duration;

use herald_engine::stirs::Place;

use self::ear::Ear;

/// How often a look is due though nothing was told: on the disk of another computer the kernel sees only what is done here.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// The same where the kernel tells nothing, or the last look found what it could not mend.
const LOOK_AGAIN_EVERY: Duration = Duration::from_secs(3);

/// Looks now, whenever something stirs, and at least every minute, on a thread of its own: whoever reads a disk may wait for
/// it for ever. A look is told whether anything may have stirred, and says whether all is well; it may make what is missing.
pub(crate) fn watch(places: Vec<Place>, look: impl FnMut(bool) -> bool + Send + 'static) {
    if let Err(error) = std::thread::Builder::new().name("folder".into()).spawn(move || keep(&places, look)) {
        tracing::error!(%error, "the data folder is not looked after");
    }
}

fn keep(places: &[Place], mut look: impl FnMut(bool) -> bool) {
    let (mut ear, mut stirred) = (Ear::open(), true);
    loop {
        // Listening comes first: what stirs between a look and that would be missed. What the look has made is heard, too.
        let heard = ear.listen(places);
        let well = look(stirred || !heard);
        let hears = ear.listen(places);
        stirred = ear.wait(places, if hears && well { LOOK_EVERY } else { LOOK_AGAIN_EVERY });
    }
}

#[cfg(target_os = "linux")]
mod ear {
    use std::ffi::CStr;
    use std::mem::MaybeUninit;
    use std::os::fd::OwnedFd;
    use std::time::{Duration, Instant};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};
    use rustix::io::Errno;

    use super::Place;

    /// What takes away, makes anew or replaces. Not each write: Herald's own would be told, too.
    const STIRS: WatchFlags = WatchFlags::CREATE
        .union(WatchFlags::DELETE)
        .union(WatchFlags::MOVE)
        .union(WatchFlags::CLOSE_WRITE)
        .union(WatchFlags::ATTRIB)
        .union(WatchFlags::DELETE_SELF)
        .union(WatchFlags::MOVE_SELF);

    /// What the kernel tells.
    pub(super) struct Ear {
        /// Nothing where the kernel has no more to give.
        kernel: Option<OwnedFd>,
        /// Under which number it tells of each place.
        numbers: Vec<Option<i32>>,
    }

    impl Ear {
        pub fn open() -> Self {
            let opened = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC);
            let kernel = opened.map_err(|error| tracing::info!(%error, "the data folder is looked at instead")).ok();
            Self { kernel, numbers: vec![] }
        }

        /// Listens to what lies at these places now; says whether it hears the first of them, without which the others are
        /// nothing. What is listened to already stays so.
        pub fn listen(&mut self, places: &[Place]) -> bool {
            let Some(kernel) = &self.kernel else { return false };
            self.numbers = places.iter().map(|it| inotify::add_watch(kernel, &it.path, STIRS).ok()).collect();
            self.numbers.first().is_some_and(Option::is_some)
        }

        /// Comes back when something has stirred that matters, and says so, or after this time.
        pub fn wait(&self, places: &[Place], at_most: Duration) -> bool {
            let until = Instant::now() + at_most;
            while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
                let Some(kernel) = &self.kernel else {
                    std::thread::sleep(left);
                    continue;
                };
                let timeout = Timespec::try_from(left).ok();
                match poll(&mut [PollFd::new(kernel, PollFlags::IN)], timeout.as_ref()) {
                    Ok(_) if self.stirred(kernel, places) => return true,
                    Ok(_) | Err(Errno::INTR) => {}
                    Err(_) => std::thread::sleep(left),
                }
            }
            false
        }

        /// Takes in all that was told; says whether any of it matters.
        fn stirred(&self, kernel: &OwnedFd, places: &[Place]) -> bool {
            let mut buffer = [MaybeUninit::uninit(); 4096];
            let mut told = Reader::new(kernel, &mut buffer);
            let mut matters = false;
            while let Ok(event) = told.next() {
                let of_it = self.numbers.iter().zip(places).filter(|(number, _)| **number == Some(event.wd()));
                matters |= match event.file_name().map(CStr::to_str) {
                    Some(Ok(name)) => of_it.into_iter().any(|(_, place)| (place.matters)(name)),
                    // Nothing of Herald's own is called so.
                    Some(Err(_)) => false,
                    // About the place itself, or about all that could not be told.
                    None => true,
                };
            }
            matters
        }
    }
}

/// Elsewhere is looked.
#[cfg(not(target_os = "linux"))]
mod ear {
    use std::time::Duration;

    use super::Place;

    pub(super) struct Ear;

    impl Ear {
        pub fn open() -> Self {
            Self
        }

        pub fn listen(&mut self, _: &[Place]) -> bool {
            false
        }

        pub fn wait(&self, _: &[Place], at_most: Duration) -> bool {
            std::thread::sleep(at_most);
            false
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    /// Longer than anything here takes, and shorter than the look that would come anyway.
    const SOON: Duration = Duration::from_secs(20);

    /// Watches a folder in which `lock` matters, and a file beside it; what is missing is made.
    fn watched(folder: &Path) -> Receiver<bool> {
        let (data, beside) = (folder.join("data"), folder.join("beside"));
        let places = vec![
            Place { path: data.clone(), matters: |name| name == "lock" },
            Place { path: beside.clone(), matters: |_| false },
        ];
        let (looked, looks) = channel();
        watch(places, move |stirred| {
            let made = fs::create_dir_all(&data).and_then(|()| fs::write(data.join("other"), ""));
            for file in [&data.join("lock"), &beside] {
                if !file.exists() {
                    fs::write(file, "").expect("made");
                }
            }
            let _ = looked.send(stirred);
            made.is_ok()
        });
        looks
    }

    #[test]
    fn what_is_taken_away_or_replaced_is_seen_at_once_and_nothing_else_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let looks = watched(folder.path());
        let data = folder.path().join("data");
        assert_eq!(looks.recv_timeout(SOON), Ok(true), "the first look is for all that went before");
        // Until no look comes by itself: what was made by one is listened to by the next.
        while looks.recv_timeout(LOOK_AGAIN_EVERY * 2).is_ok() {}
        for (what, harm) in [
            ("the file", (|data| fs::remove_file(data.join("lock"))) as fn(&Path) -> std::io::Result<()>),
            ("another in its place", |data| {
                fs::write(data.join("new"), "").and_then(|()| fs::rename(data.join("new"), data.join("lock")))
            }),
            ("what is written into it", |data| fs::write(data.join("lock"), "more")),
            ("the file beside", |data| fs::remove_file(data.with_file_name("beside"))),
            ("the folder", |data| fs::rename(data, data.with_file_name("elsewhere"))),
        ] {
            looks.try_iter().for_each(drop);
            harm(&data).expect("ours");
            assert_eq!(looks.recv_timeout(SOON), Ok(true), "{what}");
            while !(data.join("lock").exists() && folder.path().join("beside").exists()) {
                looks.recv_timeout(SOON).unwrap_or_else(|_| panic!("{what} is made anew"));
            }
        }
        while looks.recv_timeout(LOOK_AGAIN_EVERY * 2).is_ok() {}
        fs::write(data.join("something else"), "").expect("written");
        assert!(looks.recv_timeout(LOOK_AGAIN_EVERY).is_err(), "what does not matter wakes nobody");
    }
}
