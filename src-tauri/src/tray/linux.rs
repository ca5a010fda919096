//! The tray on Linux: a StatusNotifierItem of our own, which has a tooltip and a left click, as Tauri's has not.

use std::sync::Arc;

use herald_core::state::{Channel, Health};
use herald_core::tray::{MenuAct, MenuItem, Sign, Tray};
use herald_engine::{Shown, Teller};
use ksni::TrayMethods as _;
use ksni::menu::{CheckmarkItem, StandardItem};
use tauri::image::Image;
use tokio::sync::watch;

use super::Act;
use super::icons::{Bar, pictures};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Handle to the tray icon.
#[derive(Clone)]
pub(crate) struct TrayIcon {
    newest: Arc<watch::Sender<Option<Arc<Shown>>>>,
}

impl Default for TrayIcon {
    fn default() -> Self {
        Self { newest: Arc::new(watch::Sender::new(None)) }
    }
}

impl TrayIcon {
    /// Puts the icon into the tray, now or when there is one, and keeps it true until the process ends.
    pub async fn run(self, first: Arc<Shown>, teller: Teller, act: Act) {
        let mut newest = self.newest.subscribe();
        // What was drawn before this moment counts as new.
        newest.mark_changed();
        let item = Item { tray: first.tray.clone(), bar: bar(), teller: teller.clone(), act };
        let handle = match item.assume_sni_available(true).spawn().await {
            Ok(handle) => handle,
            Err(error) => {
                tracing::warn!(%error, "no tray icon");
                return teller.channel_seen(Channel::Tray, Health::Dead { reason: no_host() });
            }
        };
        teller.channel_seen(Channel::Tray, probe().await);
        while newest.changed().await.is_ok() {
            let shown = newest.borrow_and_update().clone();
            if let Some(shown) = shown {
                handle.update(|item| item.tray = shown.tray.clone()).await;
            }
        }
    }

    /// Draws what is true now.
    pub fn draw(&self, shown: Arc<Shown>) {
        let differs = self.newest.borrow().as_ref().is_none_or(|drawn| drawn.tray != shown.tray);
        if differs {
            self.newest.send_replace(Some(shown));
        }
    }
}

fn no_host() -> String {
    "this desktop shows no tray icons (GNOME needs the AppIndicator extension). `herald` opens the window.".into()
}

/// Whether a tray is there to show the icon.
pub(crate) async fn probe() -> Health {
    let owned = async {
        let bus = zbus::Connection::session().await?;
        let name = zbus::names::BusName::try_from(WATCHER)?;
        zbus::Result::Ok(zbus::fdo::DBusProxy::new(&bus).await?.name_has_owner(name).await?)
    };
    match owned.await {
        Ok(true) => Health::Works { by: String::new() },
        Ok(false) | Err(_) => Health::Dead { reason: no_host() },
    }
}

/// Bars are dark on most desktops; KDE's are light unless told otherwise.
fn bar() -> Bar {
    let desktop = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
    if desktop.contains("KDE") { Bar::Light } else { Bar::Dark }
}

struct Item {
    tray: Tray,
    bar: Bar,
    teller: Teller,
    act: Act,
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        "herald".into()
    }

    fn title(&self) -> String {
        "Herald".into()
    }

    fn status(&self) -> ksni::Status {
        match self.tray.sign {
            Sign::Page | Sign::Overdue | Sign::Blind => ksni::Status::NeedsAttention,
            Sign::DueSoon | Sign::Open | Sign::Shadow | Sign::Quiet => ksni::Status::Active,
        }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        (self.act)(MenuAct::Show);
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        let pictures = pictures(self.tray.sign, self.tray.hollow, self.bar);
        pictures.iter().filter_map(|png| pixmap(png)).collect()
    }

    fn attention_icon_pixmap(&self) -> Vec<ksni::Icon> {
        self.icon_pixmap()
    }

    fn tool_tip(&self) -> ksni::ToolTip {
        let mut lines = self.tray.tooltip.lines();
        let title = lines.next().unwrap_or("Herald").to_owned();
        // Hosts read markup in the description; titles of pages never come here, channels' reasons might.
        let description = lines.collect::<Vec<_>>().join("\n").replace('&', "&amp;").replace('<', "&lt;");
        ksni::ToolTip { title, description, ..ksni::ToolTip::default() }
    }

    fn menu(&self) -> Vec<ksni::MenuItem<Self>> {
        self.tray.menu.iter().map(item).collect()
    }

    fn watcher_online(&self) {
        self.teller.channel_seen(Channel::Tray, Health::Works { by: String::new() });
    }

    fn watcher_offline(&self, _reason: ksni::OfflineReason) -> bool {
        self.teller.channel_seen(Channel::Tray, Health::Dead { reason: no_host() });
        true
    }
}

fn item(entry: &MenuItem) -> ksni::MenuItem<Item> {
    let MenuItem::Entry { label, act, checked } = entry else { return ksni::MenuItem::Separator };
    // A single underscore would make an access key of the letter behind it.
    let label = label.replace('_', "__");
    let chosen = act.clone();
    let activate = Box::new(move |item: &mut Item| (item.act)(chosen.clone()));
    match checked {
        Some(checked) => CheckmarkItem { label, checked: *checked, activate, ..CheckmarkItem::default() }.into(),
        None => StandardItem { label, enabled: *act != MenuAct::None, activate, ..StandardItem::default() }.into(),
    }
}

/// A PNG as the ARGB picture that trays take.
fn pixmap(png: &[u8]) -> Option<ksni::Icon> {
    let image = Image::from_bytes(png).ok()?;
    let argb = image.rgba().chunks_exact(4).flat_map(|it| [it[3], it[0], it[1], it[2]]).collect();
    Some(ksni::Icon {
        width: i32::try_from(image.width()).ok()?,
        height: i32::try_from(image.height()).ok()?,
        data: argb,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_has_its_own_picture() {
        let signs = [Sign::Page, Sign::Overdue, Sign::Blind, Sign::DueSoon, Sign::Open, Sign::Shadow, Sign::Quiet];
        for bar in [Bar::Light, Bar::Dark] {
            let mut seen: Vec<Vec<u8>> = vec![];
            for sign in signs {
                let icons: Vec<_> = pictures(sign, false, bar).iter().filter_map(|png| pixmap(png)).collect();
                assert_eq!(icons.iter().map(|it| it.width).collect::<Vec<_>>(), [22, 32, 48], "{sign:?} decodes");
                assert!(!seen.contains(&icons[0].data), "{sign:?} looks like another sign on {bar:?}");
                seen.push(icons[0].data.clone());
            }
        }
    }
}
