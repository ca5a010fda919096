//! What a newcomer asks, as texts of the playbook, and how they are found (H1–H5, H11–H13, H20, H48).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A text to look something up in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Its own name for good.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// Words by which it is found, beside those it says.
    #[serde(default)]
    pub words: Vec<String>,
    /// What it says; a line for each thought.
    pub text: String,
}

/// The texts that hold every word of the query, those that have them in the title first; all of them for no words.
#[must_use]
pub fn search<'a>(reference: &'a [Reference], query: &str) -> Vec<&'a Reference> {
    let query = query.to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let has_all = |text: &str| words.iter().all(|word| text.contains(word));
    let rank = |it: &Reference| {
        let named = format!("{} {}", it.title, it.words.join(" ")).to_lowercase();
        match () {
            () if has_all(&it.title.to_lowercase()) => Some(0),
            () if has_all(&named) => Some(1),
            () if has_all(&format!("{named} {}", it.text.to_lowercase())) => Some(2),
            () => None,
        }
    };
    let mut found: Vec<_> = reference.iter().filter_map(|it| rank(it).map(|rank| (rank, it))).collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, it)| it).collect()
}

pub(super) fn faults(reference: &[Reference]) -> Vec<(String, String)> {
    let mut faults = vec![];
    let mut known = BTreeSet::new();
    for (n, it) in reference.iter().enumerate() {
        let mut wrong = |field: &str, why: String| faults.push((format!("reference.{n}.{field}"), why));
        for (field, text) in [("id", &it.id), ("title", &it.title), ("text", &it.text)] {
            if text.trim().is_empty() {
                wrong(field, "is empty".into());
            }
        }
        if !known.insert(&it.id) {
            wrong("id", format!("{} is named twice", it.id));
        }
    }
    faults
}
