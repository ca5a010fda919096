//! The window itself: made when the watch wants it seen, told what is true, hidden when it is closed, and covered when
//! the watch is gone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use herald_door::{Front, Says};
use serde::Deserialize;
use serde_json::{Value, json};
use tauri::ipc::{InvokeResponseBody, Response};
use tauri::{
    AppHandle, Emitter as _, Manager as _, RunEvent, State, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    WindowEvent,
};
use tauri_plugin_dialog::DialogExt as _;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::front;
use crate::link::{Link, News, Reached};
#[cfg(not(target_os = "linux"))]
use crate::native::Watch;
#[cfg(target_os = "linux")]
use crate::started::Watch;

/// The window's name inside Tauri.
const LABEL: &str = "main";
const TITLE: &str = "Herald";
/// Its title while nobody is known to watch.
const LOST_TITLE: &str = "Herald: nobody watches";
/// Pause between two tries to find a watch.
const TRY_EVERY: Duration = Duration::from_secs(1);
/// How long a window that nobody sees waits for another watch.
const WAITS_HIDDEN: Duration = Duration::from_secs(10);

/// How the window's process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Dismissed = 0,
    NobodyThere = 3,
    OtherBuild = 4,
    /// The process that draws has died.
    #[cfg(target_os = "linux")]
    Blank = 5,
}

/// The window, whether it is on the screen or not.
pub(crate) struct Shell {
    watch: Watch,
    link: Mutex<Link>,
    visible: AtomicBool,
    lost: AtomicBool,
}

/// Takes the app as far as it is built, and gives it the window.
pub(crate) fn build(
    builder: tauri::Builder<tauri::Wry>,
    watch: Watch,
    link: Link,
    news: UnboundedReceiver<News>,
) -> tauri::Result<tauri::App> {
    let (visible, lost) = (AtomicBool::new(false), AtomicBool::new(false));
    let shell = Arc::new(Shell { watch, link: Mutex::new(link), visible, lost });
    let (listening, closing) = (Arc::clone(&shell), Arc::clone(&shell));
    builder
        .plugin(tauri_plugin_dialog::init())
        .manage(shell)
        .invoke_handler(tauri::generate_handler![ask])
        .setup(move |app| {
            tauri::async_runtime::spawn(listen(app.handle().clone(), listening, news));
            Ok(())
        })
        .on_window_event(move |window, event| {
            if let WindowEvent::CloseRequested { api, .. } = event {
                api.prevent_close();
                closing.hide(window);
            }
        })
        .build(tauri::generate_context!())
}

/// Runs it until the watch sends it away.
pub(crate) fn run(app: tauri::App) {
    app.run(|_, event| {
        if let RunEvent::ExitRequested { code: None, api, .. } = &event {
            // Without a window on the screen it waits for the next wish to see one.
            api.prevent_exit();
        }
    });
}

/// Listens to the watch, and looks for another when it is gone.
async fn listen(app: AppHandle, shell: Arc<Shell>, mut news: UnboundedReceiver<News>) {
    loop {
        while let Some(told) = news.recv().await {
            shell.take(&app, told);
        }
        shell.lost(&app, true);
        let Some(found) = shell.find(&app).await else { return };
        news = found;
        shell.lost(&app, false);
    }
}

impl Shell {
    fn take(self: &Arc<Self>, app: &AppHandle, news: News) {
        let done = match news {
            News::Shown(body) => app.emit_str("shown", body.get().to_owned()),
            News::Goto(body) => app.emit_str("goto", body.get().to_owned()),
            News::Open(front) => {
                let (shell, handle) = (Arc::clone(self), app.clone());
                app.run_on_main_thread(move || {
                    if let Err(error) = shell.open(&handle, &front) {
                        eprintln!("the window cannot be shown: {error}");
                    }
                })
            }
            News::Go => {
                // Elsewhere this process is the watch's, and ends with it.
                if cfg!(target_os = "linux") {
                    app.exit(Ended::Dismissed as i32);
                }
                Ok(())
            }
        };
        if let Err(error) = done {
            eprintln!("the window was not told: {error}");
        }
    }

    fn open(&self, app: &AppHandle, front: &Front) -> tauri::Result<()> {
        let window = match app.get_webview_window(LABEL) {
            Some(window) => window,
            None => made(app)?,
        };
        front::bring(&window, front)?;
        self.visible.store(true, Ordering::Release);
        self.link().say(Says::Visible);
        // What runs in it says that it is alive.
        app.emit("opened", ())
    }

    /// Hides the window instead of closing it: opened again it is there at once.
    fn hide(&self, window: &tauri::Window) {
        let _ = window.hide();
        self.visible.store(false, Ordering::Release);
        self.link().say(Says::Hidden);
        if self.lost.load(Ordering::Acquire) {
            window.app_handle().exit(Ended::NobodyThere as i32);
        }
    }

    /// Says whether nobody is known to watch.
    fn lost(&self, app: &AppHandle, lost: bool) {
        self.lost.store(lost, Ordering::Release);
        if let Some(window) = app.get_webview_window(LABEL) {
            let _ = window.set_title(if lost { LOST_TITLE } else { TITLE });
        }
        let _ = app.emit("lost", lost);
    }

    /// Looks for a watch until there is one; nothing when this window is of no use to it, or to anybody.
    async fn find(&self, app: &AppHandle) -> Option<UnboundedReceiver<News>> {
        let since = Instant::now();
        loop {
            tokio::time::sleep(TRY_EVERY).await;
            let visible = self.visible.load(Ordering::Acquire);
            match self.watch.reach(visible).await {
                (link, Reached::Watch(news)) => {
                    *self.link.lock().unwrap_or_else(PoisonError::into_inner) = link;
                    return Some(news);
                }
                (_, Reached::OtherBuild) => app.exit(Ended::OtherBuild as i32),
                (_, Reached::Nobody) if !visible && since.elapsed() > WAITS_HIDDEN => {
                    app.exit(Ended::NobodyThere as i32);
                }
                (_, Reached::Nobody) => continue,
            }
            return None;
        }
    }

    fn link(&self) -> Link {
        self.link.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn made(app: &AppHandle) -> tauri::Result<WebviewWindow> {
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title(TITLE)
        .inner_size(440.0, 680.0)
        .min_inner_size(360.0, 480.0)
        // Not before it is known by what right: desktops judge a window when it first appears.
        .visible(false)
        .build()?;
    #[cfg(target_os = "linux")]
    window.with_webview(|webview| {
        use webkit2gtk::WebViewExt as _;
        // It would stay blank for ever (faults.md 42). The watch starts another.
        webview.inner().connect_web_process_terminated(|_, reason| {
            eprintln!("the window's web process has ended: {reason:?}");
            std::process::exit(Ended::Blank as i32);
        });
    })?;
    Ok(window)
}

// ---- what runs in the window may ask ----

/// Hands a question on to the watch, and its answer back. Only what needs the window is answered here.
#[tauri::command]
async fn ask(app: AppHandle, shell: State<'_, Arc<Shell>>, ask: Value) -> tauri::Result<Response> {
    let answer = match ask["ask"].as_str() {
        Some("choose") => match serde_json::from_value(ask) {
            Ok(choice) => choose(&app, choice).await.to_string(),
            Err(error) => refused("failed", &error.to_string()).to_string(),
        },
        Some("start_watch") => shell.watch.start().map_or_else(
            |error| refused("failed", &format!("Herald cannot be started: {error}")).to_string(),
            |()| json!({"answer": "done"}).to_string(),
        ),
        Some(_) | None => match shell.link().ask(&ask).await {
            Some(answer) => answer.get().to_owned(),
            None => refused("lost", "Herald does not answer. It may have ended: look at the tray.").to_string(),
        },
    };
    Ok(Response::new(InvokeResponseBody::Json(answer)))
}

fn refused(code: &str, message: &str) -> Value {
    json!({"answer": "refused", "code": code, "message": message})
}

/// A file that the user is to choose.
#[derive(Deserialize)]
struct Choice {
    /// To save in, under this name if they like; to read otherwise.
    save: Option<String>,
    kind: String,
    endings: Vec<String>,
}

async fn choose(app: &AppHandle, choice: Choice) -> Value {
    let (reply, answer) = tokio::sync::oneshot::channel();
    let endings: Vec<&str> = choice.endings.iter().map(String::as_str).collect();
    let dialog = app.dialog().file().add_filter(choice.kind, &endings);
    let told = move |file| {
        let _ = reply.send(file);
    };
    match choice.save {
        Some(name) => dialog.set_file_name(name).save_file(told),
        None => dialog.pick_file(told),
    }
    let Some(file) = answer.await.ok().flatten() else { return json!({"answer": "chosen", "file": null}) };
    match file.into_path().ok().and_then(|file| file.to_str().map(str::to_owned)) {
        Some(file) => json!({"answer": "chosen", "file": file}),
        None => refused("failed", "This is no file on this computer, or its name cannot be read."),
    }
}
