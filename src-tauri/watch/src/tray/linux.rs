//! The tray on Linux: a StatusNotifierItem of our own, which has a tooltip and a left click, as Tauri's has not.

use std::sync::Arc;
use std::time::Duration;

use herald_core::state::{Channel, Health};
use herald_core::tray::{MenuAct, MenuItem, Sign, Tray};
use herald_engine::{Shown, Teller};
use ksni::TrayMethods as _;
use ksni::menu::{CheckmarkItem, StandardItem};
use tokio::sync::watch;

use super::icons::pictures;
use super::{Act, TrayIcon};
use crate::bus::Bus;
use crate::front;
use crate::which::Which;

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// How often a tray that fails while its bus is there is tried again.
const RETRY: Duration = Duration::from_secs(5);

impl TrayIcon {
    /// Puts the icon into the tray, now or when there is one, and keeps it true until the process ends. A bus that ends takes
    /// the icon along; the next one gets another.
    pub async fn run(self, first: Arc<Shown>, teller: Teller, act: Act, mut bus: watch::Receiver<Bus>) {
        let mut newest = self.newest.subscribe();
        // What was drawn before this moment counts as new.
        newest.mark_changed();
        loop {
            let there = match *bus.borrow_and_update() {
                Bus::Unknown => false,
                Bus::There(_) => true,
                Bus::Gone => {
                    teller.channel_seen(Channel::Tray, Health::Dead { reason: no_host() });
                    false
                }
            };
            let retry = if there {
                let tray = newest.borrow().as_ref().map_or_else(|| first.tray.clone(), |shown| shown.tray.clone());
                let item = Item { tray, teller: teller.clone(), act: Arc::clone(&act) };
                match item.assume_sni_available(true).spawn().await {
                    Ok(handle) => {
                        teller.channel_seen(Channel::Tray, probe().await);
                        let bus_ended = keep(&handle, &mut newest, &mut bus).await;
                        // Nobody answers on its connection any more.
                        drop(handle.shutdown());
                        if bus_ended { continue } else { return }
                    }
                    Err(error) => {
                        tracing::warn!(%error, "no tray icon");
                        teller.channel_seen(Channel::Tray, Health::Dead { reason: no_host() });
                        true
                    }
                }
            } else {
                false
            };
            tokio::select! {
                changed = bus.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(RETRY), if retry => {}
            }
        }
    }
}

/// Keeps the icon true until the bus ends that it hangs on; says so then, and not when the process ends.
async fn keep(
    handle: &ksni::Handle<Item>,
    newest: &mut watch::Receiver<Option<Arc<Shown>>>,
    bus: &mut watch::Receiver<Bus>,
) -> bool {
    loop {
        tokio::select! {
            changed = bus.changed() => return changed.is_ok(),
            changed = newest.changed() => {
                if changed.is_err() {
                    return false;
                }
                let shown = newest.borrow_and_update().clone();
                if let Some(shown) = shown {
                    handle.update(|item| item.tray = shown.tray.clone()).await;
                }
            }
        }
    }
}

fn no_host() -> String {
    Which::here().no_tray().into()
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

struct Item {
    tray: Tray,
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
        (self.act)(MenuAct::Show, front::of_tray());
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        let pictures = pictures(self.tray.sign, self.tray.hollow);
        pictures.iter().filter_map(|png| pixmap(png)).collect()
    }

    fn attention_icon_pixmap(&self) -> Vec<ksni::Icon> {
        self.icon_pixmap()
    }

    fn tool_tip(&self) -> ksni::ToolTip {
        let mut lines = self.tray.tooltip.lines();
        let title = lines.next().unwrap_or("Herald").to_owned();
        // Hosts read markup in the description, and pages have titles by anybody.
        let description = lines.collect::<Vec<_>>().join("\n");
        let description = description.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
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
    let activate = Box::new(move |item: &mut Item| {
        let shows = matches!(chosen, MenuAct::Show | MenuAct::ShowPage { .. } | MenuAct::ShowIncident { .. });
        (item.act)(chosen.clone(), shows.then(front::of_tray).flatten());
    });
    match checked {
        Some(checked) => CheckmarkItem { label, checked: *checked, activate, ..CheckmarkItem::default() }.into(),
        None => StandardItem { label, enabled: *act != MenuAct::None, activate, ..StandardItem::default() }.into(),
    }
}

/// A PNG as the ARGB picture that trays take.
fn pixmap(png: &[u8]) -> Option<ksni::Icon> {
    let (width, height, rgba) = super::icons::rgba(png)?;
    let argb = rgba.chunks_exact(4).flat_map(|it| [it[3], it[0], it[1], it[2]]).collect();
    Some(ksni::Icon { width, height, data: argb })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNS: [Sign; 7] =
        [Sign::Page, Sign::Overdue, Sign::Blind, Sign::DueSoon, Sign::Open, Sign::Shadow, Sign::Quiet];

    #[test]
    fn every_sign_has_its_own_picture() {
        let mut seen: Vec<Vec<u8>> = vec![];
        for sign in SIGNS {
            let icons: Vec<_> = pictures(sign, false).iter().filter_map(|png| pixmap(png)).collect();
            assert_eq!(icons.iter().map(|it| it.width).collect::<Vec<_>>(), [16, 22, 24, 32, 48], "{sign:?} decodes");
            assert!(!seen.contains(&icons[0].data), "{sign:?} looks like another sign");
            seen.push(icons[0].data.clone());
        }
    }

    /// Bars as desktops come with them: Breeze Dark and Breeze, GNOME's, Adwaita's and Greybird's light ones.
    const BARS: [[u8; 3]; 6] =
        [[0x2a, 0x2e, 0x32], [0xef, 0xf0, 0xf1], [0, 0, 0], [0xf6, 0xf5, 0xf4], [0xce, 0xce, 0xce], [255, 255, 255]];
    /// The contrast from which a sign is seen (WCAG 2.2, 1.4.11 Non-text Contrast).
    const SEEN: f64 = 3.0;

    #[test]
    fn every_sign_is_seen_on_dark_and_on_light_bars() {
        for (sign, hollow) in SIGNS.iter().flat_map(|sign| [(*sign, false), (*sign, true)]) {
            for icon in pictures(sign, hollow).iter().filter_map(|png| pixmap(png)) {
                for bar in BARS {
                    let pixels = icon.data.chunks_exact(4).filter(|argb| contrast(argb, bar) >= SEEN).count();
                    let of = icon.data.len() / 4;
                    assert!(pixels * 100 >= of * 8, "{sign:?} at {} px on {bar:?}: {pixels} of {of}", icon.width);
                }
            }
        }
    }

    /// The contrast of a pixel, as it lies on a bar, with that bar.
    fn contrast(argb: &[u8], bar: [u8; 3]) -> f64 {
        let opaque = f64::from(argb[0]) / 255.0;
        let mixed = [0, 1, 2].map(|at| f64::from(argb[at + 1]) * opaque + f64::from(bar[at]) * (1.0 - opaque));
        let (one, other) = (luminance(mixed), luminance(bar.map(f64::from)));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn luminance(rgb: [f64; 3]) -> f64 {
        let linear = rgb
            .map(|it| it / 255.0)
            .map(|it| if it <= 0.04045 { it / 12.92 } else { ((it + 0.055) / 1.055).powf(2.4) });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }
}
