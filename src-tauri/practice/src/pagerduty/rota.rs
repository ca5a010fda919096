//! Who is on call when: rotations, and overrides laid over them.
//!
//! Source: PagerDuty REST OpenAPI, schema Oncall: no start is a permanent on-call, no end never goes off. Ours: how
//! rotations take turns.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use crate::cast::{Cast, Target, code};

type Time = DateTime<Utc>;

/// A time on call. No start or end means that it has always been, or will always be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) user: usize,
    pub(crate) start: Option<Time>,
    pub(crate) end: Option<Time>,
}

/// A turn, and how it leads to a policy's level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OnCallEntry {
    pub(crate) turn: Turn,
    pub(crate) schedule: Option<usize>,
    pub(crate) policy: usize,
    pub(crate) level: usize,
}

/// Somebody, or nobody, who is on a schedule whatever its rotation says.
#[derive(Debug, Clone)]
pub(crate) struct Override {
    pub(crate) number: u32,
    pub(crate) schedule: usize,
    pub(crate) user: Option<usize>,
    pub(crate) start: Time,
    pub(crate) end: Time,
    /// Who made it over REST.
    pub(crate) by: Option<usize>,
}

impl Override {
    /// Gives its id.
    pub(crate) fn id(&self) -> String {
        format!("Q{}", code(&format!("override/{}", self.number), 13))
    }
}

/// The on-call times of all schedules.
#[derive(Debug)]
pub(crate) struct Rota {
    start: Time,
    overrides: Vec<Override>,
    /// How many overrides there have been.
    made: u32,
}

impl Rota {
    pub(crate) fn new(start: Time) -> Self {
        Rota { start, overrides: Vec::new(), made: 0 }
    }

    /// Puts somebody, or nobody, on a schedule for a while.
    /// Gives its number.
    pub(crate) fn put(
        &mut self,
        schedule: usize,
        user: Option<usize>,
        start: Time,
        length: TimeDelta,
        by: Option<usize>,
    ) -> u32 {
        let number = self.made;
        self.made += 1;
        self.overrides.push(Override { number, schedule, user, start, end: start + length, by });
        number
    }

    /// Takes an override back: what has begun ends now, what is to come never begins.
    pub(crate) fn end(&mut self, number: u32, now: Time) {
        for over in self.overrides.iter_mut().filter(|over| over.number == number) {
            over.end = over.end.min(now.max(over.start));
        }
        self.overrides.retain(|over| over.start < over.end);
    }

    /// Lists the overrides in the order in which they were made.
    pub(crate) fn overrides(&self) -> impl DoubleEndedIterator<Item = &Override> {
        self.overrides.iter()
    }

    /// Lists the turns of a schedule that touch a window, in order.
    pub(crate) fn turns(&self, cast: &Cast, schedule: usize, from: Time, to: Time) -> Vec<Turn> {
        let mut turns = self.rotation(cast, schedule, from, to);
        for over in self.overrides.iter().filter(|over| over.schedule == schedule) {
            turns = turns.into_iter().flat_map(|turn| cut(turn, over.start, over.end)).collect();
            turns.extend(over.user.map(|user| Turn { user, start: Some(over.start), end: Some(over.end) }));
        }
        turns.retain(|turn| touches(turn, from, to));
        turns.sort_by_key(|turn| turn.start);
        turns
    }

    fn rotation(&self, cast: &Cast, schedule: usize, from: Time, to: Time) -> Vec<Turn> {
        let schedule = &cast.schedules[schedule];
        let users: Vec<usize> = schedule.rotation.iter().filter_map(|key| cast.user_index(key)).collect();
        match users[..] {
            [] => Vec::new(),
            [user] => vec![Turn { user, start: None, end: None }],
            _ => {
                let turn_ms = schedule.turn.delta().num_milliseconds();
                let anchor =
                    self.start.duration_trunc(TimeDelta::hours(1)).unwrap_or(self.start) - schedule.began.delta();
                let first = (from - anchor).num_milliseconds().div_euclid(turn_ms);
                let last = (to - anchor).num_milliseconds().div_euclid(turn_ms);
                (first..=last)
                    .map(|number| Turn {
                        user: users[number.rem_euclid(users.len() as i64) as usize],
                        start: Some(anchor + TimeDelta::milliseconds(number * turn_ms)),
                        end: Some(anchor + TimeDelta::milliseconds((number + 1) * turn_ms)),
                    })
                    .collect()
            }
        }
    }

    /// Lists who is on call for a level of a policy at a moment, each once.
    pub(crate) fn on_call(&self, cast: &Cast, policy: usize, level: usize, at: Time) -> Vec<usize> {
        let mut users = Vec::new();
        for entry in self.level_entries(cast, policy, level, at, at) {
            if !users.contains(&entry.turn.user) {
                users.push(entry.turn.user);
            }
        }
        users
    }

    /// Lists all on-call entries that touch a window: by policy, level, target, time.
    pub(crate) fn entries(&self, cast: &Cast, from: Time, to: Time) -> Vec<OnCallEntry> {
        let levels = cast
            .policies
            .iter()
            .enumerate()
            .flat_map(|(policy, each)| (0..each.levels.len()).map(move |level| (policy, level)));
        levels.flat_map(|(policy, level)| self.level_entries(cast, policy, level, from, to)).collect()
    }

    fn level_entries(&self, cast: &Cast, policy: usize, level: usize, from: Time, to: Time) -> Vec<OnCallEntry> {
        let targets = cast.policies[policy].levels[level].targets.iter();
        let mut entries = Vec::new();
        for target in targets.filter_map(|target| cast.target(target)) {
            let (schedule, turns) = match target {
                Target::User(user) => (None, vec![Turn { user, start: None, end: None }]),
                Target::Schedule(schedule) => (Some(schedule), self.turns(cast, schedule, from, to)),
            };
            entries.extend(turns.into_iter().map(|turn| OnCallEntry { turn, schedule, policy, level }));
        }
        entries
    }
}

/// A moment is a window of no length: a turn's end belongs to the next turn.
fn touches(turn: &Turn, from: Time, to: Time) -> bool {
    let begins = turn.start.is_none_or(|start| start < to || (from == to && start == from));
    begins && turn.end.is_none_or(|end| from < end)
}

fn cut(turn: Turn, start: Time, end: Time) -> Vec<Turn> {
    let before = Turn { end: Some(turn.end.map_or(start, |own| own.min(start))), ..turn.clone() };
    let after = Turn { start: Some(turn.start.map_or(end, |own| own.max(end))), ..turn };
    [before, after].into_iter().filter(has_length).collect()
}

fn has_length(turn: &Turn) -> bool {
    match (turn.start, turn.end) {
        (Some(start), Some(end)) => start < end,
        _ => true,
    }
}
