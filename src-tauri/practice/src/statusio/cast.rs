//! The Status.io page of a scenario.
//!
//! Ours: no manner of Status.io's, but for the form of its ids (statusio-go, its tests).

use serde::{Deserialize, Serialize};

use crate::cast::{Named, code, fill_text};
use crate::span::Span;

/// A Status.io page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StatusIoPage {
    /// Its id: 24 hexadecimal digits; made from the name if left out.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The IANA time zone of its RSS.
    pub time_zone: String,
    /// The `x-api-id` header.
    pub api_id: String,
    /// The `x-api-key` header.
    pub api_key: String,
    /// How long there has to be between two requests, at the world's speed.
    pub request_gap: Span,
    /// How much later the public sees what is published, at the world's speed.
    pub public_lag: Span,
    /// Its components, from top to bottom.
    pub components: Vec<StatusIoComponent>,
}

/// A component of a Status.io page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StatusIoComponent {
    /// Name within scenarios.
    pub key: String,
    /// Id: 24 hexadecimal digits; made from the key if left out.
    pub id: String,
    /// Shown name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Where it runs.
    pub containers: Vec<Named>,
}

impl StatusIoPage {
    pub(crate) fn fill(&mut self) {
        let name = self.name.clone();
        fill_text(&mut self.id, || hex(&format!("statusio/{name}")));
        for component in &mut self.components {
            let key = component.key.clone();
            fill_text(&mut component.id, || hex(&format!("component/{key}")));
            for container in &mut component.containers {
                fill_text(&mut container.id, || hex(&format!("container/{key}/{}", container.key)));
            }
        }
    }

    /// Finds what does not fit together: the culprit's text, and what is wrong with it.
    pub(crate) fn check(&self) -> Result<(), (String, String)> {
        for (index, component) in self.components.iter().enumerate() {
            let key = &component.key;
            if key.is_empty() || component.name.is_empty() || component.containers.is_empty() {
                return Err((key.clone(), format!("the component `{key}` needs a key, a name and a container")));
            }
            if self.components[..index].iter().any(|other| other.key == *key) {
                return Err((key.clone(), format!("the key `{key}` is taken twice")));
            }
        }
        Ok(())
    }
}

/// Makes an id of 24 hexadecimal digits out of a text, always the same one.
pub(super) fn hex(text: &str) -> String {
    let digits = |part: u32| -> String {
        let code = code(&format!("{part}/{text}"), 12);
        code.bytes().map(|letter| char::from(b"0123456789abcdef"[usize::from(letter % 16)])).collect()
    };
    digits(0) + &digits(1)
}
