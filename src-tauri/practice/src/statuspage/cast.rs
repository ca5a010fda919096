//! The Atlassian Statuspage of a scenario.
//!
//! Ours: no manner of Statuspage's, but for the form of its ids (the same recorded answers).

use serde::{Deserialize, Serialize};

use crate::cast::{Named, code, fill_text};
use crate::span::Span;

/// A page at Atlassian Statuspage.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Statuspage {
    /// Its id: 12 letters and digits; made from the name if left out.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The IANA time zone of its times.
    pub time_zone: String,
    /// The key: `Authorization: OAuth …`.
    pub api_key: String,
    /// How many requests are allowed within any minute; the minute runs at the world's speed.
    pub per_minute: u32,
    /// How much later the public sees what is published, at the world's speed.
    pub public_lag: Span,
    /// Its groups of components.
    pub groups: Vec<Named>,
    /// Its components, from top to bottom.
    pub components: Vec<StatuspageComponent>,
}

/// A component of a page at Atlassian Statuspage.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StatuspageComponent {
    /// Name within scenarios.
    pub key: String,
    /// Id: 12 letters and digits; made from the key if left out.
    pub id: String,
    /// Shown name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Key of its group.
    pub group: Option<String>,
}

impl Statuspage {
    pub(crate) fn fill(&mut self) {
        let name = self.name.clone();
        fill_text(&mut self.id, || letters(&format!("statuspage/{name}")));
        for group in &mut self.groups {
            fill_text(&mut group.id, || letters(&format!("group/{}", group.key)));
        }
        for component in &mut self.components {
            fill_text(&mut component.id, || letters(&format!("component/{}", component.key)));
        }
    }

    /// Finds what does not fit together: the culprit's text, and what is wrong with it.
    pub(crate) fn check(&self) -> Result<(), (String, String)> {
        for (index, component) in self.components.iter().enumerate() {
            let key = &component.key;
            if key.is_empty() || component.name.is_empty() {
                return Err((key.clone(), format!("the component `{key}` needs a key and a name")));
            }
            if self.components[..index].iter().any(|other| other.key == *key) {
                return Err((key.clone(), format!("the key `{key}` is taken twice")));
            }
            if let Some(group) = component.group.as_ref().filter(|group| !self.has_group(group)) {
                return Err((group.clone(), format!("no group has the key `{group}`")));
            }
        }
        Ok(())
    }

    fn has_group(&self, key: &str) -> bool {
        self.groups.iter().any(|group| group.key == key)
    }
}

/// Makes an id of 12 letters and digits out of a text, always the same one.
pub(super) fn letters(text: &str) -> String {
    code(text, 12).to_lowercase()
}
