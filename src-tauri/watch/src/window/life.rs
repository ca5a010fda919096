//! The life of a window: when it is made, when it is asked to go, and when it is taken for dead. Nothing here waits or
//! does: each method says what is to be done.

use std::time::Duration;

use herald_core::state::Health;
use herald_door::Front;
use tokio::time::Instant;

use super::Goto;

/// Longest that a window that is kept may take to come before its user. Milliseconds are usual.
const SHOWN_MAX: Duration = Duration::from_secs(3);
/// From when on it is told that a new window is slow: a cold start takes a second or two.
const SLOW_AFTER: Duration = Duration::from_secs(10);
/// Longest that a new window may take. A portal that does not answer costs half a minute alone.
const COMES_MAX: Duration = Duration::from_secs(60);
/// Longest that one that is on the screen may be blank.
const BLANK_MAX: Duration = Duration::from_secs(15);
/// Longest that a window may take to go, when it was asked to or has hung up.
const GOES_MAX: Duration = Duration::from_secs(2);
/// Shortest life of a window that is worth another one in its place: what dies at once would die again.
const LIFE_MIN: Duration = Duration::from_secs(10);

/// What happens to the window. A seat is one attachment to the door.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Open {
        goto: Option<Goto>,
        front: Front,
    },
    /// A process was started for it.
    Made {
        pid: u32,
    },
    /// None could be, for this reason.
    NotMade(String),
    Attached {
        seat: u64,
        pid: u32,
        visible: bool,
    },
    Detached {
        seat: u64,
    },
    /// A window of another build came.
    Stranger {
        pid: u32,
        visible: bool,
    },
    Visible {
        seat: u64,
    },
    Hidden {
        seat: u64,
    },
    /// What runs in it listens.
    Listens {
        seat: u64,
    },
    /// What runs in it is alive.
    Drawn {
        seat: u64,
    },
    /// What runs in it is not.
    Hung {
        seat: u64,
    },
    /// Its process has ended, in this way.
    Ended {
        pid: u32,
        how: String,
    },
    /// Whether something goes on for which it should be at hand.
    Needed(bool),
    Tick,
    Quit,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Deed {
    Make,
    /// Look after a process that somebody else has started.
    Adopt(u32),
    Kill(u32),
    Open(Front),
    Lead(Goto),
    Go,
    /// Tell the user outside of the window.
    Tell {
        title: &'static str,
        body: String,
    },
    Health(Health),
    /// Whoever asked to see it is told how that went.
    Answer(Result<(), String>),
    /// Start anew from what lies on the disk, which has become another Herald.
    Renew,
    /// Nothing is left of it.
    Gone,
}

/// A process that is, or is to become, the window.
#[derive(Debug)]
struct Process {
    pid: u32,
    made_at: Instant,
    visible: bool,
    /// It was asked to go, or has hung up: by then it is gone.
    gone_by: Option<Instant>,
    /// That it ends is what was wanted.
    expected: bool,
    killed: bool,
}

#[derive(Debug)]
struct Seated {
    number: u64,
    listens: bool,
}

/// Somebody waits for it to be seen.
#[derive(Debug)]
struct Opening {
    since: Instant,
    front: Front,
    /// By what right it comes if another process has to do it.
    right: Front,
    /// It is a window that was there and listened already.
    kept: bool,
    visible_at: Option<Instant>,
    alive: bool,
    slow: bool,
}

/// The window's life.
#[derive(Debug)]
pub(super) struct Life {
    kept_hidden_for: Duration,
    process: Option<Process>,
    making: bool,
    seat: Option<Seated>,
    opening: Option<Opening>,
    goto: Option<Goto>,
    hidden_since: Option<Instant>,
    needed: bool,
    /// What was told last about it, if that still holds.
    fault: Option<String>,
    known: bool,
    hung_at: Option<Instant>,
    quitting: bool,
}

impl Life {
    pub fn new(kept_hidden_for: Duration) -> Self {
        Self {
            kept_hidden_for,
            process: None,
            making: false,
            seat: None,
            opening: None,
            goto: None,
            hidden_since: None,
            needed: false,
            fault: None,
            known: false,
            hung_at: None,
            quitting: false,
        }
    }

    /// Takes note of what happened, and says what is to be done.
    pub fn on(&mut self, event: Event, now: Instant) -> Vec<Deed> {
        match event {
            Event::Open { goto, front } => self.open(goto, front, now),
            Event::Made { pid } => {
                self.making = false;
                if self.process.as_ref().is_none_or(|process| process.pid != pid) {
                    self.process = Some(Process::new(pid, now));
                }
                if self.quitting { self.dismiss(now) } else { vec![] }
            }
            Event::NotMade(why) => {
                self.making = false;
                if self.quitting { vec![Deed::Gone] } else { self.fail(why) }
            }
            Event::Attached { seat, pid, visible } => self.attached(seat, pid, visible, now),
            Event::Detached { seat } if self.sits(seat) => {
                self.seat = None;
                if let Some(process) = &mut self.process {
                    process.gone_by.get_or_insert(now + GOES_MAX);
                }
                vec![]
            }
            Event::Stranger { pid, visible } => self.stranger(pid, visible, now),
            Event::Visible { seat } if self.sits(seat) => {
                self.hidden_since = None;
                self.process.iter_mut().for_each(|process| process.visible = true);
                self.opening.iter_mut().for_each(|opening| opening.visible_at = Some(now));
                self.look()
            }
            Event::Hidden { seat } if self.sits(seat) => {
                self.hidden_since = Some(now);
                self.process.iter_mut().for_each(|process| process.visible = false);
                vec![]
            }
            Event::Listens { seat } if self.sits(seat) => {
                self.seat.iter_mut().for_each(|seat| seat.listens = true);
                let lead = self.goto.take().map(Deed::Lead);
                lead.into_iter().chain(self.alive()).collect()
            }
            Event::Drawn { seat } if self.sits(seat) => self.alive(),
            Event::Hung { seat } if self.sits(seat) => self.hung(now),
            // Of one that is not the window any more.
            Event::Detached { .. }
            | Event::Visible { .. }
            | Event::Hidden { .. }
            | Event::Listens { .. }
            | Event::Drawn { .. }
            | Event::Hung { .. } => vec![],
            Event::Ended { pid, how } => self.ended(pid, &how, now),
            Event::Needed(needed) => {
                if self.needed && !needed {
                    self.hidden_since = self.hidden_since.map(|_| now);
                }
                self.needed = needed;
                vec![]
            }
            Event::Tick => self.tick(now),
            Event::Quit => {
                self.quitting = true;
                if self.process.is_none() && !self.making { vec![Deed::Gone] } else { self.dismiss(now) }
            }
        }
    }

    /// When to look again.
    pub fn next_at(&self) -> Option<Instant> {
        let opening = self.opening.as_ref().map(|it| match (it.kept, it.slow) {
            (true, _) => it.since + SHOWN_MAX,
            (false, false) => it.since + SLOW_AFTER,
            (false, true) => it.since + COMES_MAX,
        });
        let blank = self.opening.as_ref().filter(|it| !it.kept).and_then(|it| it.visible_at).map(|at| at + BLANK_MAX);
        let goes = self.hidden_since.filter(|_| self.is_idle()).map(|since| since + self.kept_hidden_for);
        let gone = self.process.as_ref().filter(|it| !it.killed).and_then(|it| it.gone_by);
        [opening, blank, goes, gone].into_iter().flatten().min()
    }

    fn open(&mut self, goto: Option<Goto>, front: Front, now: Instant) -> Vec<Deed> {
        // What the user asked for goes before what an alarm wants.
        if let Some(goto) = goto
            && (!goto.automatic || self.goto.as_ref().is_none_or(|it| it.automatic))
        {
            self.goto = Some(goto);
        }
        let going = self.process.as_ref().is_some_and(Process::is_going);
        let kept = !going && self.seat.as_ref().is_some_and(|seat| seat.listens);
        let opening = self.opening.get_or_insert_with(|| Opening::new(now, kept));
        if front != Front::Unasked {
            opening.right = front.clone();
            opening.front = front;
        }
        if going || self.making {
            return vec![];
        }
        match &self.seat {
            Some(seat) => {
                let lead = if seat.listens { self.goto.take() } else { None };
                let front = std::mem::take(&mut opening.front);
                [Deed::Open(front)].into_iter().chain(lead.map(Deed::Lead)).collect()
            }
            None if self.process.is_some() => vec![],
            None => self.make(),
        }
    }

    fn make(&mut self) -> Vec<Deed> {
        self.making = true;
        vec![Deed::Make]
    }

    fn attached(&mut self, seat: u64, pid: u32, visible: bool, now: Instant) -> Vec<Deed> {
        self.seat = Some(Seated { number: seat, listens: false });
        let mut deeds = vec![];
        if self.process.as_ref().is_none_or(|process| process.pid != pid) {
            self.process = Some(Process::new(pid, now));
            // One that is being made is looked after already.
            deeds.extend((!self.making).then_some(Deed::Adopt(pid)));
        }
        if let Some(process) = &mut self.process {
            (process.visible, process.gone_by) = (visible, None);
        }
        self.hidden_since = (!visible).then_some(now);
        if self.quitting {
            return [deeds, self.dismiss(now)].concat();
        }
        deeds.extend(self.opening.as_mut().map(|opening| Deed::Open(std::mem::take(&mut opening.front))));
        deeds
    }

    /// One that was started here shows that the disk holds another Herald; any other is left from an earlier one.
    fn stranger(&mut self, pid: u32, visible: bool, now: Instant) -> Vec<Deed> {
        if let Some(process) = self.process.as_mut().filter(|process| process.pid == pid) {
            (process.expected, process.gone_by) = (true, Some(now + GOES_MAX));
            return vec![Deed::Renew];
        }
        let instead = if visible { self.open(None, Front::Unasked, now) } else { vec![] };
        [Deed::Adopt(pid)].into_iter().chain(instead).collect()
    }

    fn alive(&mut self) -> Vec<Deed> {
        self.opening.iter_mut().for_each(|opening| opening.alive = true);
        self.look()
    }

    /// Looks whether what was asked for is there.
    fn look(&mut self) -> Vec<Deed> {
        if !self.opening.as_ref().is_some_and(|opening| opening.visible_at.is_some() && opening.alive) {
            return vec![];
        }
        self.opening = None;
        let works = (self.fault.take().is_some() || !std::mem::replace(&mut self.known, true))
            .then(|| Deed::Health(Health::Works { by: String::new() }));
        works.into_iter().chain([Deed::Answer(Ok(()))]).collect()
    }

    /// It does not answer. One that nobody sees goes in silence; else another takes its place.
    fn hung(&mut self, now: Instant) -> Vec<Deed> {
        let Some(process) = self.process.as_mut().filter(|process| !process.killed) else { return vec![] };
        (process.expected, process.killed) = (true, true);
        let kill = Deed::Kill(process.pid);
        if !process.visible && self.opening.is_none() {
            return vec![kill];
        }
        if self.hung_at.replace(now).is_some_and(|at| now - at < COMES_MAX) {
            let why = "it hangs again and again. Alarms do not depend on it. Try “Open Herald” in a while.";
            return [vec![kill], self.fail(why.into())].concat();
        }
        let mut opening = self.opening.take().unwrap_or_else(|| Opening::new(now, false));
        opening.again(now);
        self.opening = Some(opening);
        let body = "Another is started. The watch went on; texts are there as they were saved last.";
        vec![kill, Deed::Tell { title: "Herald’s window did not answer", body: body.into() }]
    }

    fn ended(&mut self, pid: u32, how: &str, now: Instant) -> Vec<Deed> {
        let Some(process) = self.process.take_if(|process| process.pid == pid) else { return vec![] };
        self.seat = None;
        self.hidden_since = None;
        if self.quitting {
            return vec![Deed::Gone];
        }
        if process.expected {
            let Some(opening) = &mut self.opening else { return vec![] };
            opening.again(now);
            return self.make();
        }
        tracing::warn!(how, "the window has ended");
        if process.visible && now - process.made_at >= LIFE_MIN {
            self.opening.get_or_insert_with(|| Opening::new(now, false)).again(now);
            let body =
                format!("It {how}. Another is started. The watch went on; texts are there as they were saved last.");
            return [vec![Deed::Tell { title: "Herald’s window has ended", body }], self.make()].concat();
        }
        // Who asked for it met the end of one that was there before: whether another comes is not known yet.
        if let Some(opening) = self.opening.as_mut().filter(|opening| process.made_at < opening.since) {
            opening.again(now);
            return self.make();
        }
        if process.visible || self.opening.is_some() {
            return self.fail(format!("it {how}. Alarms do not depend on it. Try “Open Herald” again."));
        }
        vec![]
    }

    fn tick(&mut self, now: Instant) -> Vec<Deed> {
        let reached = |at: Option<Instant>| at.is_some_and(|at| now >= at);
        if let Some(process) = self.process.as_mut().filter(|it| !it.killed && reached(it.gone_by)) {
            process.killed = true;
            return vec![Deed::Kill(process.pid)];
        }
        if let Some(opening) = &mut self.opening {
            let waited = now - opening.since;
            let blank = !opening.kept && reached(opening.visible_at.map(|at| at + BLANK_MAX));
            if blank || (opening.kept && waited >= SHOWN_MAX) {
                return self.hung(now);
            }
            if !opening.kept && waited >= COMES_MAX {
                let why =
                    "it has not come within a minute. Alarms do not depend on it. Log out and in again if it stays so.";
                let kill = self.process.as_mut().map(|process| {
                    (process.expected, process.killed) = (true, true);
                    Deed::Kill(process.pid)
                });
                return kill.into_iter().chain(self.fail(why.into())).collect();
            }
            if !opening.kept && !opening.slow && waited >= SLOW_AFTER {
                opening.slow = true;
                let why = "it has not come yet: the desktop takes long to answer it. Alarms do not depend on it.";
                return self.tell(why.into());
            }
        }
        if self.is_idle() && reached(self.hidden_since.map(|since| since + self.kept_hidden_for)) {
            return self.dismiss(now);
        }
        vec![]
    }

    /// Whether nothing would be lost without it.
    fn is_idle(&self) -> bool {
        let going = self.process.as_ref().is_none_or(|process| process.expected);
        !self.needed && self.opening.is_none() && !going
    }

    /// Asks it to go.
    fn dismiss(&mut self, now: Instant) -> Vec<Deed> {
        self.opening = None;
        let Some(process) = &mut self.process else { return vec![] };
        process.expected = true;
        process.gone_by.get_or_insert(now + GOES_MAX);
        vec![Deed::Go]
    }

    /// It does not come.
    fn fail(&mut self, why: String) -> Vec<Deed> {
        self.opening = None;
        self.tell(why)
    }

    fn tell(&mut self, why: String) -> Vec<Deed> {
        let answer = Deed::Answer(Err(format!("Herald’s window does not come: {why}")));
        let dead = Deed::Health(Health::Dead { reason: why.clone() });
        let told = Deed::Tell { title: "Herald’s window does not come", body: sentence(&why) };
        self.fault = Some(why);
        vec![answer, dead, told]
    }

    fn sits(&self, number: u64) -> bool {
        self.seat.as_ref().is_some_and(|seat| seat.number == number)
    }
}

impl Process {
    fn new(pid: u32, now: Instant) -> Self {
        Self { pid, made_at: now, visible: false, gone_by: None, expected: false, killed: false }
    }

    /// Whether it is on its way out: what is asked for now is for the next one.
    fn is_going(&self) -> bool {
        self.expected || self.killed || self.gone_by.is_some()
    }
}

impl Opening {
    fn new(since: Instant, kept: bool) -> Self {
        let (front, right) = (Front::Unasked, Front::Unasked);
        Self { since, front, right, kept, visible_at: None, alive: false, slow: false }
    }

    /// Another process has to do it.
    fn again(&mut self, now: Instant) {
        (self.since, self.front) = (now, self.right.clone());
        (self.kept, self.visible_at, self.alive) = (false, None, false);
    }
}

/// With a capital letter at its beginning.
fn sentence(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map(|first| first.to_uppercase().chain(signs).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
