//! A hand on the mouse and two on the keyboard.

use anyhow::Result;

use crate::desktop::text;
use crate::real::access::Place;
use crate::real::session::Real;

impl Real {
    /// Clicks into the middle of a place on the screen, once or twice.
    ///
    /// # Errors
    /// When the pointer cannot be moved.
    pub async fn click(&self, (left, top, width, height): Place, times: u8) -> Result<()> {
        let (x, y) = ((left + width / 2).to_string(), (top + height / 2).to_string());
        let times = times.to_string();
        self.on_screen("xdotool", &["mousemove", &x, &y, "click", "--repeat", &times, "--delay", "80", "1"]).await?;
        Ok(())
    }

    /// Has the desktop's launcher start a program, which then may come to the front; false where there is none to ask.
    ///
    /// # Errors
    /// When the launcher refuses.
    pub async fn launch(&self, command: &[&str]) -> Result<bool> {
        if !self.kind.is_gnome() {
            return Ok(false);
        }
        let file = self.desktop.dir().join("launched.desktop");
        let line = command.join(" ");
        std::fs::write(
            &file,
            format!("[Desktop Entry]\nType=Application\nName=Herald\nStartupNotify=true\nExec={line}\n"),
        )?;
        let app = format!("imports.gi.Gio.DesktopAppInfo.new_from_filename('{}')", text(&file));
        // Whoever launches does it with a click or a key, and so now.
        let context = "global.create_app_launch_context(global.display.get_current_time_roundtrip(), -1)";
        self.eval(&format!("{app}.launch([], {context})")).await?;
        Ok(true)
    }

    /// Types into whatever has the keyboard.
    ///
    /// # Errors
    /// When there is no keyboard.
    pub async fn type_text(&self, words: &str) -> Result<()> {
        self.on_screen("xdotool", &["type", "--delay", "40", words]).await.map(drop)
    }

    /// Presses keys together, such as `ctrl+alt+u`.
    ///
    /// # Errors
    /// When there is no keyboard.
    pub async fn press_keys(&self, keys: &str) -> Result<()> {
        self.on_screen("xdotool", &["key", keys]).await.map(drop)
    }
}
