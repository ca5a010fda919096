//! What an update changes about its post beside words and phase, as far as the page takes it (H45, H47).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::draft::Text;
use crate::feed::{PageKind, PostSeen};
use crate::incident::Incident;
use crate::phase::{Impact, Phase};
use crate::state::State;
use crate::text;

/// What an update changes about a post that is public.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amends {
    /// It has another title.
    pub title: bool,
    /// It names other components.
    pub components: bool,
    /// The components that get the status of the update; all others keep theirs.
    pub sets: BTreeSet<String>,
}

impl Amends {
    /// What a text changes about the post of an incident; absent when it opens the post. A status that is as it was is
    /// not given again: components of one post may do differently, and only what the user changes is changed (H45).
    #[must_use]
    pub fn of(state: &State, incident: &Incident, text: &Text) -> Option<Self> {
        let post = incident.post.as_ref()?;
        let named = named(post);
        let rescoped = text.phase == Phase::Resolved || text.impact != standing(state, incident);
        let sets = if rescoped { text.components.clone() } else { &text.components - &named };
        Some(Self { title: text::title(&text.title) != post.title, components: text.components != named, sets })
    }
}

/// The status that the last update left the components in: its own, or where it says none, as the page shows them, or as
/// an earlier one said.
#[must_use]
pub fn standing(state: &State, incident: &Incident) -> Option<Impact> {
    let said = incident.told();
    let last = said.last()?;
    let shown = || {
        let named = incident.post.as_ref().map(named).unwrap_or_default();
        let shown = state.session.components.iter().filter(|it| named.contains(&it.id)).filter_map(|it| it.impact);
        shown.max().filter(|impact| *impact != Impact::Operational)
    };
    last.impact.or_else(shown).or_else(|| said.iter().rev().find_map(|update| update.impact))
}

/// What customers get to see of an update beside its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoesOut {
    /// The title.
    pub title: String,
    /// The components that the post names then.
    pub components: BTreeSet<String>,
    /// Those of them that get the status of the update.
    pub sets: BTreeSet<String>,
    /// What the page does not take, in words.
    pub withheld: Vec<String>,
}

impl GoesOut {
    /// All that a text says.
    #[must_use]
    pub fn whole(text: &Text) -> Self {
        Self::of(&text.title, &text.components)
    }

    fn of(title: &str, components: &BTreeSet<String>) -> Self {
        let (title, sets) = (title.to_owned(), components.clone());
        Self { title, components: components.clone(), sets, withheld: vec![] }
    }
}

/// What goes out of a text when Herald publishes it on a page of this kind.
#[must_use]
pub fn goes_out(state: &State, incident: &Incident, text: &Text, kind: PageKind) -> GoesOut {
    let (Some(post), Some(amends)) = (&incident.post, Amends::of(state, incident, text)) else {
        return GoesOut::whole(text);
    };
    let named = named(post);
    let name = |ids: BTreeSet<String>| {
        let name = |id: &String| state.session.components.iter().find(|it| it.id == *id).map(|it| it.name.clone());
        ids.iter().map(|id| name(id).unwrap_or_else(|| id.clone())).collect::<Vec<_>>().join(", ")
    };
    if kind.amends() && !text.components.is_empty() {
        return GoesOut { sets: amends.sets, ..GoesOut::whole(text) };
    }
    let title = (amends.title && !kind.amends()).then(|| format!("the title “{}”", text.title.trim()));
    let (added, removed) = (&text.components - &named, &named - &text.components);
    let added = (!added.is_empty()).then(|| format!("{} as added", name(added)));
    let removed = (!removed.is_empty()).then(|| format!("{} as left out", name(removed)));
    let withheld = [title, added, removed].into_iter().flatten().collect();
    // Where one status holds for the whole incident, it is given to all of it.
    let (title, sets) = if kind.amends() { (&text.title, amends.sets) } else { (&post.title, named.clone()) };
    GoesOut { title: title.clone(), components: named, sets, withheld }
}

fn named(post: &PostSeen) -> BTreeSet<String> {
    post.components.iter().cloned().collect()
}

#[cfg(test)]
mod tests;
