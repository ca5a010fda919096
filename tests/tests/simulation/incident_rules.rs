//! The rules about incidents that hold for every history: no update is late without a word, nothing typed is lost, and
//! nothing is published twice.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use herald_core::draft::{Publication, PublicationId, PublishStage};
use herald_core::due::may_look;
use herald_core::incident::By;
use herald_core::stage::{Mark, Reading, Tick, task};
use herald_core::tray::{Sign, sign};
use herald_core::{
    AlarmKey, Announcement, Command, Incident, IncidentId, IncidentWish, Input, Sound, SourceName, State, Text, Time,
    Write, poll, wake_at,
};

use crate::herald::Herald;
use crate::incident_moves::trouble_of;
use crate::net::{Errand, Flight};
use crate::page_world::iid;
use crate::public_model::{FEEDS, Model};

/// One repeat of an alarm, and the second in which the loop looks.
const REPEAT_SOON: TimeDelta = TimeDelta::milliseconds(301_500);
const REPEAT_OVERDUE: TimeDelta = TimeDelta::milliseconds(61_500);
/// How long a quiet lasts.
const QUIET: TimeDelta = TimeDelta::minutes(5);
/// Two polls of a feed and a second, with the rounding of the loop's own times.
const SEEN_MAX: TimeDelta = TimeDelta::milliseconds(63_100);
/// How long after its confirmation an update may arrive: the longest wait for its turn, a look and one
/// exchange.
const FRESH: TimeDelta = TimeDelta::seconds(50);
/// What is said of an update that waited for too long.
const WAITED: &str = "Not published: it had to wait too long. The draft is kept";
/// The longest pause between two readings back.
const READ_BACK_PAUSE: TimeDelta = TimeDelta::seconds(62);

/// An update that the user confirmed.
#[derive(Clone, Debug)]
pub struct Confirmed {
    text: Text,
    incident: IncidentId,
    at: Time,
    arrived: u32,
    /// What the user could see of it on the page, word for word.
    knew: Vec<(&'static str, String)>,
    /// When Herald looked at the page before it sent.
    looked_at: Option<Time>,
}

/// What is remembered about incidents.
#[derive(Default)]
pub struct IncidentWitness {
    /// What Herald was told.
    pub model: Model,
    /// The same as of the last commit that succeeded.
    pub saved: Model,
    /// Confirmations, by run of Herald and attempt.
    confirmed: BTreeMap<(u32, PublicationId), Confirmed>,
    near: BTreeSet<AlarmKey>,
    /// How often an update began to be due soon.
    began: BTreeMap<AlarmKey, usize>,
    announced: BTreeMap<AlarmKey, usize>,
    /// When each alarm was announced last, or had a reason not to be, in true time.
    sounded: BTreeMap<AlarmKey, Time>,
    /// When each alarm was announced last, and how long the user wants it quiet, by Herald's clock.
    told_at: BTreeMap<AlarmKey, Time>,
    quiet_from: BTreeMap<AlarmKey, Time>,
    /// The last good answer of each feed, or its connecting.
    heard: BTreeMap<SourceName, Time>,
}

impl Herald {
    /// Takes in what Herald has just taken in.
    pub fn learn_incidents(&mut self, before: &State, input: &Input) {
        let (now, herald_now) = (self.world.now, self.now());
        self.counting_moves_nothing(before, input);
        match input {
            Input::IssuesRead { .. } => {
                self.must(before.tracker.is_some(), || "a forgotten tracker is believed".into())
            }
            Input::PostsRead { .. } => {
                self.must(before.status_page.is_some(), || "a forgotten status page is believed".into());
            }
            _ => {}
        }
        let heard = match input {
            Input::IssuesRead { result: Ok(_), .. } | Input::TrackerConnected(_) => Some(SourceName::Tracker),
            Input::PostsRead { result: Ok(_), .. } | Input::StatusPageConnected(_) => Some(SourceName::StatusPage),
            _ => None,
        };
        self.witness.updates.heard.extend(heard.map(|source| (source, now)));
        for (id, it) in before.incidents.iter().filter(|(id, _)| !self.state.incidents.contains_key(id)) {
            // When the page's answer tells whose post it is, two cards become one.
            let post = it.post.as_ref().map(|post| &post.id);
            let holds = |known: &Incident| known.post.as_ref().map(|post| &post.id) == post;
            let joined = post.is_some() && self.state.incidents.values().any(holds);
            self.must(!it.open() || joined, || format!("card {id} is forgotten: {it:#?}"));
        }
        let (model, page) = (&mut self.witness.updates.model, &self.world.public);
        model.learn(page, before, &self.state, input, herald_now);
        if let Input::User(Command::Quiet { alarm: key @ AlarmKey::Update { .. } }) = input {
            self.witness.updates.quiet_from.insert(key.clone(), herald_now);
        }
        self.attempts_end_visibly(before, input);
        self.ticks_of_the_user_stay(before, input);
        self.see_what_is_near();
    }

    /// What the user ticked off is only taken back by the user, or counts no more as it came back since (H55).
    fn ticks_of_the_user_stay(&self, before: &State, input: &Input) {
        if matches!(input, Input::User(_)) {
            return;
        }
        for (id, after) in &self.state.incidents {
            let ticks = before.incidents.get(id).map(|it| it.ticks.iter()).into_iter().flatten();
            for (task, tick) in ticks.filter(|(_, tick)| tick.by == By::Me && tick.closes()) {
                let stays = after.ticks.get(task) == Some(tick) || !self.would_count(*id, after, (task, tick));
                self.must(stays, || format!("{task} of card {id} is ticked no more"));
            }
        }
    }

    /// Whether a tick says anything about a card as it stands.
    fn would_count(&self, id: IncidentId, card: &Incident, (name, tick): (&String, &Tick)) -> bool {
        let mut ticked = card.clone();
        ticked.ticks.insert(name.clone(), tick.clone());
        let reading = Reading::new(&self.state, id, &ticked, self.now());
        let mark = task(&self.state.playbook.stages, name).map(|(stage, rules)| reading.mark(stage, rules));
        matches!(mark, Some(Mark::Done { .. } | Mark::Skipped { .. }))
    }

    /// An attempt never just vanishes: it is refused, seen, not there, the user says so, or it says that it waited for
    /// too long.
    fn attempts_end_visibly(&self, before: &State, input: &Input) {
        let by_hand = match input {
            Input::User(Command::Incident { wish }) => matches!(**wish, IncidentWish::WasPublished { .. }),
            _ => false,
        };
        let waited = |state: &State, id: &IncidentId| {
            let said = |incident: &Incident| incident.log.iter().filter(|it| it.what == WAITED).count();
            state.incidents.get(id).map_or(0, said)
        };
        for (id, it) in before.publications.iter().filter(|(id, _)| !self.state.publications.contains_key(id)) {
            let says = waited(&self.state, &it.incident) > waited(before, &it.incident);
            let fine = match it.stage {
                PublishStage::Ready => matches!(input, Input::Started(_)) || says,
                PublishStage::Running => matches!(input, Input::PublishEnded(..)),
                PublishStage::Unsure { .. } => matches!(input, Input::PostReadBack(..)) || by_hand,
                PublishStage::Accepted { .. } => matches!(input, Input::PostsRead { .. }) || by_hand,
            };
            self.must(fine, || format!("attempt {id} vanishes: {it:?}"));
        }
    }

    fn see_what_is_near(&mut self) {
        let near = self.witness.updates.model.near(&self.state, self.now());
        let known = std::mem::replace(&mut self.witness.updates.near, near.clone());
        for key in near.difference(&known) {
            *self.witness.updates.began.entry(key.clone()).or_default() += 1;
        }
    }

    /// Everything about incidents that holds when the loop goes to sleep.
    pub fn incidents_at_rest(&mut self) {
        self.nothing_typed_is_lost();
        self.no_publication_lingers();
        self.see_what_is_near();
        self.every_update_is_told();
        self.updates_keep_calling();
        self.no_false_calm_of_updates();
        self.one_card_each();
    }

    /// The alarms are exactly those of the updates that are due soon or overdue, and each was announced.
    fn every_update_is_told(&self) {
        let (now, model) = (self.now(), &self.witness.updates.model);
        let near = model.near(&self.state, now);
        let is_update = |key: &&AlarmKey| matches!(key, AlarmKey::Update { .. });
        let on: BTreeSet<AlarmKey> = self
            .state
            .alarms
            .iter()
            .filter(|(_, it)| !it.ending)
            .map(|(key, _)| key)
            .filter(is_update)
            .cloned()
            .collect();
        self.must(on == near, || format!("due soon or overdue: {near:?}\nalarms: {on:?}\n{:#?}", self.state.incidents));
        let shown: Vec<_> = self.witness.shown.iter().filter(is_update).filter(|key| !near.contains(key)).collect();
        self.must(shown.is_empty(), || format!("{shown:?} is still on the screen"));
        for key in &near {
            let alarm = &self.state.alarms[key];
            let quiet = alarm.quiet(now, QUIET);
            self.must(alarm.rounds > 0 || quiet, || format!("{key:?} was not announced at once: {alarm:?}"));
            // A quiet that was noted under another clock may end before its time.
            let ends = alarm.quiet_until.is_some() && self.witness.moved_at + QUIET >= self.world.now;
            self.must(quiet || ends || self.witness.shown.contains(key), || format!("{key:?} is not on the screen"));
        }
        let wake = wake_at(&self.state, now) - TimeDelta::milliseconds(1);
        let then = model.near(&self.state, wake);
        self.must(then == near, || {
            format!("due at {wake}, before the loop wakes: {then:?}\n{:#?}", self.state.incidents)
        });
    }

    /// An update that is due soon or overdue sounds again and again, and grows when it is due.
    fn updates_keep_calling(&mut self) {
        let (now, herald_now) = (self.world.now, self.now());
        let near = self.witness.updates.near.clone();
        self.witness.updates.sounded.retain(|key, _| near.contains(key));
        for key in near {
            let AlarmKey::Update { due_at, .. } = &key else { continue };
            let alarm = &self.state.alarms[&key];
            let (over, quiet) = (*due_at <= herald_now, alarm.quiet(herald_now, QUIET));
            let longest = if over { REPEAT_OVERDUE } else { REPEAT_SOON };
            let told = self.witness.updates.told_at.get(&key);
            if quiet {
                let from = self.witness.updates.quiet_from.get(&key).copied().unwrap_or(Time::UNIX_EPOCH);
                let fits = from <= herald_now && alarm.quiet_until.is_some_and(|until| until <= from + QUIET);
                // Also if Herald was off since the clock was set back.
                let jumped = self.witness.moved_at + QUIET >= now || from > herald_now;
                self.must(fits || jumped, || format!("{key:?} is quiet for too long: {alarm:?}, asked for at {from}"));
                self.must(!over || from >= *due_at || jumped, || format!("{key:?} is due, and quiet since before"));
                // When the quiet ends, the alarm is to be heard at once.
                let heard = now - longest + TimeDelta::milliseconds(1_500);
                self.witness.updates.sounded.insert(key, heard);
                continue;
            }
            let since = *self.witness.updates.sounded.entry(key.clone()).or_insert(now);
            let jumped = self.witness.moved_at + longest >= now;
            self.must(now - since <= longest || jumped, || format!("{key:?} has been silent since {since}"));
            let grown = !over || told.is_some_and(|told| told >= due_at);
            self.must(grown || jumped, || format!("{key:?} is due and does not say so: told at {told:?}"));
        }
    }

    /// The sign is never calm while an update is overdue, or a connected feed is old.
    fn no_false_calm_of_updates(&self) {
        let now = self.now();
        let sign = sign(&self.state, now);
        let overdue = |key: &AlarmKey| matches!(key, AlarmKey::Update { due_at, .. } if *due_at <= now);
        let over = self.witness.updates.near.iter().any(overdue);
        self.must(!over || sign <= Sign::Overdue, || format!("an update is overdue, and the sign is {sign:?}"));
        let soon = !self.witness.updates.near.is_empty();
        self.must(!soon || sign <= Sign::DueSoon, || format!("an update is due soon, and the sign is {sign:?}"));
        for source in FEEDS.into_iter().filter(|source| herald_core::poll::connected(&self.state, *source)) {
            let heard = self.witness.updates.heard.get(&source).copied().unwrap_or(self.world.now);
            let from = heard.max(self.witness.awake_at).max(self.witness.moved_at);
            let old = self.world.now - from > SEEN_MAX;
            self.must(!old || sign <= Sign::Blind, || format!("{source} was not heard since {from}; sign {sign:?}"));
        }
    }

    /// The drafts are exactly what was typed and neither published nor thrown away.
    fn nothing_typed_is_lost(&self) {
        let held: BTreeMap<IncidentId, &Text> = self.state.drafts.iter().map(|(id, it)| (*id, &it.text)).collect();
        let typed: BTreeMap<IncidentId, &Text> =
            self.witness.updates.model.drafts.iter().map(|(id, it)| (*id, it)).collect();
        self.must(held == typed, || format!("typed: {typed:#?}\nheld: {held:#?}"));
    }

    /// Every trouble has one open card, and a card is over only as far as Herald was told.
    fn one_card_each(&self) {
        let mut parts = BTreeSet::new();
        for (id, incident) in &self.state.incidents {
            let over = self.witness.updates.model.over(*id, incident);
            // What the user took up again is open until the page says anew that it is resolved.
            let again = incident.open() && incident.log.iter().any(|it| it.what == "Taken up again");
            let fine = incident.open() != over || again;
            self.must(fine, || format!("told to be over: {over}, but card {id} is {incident:#?}"));
            let issue = incident.issue.as_ref().map(|issue| issue.iid.to_string());
            for part in issue.into_iter().chain(incident.post.as_ref().map(|post| post.id.clone())) {
                self.must(parts.insert(part.clone()), || format!("{part} is on two cards"));
            }
        }
    }

    /// An attempt is on its way, or waits to be read back or seen; never just there.
    fn no_publication_lingers(&self) {
        // One at a time: what is unsure waits while another is on its way, however the clock was set meanwhile.
        let taken = self.flights.iter().any(|air| matches!(air.flight, Flight::Publish(_)));
        for (id, it) in &self.state.publications {
            let flies = self.flights.iter().any(|air| air.flight == Flight::Publish(*id));
            let fine = match it.stage {
                PublishStage::Ready => self.queues(),
                PublishStage::Running => flies || self.disk.saving.holds(Write::Update(*id)),
                PublishStage::Unsure { not_before, refused, .. } => {
                    // A page that was disconnected, or refuses the key, cannot be read: then the user is asked.
                    let paused = poll::paused(&self.state, SourceName::StatusPage, self.now());
                    let waits = taken || refused || paused || !may_look(&self.state);
                    flies || waits || not_before - self.now() <= READ_BACK_PAUSE
                }
                PublishStage::Accepted { .. } => true,
            };
            self.must(fine, || format!("attempt {id} lingers: {it:?}"));
        }
    }

    /// Whether an attempt waits for another that is on its way.
    fn queues(&self) -> bool {
        self.state.publications.values().any(|it| it.stage == PublishStage::Running)
    }

    /// Only what may leave and can be saved is promised to be published.
    pub fn confirms(&mut self, incident: IncidentId, text: &Text) {
        let saves = self.state.session.store_fault.is_none();
        self.must(saves && !self.only_watches(), || "an update is promised that cannot leave".into());
        let published = self.state.incidents.get(&incident).map(|it| it.published()).unwrap_or_default();
        let knew = published
            .into_iter()
            .map(|it| (it.phase.map_or("", herald_core::Phase::key), squeezed(&it.text)))
            .collect();
        let (text, at) = (text.clone(), self.world.now);
        let confirmed = Confirmed { text, incident, at, arrived: 0, knew, looked_at: None };
        self.witness.updates.confirmed.insert((self.boot, self.state.next_publication), confirmed);
    }

    /// An update never leaves in shadow mode. What has left cannot be called back.
    pub fn publication_leaves(&self, id: PublicationId) {
        self.must(!self.only_watches(), || format!("attempt {id} leaves in shadow mode"));
    }

    /// Herald reads the page before it sends.
    pub fn looks_at_page(&mut self, id: PublicationId) {
        let (now, boot) = (self.world.now, self.boot);
        if let Some(confirmed) = self.witness.updates.confirmed.get_mut(&(boot, id)) {
            confirmed.looked_at = Some(now);
        }
    }

    /// What others had published when Herald looked, the user had seen: nobody is overruled, nothing reopened, unseen.
    fn overrules_nobody(&self, id: PublicationId, it: &Publication, confirmed: &Confirmed) {
        let looked_at = confirmed.looked_at;
        self.must(looked_at.is_some(), || format!("attempt {id} leaves unlooked"));
        let (Some(post), Some(looked_at)) = (&it.post, looked_at) else { return };
        // The page orders updates by the second.
        let before = looked_at - TimeDelta::seconds(1);
        for (update, times) in self.world.public.of_others(post, before) {
            let knew = confirmed.knew.iter().filter(|(phase, text)| (*phase, text) == (update.0, &update.1)).count();
            self.must(knew >= times, || {
                format!("attempt {id} overrules what nobody here saw: {update:?}, {confirmed:?}")
            });
        }
    }

    /// An update reaches the page at most once for each confirmation, word for word.
    pub fn publication_arrives(&mut self, id: PublicationId, it: &Publication) {
        let (now, boot) = (self.world.now, self.boot);
        let confirmed = self.witness.updates.confirmed.get_mut(&(boot, id)).map(|confirmed| {
            confirmed.arrived += 1;
            confirmed.clone()
        });
        let same = |known: &Confirmed| known.arrived == 1 && known.text == it.text && known.incident == it.incident;
        let fine = confirmed.as_ref().is_some_and(same);
        self.must(fine, || format!("attempt {id} arrives again, or is not what was confirmed: {it:?}, {confirmed:?}"));
        // Herald tells by its own clock how long something waited.
        let jumped = |at: Time| self.witness.moved_at >= at;
        if let Some(confirmed) = &confirmed {
            self.overrules_nobody(id, it, confirmed);
        }
        let fresh = confirmed.is_some_and(|confirmed| now - confirmed.at <= FRESH || jumped(confirmed.at));
        self.must(fresh, || format!("attempt {id} arrives long after it was confirmed"));
    }

    /// A feed is asked only while it is connected.
    pub fn asks_a_feed(&self, errand: &Errand) {
        self.writes(errand);
        let may = match errand {
            Errand::Issues(_) | Errand::Write(..) | Errand::FindWrite(..) => self.state.tracker.is_some(),
            Errand::Posts | Errand::Publish { .. } | Errand::FindUpdate(..) => self.state.status_page.is_some(),
            Errand::CountTickets(_) => self.state.zendesk.is_some(),
            _ => true,
        };
        self.must(may, || format!("not connected, but {errand:?}"));
    }

    /// A round with updates was shown and played.
    pub fn announced_updates(&mut self, round: &[Announcement]) {
        let (now, herald_now) = (self.world.now, self.now());
        let mut sounds = BTreeSet::new();
        for it in round {
            let AlarmKey::Update { due_at, .. } = &it.key else { continue };
            let near = self.witness.updates.near.contains(&it.key);
            self.must(near, || format!("{:?} is announced, and is not due soon", it.key));
            let sound = if *due_at <= herald_now { Sound::Overdue } else { Sound::DueSoon };
            sounds.insert(sound);
            self.must(it.sound.is_none_or(|(it, _)| it == sound), || format!("{:?} sounds as {:?}", it.key, it.sound));
            let updates = &mut self.witness.updates;
            updates.sounded.insert(it.key.clone(), now);
            updates.told_at.insert(it.key.clone(), herald_now);
            if self.state.alarms.get(&it.key).is_some_and(|alarm| alarm.rounds == 1) {
                let times = updates.announced.entry(it.key.clone()).or_default();
                *times += 1;
                let most = updates.began.get(&it.key).copied().unwrap_or(0) + self.witness.losses;
                let times = *times;
                self.must(times <= most, || format!("{:?} is announced as new for the {times}th time", it.key));
            }
        }
        for sound in sounds {
            let heard = round.iter().any(|it| it.sound.is_some_and(|(it, _)| it == sound));
            self.must(heard, || format!("a round is to sound as {sound:?}: {round:?}"));
        }
    }

    /// Whether every attempt has ended.
    pub fn all_published(&self) -> bool {
        self.state.publications.is_empty()
    }

    /// At the end: everything published is seen, nothing is left, and the cards are the world.
    pub fn incidents_are_well(&self) {
        let left = &self.state.publications;
        self.must(self.all_published(), || format!("attempts are left: {left:?}"));
        self.must(self.all_errands_done(), || format!("errands are left: {:?}", self.state.errands));
        if !FEEDS.into_iter().all(|source| herald_core::poll::connected(&self.state, source)) {
            return;
        }
        let open: Vec<&Incident> = self.state.incidents.values().filter(|it| it.open()).collect();
        for issue in self.world.public.active_issues() {
            let seen = self.state.incidents.values().filter_map(|it| it.issue.as_ref()).find(|it| it.iid == issue.iid);
            self.must(seen == Some(&issue), || format!("the tracker has {issue:?}, Herald knows {seen:?}"));
        }
        for post in self.world.public.feed(self.world.now).posts.iter().filter(|post| post.open) {
            let known = self.state.incidents.values().filter_map(|it| it.post.as_ref()).find(|it| it.id == post.id);
            self.must(known == Some(post), || format!("the page shows {post:?}, Herald knows {known:?}"));
        }
        for it in open {
            let issue = it.issue.as_ref().map(|issue| issue.iid);
            let fits = trouble_of(it).is_some_and(|n| issue.is_none_or(|issue| issue == iid(n)));
            self.must(fits, || format!("two troubles on one card: {it:#?}"));
        }
    }
}

impl IncidentWitness {
    /// Herald ended; what it could not save is forgotten.
    pub fn died(&mut self, unsaved: bool) {
        if unsaved {
            self.model = self.saved.clone();
        }
    }

    /// Herald starts, or the computer woke.
    pub fn awake(&mut self) {
        self.sounded.clear();
    }

    /// The clock was moved.
    pub fn clock_moved(&mut self) {
        self.sounded.clear();
        self.told_at.clear();
    }
}

/// A text as a page has it.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
