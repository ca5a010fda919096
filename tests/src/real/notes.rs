//! The notifications that are up, and their buttons.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::real::access::Place;
use crate::real::kind::Kind;
use crate::real::session::Real;
use crate::wait::{self, SOON};

impl Real {
    /// How many notifications with this in their title can be seen now.
    ///
    /// # Errors
    /// When the desktop does not say.
    pub async fn notes(&self, title: &str) -> Result<usize> {
        let fits = |it: &str| it.contains(title);
        match self.kind {
            Kind::GnomeX11 | Kind::GnomeWayland => {
                let titles = "Main.messageTray.getSources().flatMap(it => it.notifications.map(one => one.title))";
                let said = self.eval(titles).await?;
                Ok(said.as_array().into_iter().flatten().filter_map(Value::as_str).filter(|it| fits(it)).count())
            }
            Kind::Sway => {
                let said: Value = serde_json::from_str(&self.desktop.run("makoctl", &["list"]).await?)?;
                let notes =
                    said["data"].as_array().into_iter().flatten().flat_map(|it| it.as_array().into_iter().flatten());
                Ok(notes.filter(|it| it["summary"]["data"].as_str().is_some_and(fits)).count())
            }
            Kind::KdeX11 | Kind::KdeWayland => {
                let things = self.access()?.things().await?;
                Ok(things.iter().filter(|it| it.role == "notification" && fits(&it.name)).count())
            }
            Kind::Xfce | Kind::Mate => {
                let things = self.access()?.things().await?;
                Ok(things.iter().filter(|it| it.role == "label" && fits(&it.name)).count())
            }
        }
    }

    /// What stands on the buttons that can be seen in notifications.
    ///
    /// # Errors
    /// When the desktop does not say.
    pub async fn note_buttons(&self) -> Result<Vec<String>> {
        match self.kind {
            Kind::GnomeX11 | Kind::GnomeWayland => {
                let said = self.eval(&format!("{BANNER_BUTTONS}.map(it => it.label)")).await?;
                Ok(said.as_array().into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect())
            }
            Kind::Sway => {
                let said: Value = serde_json::from_str(&self.desktop.run("makoctl", &["list"]).await?)?;
                let notes =
                    said["data"].as_array().into_iter().flatten().flat_map(|it| it.as_array().into_iter().flatten());
                let actions = notes.flat_map(|it| it["actions"]["data"].as_object().into_iter().flatten());
                // mako keeps the default action for a click on the whole and offers it nowhere else.
                let offered = actions.filter(|(key, _)| *key != "default");
                Ok(offered.filter_map(|(_, label)| label.as_str()).map(ToOwned::to_owned).collect())
            }
            Kind::KdeX11 | Kind::KdeWayland | Kind::Xfce | Kind::Mate => {
                let things = self.access()?.things().await?;
                let buttons = things.into_iter().filter(|it| it.role.contains("button"));
                Ok(buttons.map(|it| it.name).collect())
            }
        }
    }

    /// Presses a button of the notification that is up: with the mouse where the desktop says where it is.
    ///
    /// # Errors
    /// When there is no such button.
    pub async fn press_note(&self, label: &str) -> Result<()> {
        wait::until(&format!("the button {label:?} of a notification"), SOON, async || {
            self.try_press_note(label).await.map(|pressed| pressed.then_some(()))
        })
        .await
    }

    async fn try_press_note(&self, label: &str) -> Result<bool> {
        match self.kind {
            Kind::GnomeX11 | Kind::GnomeWayland => {
                let find = format!("{BANNER_BUTTONS}.find(it => it.label == '{label}')");
                let place = "it ? [...it.get_transformed_position(), ...it.get_transformed_size()] : null";
                let Some(place) = self.eval_place(&format!("(it => {place})({find})")).await? else {
                    self.eval_others_away().await?;
                    return Ok(false);
                };
                self.click(place, 1).await?;
            }
            Kind::Sway => {
                // mako draws no buttons: its actions are chosen in a menu that the user sets up, or by this program.
                let said: Value = serde_json::from_str(&self.desktop.run("makoctl", &["list"]).await?)?;
                let notes =
                    said["data"].as_array().into_iter().flatten().flat_map(|it| it.as_array().into_iter().flatten());
                let found = notes.into_iter().find_map(|it| {
                    let actions = it["actions"]["data"].as_object()?;
                    let (key, _) = actions.iter().find(|(_, name)| *name == label)?;
                    Some((it["id"]["data"].to_string(), key.clone()))
                });
                let Some((id, key)) = found else { return Ok(false) };
                self.desktop.run("makoctl", &["invoke", "-n", &id, &key]).await?;
            }
            Kind::KdeX11 | Kind::KdeWayland | Kind::Xfce | Kind::Mate => {
                let access = self.access()?;
                let Some(button) = access.button(label).await? else { return Ok(false) };
                // On Wayland no program knows where on the screen it is.
                match access.place(&button).await {
                    Ok(place) if !self.kind.is_wayland() => self.click(place, 1).await?,
                    _ => access.act(&button).await?,
                }
            }
        }
        Ok(true)
    }

    /// Opens what a notification is about, as its user does there: by its button where there is one, else by a click on
    /// the notification itself.
    ///
    /// # Errors
    /// When there is no such notification.
    pub async fn open_note(&self, title: &str) -> Result<()> {
        if matches!(self.kind, Kind::Xfce | Kind::Sway) {
            return self.press_note("Open").await;
        }
        let place = wait::until("the notification", SOON, async || {
            self.eval_others_away().await?;
            self.note_place(title).await
        });
        self.click(place.await?, 1).await
    }

    /// Where the words of a notification are.
    async fn note_place(&self, title: &str) -> Result<Option<Place>> {
        if self.kind.is_gnome() {
            let title = "Main.messageTray._notificationState == 2 && Main.messageTray._banner.titleLabel";
            let place = "it ? [...it.get_transformed_position(), ...it.get_transformed_size()] : null";
            return self.eval_place(&format!("(it => {place})({title})")).await;
        }
        if self.kind.is_kde() {
            return self.kwin_note_place().await;
        }
        let access = self.access()?;
        let label = access.things().await?.into_iter().find(|it| it.role == "label" && it.name.contains(title));
        match label {
            Some(label) => access.place(&label).await.map(Some),
            None => Ok(None),
        }
    }

    async fn eval_others_away(&self) -> Result<()> {
        if self.kind.is_gnome() { self.eval(OTHERS_AWAY).await.map(drop) } else { Ok(()) }
    }

    pub(super) fn access(&self) -> Result<&crate::real::access::Access> {
        self.access.as_ref().context("this desktop does not tell what stands on it")
    }
}

/// The buttons of the banner that GNOME's shell shows now, once it has come all the way (`State.SHOWN`).
const BANNER_BUTTONS: &str = "((tray, box) => tray._notificationState == 2 && box ? box.get_children() : [])\
                              (Main.messageTray, Main.messageTray._banner && Main.messageTray._banner._buttonBox)";

/// Sends away the banner that GNOME's shell shows now, if it is not Herald's: it shows one at a time.
const OTHERS_AWAY: &str =
    "(it => { if (it && it.source.title != 'Herald') it.destroy() })(Main.messageTray._notification)";
