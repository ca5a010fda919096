//! Herald's window, driven through WebKitWebDriver: found by role and name as a screen reader finds things.

use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::app::App;
use crate::desktop::{Desktop, text};
use crate::process::{self, Process};
use crate::wait::{self, SOON};

/// Finds the visible elements with a role and an accessible name (whole, or a part of it between slashes).
const FIND: &str = include_str!("find.js");

/// Lets two frames be painted; a hidden window paints none, so it does not wait for long.
const PAINTED: &str = "const done = arguments[0]; setTimeout(done, 500);
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30)));";

/// The window of one Herald.
pub struct Window {
    client: Client,
    driver: Process,
}

impl Window {
    /// Starts the prepared app under a WebDriver and waits for its window.
    ///
    /// The driver answers only once a window exists. Where the arguments do not open one, do it meanwhile, for example
    /// `tokio::try_join!(Window::open(&desktop, &mut app), tray.until_clicked("Open Herald", SOON))`.
    ///
    /// # Errors
    /// When the driver does not start or no window comes; the message holds the log of both.
    pub async fn open(desktop: &Desktop, app: &mut App) -> Result<Self> {
        app.end();
        desktop.set_env("TAURI_WEBVIEW_AUTOMATION", "true");
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let args = ["--host=127.0.0.1".to_owned(), format!("--port={port}")];
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let driver = desktop.spawn("webdriver", "WebKitWebDriver", &args)?;
        let listens = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        wait::until_true("the WebDriver", SOON, listens).await.with_context(|| driver.log())?;
        // The driver dies with the test, and the app must not stay behind.
        let mut command = vec!["--pdeathsig".into(), "KILL".into(), "--".into(), text(app.binary())];
        command.extend(app.full_args());
        let options = json!({"binary": "/usr/bin/setpriv", "args": command});
        let capabilities = serde_json::Map::from_iter([("webkitgtk:browserOptions".to_owned(), options)]);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let address = format!("http://127.0.0.1:{port}");
        let connecting = builder.capabilities(capabilities).connect(&address);
        let client = tokio::time::timeout(SOON * 2, connecting)
            .await
            .map_err(anyhow::Error::from)
            .and_then(|client| Ok(client?))
            .with_context(|| format!("no window came:\n{}", driver.log()))?;
        let pid = child_of(driver.pid()).context("the WebDriver has no child")?;
        app.driven_by(pid);
        Ok(Self { client, driver })
    }

    /// The WebDriver client, for what is not here.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Everything that app and driver have printed.
    #[must_use]
    pub fn log(&self) -> String {
        self.driver.log()
    }

    /// Waits for the one visible element with this role and accessible name (a name between slashes is a pattern).
    ///
    /// # Errors
    /// When there is none or more than one at the deadline; the message lists what the page offers.
    pub async fn find(&self, role: &str, name: &str) -> Result<Element> {
        let what = format!("one {role} called {name:?}");
        let found = wait::until(&what, SOON, async || {
            let mut elements = self.elements(role, name).await?;
            match elements.len() {
                1 => Ok(elements.pop()),
                0 => Ok(None),
                many => bail!("there are {many}"),
            }
        })
        .await;
        match found {
            Ok(element) => Ok(element),
            Err(error) => Err(error.context(format!("the page:\n{}", self.page().await.unwrap_or_default()))),
        }
    }

    /// How many visible elements have this role and name at this moment.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn count(&self, role: &str, name: &str) -> Result<usize> {
        Ok(self.elements(role, name).await?.len())
    }

    /// Clicks an element by role and name.
    ///
    /// # Errors
    /// When it does not come or cannot be clicked.
    pub async fn click(&self, role: &str, name: &str) -> Result<()> {
        self.find(role, name).await?.click().await.with_context(|| format!("clicking the {role} {name:?}"))
    }

    /// Clicks an element by its `data-testid`.
    ///
    /// # Errors
    /// When it does not come or cannot be clicked.
    pub async fn click_testid(&self, id: &str) -> Result<()> {
        self.by_testid(id).await?.click().await.with_context(|| format!("clicking the test id {id:?}"))
    }

    /// Waits for an element by its `data-testid`.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn by_testid(&self, id: &str) -> Result<Element> {
        let selector = format!("[data-testid={id:?}]");
        let wait = self.client.wait().at_most(SOON);
        wait.for_element(Locator::Css(&selector)).await.with_context(|| format!("the test id {id:?}"))
    }

    /// Empties a field, found by role and name, and types into it.
    ///
    /// # Errors
    /// When it does not come or cannot be typed into.
    pub async fn fill(&self, role: &str, name: &str, text: &str) -> Result<()> {
        let field = self.find(role, name).await?;
        field.clear().await?;
        field.send_keys(text).await.with_context(|| format!("typing into the {role} {name:?}"))
    }

    /// Sends keys to whatever has the focus; special keys are `fantoccini::key::Key`.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn keys(&self, keys: &str) -> Result<()> {
        // What has the focus may go while it is asked for, as the button of a sheet that closes.
        wait::until("the keys to arrive", SOON, async || {
            match self.client.active_element().await?.send_keys(keys).await {
                Ok(()) => Ok(Some(())),
                Err(error) if error.is_stale_element_reference() || error.is_no_such_element() => Ok(None),
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    /// The page's visible text as one line: where lines break is a matter of the layout.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn text(&self) -> Result<String> {
        let text = self.script("return document.body.innerText", vec![]).await?;
        Ok(text.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Waits until the page's visible text contains this.
    ///
    /// # Errors
    /// When it does not in time; the message holds the text.
    pub async fn until_text(&self, part: &str, deadline: Duration) -> Result<()> {
        let mut seen = String::new();
        let found = wait::until(&format!("the text {part:?}"), deadline, async || {
            seen = self.text().await?;
            Ok(seen.contains(part).then_some(()))
        })
        .await;
        found.with_context(|| format!("the page says:\n{seen}"))
    }

    /// Waits until the page's visible text no longer contains this.
    ///
    /// # Errors
    /// When it still does at the deadline.
    pub async fn until_no_text(&self, part: &str, deadline: Duration) -> Result<()> {
        let what = format!("the text {part:?} to go");
        wait::until(&what, deadline, async || Ok((!self.text().await?.contains(part)).then_some(()))).await
    }

    /// Role and name of the element that has the focus, as `button "Acknowledge"`.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn focus(&self) -> Result<String> {
        let focus = self.script(&format!("{FIND}; return described(document.activeElement)"), vec![]).await?;
        Ok(focus.as_str().unwrap_or_default().to_owned())
    }

    /// Roles and names of everything visible that has both, one on each line.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn page(&self) -> Result<String> {
        let page = self.script(&format!("{FIND}; return everything()"), vec![]).await?;
        Ok(page.as_str().unwrap_or_default().to_owned())
    }

    /// Runs a script in the page.
    ///
    /// # Errors
    /// When it throws.
    pub async fn script(&self, script: &str, args: Vec<Value>) -> Result<Value> {
        Ok(self.client.execute(script, args).await?)
    }

    /// Takes a picture of the page after it was painted.
    ///
    /// # Errors
    /// When the page does not answer or the file cannot be written.
    pub async fn picture(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        self.client.execute_async(PAINTED, vec![]).await?;
        Ok(std::fs::write(path, self.client.screenshot().await?)?)
    }

    /// Goes over to the newest window; one that was closed and opened again is another one.
    ///
    /// # Errors
    /// When there is no window.
    pub async fn switch_to_newest(&self) -> Result<()> {
        let handle = wait::until("a window", SOON, async || Ok(self.client.windows().await?.pop())).await?;
        Ok(self.client.switch_to_window(handle).await?)
    }

    /// Ends the session, and with it the app.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn close(self) -> Result<()> {
        let closed = self.client.close().await;
        self.driver.end();
        Ok(closed?)
    }

    async fn elements(&self, role: &str, name: &str) -> Result<Vec<Element>> {
        let script = format!("{FIND}; return found(arguments[0], arguments[1])");
        let found = self.script(&script, vec![role.into(), name.into()]).await?;
        let references = found.as_array().cloned().unwrap_or_default();
        let element = |reference: Value| {
            let reference =
                reference.as_object().and_then(|object| object.values().next()?.as_str().map(str::to_owned));
            reference.map(|id| Element::from_element_id(self.client.clone(), id.into()))
        };
        references.into_iter().map(element).collect::<Option<_>>().context("not a list of elements")
    }
}

/// The app that a driver has started: its only child.
fn child_of(parent: u32) -> Option<u32> {
    process::children(parent).into_iter().next()
}
