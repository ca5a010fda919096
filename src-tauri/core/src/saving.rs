//! What was decided and is not on disk yet. A decision is true at once; what leaves Herald because of it waits until the
//! decision, and every one before it, is on disk. Decisions are numbered, and the store confirms them in their order.

use std::collections::VecDeque;

use chrono::TimeDelta;

use crate::Time;
use crate::permit::Write;

/// How long the disk may take before it is said that nothing can be saved, and before what waits for it is given up.
pub const SAVED_WITHIN: TimeDelta = TimeDelta::seconds(3);
/// Decisions that wait for the disk at the most; with more, everything is saved anew once it answers.
const WAITING_MAX: usize = 1_000;
/// What is said of a disk that does not answer.
pub const SILENT: &str = "the disk does not answer";

/// How saving stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saving {
    /// The last decision.
    decided: u64,
    /// The last decision that is on disk, with everything before it.
    kept: u64,
    /// What was handed to the store and not confirmed, oldest first, and since when.
    waiting: VecDeque<(u64, Time)>,
    /// The store lacks something that is true, and is to get everything anew.
    behind: bool,
    /// Why the store failed last.
    fault: Option<String>,
    starts: Vec<Start>,
}

/// A write that was started, and leaves when its start is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Start {
    write: Write,
    after: u64,
    at: Time,
}

impl Saving {
    /// Something was decided. Its number, if it is to be handed to the store now.
    pub fn decided(&mut self, now: Time) -> Option<u64> {
        self.decided += 1;
        self.behind |= self.waiting.len() >= WAITING_MAX;
        if self.behind {
            return None;
        }
        self.waiting.push_back((self.decided, now));
        Some(self.decided)
    }

    /// Everything is to be handed to the store anew, under this number, if it lacks something and is idle.
    pub fn anew(&mut self, now: Time) -> Option<u64> {
        if !self.behind || !self.waiting.is_empty() {
            return None;
        }
        self.behind = false;
        self.decided(now)
    }

    /// Everything up to this decision is on disk.
    pub fn kept(&mut self, number: u64) {
        self.kept = self.kept.max(number);
        while self.waiting.front().is_some_and(|(it, _)| *it <= number) {
            self.waiting.pop_front();
        }
        if !self.behind {
            self.fault = None;
        }
    }

    /// The store lacks what was handed to it and not confirmed, for this reason; without one it only asks for everything.
    pub fn lost(&mut self, why: Option<String>) {
        self.waiting.clear();
        self.behind = true;
        self.fault = why.or(self.fault.take());
    }

    /// The number of the last decision.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.decided
    }

    /// Whether all that was decided is on disk.
    #[must_use]
    pub fn idle(&self) -> bool {
        !self.behind && self.waiting.is_empty()
    }

    /// Whether the store lacks something, and is to get everything anew.
    #[must_use]
    pub fn behind(&self) -> bool {
        self.behind
    }

    /// Why nothing can be saved now.
    #[must_use]
    pub fn fault(&self, now: Time) -> Option<&str> {
        let late = |(_, since): &(u64, Time)| crate::reached(*since + SAVED_WITHIN, now, SAVED_WITHIN);
        let silent = self.waiting.front().is_some_and(late);
        self.fault.as_deref().or(silent.then_some(SILENT))
    }

    /// When to look again whether the disk has answered.
    #[must_use]
    pub fn wake_at(&self, now: Time) -> Option<Time> {
        self.waiting.front().map(|(_, since)| *since + SAVED_WITHIN).filter(|at| *at > now)
    }

    /// Whether a decision is on disk, or cannot be saved; absent while that is not known.
    #[must_use]
    pub fn settled(&self, number: u64, now: Time) -> Option<bool> {
        if self.kept >= number { Some(true) } else { self.fault(now).map(|_| false) }
    }

    /// A write is started: it leaves once all that was decided is on disk.
    pub fn start(&mut self, write: Write, now: Time) {
        self.starts.push(Start { write, after: self.decided, at: now });
    }

    /// Whether a write waits for its start to be on disk.
    #[must_use]
    pub fn holds(&self, write: Write) -> bool {
        self.starts.iter().any(|start| start.write == write)
    }

    /// The writes that wait no more, in their order: each may leave, or is given up. None leaves late.
    pub fn starts(&mut self, now: Time) -> Vec<(Write, bool)> {
        let settled = |start: &Start| {
            let late = crate::reached(start.at + SAVED_WITHIN, now, SAVED_WITHIN);
            if late { Some(false) } else { self.settled(start.after, now) }
        };
        let ready: Vec<(Write, Option<bool>)> = self.starts.iter().map(|it| (it.write, settled(it))).collect();
        let mut waits = ready.iter().map(|(_, it)| it.is_none());
        self.starts.retain(|_| waits.next().unwrap_or_default());
        ready.into_iter().filter_map(|(write, may)| Some((write, may?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITE: Write = Write::Job(7);

    fn at(ms: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::milliseconds(ms)
    }

    #[test]
    fn a_write_leaves_once_everything_before_it_is_on_disk() {
        let mut saving = Saving::default();
        assert_eq!([saving.decided(at(0)), saving.decided(at(1))], [Some(1), Some(2)]);
        saving.start(WRITE, at(1));
        assert_eq!((saving.starts(at(2)), saving.holds(WRITE)), (vec![], true));
        saving.kept(1);
        assert_eq!(saving.starts(at(3)), vec![], "its own start is not on disk");
        saving.decided(at(3));
        saving.kept(2);
        assert_eq!(saving.starts(at(4)), vec![(WRITE, true)]);
        assert_eq!((saving.starts(at(5)), saving.holds(WRITE)), (vec![], false), "once");
    }

    #[test]
    fn a_disk_that_does_not_answer_is_told_and_nothing_leaves_late() {
        let mut saving = Saving::default();
        saving.decided(at(0));
        saving.start(WRITE, at(0));
        assert_eq!((saving.fault(at(2_999)), saving.wake_at(at(2_999))), (None, Some(at(3_000))));
        assert_eq!((saving.fault(at(3_000)), saving.wake_at(at(3_000))), (Some(SILENT), None));
        assert_eq!(saving.settled(1, at(3_000)), Some(false));
        let mut answered = saving.clone();
        assert_eq!(saving.starts(at(3_000)), vec![(WRITE, false)]);
        answered.kept(1);
        assert_eq!(answered.starts(at(60_000)), vec![(WRITE, false)], "nor when it answers after a minute");
        assert_eq!((answered.fault(at(60_000)), answered.idle()), (None, true));
    }

    #[test]
    fn a_store_that_failed_gets_everything_anew() {
        let mut saving = Saving::default();
        saving.decided(at(0));
        saving.lost(Some("full".into()));
        assert_eq!(saving.decided(at(1)), None);
        assert_eq!(saving.fault(at(1)), Some("full"));
        assert_eq!(saving.settled(2, at(1)), Some(false));
        assert_eq!((saving.anew(at(2)), saving.anew(at(2))), (Some(3), None), "one try at a time");
        assert_eq!(saving.fault(at(3)), Some("full"), "until it has worked");
        assert_eq!(saving.decided(at(3)), Some(4), "in its order, after it");
        saving.kept(3);
        assert_eq!((saving.fault(at(4)), saving.settled(2, at(4)), saving.settled(4, at(4))), (None, Some(true), None));
        saving.lost(None);
        assert_eq!((saving.fault(at(5)), saving.idle()), (None, false));
        assert_eq!(saving.anew(at(5)), Some(5), "it only asks");
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut saving = Saving::default();
        let handed = (0..2_000).filter_map(|_| saving.decided(at(0))).count();
        assert_eq!(handed, WAITING_MAX);
        assert_eq!(saving.anew(at(1)), None, "the store is busy");
        saving.kept(1_000);
        assert_eq!((saving.idle(), saving.anew(at(2))), (false, Some(2_001)), "then it gets everything");
    }
}
