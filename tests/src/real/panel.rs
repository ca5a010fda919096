//! The panel: where Herald's icon stands in it, what it says, and whether it can be seen on either ground.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use zbus::zvariant::OwnedValue;

use crate::desktop::{lock, text};
use crate::menu;
use crate::real::access::Place;
use crate::real::kind::Kind;
use crate::real::session::{Real, SCREEN, waybar_style};
use crate::tray::{ITEM, Item, read_item};
use crate::wait::{self, SOON};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
/// The height of the panels that do not tell where their icons are, in pixels.
const PANEL: i32 = 25;
/// Between the darkest and the lightest sign of an icon's place: below this it cannot be told from the panel.
const CONTRAST_MIN: f64 = 0.35;

impl Real {
    /// Herald's item, as the desktop's own panel has it.
    ///
    /// # Errors
    /// When the panel has none.
    pub async fn item(&self) -> Result<Item> {
        let (name, path) = self.item_address().await?;
        let properties = Some("org.freedesktop.DBus.Properties");
        let call = self.bus.call_method(Some(name.as_str()), path.as_str(), properties, "GetAll", &ITEM).await?;
        let read: HashMap<String, OwnedValue> = call.body().deserialize()?;
        Ok(read_item(&read))
    }

    /// Its menu, as lines.
    ///
    /// # Errors
    /// When there is none.
    pub async fn menu(&self) -> Result<String> {
        let ((name, _), item) = (self.item_address().await?, self.item().await?);
        Ok(menu::text(&menu::read(&self.bus, &name, &item.menu).await?))
    }

    async fn item_address(&self) -> Result<(String, String)> {
        let properties = zbus::fdo::PropertiesProxy::new(&self.bus, WATCHER, "/StatusNotifierWatcher").await?;
        let items = properties.get(WATCHER.try_into()?, "RegisteredStatusNotifierItems").await?;
        let items = Vec::<String>::try_from(items)?;
        for item in items {
            let (name, path) = match item.split_once('/') {
                Some((name, path)) => (name.to_owned(), format!("/{path}")),
                None => (item.clone(), "/StatusNotifierItem".to_owned()),
            };
            let item = zbus::fdo::PropertiesProxy::new(&self.bus, name.clone(), path.clone()).await?;
            let id = item.get(ITEM.try_into()?, "Id").await.ok().and_then(|it| String::try_from(it).ok());
            if id.is_some_and(|it| it.to_lowercase().contains("herald")) {
                return Ok((name, path));
            }
        }
        anyhow::bail!("no item of Herald is registered")
    }

    /// Where the icon is on the screen.
    ///
    /// # Errors
    /// When the desktop does not say.
    pub async fn icon_place(&self) -> Result<Place> {
        match self.kind {
            Kind::GnomeX11 | Kind::GnomeWayland => {
                let find = "Object.keys(Main.panel.statusArea).filter(it => it.startsWith('appindicator')).map(it => \
                            Main.panel.statusArea[it])[0]";
                let place = "it ? [...it.get_transformed_position(), ...it.get_transformed_size()] : null";
                self.eval_place(&format!("(it => {place})({find})")).await?.context("no icon in the panel")
            }
            Kind::Xfce | Kind::Mate | Kind::Sway => (*lock(&self.icon)).context("its icon was not found"),
            Kind::KdeX11 | Kind::KdeWayland => {
                let access = self.access()?;
                let things = access.things().await?;
                for icon in things.iter().filter(|it| !self.before.contains(it) && it.name.contains("Herald")) {
                    if let Ok(place) = access.place(icon).await
                        && in_panel(place)
                    {
                        return Ok(place);
                    }
                }
                anyhow::bail!(
                    "no icon in the panel, which shows {:?}",
                    things.iter().map(|it| &it.name).collect::<Vec<_>>()
                )
            }
        }
    }

    /// Whether the desktop says where the icons in its panel are.
    #[must_use]
    pub fn tells_places(&self) -> bool {
        self.kind.is_gnome() || self.kind.is_kde()
    }

    /// Finds the icon between two pictures of the panel, of which only one shows it calling.
    ///
    /// # Errors
    /// When nothing changed, or more than an icon, such as the clock.
    pub async fn find_icon(&self, calm: &Path, calling: &Path) -> Result<()> {
        let strip = format!("{}x{PANEL}+0+0", SCREEN.0);
        let (calm, calling) = (text(calm), text(calling));
        let differs = [&calm, &calling, "-compose", "difference", "-composite", "-crop", &strip, "+repage"];
        let bounds = ["-threshold", "20%", "-format", "%@", "info:"];
        let said = self.desktop.run("convert", &[&differs[..], &bounds].concat()).await?;
        let numbers: Vec<i32> = said.trim().split(['x', '+']).filter_map(|it| it.parse().ok()).collect();
        let [width, height, left, top] = numbers[..] else { anyhow::bail!("nothing changed: {said:?}") };
        ensure!((10..=40).contains(&width) && (10..=40).contains(&height), "more than an icon changed: {said:?}");
        *lock(&self.icon) = Some((left, top, width, height));
        Ok(())
    }

    /// The click that opens Herald's window from its icon: the left one, twice where the first opens the menu.
    ///
    /// # Errors
    /// When the icon is not found.
    pub async fn click_icon(&self) -> Result<()> {
        let place = self.icon_place().await?;
        self.click(place, if self.kind.is_gnome() { 2 } else { 1 }).await
    }

    /// Gives the panel the dark or the light ground.
    ///
    /// # Errors
    /// When the desktop has no such choice.
    pub async fn paint_panel(&self, dark: bool) -> Result<()> {
        match self.kind {
            Kind::GnomeX11 | Kind::GnomeWayland => {
                let scheme = if dark { "prefer-dark" } else { "default" };
                let args = ["set", "org.gnome.desktop.interface", "color-scheme", scheme];
                self.desktop.run("gsettings", &args).await.map(drop)
            }
            Kind::KdeX11 | Kind::KdeWayland => {
                let theme = if dark { "breeze-dark" } else { "breeze-light" };
                self.desktop.run("plasma-apply-desktoptheme", &[theme]).await.map(drop)
            }
            Kind::Xfce => {
                let args = ["-c", "xfce4-panel", "-p", "/panels/dark-mode", "-n", "-t", "bool", "-s"];
                self.desktop
                    .run("xfconf-query", &[&args[..], &[if dark { "true" } else { "false" }]].concat())
                    .await
                    .map(drop)
            }
            Kind::Mate => {
                let theme = if dark { "Adwaita-dark" } else { "Adwaita" };
                self.desktop.run("gsettings", &["set", "org.mate.interface", "gtk-theme", theme]).await.map(drop)
            }
            Kind::Sway => {
                std::fs::write(self.desktop.dir().join("waybar.css"), waybar_style(dark))?;
                // It reads its style anew when it is told.
                self.desktop.run("pkill", &["-USR2", "-x", "-u", &me(), "waybar"]).await.map(drop)
            }
        }
    }

    /// Waits until the icon can be told from the panel, takes a picture, and gives the contrast.
    ///
    /// # Errors
    /// When it cannot be told in time.
    pub async fn icon_contrast(&self, picture: &Path) -> Result<f64> {
        let mut last = 0.0;
        let seen = wait::until("an icon that can be seen", SOON, async || {
            self.picture(picture).await?;
            last = self.contrast_at(picture, self.icon_place().await?).await?;
            Ok((last >= CONTRAST_MIN).then_some(last))
        });
        seen.await.with_context(|| format!("its contrast is {last:.2}"))
    }

    async fn contrast_at(&self, picture: &Path, (left, top, width, height): Place) -> Result<f64> {
        let crop = format!("{width}x{height}+{left}+{top}");
        let args = [
            &text(picture),
            "-crop",
            &crop,
            "+repage",
            "-colorspace",
            "Gray",
            "-format",
            "%[fx:maxima-minima]",
            "info:",
        ];
        let said = self.desktop.run("convert", &args).await?;
        let contrast: f64 = said.trim().parse().with_context(|| said.clone())?;
        ensure!((0.0..=1.0).contains(&contrast), "{said}");
        Ok(contrast)
    }
}

/// Whether something of this size stands where panels are, at the upper or lower edge.
fn in_panel((_, top, width, height): Place) -> bool {
    let small = (12..=64).contains(&width) && (12..=64).contains(&height);
    small && (top < 40 || top + height > SCREEN.1 - 60)
}

fn me() -> String {
    rustix::process::getuid().as_raw().to_string()
}
