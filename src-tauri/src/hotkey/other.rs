//! The hotkey on macOS and Windows: Tauri's plugin, which costs nothing there while it waits.

use herald_core::hotkey::Hotkey as Keys;
use tauri::AppHandle;
use tauri_plugin_global_shortcut::{GlobalShortcutExt as _, ShortcutState};
use tokio::sync::watch;

use super::{Holder, taken};

/// Holds the keys from when there is an app until Herald ends.
pub(super) async fn hold(mut holder: Holder, mut app: watch::Receiver<Option<AppHandle>>) {
    let app = match app.wait_for(Option::is_some).await.map(|app| app.clone()) {
        Ok(Some(app)) => app,
        Ok(None) | Err(_) => return,
    };
    let mut held: Option<Keys> = None;
    loop {
        let wanted = *holder.wanted.borrow_and_update();
        let (app, on_press) = (app.clone(), holder.on_press.clone());
        // The plugin waits for the main thread, which a task must not.
        let exchange = tokio::task::spawn_blocking(move || {
            if let Some(keys) = held {
                let _ = app.global_shortcut().unregister(keys.to_string().as_str());
            }
            wanted.map(|keys| {
                app.global_shortcut().on_shortcut(keys.to_string().as_str(), move |_, _, event| {
                    if event.state == ShortcutState::Pressed {
                        on_press(None);
                    }
                })
            })
        });
        held = None;
        match (exchange.await, wanted) {
            (Ok(Some(Ok(()))), Some(keys)) => {
                held = Some(keys);
                holder.works(if cfg!(target_os = "macos") { "macOS" } else { "Windows" });
            }
            (Ok(Some(Err(error))), Some(keys)) => {
                tracing::info!(%error, "the hotkey was not registered");
                holder.dead(taken(keys));
            }
            (Ok(None), _) | (_, None) => {}
            (Err(_), Some(_)) => holder.dead("The hotkey could not be registered. Restart Herald.".into()),
        }
        if holder.wanted.changed().await.is_err() {
            return;
        }
    }
}
