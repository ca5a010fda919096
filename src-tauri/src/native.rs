//! macOS and Windows: the window's process is the watch's, too. The door is crossed inside it; the tray is Tauri's own,
//! and the hotkey that of its plugin, which costs nothing there while it waits.

use herald_core::hotkey::Hotkey as Keys;
use herald_core::state::{Channel, Health};
use herald_core::tray::{MenuAct, MenuItem, Tray};
use herald_watch::native::Native;
use tauri::image::Image;
use tauri::menu::{CheckMenuItemBuilder, MenuBuilder, MenuItemBuilder};
use tauri::tray::{MouseButton, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Wry};
use tauri_plugin_global_shortcut::{GlobalShortcutExt as _, ShortcutState};

use crate::app;
use crate::link::{Link, Reached};

const ID: &str = "herald";

/// The watch in this process.
pub(crate) struct Watch(Native);

impl Watch {
    /// Attaches the window to it.
    pub async fn reach(&self, visible: bool) -> (Link, Reached) {
        let (from, to) = tokio::io::split(self.0.door());
        Link::over(from, to, visible).await
    }

    /// It has not ended: nothing here could ask it then.
    pub fn start(&self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Runs the app around the watch until that ends.
pub(crate) fn run(native: Native) -> Result<(), String> {
    tauri::async_runtime::set(native.tokio());
    let watch = Watch(native.clone());
    let (link, reached) = native.tokio().block_on(watch.reach(false));
    let Reached::Watch(news) = reached else { return Err("the door does not open".into()) };
    let builder = tauri::Builder::default().plugin(tauri_plugin_global_shortcut::Builder::new().build());
    let app = app::build(builder, watch, link, news).map_err(|error| format!("the desktop cannot be used: {error}"))?;
    put_into_tray(app.handle(), &native).map_err(|error| format!("there is no tray: {error}"))?;
    native.tokio().spawn(hold_keys(app.handle().clone(), native.clone()));
    let (handle, ending) = (app.handle().clone(), native.clone());
    native.tokio().spawn(async move {
        ending.ended().await;
        // It waits, which a task must not.
        let _ = tokio::task::spawn_blocking(move || ending.leave()).await;
        handle.exit(0);
    });
    app::run(app);
    Ok(())
}

fn put_into_tray(app: &AppHandle, native: &Native) -> tauri::Result<()> {
    let (drawn, chosen, clicked) = (native.tray(), native.clone(), native.clone());
    TrayIconBuilder::with_id(ID)
        .show_menu_on_left_click(false)
        .icon_as_template(cfg!(target_os = "macos"))
        .on_menu_event(move |_, event| {
            let shown = drawn.borrow().clone();
            let index = event.id().as_ref().parse::<usize>().ok();
            if let (Some(shown), Some(index)) = (shown, index)
                && let Some(MenuItem::Entry { act, .. }) = shown.tray.menu.get(index)
            {
                chosen.chosen(act.clone());
            }
        })
        .on_tray_icon_event(move |_, event| {
            if let TrayIconEvent::Click { button: MouseButton::Left, .. } = event {
                clicked.chosen(MenuAct::Show);
            }
        })
        .build(app)?;
    native.seen(Channel::Tray, Health::Works { by: String::new() });
    let (mut newest, handle) = (native.tray(), app.clone());
    newest.mark_changed();
    native.tokio().spawn(async move {
        while newest.changed().await.is_ok() {
            let Some(shown) = newest.borrow_and_update().clone() else { continue };
            let app = handle.clone();
            let _ = handle.run_on_main_thread(move || {
                if let Err(error) = draw(&app, &shown.tray) {
                    eprintln!("the tray icon was not drawn: {error}");
                }
            });
        }
    });
    Ok(())
}

fn draw(app: &AppHandle, tray: &Tray) -> tauri::Result<()> {
    let Some(icon) = app.tray_by_id(ID) else { return Ok(()) };
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
    icon.set_icon(Some(Image::from_bytes(Native::pictures(tray.sign, tray.hollow)[1])?))
}

/// Holds the keys until Herald ends.
async fn hold_keys(app: AppHandle, native: Native) {
    let mut wanted = native.keys();
    let mut held: Option<Keys> = None;
    loop {
        let keys = *wanted.borrow_and_update();
        let (app, pressing) = (app.clone(), native.clone());
        // The plugin waits for the main thread, which a task must not.
        let exchange = tokio::task::spawn_blocking(move || {
            if let Some(keys) = held {
                let _ = app.global_shortcut().unregister(keys.to_string().as_str());
            }
            keys.map(|keys| {
                app.global_shortcut().on_shortcut(keys.to_string().as_str(), move |_, _, event| {
                    if event.state == ShortcutState::Pressed {
                        pressing.pressed();
                    }
                })
            })
        });
        held = None;
        match (exchange.await, keys) {
            (Ok(Some(Ok(()))), Some(keys)) => {
                held = Some(keys);
                let by = if cfg!(target_os = "macos") { "macOS" } else { "Windows" };
                native.seen(Channel::Hotkey, Health::Works { by: by.into() });
            }
            (Ok(Some(Err(_))), Some(keys)) => {
                let reason = format!("{keys} is taken by another program. Choose another in Settings.");
                native.seen(Channel::Hotkey, Health::Dead { reason });
            }
            (Ok(None), _) | (_, None) => {}
            (Err(_), Some(_)) => {
                let reason = "The hotkey could not be registered. Restart Herald.".into();
                native.seen(Channel::Hotkey, Health::Dead { reason });
            }
        }
        if wanted.changed().await.is_err() {
            return;
        }
    }
}
