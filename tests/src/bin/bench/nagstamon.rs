//! Nagstamon, which people use for what Herald's watch does: a tray item that polls monitors and notifies.
//!
//! It asks a monitor that has nothing to tell, as often as Herald asks PagerDuty. Source of its files: Nagstamon 3.10.1,
//! `Config.py` (`_LoadServersMultipleConfig`), `Servers/Alertmanager/alertmanagerserver.py`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use herald_tests::Desktop;
use herald_tests::tray::Tray;
use herald_tests::wait::{self, SOON};

use crate::peers::Started;

const PROGRAM: &str = "/usr/bin/nagstamon";

/// A Nagstamon in the tray.
pub struct Nagstamon(Started);

impl Nagstamon {
    pub async fn start(desktop: &Desktop, tray: &Tray) -> Result<Self> {
        let (program, args) = prepare(desktop)?;
        let before = tray.registrations();
        let started = Started::on(desktop, &program, &[&args])?;
        wait::until_true("Nagstamon's tray icon", SOON, || tray.registrations() > before).await?;
        Ok(Self(started))
    }

    pub fn pid(&self) -> u32 {
        self.0.pid()
    }
}

/// Gives it a monitor to watch, and says how it is started.
pub fn prepare(desktop: &Desktop) -> Result<(PathBuf, String)> {
    anyhow::ensure!(Path::new(PROGRAM).exists(), "nagstamon is not installed: `.ci/setup bench`");
    let monitor = TcpListener::bind("127.0.0.1:0")?;
    let address = monitor.local_addr()?;
    std::thread::spawn(move || monitor.incoming().flatten().for_each(|it| drop(std::thread::spawn(|| serve(it)))));
    let folder = desktop.dir().join("nagstamon");
    std::fs::create_dir_all(folder.join("servers"))?;
    std::fs::write(
        folder.join("nagstamon.conf"),
        "[Nagstamon]\nicon_in_systray = True\nstatusbar_floating = False\nwindowed = False\nfullscreen = False\n\
         update_interval_seconds = 10\ncheck_for_new_version = False\nuse_system_keyring = False\n",
    )?;
    let server = format!(
        "[Server_bench]\nname = bench\ntype = Alertmanager\nenabled = True\nmonitor_url = http://{address}\n\
         monitor_cgi_url = http://{address}\nusername = \npassword = \nsave_password = True\nauthentication = basic\n"
    );
    std::fs::write(folder.join("servers/server_bench.conf"), server)?;
    Ok((PROGRAM.into(), folder.to_str().context("a path in UTF-8")?.to_owned()))
}

/// A monitor on which nothing is wrong.
fn serve(stream: TcpStream) {
    let Ok(mut answer) = stream.try_clone() else { return };
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    // Each request ends with an empty line; none has a body.
    for _ in lines.filter(String::is_empty) {
        let said =
            answer.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n[]");
        if said.is_err() {
            return;
        }
    }
}
