//! What stands on the screen, as a screen reader hears of it (AT-SPI): found by name, pressed as by a hand.

use anyhow::{Context as _, Result, ensure};
use zbus::zvariant::OwnedObjectPath;

use crate::desktop::Desktop;
use crate::wait::{self, SOON};

const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
const COMPONENT: &str = "org.a11y.atspi.Component";
const ACTION: &str = "org.a11y.atspi.Action";
/// Where the list of all programs is.
const ROOT: (&str, &str) = ("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root");
/// The bit of a state that says that something is on the screen now.
const SHOWING: u32 = 1 << 25;
/// Deeper trees and longer lists hold documents, not panels and notifications.
const DEPTH_MAX: usize = 30;
const CHILDREN_MAX: usize = 200;

/// The accessibility bus of a desktop.
pub struct Access {
    bus: zbus::Connection,
}

/// Something on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    /// What it is: `push button`, `label`, …
    pub role: String,
    /// Its text.
    pub name: String,
    program: String,
    path: OwnedObjectPath,
}

/// Where something is on the screen: left, top, width, height.
pub type Place = (i32, i32, i32, i32);

impl Access {
    /// Connects to the accessibility bus, which the session bus starts when it is asked for.
    ///
    /// # Errors
    /// When there is none.
    pub async fn open(desktop: &Desktop) -> Result<Self> {
        let session = desktop.session_bus()?.build().await?;
        let address = wait::until("the accessibility bus", SOON, async || {
            let call =
                session.call_method(Some("org.a11y.Bus"), "/org/a11y/bus", Some("org.a11y.Bus"), "GetAddress", &());
            let address: String = call.await?.body().deserialize()?;
            Ok((!address.is_empty()).then_some(address))
        })
        .await?;
        Ok(Self { bus: zbus::connection::Builder::address(address.as_str())?.build().await? })
    }

    /// Everything that is on the screen now and has a name.
    ///
    /// # Errors
    /// When the bus fails; programs that end meanwhile are passed over.
    pub async fn things(&self) -> Result<Vec<Thing>> {
        Ok(self.showing().await?.into_iter().filter(|it| !it.name.is_empty()).collect())
    }

    /// Everything that is on the screen now, with a name or without.
    ///
    /// # Errors
    /// When the bus fails; programs that end meanwhile are passed over.
    pub async fn showing(&self) -> Result<Vec<Thing>> {
        let mut found = Vec::new();
        let mut waiting = vec![(0, ROOT.0.to_owned(), OwnedObjectPath::try_from(ROOT.1)?)];
        while let Some((depth, program, path)) = waiting.pop() {
            let children = self.children(&program, &path).await.unwrap_or_default();
            if depth < DEPTH_MAX {
                let below = children.into_iter().take(CHILDREN_MAX).map(|(program, path)| (depth + 1, program, path));
                waiting.extend(below);
            }
            if let Ok(Some(thing)) = self.thing(program, path).await {
                found.push(thing);
            }
        }
        Ok(found)
    }

    /// The showing button with this text.
    ///
    /// # Errors
    /// When the bus fails.
    pub async fn button(&self, name: &str) -> Result<Option<Thing>> {
        let fits = |it: &Thing| it.role.contains("button") && it.name == name;
        Ok(self.things().await?.into_iter().find(fits))
    }

    /// Where it is, as far as the program knows.
    ///
    /// # Errors
    /// When the program does not say or is gone.
    pub async fn place(&self, thing: &Thing) -> Result<Place> {
        let call = self.call(&thing.program, &thing.path, COMPONENT, "GetExtents", &0u32).await?;
        let place: Place =
            call.body().deserialize::<(Place,)>().map(|it| it.0).or_else(|_| call.body().deserialize())?;
        ensure!(place.0 > i32::MIN / 2 && place.2 > 1 && place.3 > 1, "{} has no place", thing.name);
        Ok(place)
    }

    /// Does what it is for, as assistive technology does.
    ///
    /// # Errors
    /// When it can do nothing.
    pub async fn act(&self, thing: &Thing) -> Result<()> {
        let call = self.call(&thing.program, &thing.path, ACTION, "DoAction", &0i32).await?;
        ensure!(call.body().deserialize::<bool>()?, "{} did nothing", thing.name);
        Ok(())
    }

    async fn thing(&self, program: String, path: OwnedObjectPath) -> Result<Option<Thing>> {
        let call = self.call(&program, &path, ACCESSIBLE, "GetState", &()).await?;
        let state: Vec<u32> = call.body().deserialize()?;
        if state.first().is_none_or(|low| low & SHOWING == 0) {
            return Ok(None);
        }
        let role: String = self.call(&program, &path, ACCESSIBLE, "GetRoleName", &()).await?.body().deserialize()?;
        let properties = zbus::fdo::PropertiesProxy::new(&self.bus, program.clone(), path.clone()).await?;
        let name = String::try_from(properties.get(ACCESSIBLE.try_into()?, "Name").await?)?;
        Ok(Some(Thing { role, name, program, path }))
    }

    async fn children(&self, program: &str, path: &OwnedObjectPath) -> Result<Vec<(String, OwnedObjectPath)>> {
        Ok(self.call(program, path, ACCESSIBLE, "GetChildren", &()).await?.body().deserialize()?)
    }

    async fn call<B>(
        &self,
        program: &str,
        path: &OwnedObjectPath,
        interface: &str,
        method: &str,
        body: &B,
    ) -> Result<zbus::Message>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        let call = self.bus.call_method(Some(program), path, Some(interface), method, body);
        // A program that hangs must not take the whole look with it.
        tokio::time::timeout(std::time::Duration::from_secs(3), call).await.context("no answer")?.context("refused")
    }
}
