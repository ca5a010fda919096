//! Which window is in front, and how the user goes elsewhere.

use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::desktop::{lock, text};
use crate::real::access::Place;
use crate::real::kind::Kind;
use crate::real::session::{ELSEWHERE, Real};
use crate::wait::{self, SOON};

/// The name under which KWin's scripts reach us.
const ANSWERS: &str = "net.herald.Desktops";

impl Real {
    /// The title of the window that has the keyboard; empty when none has.
    ///
    /// # Errors
    /// When the desktop does not say.
    pub async fn front(&self) -> Result<String> {
        match self.kind {
            Kind::GnomeX11 | Kind::GnomeWayland => {
                let title = self.eval("global.display.focus_window ? global.display.focus_window.title : ''").await?;
                Ok(title.as_str().unwrap_or_default().to_owned())
            }
            Kind::KdeWayland => {
                let ask = "workspace.activeClient ? workspace.activeClient.caption : ''";
                self.kwin(&format!("callDBus('{ANSWERS}', '/', '{ANSWERS}', 'Tell', String({ask}));")).await
            }
            Kind::Sway => Ok(focused(&self.sway_tree().await?).unwrap_or_default()),
            Kind::KdeX11 | Kind::Xfce | Kind::Mate => {
                // xdotool ends with 1 when no window is active.
                let said = self.desktop.output("xdotool", &["getactivewindow", "getwindowname"]).await?;
                Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned())
            }
        }
    }

    /// The user clicks into another program.
    ///
    /// # Errors
    /// When the desktop refuses.
    pub async fn go_elsewhere(&self) -> Result<()> {
        match self.kind {
            Kind::GnomeX11 | Kind::GnomeWayland => {
                let find = format!("global.get_window_actors().find(it => it.meta_window.title == '{ELSEWHERE}')");
                self.eval(&format!("(it => {{ if (it) Main.activateWindow(it.meta_window) }})({find})")).await?;
            }
            Kind::KdeWayland => {
                let activate = format!(
                    "workspace.clientList().forEach(it => {{ if (it.caption == '{ELSEWHERE}') workspace.activeClient = it; }});
                     callDBus('{ANSWERS}', '/', '{ANSWERS}', 'Tell', '');"
                );
                self.kwin(&activate).await?;
            }
            Kind::Sway => {
                self.desktop.run("swaymsg", &[&format!("[title=\"{ELSEWHERE}\"] focus")]).await?;
            }
            Kind::KdeX11 | Kind::Xfce | Kind::Mate => {
                let name = format!("^{ELSEWHERE}$");
                self.desktop.run("xdotool", &["search", "--name", &name, "windowactivate"]).await?;
            }
        }
        Ok(())
    }

    /// How many windows of Herald are open, in front or not.
    ///
    /// # Errors
    /// When the desktop does not say.
    pub async fn windows(&self) -> Result<usize> {
        match self.kind {
            Kind::GnomeX11 | Kind::GnomeWayland => {
                let count = "global.get_window_actors().filter(it => it.meta_window.title == 'Herald').length";
                Ok(usize::try_from(self.eval(count).await?.as_u64().unwrap_or_default())?)
            }
            Kind::KdeWayland => {
                let count = "workspace.clientList().filter(it => it.caption == 'Herald').length";
                let said =
                    self.kwin(&format!("callDBus('{ANSWERS}', '/', '{ANSWERS}', 'Tell', String({count}));")).await?;
                Ok(said.parse()?)
            }
            Kind::Sway => Ok(titles(&self.sway_tree().await?).iter().filter(|it| *it == "Herald").count()),
            Kind::KdeX11 | Kind::Xfce | Kind::Mate => {
                Ok(self.desktop.window_titles().await?.iter().filter(|it| *it == "Herald").count())
            }
        }
    }

    /// The user closes Herald's window, as the cross in its title does.
    ///
    /// # Errors
    /// When the desktop refuses.
    pub async fn close_window(&self) -> Result<()> {
        match self.kind {
            Kind::GnomeX11 | Kind::GnomeWayland => {
                let find = "global.get_window_actors().filter(it => it.meta_window.title == 'Herald')";
                self.eval(&format!("{find}.forEach(it => it.meta_window.delete(global.get_current_time()))")).await?;
            }
            Kind::KdeWayland => {
                let close = format!(
                    "workspace.clientList().forEach(it => {{ if (it.caption == 'Herald') it.closeWindow(); }});
                     callDBus('{ANSWERS}', '/', '{ANSWERS}', 'Tell', '');"
                );
                self.kwin(&close).await?;
            }
            Kind::Sway => {
                self.desktop.run("swaymsg", &["[title=\"^Herald$\"] kill"]).await?;
            }
            Kind::KdeX11 | Kind::Xfce | Kind::Mate => {
                let found = self.desktop.run("xdotool", &["search", "--onlyvisible", "--name", "^Herald$"]).await?;
                let keyboard = crate::keyboard::Keyboard::open(&self.desktop)?;
                for window in found.lines() {
                    keyboard.close_window(window.trim().parse()?)?;
                }
            }
        }
        wait::until("the window to go", SOON, async || Ok((self.windows().await? == 0).then_some(()))).await
    }

    /// Where Plasma shows a notification, above its buttons.
    pub(super) async fn kwin_note_place(&self) -> Result<Option<Place>> {
        let find = "workspace.clientList().find(it => it.notification || it.criticalNotification)";
        let place = "it ? [it.x, it.y, it.width, it.height * 0.7].map(Math.round).join(' ') : ''";
        let said =
            self.kwin(&format!("callDBus('{ANSWERS}', '/', '{ANSWERS}', 'Tell', (it => {place})({find}));")).await?;
        let numbers: Vec<i32> = said.split(' ').filter_map(|it| it.parse().ok()).collect();
        Ok(<[i32; 4]>::try_from(numbers).ok().map(|[left, top, width, height]| (left, top, width, height)))
    }

    async fn sway_tree(&self) -> Result<Value> {
        Ok(serde_json::from_str(&self.desktop.run("swaymsg", &["-t", "get_tree", "-r"]).await?)?)
    }

    /// Runs a script in KWin and waits for what it tells.
    async fn kwin(&self, script: &str) -> Result<String> {
        let told: Arc<Mutex<Option<String>>> = Arc::default();
        let answers = Answers { told: Arc::clone(&told) };
        let served = self.desktop.session_bus()?.serve_at("/", answers)?.name(ANSWERS)?.build().await?;
        let file = self.desktop.dir().join("look.js");
        std::fs::write(&file, script)?;
        let (kwin, scripting) = (Some("org.kde.KWin"), Some("org.kde.kwin.Scripting"));
        served.call_method(kwin, "/Scripting", scripting, "unloadScript", &"herald-look").await?;
        let load = (text(&file), "herald-look");
        let id: i32 =
            served.call_method(kwin, "/Scripting", scripting, "loadScript", &load).await?.body().deserialize()?;
        served.call_method(kwin, format!("/{id}"), Some("org.kde.kwin.Script"), "run", &()).await.context("run")?;
        wait::until("KWin's answer", SOON, async || Ok(lock(&told).take())).await
    }
}

struct Answers {
    told: Arc<Mutex<Option<String>>>,
}

#[zbus::interface(name = "net.herald.Desktops")]
impl Answers {
    fn tell(&self, what: String) {
        *lock(&self.told) = Some(what);
    }
}

/// The title of the focused window in sway's tree.
fn focused(node: &Value) -> Option<String> {
    if node["focused"] == true && node["pid"].is_number() {
        return node["name"].as_str().map(ToOwned::to_owned);
    }
    below(node).find_map(focused)
}

/// The titles of all windows in sway's tree.
fn titles(node: &Value) -> Vec<String> {
    let own = node["pid"].is_number().then(|| node["name"].as_str().unwrap_or_default().to_owned());
    own.into_iter().chain(below(node).flat_map(titles)).collect()
}

fn below(node: &Value) -> impl Iterator<Item = &Value> {
    ["nodes", "floating_nodes"].into_iter().flat_map(|name| node[name].as_array().into_iter().flatten())
}
