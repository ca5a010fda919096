//! The last look before an update leaves: what the user saw when they confirmed it, held against the page as it is now.
//! A colleague may have posted, resolved or renamed in between, and no service refuses a write for that.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::draft::PublishStage;
use crate::feed::{PostSeen, Update};
use crate::incident::{Incident, IncidentId, paired};
use crate::phase::{Impact, Phase};
use crate::state::State;
use crate::text::{clean_line, essence, same_text};

/// Words of a colleague's update that a sentence repeats, in graphemes.
const QUOTE_MAX: usize = 80;

/// What was known of the post of an incident when an update of it was confirmed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// The page's id of it; absent when the update opens it.
    pub post: Option<String>,
    /// Its title.
    pub title: String,
    /// Whether it was going on.
    pub open: bool,
    /// The components that it named.
    pub components: BTreeSet<String>,
    /// What was published about it, by whomever and seen on the page or not yet.
    pub updates: Vec<Update>,
    /// All posts of the page that were known, which tells whether another one was opened meanwhile.
    pub posts: BTreeSet<String>,
}

/// What the page itself told right before an update was to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// When it was read.
    pub read_at: Time,
    /// The post of the incident, or, when the update would open one, every post that is going on.
    pub posts: Vec<PostSeen>,
}

/// One thing that is not as the user saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Differs {
    /// Somebody published this.
    Posted(Update),
    /// It is over, and no update says so.
    Closed,
    /// It goes on again, and no update says so.
    Reopened,
    /// It has another title.
    Renamed(String),
    /// It names other components.
    Components,
    /// Somebody opened another incident.
    Opened(String),
}

impl Basis {
    /// What is known of the post of an incident now.
    #[must_use]
    pub fn of(state: &State, id: IncidentId, incident: &Incident) -> Self {
        let posts = state.incidents.values().filter_map(|it| it.post.as_ref()).map(|post| post.id.clone()).collect();
        Self { posts, ..Self::of_post(state, id, incident) }
    }

    /// What the user sees of it now, as [`Self::stamp`] has it.
    #[must_use]
    pub fn stamp_of(state: &State, id: IncidentId, incident: &Incident) -> String {
        // The other posts of the page are no part of it, and may be many.
        Self::of_post(state, id, incident).stamp()
    }

    fn of_post(state: &State, id: IncidentId, incident: &Incident) -> Self {
        let Some(post) = &incident.post else { return Self::default() };
        let updates = incident.published();
        let over = incident.phase() == Some(Phase::Resolved);
        // What was changed from here holds, also while the public feed does not show it yet.
        let mine = state.publications.values().filter(|it| it.incident == id && it.post.as_ref() == Some(&post.id));
        let accepted = mine.filter(|it| matches!(it.stage, PublishStage::Accepted { .. })).max_by_key(|it| it.asked_at);
        let takes = state.status_page.as_ref().is_some_and(|page| page.kind.amends());
        let changed = accepted.filter(|_| takes).and_then(|it| Some((it.amends.as_ref()?, &it.text)));
        let title = changed.filter(|(amends, _)| amends.title).map(|(_, text)| text.title.clone());
        let components = changed.filter(|(amends, _)| amends.components).map(|(_, text)| text.components.clone());
        Self {
            post: Some(post.id.clone()),
            title: title.unwrap_or_else(|| post.title.clone()),
            open: post.open && !over,
            components: components.unwrap_or_else(|| post.components.iter().cloned().collect()),
            updates,
            posts: BTreeSet::new(),
        }
    }

    /// Tells this picture of the post from any other that a user may have seen: what the confirmation goes by.
    #[must_use]
    pub fn stamp(&self) -> String {
        let mut hasher = DefaultHasher::new();
        (&self.post, &self.title, self.open, &self.components).hash(&mut hasher);
        // The page dates what was sent from here a moment later; that changes nothing about what was seen.
        for update in &self.updates {
            (update.phase.map(Phase::key), essence(&update.text)).hash(&mut hasher);
        }
        format!("{:016x}", hasher.finish())
    }

    /// What is not as the user saw it; nothing when the update may leave.
    #[must_use]
    pub fn differs(&self, look: &Look) -> Vec<Differs> {
        let Some(id) = &self.post else {
            let opened = look.posts.iter().filter(|post| !self.posts.contains(&post.id));
            return opened.map(|post| Differs::Opened(post.title.clone())).collect();
        };
        let Some(post) = look.posts.iter().find(|post| post.id == *id) else { return vec![Differs::Closed] };
        let mut differs: Vec<Differs> = self.news(post).into_iter().map(Differs::Posted).collect();
        if differs.is_empty() && self.open != post.open {
            differs.push(if post.open { Differs::Reopened } else { Differs::Closed });
        }
        if !same_text(&self.title, &post.title) {
            differs.push(Differs::Renamed(post.title.clone()));
        }
        if self.components != post.components.iter().cloned().collect() {
            differs.push(Differs::Components);
        }
        differs
    }

    /// The updates that the user did not see, oldest first. Each one that they saw stands for one that is there, so that
    /// the same words twice are two updates.
    #[must_use]
    pub fn news(&self, post: &PostSeen) -> Vec<Update> {
        let since = self.updates.first().map(|first| first.at);
        let same = paired(&post.updates, &self.updates, |_, _| true);
        let unseen = post.updates.iter().zip(same).filter(|(_, same)| same.is_none()).map(|(update, _)| update);
        // Feeds may leave out what is long gone.
        unseen.filter(|update| since.is_none_or(|since| update.at >= since)).cloned().collect()
    }
}

/// What the last look found instead of what the user had seen, to decide anew by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Overtaken {
    /// When the page was read.
    pub read_at: Time,
    /// The gravest of it in a few words: "somebody resolved it".
    pub headline: String,
    /// All of it, a sentence each.
    pub differs: Vec<String>,
    /// Whether the incident is over on the page: publishing would reopen it.
    pub resolved: bool,
    /// Its title there.
    pub title: String,
    /// The ids of the components that it names.
    pub components: BTreeSet<String>,
    /// Its newest update.
    pub update: Option<Update>,
}

impl Overtaken {
    /// What a look that differs is told as.
    #[must_use]
    pub fn of(basis: &Basis, look: &Look) -> Self {
        let differs = basis.differs(look);
        let post = match &basis.post {
            Some(id) => look.posts.iter().find(|post| post.id == *id),
            None => look.posts.iter().find(|post| !basis.posts.contains(&post.id)),
        };
        let update = post.and_then(|post| post.updates.last()).cloned();
        let over = |update: &Update| update.phase == Some(Phase::Resolved);
        let resolved = basis.post.is_some() && post.is_none_or(|post| !post.open || update.as_ref().is_some_and(over));
        Self {
            read_at: look.read_at,
            headline: headline(&differs, resolved).to_owned(),
            differs: differs.iter().map(words).collect(),
            resolved,
            title: post.map_or_else(|| basis.title.clone(), |post| post.title.clone()),
            components: post.map_or_else(BTreeSet::new, |post| post.components.iter().cloned().collect()),
            update,
        }
    }

    /// How it is said that nothing went out.
    #[must_use]
    pub fn why(&self) -> String {
        let when = self.update.as_ref().map_or(self.read_at, |update| update.at);
        format!("Herald looked first: {} ({} UTC)", self.headline, when.format("%H:%M:%S"))
    }
}

fn headline(differs: &[Differs], resolved: bool) -> &'static str {
    let has = |wanted: fn(&Differs) -> bool| differs.iter().any(wanted);
    if has(|it| matches!(it, Differs::Opened(_))) {
        "somebody opened an incident"
    } else if resolved {
        "somebody resolved it"
    } else if has(|it| matches!(it, Differs::Posted(_))) {
        "somebody published an update"
    } else if has(|it| matches!(it, Differs::Reopened)) {
        "somebody reopened it"
    } else if has(|it| matches!(it, Differs::Renamed(_))) {
        "somebody renamed it"
    } else {
        "somebody changed its components"
    }
}

fn words(it: &Differs) -> String {
    match it {
        Differs::Posted(update) => {
            let (phase, at) = (update.phase.map_or("Update", Phase::label), update.at.format("%H:%M:%S"));
            let impact = update.impact.map_or(String::new(), |impact: Impact| format!(", {}", impact.label()));
            format!("Published at {at} UTC: {phase}{impact}, “{}”", clean_line(&update.text, QUOTE_MAX))
        }
        Differs::Closed => "It is over on the page.".to_owned(),
        Differs::Reopened => "It goes on again on the page.".to_owned(),
        Differs::Renamed(title) => format!("Its title is now “{title}”."),
        Differs::Components => "It names other components.".to_owned(),
        Differs::Opened(title) => format!("“{title}” was opened."),
    }
}

#[cfg(test)]
mod tests;
