//! What Herald was told of incidents, and when the next update of each is due by the handbook: told anew, from the
//! answers and the user's own words, not from what the core made of them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use herald_core::basis::Look;
use herald_core::draft::{PublishResult, PublishStage, ReadBackPost};
use herald_core::feed::{FeedAnswer, IssueSeen, IssuesTold, PageTold, Update};
use herald_core::incident::Own;
use herald_core::{
    AlarmKey, Command, Incident, IncidentId, IncidentWish, Input, Phase, Severity, SourceName, State, Text, Time,
};

use crate::page_world::PublicWorld;

/// An update is announced this long before it is due.
pub const LEAD: TimeDelta = TimeDelta::minutes(3);

/// What Herald was told, and what its user said.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// What is being written, by card.
    pub drafts: BTreeMap<IncidentId, Text>,
    cards: BTreeMap<IncidentId, Card>,
    posts: BTreeMap<String, Post>,
    issues: BTreeMap<u64, Issue>,
}

#[derive(Clone, Debug, Default)]
struct Card {
    severity: Option<Severity>,
    decided_at: Option<Time>,
    /// Something was entered by hand.
    by_hand: bool,
    mine: Vec<Told>,
    /// Promises by the update that they go with.
    promises: BTreeMap<Which, Time>,
    /// A promise from before the first update: since when, and until when.
    early: Option<(Time, Time)>,
    over: Option<Over>,
}

/// Why a card is over, besides an update that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    SetAside(Time),
    /// The page lists its post no more, or it was nothing but an issue, and that left.
    Unlisted,
}

#[derive(Clone, Debug)]
struct Told {
    at: Time,
    phase: Phase,
    text: String,
    /// When the page has it, as it truly is: two of the same words are two.
    page_at: Time,
}

/// Which update: its words, and when the page has it.
type Which = (String, Time);

impl Told {
    fn which(&self) -> Which {
        (self.text.clone(), self.page_at)
    }
}

#[derive(Clone, Debug, Default)]
struct Post {
    updates: Vec<Told>,
    open: bool,
    lacks: u32,
    /// The answer before looked older than what is known.
    doubted: bool,
}

#[derive(Clone, Debug)]
struct Issue {
    severity: Option<Severity>,
    updated_at: Time,
    stands: Stands,
    /// How often in a row it was asked for and not to be seen.
    misses: u32,
}

/// How an issue stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    Active,
    Relabelled,
    Closed,
    Hidden,
}

impl Model {
    /// Takes in what Herald has just taken in, by its own clock.
    pub fn learn(&mut self, page: &PublicWorld, before: &State, after: &State, input: &Input, now: Time) {
        match input {
            Input::User(Command::Incident { wish }) => self.wish(page, before, after, wish, now),
            Input::IssuesRead { result: Ok(answer), .. } => self.issues(after, &answer.told),
            Input::PostsRead { result: Ok(answer), .. } => self.posts(after, answer),
            Input::PublishEnded(id, PublishResult::Accepted { post }) => {
                self.accepted(page, before, after, (*id, post), now, now);
            }
            Input::PublishEnded(id, PublishResult::Overtaken(look)) => self.overtaken(before, after, *id, look, now),
            Input::PostReadBack(id, Ok(ReadBackPost::There { post })) => {
                let unsure = |stage: &PublishStage| matches!(stage, PublishStage::Unsure { .. });
                if let Some(it) = before.publications.get(id).filter(|it| unsure(&it.stage)) {
                    // It counts from when it was sent.
                    self.accepted(page, before, after, (*id, post), it.asked_at.min(now), now);
                }
            }
            _ => {}
        }
        self.come_back(before, after, input);
        self.cards.retain(|id, _| after.incidents.contains_key(id));
        for id in after.incidents.keys() {
            self.cards.entry(*id).or_default();
        }
    }

    /// What was sent and did not go out is a draft again, also where that was thrown away while it was under way.
    fn come_back(&mut self, before: &State, after: &State, input: &Input) {
        let told = |wish: &IncidentWish| matches!(wish, IncidentWish::WasPublished { yes: true, .. });
        if matches!(input, Input::User(Command::Incident { wish }) if told(wish)) {
            return;
        }
        for (id, it) in &before.publications {
            let accepted = matches!(it.stage, PublishStage::Accepted { .. });
            if !accepted && !after.publications.contains_key(id) && after.incidents.contains_key(&it.incident) {
                self.drafts.entry(it.incident).or_insert_with(|| it.text.clone());
            }
        }
    }

    /// When the next update of each card is due (H30–H37).
    pub fn due(&self, state: &State) -> BTreeMap<IncidentId, Time> {
        let due = |(id, card): (&IncidentId, &Card)| Some((*id, self.due_of(card, state.incidents.get(id)?)?));
        self.cards.iter().filter_map(due).collect()
    }

    /// The alarms of updates that are due soon or overdue.
    pub fn near(&self, state: &State, now: Time) -> BTreeSet<AlarmKey> {
        let near = self.due(state).into_iter().filter(|(_, due_at)| *due_at - LEAD <= now);
        near.map(|(incident, due_at)| AlarmKey::Update { incident, due_at }).collect()
    }

    /// Whether a card is over, as far as Herald was told.
    pub fn over(&self, id: IncidentId, incident: &Incident) -> bool {
        let resolved = |card: &Card| self.last(card, incident).is_some_and(|last| last.phase == Phase::Resolved);
        self.cards.get(&id).is_none_or(|card| card.over.is_some() || resolved(card))
    }

    fn due_of(&self, card: &Card, incident: &Incident) -> Option<Time> {
        if card.over.is_some() {
            return None;
        }
        let issue = incident.issue.as_ref().and_then(|issue| self.issues.get(&issue.iid));
        let severity = card.severity.or(issue.and_then(|issue| issue.severity));
        let Some(last) = self.last(card, incident) else {
            let by_table = card.decided_at? + table(Phase::Investigating, severity)?;
            return Some(card.early.map_or(by_table, |(_, due_at)| due_at));
        };
        let by_table = last.at + table(last.phase, severity)?;
        // A promise is kept by the update that follows it, however the page dates the one that made it.
        let early = card.early.filter(|(made_at, _)| *made_at >= last.at).map(|(_, due_at)| due_at);
        Some(card.promises.get(&last.which()).copied().or(early).unwrap_or(by_table))
    }

    /// The newest update: by whoever, with the page's time where the page tells of it (H31).
    fn last(&self, card: &Card, incident: &Incident) -> Option<Told> {
        let seen = incident.post.as_ref().and_then(|post| self.posts.get(&post.id));
        let seen: &[Told] = seen.map_or(&[], |post| &post.updates);
        let same = |it: &Told, own: &Told| it.which() == own.which();
        let unseen = card.mine.iter().filter(|own| !seen.iter().any(|it| same(it, own)));
        seen.iter().chain(unseen).max_by_key(|it| it.at).cloned()
    }

    fn wish(&mut self, page: &PublicWorld, before: &State, after: &State, wish: &IncidentWish, now: Time) {
        let incident = wish.incident().and_then(|id| before.incidents.get(&id));
        let last = |model: &Self, id: &IncidentId| {
            let (card, incident) = (model.cards.get(id)?, incident?);
            model.last(card, incident)
        };
        let id = wish.incident().unwrap_or(before.next_incident);
        match wish {
            IncidentWish::Open { own, .. } | IncidentWish::Correct { own, .. } => {
                let card = self.cards.entry(id).or_default();
                (card.severity, card.by_hand) = (own.severity, *own != Own::default());
            }
            IncidentWish::Decide { yes, .. } => {
                let card = self.cards.entry(id).or_default();
                card.decided_at = yes.then_some(now);
            }
            IncidentWish::End { yes, .. } => {
                self.cards.entry(id).or_default().over = yes.then_some(Over::SetAside(now));
            }
            IncidentWish::Promise { due_at, .. } => {
                let which = last(self, &id).map(|last| last.which());
                let card = self.cards.entry(id).or_default();
                card.promises.clear();
                card.early = None;
                match (which, *due_at) {
                    (Some(which), Some(due_at)) => drop(card.promises.insert(which, due_at)),
                    (None, Some(due_at)) => card.early = Some((card.decided_at.unwrap_or(now), due_at)),
                    (_, None) => {}
                }
            }
            IncidentWish::Write { text, .. } | IncidentWish::Publish { text, .. } => {
                self.drafts.insert(id, text.clone());
            }
            IncidentWish::Discard { .. } => {
                self.drafts.remove(&id);
            }
            IncidentWish::PostedByHand { text, at, .. } => {
                let page_at = page.time_of(text, None).unwrap_or(*at);
                self.posted(after, id, text, (*at, page_at), now);
            }
            IncidentWish::WasPublished { publication, yes: true } => {
                let asked_at = before.publications.get(publication).map_or(now, |it| it.asked_at.min(now));
                self.published(page, before, after, *publication, asked_at, now);
            }
            IncidentWish::WasPublished { yes: false, .. }
            | IncidentWish::Join { .. }
            | IncidentWish::JoinPage { .. }
            | IncidentWish::Separate { .. }
            | IncidentWish::Label { .. }
            | IncidentWish::Tick { .. }
            | IncidentWish::Untick { .. }
            | IncidentWish::Skip { .. }
            | IncidentWish::Recurred { .. }
            | IncidentWish::StillRunning { .. }
            | IncidentWish::Asked { .. }
            | IncidentWish::Agreed { .. } => {}
        }
    }

    /// The page has an attempt under this post. Where the feed showed the post first, its card is the same incident.
    fn accepted(
        &mut self,
        page: &PublicWorld,
        before: &State,
        after: &State,
        (id, post): (i64, &str),
        at: Time,
        now: Time,
    ) {
        if let Some(into) = before.publications.get(&id).map(|it| it.incident) {
            let holds = |incident: &Incident| incident.post.as_ref().is_some_and(|it| it.id == post);
            let other = before.incidents.iter().find(|(other, it)| **other != into && holds(it));
            if let Some((other, _)) = other {
                self.join(into, *other);
            } else if !before.incidents.get(&into).is_some_and(holds) {
                // Its card was over when the feed told of the post, so what it said is not known before it says it again.
                self.posts.remove(post);
            }
        }
        // The page itself has just taken an update of it: that a feed lacked it before says nothing.
        let goes_on = before.publications.get(&id).is_some_and(|it| it.text.phase != Phase::Resolved);
        if let Some(known) = self.posts.get_mut(post).filter(|_| goes_on) {
            (known.open, known.lacks) = (true, 0);
        }
        self.published(page, before, after, id, at, now);
    }

    /// The page itself told what others did, before the public feed does.
    fn overtaken(&mut self, before: &State, after: &State, id: i64, look: &Look, now: Time) {
        let Some(it) = before.publications.get(&id) else { return };
        let Some(of) = &it.post else {
            // What was known when it was confirmed is told by the feed.
            let known = |post: &str| it.basis.as_ref().is_some_and(|basis| basis.posts.contains(post));
            let posts = look.posts.iter().filter(|post| !known(&post.id)).cloned().collect();
            let told = PageTold { posts, ..PageTold::default() };
            let answer = FeedAnswer { asked_at: now, told, skipped: 0, complete: false, pause_until: None };
            return self.posts(after, &answer);
        };
        let Some(incident) = after.incidents.get(&it.incident) else { return };
        let seen: Vec<Told> = self.posts.get(of).map(|post| post.updates.clone()).unwrap_or_default();
        let card = self.cards.entry(it.incident).or_default();
        for update in look.posts.iter().filter(|post| post.id == *of).flat_map(|post| &post.updates) {
            let phase = update.phase.expect("every update of a history tells its phase");
            let told = Told { at: update.at, phase, text: update.text.clone(), page_at: update.at };
            let is = |known: &&Told| known.which() == told.which();
            if !seen.iter().chain(&card.mine).any(|known| is(&known)) {
                card.mine.push(told);
            }
        }
        let resolved = |phase: Option<Phase>| phase == Some(Phase::Resolved);
        // However I dated what I posted by hand: the page's own order counts.
        let ends = look.posts.iter().filter(|post| post.id == *of).filter_map(|post| post.updates.last());
        let over = resolved(self.last(&self.cards[&it.incident], incident).map(|last| last.phase))
            || ends.map(|update| update.phase).any(resolved);
        let card = self.cards.entry(it.incident).or_default();
        card.over = card.over.or(over.then_some(Over::SetAside(now)));
    }

    /// Two cards are one; nothing typed is lost.
    fn join(&mut self, id: IncidentId, with: IncidentId) {
        let other = self.cards.remove(&with).unwrap_or_default();
        let card = self.cards.entry(id).or_default();
        card.mine.extend(other.mine);
        card.by_hand |= other.by_hand;
        card.decided_at = card.decided_at.or(other.decided_at);
        if card.promises.is_empty() && card.early.is_none() {
            (card.promises, card.early) = (other.promises, other.early);
        }
        if let Some(theirs) = self.drafts.remove(&with) {
            let text = match self.drafts.remove(&id) {
                None => theirs,
                Some(mine) => Text { body: [mine.body.trim(), theirs.body.trim()].join("\n\n"), ..mine },
            };
            self.drafts.insert(id, text);
        }
    }

    fn published(&mut self, page: &PublicWorld, before: &State, after: &State, id: i64, at: Time, now: Time) {
        if let Some(publication) = before.publications.get(&id) {
            let page_at = page.time_of(&publication.text, Some(publication.asked_at)).unwrap_or(at);
            self.posted(after, publication.incident, &publication.text, (at, page_at), now);
        }
    }

    /// An update of mine is out: its promise holds, and the draft is done with if it was exactly this.
    fn posted(&mut self, after: &State, id: IncidentId, text: &Text, (at, page_at): (Time, Time), now: Time) {
        if self.drafts.get(&id) == Some(text) {
            self.drafts.remove(&id);
        }
        let of = |model: &Self| model.last(model.cards.get(&id)?, after.incidents.get(&id)?);
        let told = Told { at, phase: text.phase, text: text.body.clone(), page_at };
        let newest = of(self).is_none_or(|last| last.at <= at || last.which() == told.which());
        let card = self.cards.entry(id).or_default();
        let which = told.which();
        card.mine.push(told);
        if newest {
            // It keeps what was promised before, also where the page dates what made the promise later.
            (card.promises, card.early) =
                (promised(text, at).map(|due_at| (which, due_at)).into_iter().collect(), None);
        }
        card.decided_at = card.decided_at.or(Some(at));
        // The newest update says whether it is over, and that need not be this one.
        let over = of(self).is_some_and(|last| last.phase == Phase::Resolved);
        self.cards.entry(id).or_default().over = over.then_some(Over::SetAside(now));
    }

    fn issues(&mut self, after: &State, told: &IssuesTold) {
        for seen in &told.issues {
            let stands = stands(seen);
            let fresh = Issue { severity: seen.severity, updated_at: seen.updated_at, stands, misses: 0 };
            let known = self.issues.insert(seen.iid, fresh);
            match known {
                Some(known) if known.updated_at > seen.updated_at => drop(self.issues.insert(seen.iid, known)),
                known => self.issue_stands(after, seen.iid, known.map(|known| known.stands), stands),
            }
        }
        for iid in &told.hidden {
            let Some(issue) = self.issues.get_mut(iid) else { continue };
            issue.misses += 1;
            // What cannot be seen says nothing about any card.
            if issue.misses >= 2 && issue.stands != Stands::Closed {
                issue.stands = Stands::Hidden;
            }
        }
    }

    /// An issue stands otherwise than before: a card that is nothing else ends with it, and comes back with it.
    fn issue_stands(&mut self, after: &State, iid: u64, before: Option<Stands>, stands: Stands) {
        let left = |it: Stands| matches!(it, Stands::Relabelled | Stands::Closed);
        let holds = |incident: &&Incident| incident.issue.as_ref().is_some_and(|it| it.iid == iid);
        for (id, incident) in after.incidents.iter().filter(|(_, incident)| holds(incident)) {
            let mut card = self.cards.get(id).cloned().unwrap_or_default();
            let of_page = incident.post.as_ref().is_some_and(|post| self.posts.contains_key(&post.id));
            let writes = self.drafts.contains_key(id) || after.publications.values().any(|it| it.incident == *id);
            let told = card.decided_at.is_some() || !card.mine.is_empty() || of_page;
            if before != Some(stands) && left(stands) && !card.by_hand && !writes && !told {
                card.over = card.over.or(Some(Over::Unlisted));
            }
            let resolved = self.last(&card, incident).is_some_and(|last| last.phase == Phase::Resolved);
            if before.is_some_and(left) && stands == Stands::Active && !resolved {
                card.over = None;
            }
            self.cards.insert(*id, card);
        }
    }

    fn posts(&mut self, after: &State, answer: &FeedAnswer<PageTold>) {
        let told = |it: &Update| Told {
            at: it.at,
            phase: it.phase.expect("every update here tells its phase"),
            text: it.text.clone(),
            page_at: it.at,
        };
        let holds = |post: &str| {
            let holds = |incident: &Incident| incident.post.as_ref().is_some_and(|it| it.id == post);
            after.incidents.iter().find(|(_, incident)| holds(incident)).map(|(id, _)| *id)
        };
        for seen in &answer.told.posts {
            let updates: Vec<Told> = seen.updates.iter().map(told).collect();
            let last = updates.last().map(|last| last.at);
            if let Some(known) = self.posts.get_mut(&seen.id) {
                let newer = last > known.updates.last().map(|last| last.at);
                let lacks = known.updates.iter().any(|it| !updates.iter().any(|seen| seen.which() == it.which()));
                let older = !newer && (lacks || (seen.open && !known.open));
                known.lacks = 0;
                if older && !known.doubted {
                    // A cache may have answered; the next answer tells.
                    known.doubted = true;
                    continue;
                }
            }
            let fresh = Post { updates, open: seen.open, lacks: 0, doubted: false };
            let known = self.posts.insert(seen.id.clone(), fresh);
            let again = known.is_some_and(|known| !known.open);
            let Some(card) = holds(&seen.id).map(|id| self.cards.entry(id).or_default()) else { continue };
            match card.over {
                Some(Over::SetAside(at)) if seen.open && last > Some(at) => card.over = None,
                Some(Over::SetAside(_)) if seen.open && again => card.over = None,
                Some(Over::Unlisted) if seen.open => card.over = None,
                _ => {}
            }
        }
        let listed = |id: &str| answer.told.posts.iter().any(|it| it.id == id);
        // A post that never was listed is not over because it is not listed yet.
        for (id, post) in self.posts.iter_mut().filter(|(id, post)| post.open && !listed(id)) {
            post.lacks += u32::from(answer.complete);
            if post.lacks >= 2 {
                post.open = false;
                if let Some(card) = holds(id).map(|id| self.cards.entry(id).or_default()) {
                    card.over = card.over.or(Some(Over::Unlisted));
                }
            }
        }
    }
}

fn stands(issue: &IssueSeen) -> Stands {
    match (issue.open, issue.active) {
        (false, _) => Stands::Closed,
        (true, false) => Stands::Relabelled,
        (true, true) => Stands::Active,
    }
}

/// The table of the handbook (H30); an unknown severity gets the shortest (H33), and nothing is due after Resolved.
fn table(phase: Phase, severity: Option<Severity>) -> Option<TimeDelta> {
    let gravest = severity.is_none_or(|severity| severity == Severity::S1);
    let minutes = match (phase, gravest) {
        (Phase::Investigating | Phase::Identified, true) => 10,
        (Phase::Investigating, false) => 15,
        (Phase::Identified, false) | (Phase::Monitoring, true) => 30,
        (Phase::Monitoring, false) => 60,
        (Phase::Resolved, _) => return None,
    };
    Some(TimeDelta::minutes(minutes))
}

/// What the texts of the histories promise (H32).
fn promised(text: &Text, at: Time) -> Option<Time> {
    let (_, rest) = text.body.split_once("Next update in ")?;
    let minutes = rest.split(' ').next()?.parse().ok()?;
    text.promise.then_some(at + TimeDelta::minutes(minutes))
}

/// What is asked about incidents.
pub const FEEDS: [SourceName; 2] = [SourceName::Tracker, SourceName::StatusPage];
