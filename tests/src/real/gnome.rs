//! GNOME's shell, asked about itself: it has no other door, so it runs with the one for developers open.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::real::kind::Kind;
use crate::real::session::{Real, SCREEN};
use crate::wait::{self, SOON};

/// Settings that a first login would ask about, or that would put a lock before the test.
const SETTINGS: [[&str; 3]; 6] = [
    ["org.gnome.shell", "enabled-extensions", "['ubuntu-appindicators@ubuntu.com']"],
    ["org.gnome.shell", "welcome-dialog-last-shown-version", "'99'"],
    ["org.gnome.shell", "disable-user-extensions", "false"],
    ["org.gnome.desktop.screensaver", "lock-enabled", "false"],
    ["org.gnome.desktop.session", "idle-delay", "0"],
    ["org.gnome.desktop.notifications", "show-banners", "true"],
];

impl Real {
    pub(super) async fn start_gnome(&self) -> Result<()> {
        for setting in SETTINGS {
            self.desktop.run("gsettings", &[&["set"][..], &setting].concat()).await?;
        }
        if self.kind == Kind::GnomeWayland {
            self.desktop.set_env("MUTTER_DEBUG_DUMMY_MODE_SPECS", &format!("{}x{}", SCREEN.0, SCREEN.1));
            self.spawn("shell", "gnome-shell", &["--nested", "--wayland", "--unsafe-mode"])?;
            self.until_compositor().await?;
        } else {
            self.spawn("shell", "gnome-shell", &["--x11", "--unsafe-mode"])?;
            self.until_managed().await?;
        }
        self.until_name("org.gnome.Shell").await?;
        wait::until("the shell to be ready", SOON * 2, async || {
            // It starts with the overview open, which takes every key.
            let hidden = "Main.layoutManager._startingUp ? true : (Main.overview.hide(), Main.overview.visible)";
            Ok((self.eval(hidden).await? == Value::Bool(false)).then_some(()))
        })
        .await
    }

    /// Runs a line in the shell and gives what it came to.
    pub(super) async fn eval(&self, line: &str) -> Result<Value> {
        let shell = Some("org.gnome.Shell");
        let call = self.bus.call_method(shell, "/org/gnome/Shell", shell, "Eval", &line).await?;
        let (ran, said): (bool, String) = call.body().deserialize()?;
        ensure!(ran, "the shell says {said:?} to {line}");
        if said.is_empty() { Ok(Value::Null) } else { serde_json::from_str(&said).with_context(|| said) }
    }

    /// Asks for a place in the shell: `[left, top, width, height]`.
    pub(super) async fn eval_place(&self, line: &str) -> Result<Option<(i32, i32, i32, i32)>> {
        let said = self.eval(line).await?;
        let numbers: Vec<i32> =
            said.as_array().into_iter().flatten().filter_map(Value::as_f64).map(|it| it as i32).collect();
        Ok(<[i32; 4]>::try_from(numbers).ok().map(|[left, top, width, height]| (left, top, width, height)))
    }
}
