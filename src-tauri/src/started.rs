//! The window as a program of its own, which its watch has started.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use tokio::net::UnixStream;

use crate::app::{self, Ended};
use crate::link::{Link, Reached};

/// What the desktop knows Herald's windows by: the name in its desktop file.
const NAME: &str = "herald";

/// Who has started this window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Watch {
    /// Its program, and the folder that it watches in.
    pub program: PathBuf,
    pub folder: PathBuf,
    /// Where it may be reached.
    sockets: Vec<PathBuf>,
}

pub(crate) fn main() -> ExitCode {
    let Some(watch) = Watch::named(std::env::args_os().skip(1)) else {
        eprintln!("This is Herald's window, which Herald starts by itself. Start `herald`.");
        return ExitCode::from(2);
    };
    gtk::glib::set_prgname(Some(NAME));
    match run(watch) {
        Ok(Ended::Dismissed) => ExitCode::SUCCESS,
        Ok(ended) => {
            eprintln!("no Herald of this build answers: {ended:?}");
            ExitCode::from(ended as u8)
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(watch: Watch) -> Result<Ended, String> {
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let tokio = threads.map_err(|error| format!("no threads can be started: {error}"))?;
    tauri::async_runtime::set(tokio.handle().clone());
    let (link, reached) = tokio.block_on(watch.reach(false));
    let news = match reached {
        Reached::Watch(news) => news,
        Reached::Nobody => return Ok(Ended::NobodyThere),
        Reached::OtherBuild => return Ok(Ended::OtherBuild),
    };
    let app = app::build(tauri::Builder::default(), watch, link, news);
    app::run(app.map_err(|error| format!("the desktop cannot be used: {error}"))?);
    Ok(Ended::Dismissed)
}

impl Watch {
    fn named(args: impl Iterator<Item = OsString>) -> Option<Self> {
        let mut args = args.map(PathBuf::from);
        let mut after = |name: &str| if args.next()?.to_str()? == name { args.next() } else { None };
        let (program, folder) = (after("--watch")?, after("--data-dir")?);
        let sockets: Vec<_> = args.collect();
        (!sockets.is_empty()).then_some(Self { program, folder, sockets })
    }

    /// Attaches the window to the watch that answers.
    pub async fn reach(&self, visible: bool) -> (Link, Reached) {
        for socket in &self.sockets {
            if let Ok(stream) = UnixStream::connect(socket).await {
                let (from, to) = stream.into_split();
                return Link::over(from, to, visible).await;
            }
        }
        Link::nowhere()
    }

    /// Starts the watch that is not there.
    pub fn start(&self) -> std::io::Result<()> {
        let mut command = std::process::Command::new(&self.program);
        command.arg("--hidden").arg("--data-dir").arg(&self.folder);
        command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null());
        let mut child = command.spawn()?;
        // Somebody has to ask how it ended, or it stays in the process table.
        std::thread::spawn(move || child.wait());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_watch_can_start_it() {
        let named = |args: &[&str]| Watch::named(args.iter().map(OsString::from));
        let all = ["--watch", "/usr/bin/herald", "--data-dir", "/data", "/data/herald.sock", "/run/herald.sock"];
        let watch = named(&all).expect("a watch");
        assert_eq!(watch.folder, PathBuf::from("/data"));
        assert_eq!(watch.sockets.len(), 2);
        for args in [&[][..], &["--help"], &all[..4], &["--data-dir", "/data", "--watch", "x", "y"]] {
            assert_eq!(named(args), None, "{args:?}");
        }
    }
}
