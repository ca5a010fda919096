//! A small tray item with a menu, to try the fake panel with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use herald_tests::desktop::Desktop;
use herald_tests::tray::Pixmap;
use zbus::zvariant::{ObjectPath, OwnedValue, Structure, Value};

type Clicks = Arc<Mutex<Vec<String>>>;
type Properties = HashMap<&'static str, Value<'static>>;

/// The item. It leaves the bus when dropped.
pub struct Pretend {
    connection: zbus::Connection,
    clicks: Clicks,
}

impl Pretend {
    /// Puts item and menu on the bus.
    pub async fn start(desktop: &Desktop) -> Result<Self> {
        let clicks = Clicks::default();
        let connection = desktop
            .session_bus()?
            .serve_at("/StatusNotifierItem", Item(Arc::clone(&clicks)))?
            .serve_at("/MenuBar", Menu(Arc::clone(&clicks)))?
            .build()
            .await?;
        Ok(Self { connection, clicks })
    }

    /// Tells the panel about the item, by bus name.
    pub async fn register(&self) -> Result<()> {
        let name = self.connection.unique_name().map(ToString::to_string).unwrap_or_default();
        let watcher = "org.kde.StatusNotifierWatcher";
        let method = "RegisterStatusNotifierItem";
        self.connection.call_method(Some(watcher), "/StatusNotifierWatcher", Some(watcher), method, &name).await?;
        Ok(())
    }

    /// What was clicked: ids of menu entries, names of methods.
    pub fn clicked(&self) -> Vec<String> {
        self.clicks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

struct Item(Clicks);

#[zbus::interface(name = "org.kde.StatusNotifierItem")]
impl Item {
    fn activate(&self, _x: i32, _y: i32) {
        push(&self.0, "Activate");
    }

    #[zbus(property)]
    fn id(&self) -> &str {
        "pretend"
    }

    #[zbus(property)]
    fn status(&self) -> &str {
        "Active"
    }

    #[zbus(property)]
    fn icon_pixmap(&self) -> Vec<Pixmap> {
        vec![(1, 1, vec![255, 0, 0, 0])]
    }

    #[zbus(property)]
    fn tool_tip(&self) -> (String, Vec<Pixmap>, String, String) {
        (String::new(), Vec::new(), "Pretend".into(), "all quiet".into())
    }

    #[zbus(property)]
    fn menu(&self) -> ObjectPath<'_> {
        ObjectPath::from_static_str_unchecked("/MenuBar")
    }
}

struct Menu(Clicks);

#[zbus::interface(name = "com.canonical.dbusmenu")]
impl Menu {
    fn get_layout(
        &self,
        _parent: i32,
        _depth: i32,
        _names: Vec<String>,
    ) -> (u32, (i32, Properties, Vec<Value<'static>>)) {
        let text = |label: &'static str| Properties::from([("label", label.into())]);
        let quiet = vec![
            entry(4, text("5 minutes"), vec![]),
            entry(
                5,
                Properties::from([
                    ("label", "Until the target".into()),
                    ("toggle-type", "checkmark".into()),
                    ("toggle-state", 1i32.into()),
                ]),
                vec![],
            ),
        ];
        let entries = vec![
            entry(1, text("_Open the window"), vec![]),
            entry(2, Properties::from([("type", "separator".into())]), vec![]),
            entry(3, text("Quiet"), quiet),
            entry(6, Properties::from([("label", "Nothing to take".into()), ("enabled", false.into())]), vec![]),
            entry(7, Properties::from([("label", "Hidden".into()), ("visible", false.into())]), vec![]),
        ];
        (1, (0, Properties::new(), entries))
    }

    fn event(&self, id: i32, event: &str, _data: OwnedValue, _timestamp: u32) {
        if event == "clicked" {
            push(&self.0, &id.to_string());
        }
    }
}

fn entry(id: i32, properties: Properties, children: Vec<Value<'static>>) -> Value<'static> {
    Structure::from((id, properties, children)).into()
}

fn push(clicks: &Clicks, what: &str) {
    clicks.lock().unwrap_or_else(PoisonError::into_inner).push(what.to_owned());
}
