//! The tray on macOS and Windows: Tauri's own.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use herald_core::state::{Channel, Health};
use herald_core::tray::{MenuAct, MenuItem};
use herald_engine::{Shown, Teller};
use tauri::image::Image;
use tauri::menu::{CheckMenuItemBuilder, MenuBuilder, MenuItemBuilder};
use tauri::tray::{MouseButton, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Wry};

use super::Act;
use super::icons::pictures;

const ID: &str = "herald";

/// Handle to the tray icon.
#[derive(Clone, Default)]
pub(crate) struct TrayIcon {
    app: Arc<OnceLock<AppHandle>>,
    drawn: Arc<Mutex<Option<Arc<Shown>>>>,
}

impl TrayIcon {
    /// Puts the icon into the tray.
    pub fn attach(&self, app: &AppHandle, teller: &Teller, act: Act) -> tauri::Result<()> {
        let _ = self.app.set(app.clone());
        let (drawn, chosen) = (Arc::clone(&self.drawn), Arc::clone(&act));
        TrayIconBuilder::with_id(ID)
            .show_menu_on_left_click(false)
            .icon_as_template(cfg!(target_os = "macos"))
            .on_menu_event(move |_, event| {
                let drawn = drawn.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let index = event.id().as_ref().parse::<usize>().ok();
                if let (Some(drawn), Some(index)) = (drawn, index)
                    && let Some(MenuItem::Entry { act, .. }) = drawn.tray.menu.get(index)
                {
                    chosen(act.clone(), None);
                }
            })
            .on_tray_icon_event(move |_, event| {
                if let TrayIconEvent::Click { button: MouseButton::Left, .. } = event {
                    act(MenuAct::Show, None);
                }
            })
            .build(app)?;
        teller.channel_seen(Channel::Tray, Health::Works { by: String::new() });
        let newest = self.drawn.lock().unwrap_or_else(PoisonError::into_inner).clone();
        newest.into_iter().for_each(|newest| self.draw(newest));
        Ok(())
    }

    /// Draws what is true now.
    pub fn draw(&self, shown: Arc<Shown>) {
        *self.drawn.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&shown));
        if let Some(app) = self.app.get() {
            let handle = app.clone();
            let _ = app.run_on_main_thread(move || {
                if let Err(error) = draw_now(&handle, &shown) {
                    tracing::warn!(%error, "the tray icon was not drawn");
                }
            });
        }
    }
}

fn draw_now(app: &AppHandle, shown: &Shown) -> tauri::Result<()> {
    let Some(icon) = app.tray_by_id(ID) else { return Ok(()) };
    let tray = &shown.tray;
    let mut menu = MenuBuilder::<Wry, _>::new(app);
    for (index, item) in tray.menu.iter().enumerate() {
        menu = match item {
            MenuItem::Separator => menu.separator(),
            MenuItem::Entry { label, checked: Some(checked), .. } => {
                menu.item(&CheckMenuItemBuilder::with_id(index.to_string(), label).checked(*checked).build(app)?)
            }
            MenuItem::Entry { label, act, checked: None } => {
                let enabled = *act != MenuAct::None;
                menu.item(&MenuItemBuilder::with_id(index.to_string(), label).enabled(enabled).build(app)?)
            }
        };
    }
    icon.set_menu(Some(menu.build()?))?;
    icon.set_tooltip(Some(&tray.tooltip))?;
    let picture = pictures(tray.sign, tray.hollow)[1];
    icon.set_icon(Some(Image::from_bytes(picture)?))
}

/// Whether a tray is there to show the icon: always, here.
pub(crate) async fn probe() -> Health {
    Health::Works { by: String::new() }
}
