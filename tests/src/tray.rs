//! A panel with a StatusNotifier area: shows which tray items stand in it, reads them, and clicks.
//!
//! Its manners and whose they are:
//!
//! | manner | whose, and where it is written |
//! |---|---|
//! | watcher and host: names, paths, properties, registering by bus name or by path alone | the StatusNotifierItem specification of freedesktop.org; ubuntu/gnome-shell-extension-appindicator, `statusNotifierWatcher.js`, `RegisterStatusNotifierItemAsync` (path alone: Ayatana) |
//! | gives an activation token just before each click, without waiting for its answer | Plasma, `applets/systemtray/statusnotifieritemsource.cpp`, `provideXdgActivationToken`; gnome-shell-extension-appindicator, `appIndicator.js`, `provideActivationToken` |
//! | a left click calls `Activate`, a middle click `SecondaryActivate` | gnome-shell-extension-appindicator, `appIndicator.js`, `open`, `secondaryActivate` |
//! | an item whose program has left the bus is gone | `statusNotifierWatcher.js`, `_itemVanished` |
//! | a panel that restarts knows no item; items register again when its name has an owner | the specification, "StatusNotifierWatcher" |
//! | draws the item's picture on a bar of its own colour, dark or light | Breeze Dark and Breeze (KDE/breeze, `colors/BreezeDark.colors`, `BreezeLight.colors`), GNOME Shell's top bar (`data/theme`), light panels of Xfce and MATE |

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use zbus::message::Header;
use zbus::names::OwnedBusName;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{Array, OwnedObjectPath, OwnedValue, Structure, Value};

use crate::desktop::{Desktop, lock};
use crate::menu::{self, Entry};
use crate::wait::{self, SOON};

const NAME: &str = "org.kde.StatusNotifierWatcher";
const PATH: &str = "/StatusNotifierWatcher";
pub(crate) const ITEM: &str = "org.kde.StatusNotifierItem";

/// One picture of an icon: width, height and ARGB bytes.
pub type Pixmap = (i32, i32, Vec<u8>);

/// What a tray item says about itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    /// Name of the application.
    pub id: String,
    /// Title.
    pub title: String,
    /// `Passive`, `Active` or `NeedsAttention`.
    pub status: String,
    /// Icon by name.
    pub icon_name: String,
    /// Icon as pictures, one for each size.
    pub icon_pixmaps: Vec<Pixmap>,
    /// Folder in which `icon_name` is found.
    pub icon_theme_path: String,
    /// Title and text of the tooltip.
    pub tooltip: (String, String),
    /// Whether a left click opens the menu instead of calling `Activate`.
    pub item_is_menu: bool,
    /// Where the menu is.
    pub menu: String,
}

impl Item {
    /// The tooltip as one text.
    #[must_use]
    pub fn says(&self) -> String {
        format!("{}\n{}", self.tooltip.0, self.tooltip.1).trim().to_owned()
    }

    /// How much of the item's smallest picture is told from the panel that it is drawn on, from 0 to 1.
    #[must_use]
    pub fn seen_on(&self, panel: Panel) -> f32 {
        let Some((.., argb)) = self.icon_pixmaps.first() else { return 0.0 };
        let bar = match panel {
            Panel::Dark => 0x2e,
            Panel::Light => 0xf0,
        };
        let told = |it: &&[u8]| {
            let opaque = i32::from(it[0]);
            let mixed =
                (it[1..].iter().map(|part| i32::from(*part)).sum::<i32>() / 3 * opaque + bar * (255 - opaque)) / 255;
            (mixed - bar).abs() > FAINT
        };
        argb.chunks_exact(4).filter(told).count() as f32 / (argb.len() / 4).max(1) as f32
    }
}

/// Less than this between two greys is hardly seen.
const FAINT: i32 = 64;

/// What an item is drawn on: Breeze Dark's window colour, and Breeze's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// A dark one.
    Dark,
    /// A light one.
    Light,
}

/// The panel: watcher and host in one.
pub struct Tray {
    connection: Option<zbus::Connection>,
    env: std::collections::BTreeMap<String, String>,
    items: Items,
    registrations: Arc<Mutex<Vec<Instant>>>,
}

/// Bus name and object path of each registered item, oldest first.
type Items = Arc<Mutex<Vec<(String, String)>>>;

impl Tray {
    /// Starts the panel.
    ///
    /// # Errors
    /// When the bus cannot be reached or the name is taken.
    pub async fn start(desktop: &Desktop) -> Result<Self> {
        let mut tray =
            Self { connection: None, env: desktop.env(), items: Arc::default(), registrations: Arc::default() };
        tray.come_back(desktop).await?;
        Ok(tray)
    }

    /// Leaves the bus, as a panel that crashed.
    ///
    /// # Errors
    /// When the connection cannot be closed.
    pub async fn vanish(&mut self) -> Result<()> {
        if let Some(connection) = self.connection.take() {
            connection.close().await?;
        }
        lock(&self.items).clear();
        Ok(())
    }

    /// Comes back as a new panel that knows no item.
    ///
    /// # Errors
    /// When the bus cannot be reached or the name is taken.
    pub async fn come_back(&mut self, desktop: &Desktop) -> Result<()> {
        ensure!(self.connection.is_none(), "the panel is there already");
        let watcher = Watcher { items: Arc::clone(&self.items), registrations: Arc::clone(&self.registrations) };
        self.connection = Some(desktop.session_bus()?.serve_at(PATH, watcher)?.name(NAME)?.build().await?);
        Ok(())
    }

    /// How often an item was registered since the panel was started, restarts included.
    #[must_use]
    pub fn registrations(&self) -> usize {
        lock(&self.registrations).len()
    }

    /// When that was last.
    #[must_use]
    pub fn registered_at(&self) -> Option<Instant> {
        lock(&self.registrations).last().copied()
    }

    /// Bus names and paths of the items whose owner is still on the bus.
    ///
    /// # Errors
    /// When the bus fails.
    pub async fn items(&self) -> Result<Vec<(String, String)>> {
        let bus = zbus::fdo::DBusProxy::new(self.connection()?).await?;
        let registered = lock(&self.items).clone();
        let mut alive = Vec::new();
        for (name, path) in registered {
            if bus.name_has_owner(OwnedBusName::try_from(name.as_str())?.into()).await? {
                alive.push((name, path));
            }
        }
        Ok(alive)
    }

    /// Waits until an item stands in the panel.
    ///
    /// # Errors
    /// When none comes.
    pub async fn until_item(&self) -> Result<()> {
        wait::until("a tray item", SOON, async || Ok(self.items().await?.pop())).await.map(drop)
    }

    /// Waits until the item fits.
    ///
    /// # Errors
    /// When it does not in time; the message shows the item.
    pub async fn until(&self, what: &str, deadline: Duration, mut fits: impl FnMut(&Item) -> bool) -> Result<Item> {
        match wait::until(what, deadline, async || Ok(Some(self.item().await?).filter(&mut fits))).await {
            Ok(item) => Ok(item),
            Err(error) => {
                let seen = self.item().await.map(|item| Item { icon_pixmaps: Vec::new(), ..item });
                Err(error.context(format!("the item is {seen:#?}")))
            }
        }
    }

    /// Reads the newest item.
    ///
    /// # Errors
    /// When there is none or it does not answer.
    pub async fn item(&self) -> Result<Item> {
        let (name, path) = self.newest().await?;
        let call = self.connection()?.call_method(
            Some(name.as_str()),
            path.as_str(),
            Some("org.freedesktop.DBus.Properties"),
            "GetAll",
            &ITEM,
        );
        let properties: HashMap<String, OwnedValue> = call.await?.body().deserialize()?;
        Ok(read_item(&properties))
    }

    /// Left click.
    ///
    /// # Errors
    /// When there is no item or it refuses.
    pub async fn activate(&self) -> Result<()> {
        self.click_item("Activate").await
    }

    /// Middle click.
    ///
    /// # Errors
    /// When there is no item or it refuses.
    pub async fn secondary_activate(&self) -> Result<()> {
        self.click_item("SecondaryActivate").await
    }

    /// The menu's entries with their submenus.
    ///
    /// # Errors
    /// When there is no item or no menu.
    pub async fn menu(&self) -> Result<Vec<Entry>> {
        let (name, path) = self.menu_place().await?;
        menu::read(self.connection()?, &name, &path).await
    }

    /// The visible menu as lines of text, submenus indented, to be compared whole.
    ///
    /// # Errors
    /// When there is no item or no menu.
    pub async fn menu_text(&self) -> Result<String> {
        Ok(menu::text(&self.menu().await?))
    }

    /// Clicks a menu entry: its label, or `Submenu › Label`.
    ///
    /// # Errors
    /// When there is no such entry, more than one, or it cannot be clicked.
    pub async fn click(&self, label: &str) -> Result<()> {
        let (name, path) = self.menu_place().await?;
        self.give_token().await?;
        menu::click(self.connection()?, &name, &path, label).await
    }

    /// Waits until a menu entry can be clicked, and clicks it.
    ///
    /// # Errors
    /// When the entry does not come in time.
    pub async fn until_clicked(&self, label: &str, deadline: Duration) -> Result<()> {
        let what = format!("the menu entry {label:?}");
        wait::until(&what, deadline, async || self.click(label).await.map(Some)).await
    }

    fn connection(&self) -> Result<&zbus::Connection> {
        self.connection.as_ref().context("the panel has vanished")
    }

    /// Gives the item leave to come to the front with the click that follows; items may lack the method.
    async fn give_token(&self) -> Result<()> {
        let (name, path) = self.newest().await?;
        let message = zbus::Message::method_call(path.as_str(), "ProvideXdgActivationToken")?
            .destination(name.as_str())?
            .interface(ITEM)?
            .with_flags(zbus::message::Flags::NoReplyExpected)?
            .build(&crate::manager::startup_id(&self.env)?)?;
        Ok(self.connection()?.send(&message).await?)
    }

    async fn newest(&self) -> Result<(String, String)> {
        self.items().await?.pop().context("no item stands in the tray")
    }

    async fn menu_place(&self) -> Result<(String, String)> {
        let (name, _) = self.newest().await?;
        match self.item().await?.menu {
            path if path.is_empty() => bail!("the item has no menu"),
            path => Ok((name, path)),
        }
    }

    async fn click_item(&self, method: &str) -> Result<()> {
        let (name, path) = self.newest().await?;
        self.give_token().await?;
        let call = self.connection()?.call_method(Some(name.as_str()), path.as_str(), Some(ITEM), method, &(0, 0));
        call.await.map(drop).with_context(|| format!("{method} on the tray item"))
    }
}

/// The D-Bus face.
struct Watcher {
    items: Items,
    registrations: Arc<Mutex<Vec<Instant>>>,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    async fn register_status_notifier_item(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
        service: String,
    ) -> zbus::fdo::Result<()> {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        // Both are in use: a bus name (the object then has the usual path) and, from Ayatana, a path alone.
        let item = if service.starts_with('/') { (sender, service) } else { (service, "/StatusNotifierItem".into()) };
        let shown = format!("{}{}", item.0, item.1);
        {
            let mut items = lock(&self.items);
            items.retain(|known| *known != item);
            items.push(item);
            lock(&self.registrations).push(Instant::now());
        }
        Ok(emitter.emit(NAME, "StatusNotifierItemRegistered", &shown).await?)
    }

    fn register_status_notifier_host(&self, _service: String) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        lock(&self.items).iter().map(|(name, path)| format!("{name}{path}")).collect()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

pub(crate) fn read_item(properties: &HashMap<String, OwnedValue>) -> Item {
    let text = |name: &str| match properties.get(name).map(|value| &**value) {
        Some(Value::Str(text)) => text.to_string(),
        _ => String::new(),
    };
    Item {
        id: text("Id"),
        title: text("Title"),
        status: text("Status"),
        icon_name: text("IconName"),
        icon_pixmaps: properties.get("IconPixmap").and_then(|value| pixmaps(value)).unwrap_or_default(),
        icon_theme_path: text("IconThemePath"),
        tooltip: properties.get("ToolTip").and_then(|value| tooltip(value)).unwrap_or_default(),
        item_is_menu: matches!(properties.get("ItemIsMenu").map(|value| &**value), Some(Value::Bool(true))),
        menu: properties
            .get("Menu")
            .and_then(|value| OwnedObjectPath::try_from(value.try_clone().ok()?).ok())
            .map(|path| path.to_string())
            .unwrap_or_default(),
    }
}

fn pixmaps(value: &Value<'_>) -> Option<Vec<Pixmap>> {
    let pictures = <&Array<'_>>::try_from(value).ok()?;
    pictures.iter().map(|picture| picture.try_clone().ok()?.downcast().ok()).collect()
}

/// The tooltip is (icon name, icon pictures, title, text).
fn tooltip(value: &Value<'_>) -> Option<(String, String)> {
    let parts = <&Structure<'_>>::try_from(value).ok()?.fields();
    match parts {
        [_, _, Value::Str(title), Value::Str(text)] => Some((title.to_string(), text.to_string())),
        _ => None,
    }
}
