//! What other people do on the status pages.
//!
//! Ours: no manner of a status page.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::cast::Cast;
use crate::span::Span;

use super::{PublicState, PublicStatus, Site};

/// Somebody opens an incident on a status page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicIncident {
    /// On which page: `statusio` or `statuspage`.
    pub site: Site,
    /// The name by which later acts speak of it.
    #[serde(default)]
    pub incident: Option<String>,
    /// Key of the user.
    pub by: String,
    /// Its title.
    pub title: String,
    /// Its first message.
    pub text: String,
    /// Where it stands; investigating if left out.
    #[serde(default)]
    pub state: PublicState,
    /// How the components do; degraded if left out.
    #[serde(default)]
    pub status: Option<PublicStatus>,
    /// Keys of the components.
    #[serde(default)]
    pub components: Vec<String>,
}

/// Somebody posts on an incident of a status page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicUpdate {
    /// On which page: `statusio` or `statuspage`.
    pub site: Site,
    /// Name or id of the incident, or `last`.
    pub incident: String,
    /// Key of the user.
    pub by: String,
    /// The message.
    pub text: String,
    /// Where it stands; as before if left out.
    #[serde(default)]
    pub state: Option<PublicState>,
    /// How its components do; as before if left out.
    #[serde(default)]
    pub status: Option<PublicStatus>,
    /// If there is no such incident, one is opened with this title.
    #[serde(default)]
    pub title: Option<String>,
    /// Keys of the components of the one that is opened then.
    #[serde(default)]
    pub components: Vec<String>,
}

/// Somebody resolves an incident of a status page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicResolve {
    /// On which page: `statusio` or `statuspage`.
    pub site: Site,
    /// Name or id of the incident, or `last`.
    pub incident: String,
    /// Key of the user.
    pub by: String,
    /// The message.
    pub text: String,
    /// Leaves the components as they are, as happens to people in a hurry.
    #[serde(default)]
    pub leave_components: bool,
}

/// From now on the public sees what is published so much later.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicLag {
    /// On which page: `statusio` or `statuspage`.
    pub site: Site,
    /// How much later, at the world's speed. What is on its way is shown no later than this from now.
    pub lag: Span,
}

/// Somebody schedules a maintenance on a status page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicMaintenance {
    /// On which page: `statusio` or `statuspage`.
    pub site: Site,
    /// Its title.
    pub title: String,
    /// What it says.
    pub text: String,
    /// Keys of the components.
    #[serde(default)]
    pub components: Vec<String>,
    /// How far ahead it begins, at the world's speed.
    pub starts_in: Span,
    /// How long it lasts, at the world's speed.
    pub lasts: Span,
    /// Whether it begins and ends by itself; so if left out.
    #[serde(default = "automated")]
    pub automation: bool,
}

/// What somebody does to a maintenance on a dashboard.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaintenanceWas {
    /// On which page: `statusio` or `statuspage`.
    pub site: Site,
    /// Title or id of the maintenance, or `last`.
    pub maintenance: String,
}

fn automated() -> bool {
    true
}

type Check = Result<(), (&'static str, String)>;

impl PublicIncident {
    pub(crate) fn check(&self, cast: &Cast) -> Check {
        by(cast, &self.by)?;
        if self.title.is_empty() {
            return Err(("title", "a title is needed".to_owned()));
        }
        if self.state == PublicState::Resolved {
            return Err(("state", "an incident does not begin resolved".to_owned()));
        }
        components(cast, self.site, &self.components)?;
        not_maintenance(self.status)
    }
}

impl PublicUpdate {
    pub(crate) fn check(&self, cast: &Cast) -> Check {
        by(cast, &self.by)?;
        if self.state == Some(PublicState::Resolved) {
            return Err(("state", "`public_resolve` resolves".to_owned()));
        }
        if self.title.as_ref().is_some_and(String::is_empty) {
            return Err(("title", "a title is not empty".to_owned()));
        }
        components(cast, self.site, &self.components)?;
        not_maintenance(self.status)
    }

    /// Gives what to open if there is nothing to post on.
    pub(crate) fn opening(&self) -> Option<PublicIncident> {
        Some(PublicIncident {
            site: self.site,
            incident: (self.incident != "last").then(|| self.incident.clone()),
            by: self.by.clone(),
            title: self.title.clone()?,
            text: self.text.clone(),
            state: self.state.unwrap_or_default(),
            status: self.status,
            components: self.components.clone(),
        })
    }
}

impl PublicResolve {
    pub(crate) fn check(&self, cast: &Cast) -> Check {
        by(cast, &self.by)
    }
}

impl PublicMaintenance {
    pub(crate) fn check(&self, cast: &Cast) -> Check {
        if self.title.is_empty() {
            return Err(("title", "a title is needed".to_owned()));
        }
        if self.lasts <= Span::default() {
            return Err(("lasts", "it has to last".to_owned()));
        }
        components(cast, self.site, &self.components)
    }

    /// When it begins and when it ends.
    pub(crate) fn times(&self, speed: f64, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        let starts_at = now + self.starts_in.at_speed(speed);
        (starts_at, starts_at + self.lasts.at_speed(speed))
    }
}

impl PublicLag {
    pub(crate) fn check(&self) -> Check {
        if self.lag < Span::default() {
            return Err(("lag", "nobody sees what is not yet published".to_owned()));
        }
        Ok(())
    }
}

fn by(cast: &Cast, key: &str) -> Check {
    match cast.user_index(key) {
        Some(_) => Ok(()),
        None => Err(("by", format!("no user has the key `{key}`"))),
    }
}

fn components(cast: &Cast, site: Site, keys: &[String]) -> Check {
    for key in keys {
        let known = match site {
            Site::StatusIo => cast.statusio.components.iter().any(|component| component.key == *key),
            Site::Statuspage => cast.statuspage.components.iter().any(|component| component.key == *key),
        };
        if !known {
            return Err(("components", format!("no component of that page has the key `{key}`")));
        }
    }
    Ok(())
}

fn not_maintenance(status: Option<PublicStatus>) -> Check {
    match status {
        Some(PublicStatus::Maintenance) => Err(("status", "maintenance is no incident".to_owned())),
        _ => Ok(()),
    }
}
