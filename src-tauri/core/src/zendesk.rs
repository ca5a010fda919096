//! The tickets that an incident brings: how they are tagged and found (H53, H54).

use serde::{Deserialize, Serialize};

use crate::stage::unknown_fields;

/// How tickets of an incident are tagged and found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZendeskRules {
    /// Where agents work.
    pub base_url: String,
    /// What is opened there to search, with `{tickets}` for the search.
    pub search_path: String,
    /// The tag of an incident's tickets.
    pub tag: String,
    /// The search for tickets that may belong to it.
    pub search: String,
    /// The search for those that nobody has tagged yet.
    pub untagged: String,
    /// Hours that both reach back at least; further when the incident is older.
    pub hours: u32,
}

impl ZendeskRules {
    /// The search as agents open it in their browser: it needs no key.
    #[must_use]
    pub fn link(&self) -> String {
        format!("{}{}", self.base_url.trim_end_matches('/'), self.search_path)
    }

    /// Everything that is wrong, as `(key, what is wrong)`.
    #[must_use]
    pub fn faults(&self) -> Vec<(String, String)> {
        let texts = [
            ("tag", &self.tag),
            ("search_path", &self.search_path),
            ("search", &self.search),
            ("untagged", &self.untagged),
        ];
        let of = |(key, text): (&str, &String)| {
            unknown_fields(text).into_iter().map(|why| (format!("zendesk.{key}"), why)).collect::<Vec<_>>()
        };
        let mut faults: Vec<_> = texts.into_iter().flat_map(of).collect();
        if !(self.base_url.starts_with("https://") || self.base_url.starts_with("http://")) {
            faults.push(("zendesk.base_url".into(), "must start with https:// or http://".into()));
        }
        faults
    }
}
