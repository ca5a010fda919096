//! Brings a window back whose web process was killed or has crashed: it would stay blank for ever (FAULTS 42).

use tauri::WebviewWindow;

/// Watches over the web process of a window that was just made, and says when one has ended.
#[cfg(target_os = "linux")]
pub(crate) fn watch(window: &WebviewWindow, ended: impl Fn() + Send + 'static) -> tauri::Result<()> {
    use std::cell::Cell;
    use std::time::{Duration, Instant};

    use webkit2gtk::WebViewExt as _;

    /// Shortest life of a web process that is worth another one in its place: what dies at once would die again.
    const LIFE_MIN: Duration = Duration::from_secs(10);

    let watched = window.clone();
    window.with_webview(move |webview| {
        let begun = Cell::new(Instant::now());
        webview.inner().connect_web_process_terminated(move |webview, reason| {
            ended();
            let lived = begun.replace(Instant::now()).elapsed();
            tracing::warn!(?reason, lived_s = lived.as_secs(), "the window's process has ended");
            if lived >= LIFE_MIN {
                webview.reload();
                return;
            }
            // Without the window, the next wish to see it makes another. Not from within WebKit's own call.
            let window = watched.clone();
            tauri::async_runtime::spawn(async move {
                let _ = window.destroy();
            });
        });
    })
}

/// Elsewhere the web process is the system's to bring back.
#[cfg(not(target_os = "linux"))]
pub(crate) fn watch(_: &WebviewWindow, _: impl Fn() + Send + 'static) -> tauri::Result<()> {
    Ok(())
}
