//! Watches the loop, and shares nothing with it but a few counters: a thread of its own, with neither the runtime, nor the
//! store, nor a lock that the loop could keep. When the loop stands still, the sign goes blind and it is said and heard.
//!
//! The loop counts its turns. It must turn when something arrived, when it is at work, and when it said that it would;
//! otherwise it sleeps, and so does the watchdog: whoever sends something sets the bell that would wake it.

mod bell;

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::SeqCst};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use herald_core::alarm::Button;
use herald_core::tray::Sign;
use herald_core::{AlarmKey, Announcement, Sound, SourceName};

use self::bell::Bell;
use crate::desktop::{Desktop, Shown};
use crate::run::Message;

/// How long the loop may stand still, in milliseconds.
const STILL_MS: u64 = 4_000;
/// The same, as the bell is set: it never rings too early.
const STILL: Duration = Duration::from_millis(STILL_MS + 1);
/// A second look before anything is said: a process that was stopped as a whole goes on everywhere at once.
const AGAIN_MS: u64 = 300;
/// How often is looked whether it turns again.
const TURNS_MS: u64 = 1_000;
/// How loud it is told as long as the loop has not said what its user wants, in per cent.
const LOUDNESS: u8 = 80;

/// What loop and watchdog share.
#[derive(Debug)]
pub(crate) struct Pulse {
    started: Instant,
    turns: AtomicU64,
    /// When it turned last, when something arrived that it has not taken since, and when it turns by itself: in
    /// milliseconds since the start.
    turned_ms: AtomicU64,
    asked_ms: AtomicU64,
    due_ms: AtomicU64,
    arrived: AtomicU64,
    taken: AtomicU64,
    busy: AtomicBool,
    /// How loud its user wants to hear that nobody watches, in per cent; 0 in quiet hours.
    loudness: AtomicU8,
    ended: AtomicBool,
    /// Rings when the loop should have turned.
    bell: Arc<Bell>,
}

impl Default for Pulse {
    fn default() -> Self {
        let zero = AtomicU64::default;
        Self {
            started: Instant::now(),
            turns: zero(),
            turned_ms: zero(),
            asked_ms: zero(),
            due_ms: zero(),
            arrived: zero(),
            taken: zero(),
            busy: AtomicBool::new(true),
            loudness: AtomicU8::new(LOUDNESS),
            ended: AtomicBool::new(false),
            bell: Arc::default(),
        }
    }
}

impl Pulse {
    /// The loop rests until something arrives, and not longer than this.
    pub fn rests(&self, sleep: Duration) {
        self.due_ms.store(self.now_ms() + u64::try_from(sleep.as_millis()).unwrap_or(u64::MAX / 2), SeqCst);
        self.turns();
        self.busy.store(false, SeqCst);
        self.bell.ring_in(sleep.saturating_add(STILL));
        // What arrives from here on sets it earlier.
        if self.beat().waits {
            self.bell.ring_in(STILL);
        }
    }

    /// The loop woke, with something that had arrived or by itself.
    pub fn wakes(&self, with_message: bool) {
        self.turns();
        self.busy.store(true, SeqCst);
        self.taken.fetch_add(u64::from(with_message), SeqCst);
        self.bell.ring_in(STILL);
    }

    fn turns(&self) {
        self.turned_ms.store(self.now_ms(), SeqCst);
        self.turns.fetch_add(1, SeqCst);
    }

    /// How loud the user wants to hear it, should the loop stand still; nothing for not at all.
    pub fn heard_at(&self, loudness: Option<u8>) {
        self.loudness.store(loudness.unwrap_or(0), SeqCst);
    }

    fn loudness(&self) -> Option<u8> {
        Some(self.loudness.load(SeqCst)).filter(|it| *it > 0)
    }

    /// The loop ends, as it was told.
    pub fn ends(&self) {
        self.ended.store(true, SeqCst);
        self.bell.ring_in(Duration::ZERO);
    }

    fn arrives(&self) {
        if self.arrived.fetch_add(1, SeqCst) == self.taken.load(SeqCst) {
            self.asked_ms.store(self.now_ms(), SeqCst);
            // A loop that is at work has set it already.
            if !self.busy.load(SeqCst) {
                self.bell.ring_in(STILL);
            }
        }
    }

    fn ended(&self) -> bool {
        self.ended.load(SeqCst)
    }

    fn beat(&self) -> Beat {
        Beat {
            turned_ms: self.turned_ms.load(SeqCst),
            asked_ms: self.asked_ms.load(SeqCst),
            due_ms: self.due_ms.load(SeqCst),
            busy: self.busy.load(SeqCst),
            waits: self.arrived.load(SeqCst) != self.taken.load(SeqCst),
        }
    }

    /// Does not run while the computer sleeps, so that waking is no standing still.
    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX / 2)
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.bell.ring_in(Duration::ZERO);
    }
}

/// The way into the loop, of which the watchdog knows.
#[derive(Clone, Debug)]
pub(crate) struct Inbox {
    sender: Sender<Message>,
    pulse: Arc<Pulse>,
}

/// The loop has ended, and takes nothing in any more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended;

impl Inbox {
    pub fn new(sender: Sender<Message>) -> Self {
        Self { sender, pulse: Arc::default() }
    }

    pub fn send(&self, message: Message) -> Result<(), Ended> {
        self.sender.send(message).map_err(|_| Ended)?;
        self.pulse.arrives();
        Ok(())
    }

    pub fn pulse(&self) -> &Arc<Pulse> {
        &self.pulse
    }
}

/// How the loop is at a moment.
#[derive(Clone, Copy, Debug)]
struct Beat {
    turned_ms: u64,
    asked_ms: u64,
    due_ms: u64,
    /// It is at work.
    busy: bool,
    /// Something waits to be taken.
    waits: bool,
}

impl Beat {
    /// How long to wait for the next look; nothing when the loop stands still.
    fn patience_ms(&self, now_ms: u64) -> Option<u64> {
        let since_ms = match (self.busy, self.waits) {
            (true, _) => self.turned_ms,
            (false, true) => self.turned_ms.max(self.asked_ms),
            (false, false) => self.turned_ms.max(self.due_ms),
        };
        let until_ms = since_ms + STILL_MS;
        (now_ms < until_ms).then(|| until_ms - now_ms)
    }
}

/// Starts to watch a loop that is shown by `desktop`, until that loop has ended.
pub(crate) fn start(inbox: &Inbox, desktop: Box<dyn Desktop>, shown: Arc<Mutex<Arc<Shown>>>, task: Option<String>) {
    let (pulse, sender) = (Arc::downgrade(&inbox.pulse), inbox.sender.clone());
    let dog = Dog { pulse, sender, desktop, shown, task };
    if let Err(error) = std::thread::Builder::new().name("watchdog".into()).spawn(move || dog.run()) {
        tracing::error!(%error, "nobody watches the loop");
    }
}

struct Dog {
    pulse: Weak<Pulse>,
    sender: Sender<Message>,
    desktop: Box<dyn Desktop>,
    shown: Arc<Mutex<Arc<Shown>>>,
    /// Where the kernel tells of the loop's thread.
    task: Option<String>,
}

impl Dog {
    fn run(mut self) {
        while let Some(pulse) = self.pulse.upgrade().filter(|pulse| !pulse.ended()) {
            if let Some(turns) = set(&pulse) {
                self.suspects(&pulse, turns);
                continue;
            }
            let bell = Arc::clone(&pulse.bell);
            drop(pulse);
            bell.wait();
        }
    }

    /// The loop has not turned for too long. Says so, until it does.
    fn suspects(&mut self, pulse: &Pulse, turns: u64) {
        let turned = |wait_ms: u64| {
            std::thread::sleep(Duration::from_millis(wait_ms));
            pulse.turns.load(SeqCst) != turns || pulse.ended()
        };
        if turned(AGAIN_MS) {
            return;
        }
        let since = Instant::now();
        self.stands_still(pulse.loudness());
        while !turned(TURNS_MS) {}
        self.turns_again(pulse, since.elapsed() + Duration::from_millis(STILL_MS));
    }

    fn stands_still(&mut self, loudness: Option<u8>) {
        let why = self.task.as_deref().and_then(why).unwrap_or_default();
        tracing::error!(why, "the loop stands still");
        let tooltip = format!("Herald stands still{why}. Nobody watches for pages.");
        // Where the loop stands still with the picture in its hand, the other channels tell.
        if let Ok(shown) = self.shown.try_lock().map(|it| (**it).clone()) {
            let mut shown = shown;
            (shown.view.sign, shown.tray.sign, shown.tray.tooltip) = (Sign::Blind, Sign::Blind, tooltip);
            self.desktop.show(&shown);
        }
        self.desktop.announce(vec![Announcement {
            key: BLIND,
            title: "Herald stands still".into(),
            body: format!(
                "It does not turn{why}. Nobody watches for pages: keep your phone in reach, and start Herald again."
            ),
            critical: true,
            buttons: vec![(Button::Open, "Open".into())],
            sound: loudness.map(|loudness| (Sound::Blind, loudness)),
        }]);
    }

    fn turns_again(&mut self, pulse: &Pulse, stood: Duration) {
        tracing::warn!(?stood, "the loop turns again");
        self.desktop.withdraw(&BLIND);
        self.desktop.announce(vec![Announcement {
            key: AlarmKey::Recovered { source: SourceName::PagerDuty },
            title: "Herald watches again".into(),
            body: format!("It stood still for {} s. What came meanwhile is told now.", stood.as_secs()),
            critical: false,
            buttons: vec![],
            sound: None,
        }]);
        if self.sender.send(Message::Redraw).is_ok() {
            pulse.arrives();
        }
    }
}

/// Sets the bell for the moment in which the loop stands still, as things stand. Says at which turn it does so already.
fn set(pulse: &Pulse) -> Option<u64> {
    let mut set_ms = u64::MAX;
    loop {
        let (turns, beat) = (pulse.turns.load(SeqCst), pulse.beat());
        match beat.patience_ms(pulse.now_ms()) {
            None => return Some(turns),
            // What changed before this was set counts; what changes from here on sets it anew.
            Some(patience_ms) if patience_ms < set_ms => {
                set_ms = patience_ms;
                pulse.bell.ring_in(Duration::from_millis(patience_ms));
            }
            Some(_) => return None,
        }
    }
}

/// Nobody sees what PagerDuty says.
const BLIND: AlarmKey = AlarmKey::Blind { source: SourceName::PagerDuty };

/// The calling thread, as the kernel lists it (proc(5), `/proc/thread-self`).
pub(crate) fn this_task() -> Option<String> {
    let link = std::fs::read_link("/proc/thread-self").ok()?;
    Some(format!("/proc/{}/stat", link.display()))
}

/// What a thread does (proc_pid_stat(5), the state after the name).
fn why(task: &str) -> Option<&'static str> {
    let stat = std::fs::read_to_string(task).ok()?;
    match stat.rsplit(')').next()?.trim().chars().next()? {
        'T' | 't' => Some(": it was stopped"),
        'D' => Some(": it waits for a disk"),
        'R' => Some(": it has too much to do"),
        'S' => Some(": it waits for another program"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_that_must_turn_and_does_not_stands_still() {
        let rests = Beat { turned_ms: 1_000, asked_ms: 900, due_ms: 15_000, busy: false, waits: false };
        let asked = Beat { asked_ms: 5_000, waits: true, ..rests };
        let works = Beat { busy: true, ..asked };
        for (what, beat, now_ms, patience_ms) in [
            ("it sleeps as it said", rests, 1_000, Some(18_000)),
            ("it is late", rests, 18_900, Some(100)),
            ("and does not come", rests, 19_000, None),
            ("something came", asked, 5_000, Some(4_000)),
            ("and is not taken in", asked, 9_000, None),
            ("it is at work, whatever comes", works, 4_999, Some(1)),
            ("for too long", works, 5_000, None),
            ("it sleeps until a time that has come", Beat { due_ms: 0, ..rests }, 4_000, Some(1_000)),
        ] {
            assert_eq!(beat.patience_ms(now_ms), patience_ms, "{what}");
        }
    }

    #[test]
    fn bell_rings_for_what_was_said_last() {
        for bell in [Bell::default(), Bell::without_the_kernel()] {
            bell.ring_in(Duration::from_secs(3600));
            let bell = Arc::new(bell);
            let (waits, (rung, heard)) = (Arc::clone(&bell), std::sync::mpsc::channel());
            std::thread::spawn(move || {
                for _ in 0..2 {
                    waits.wait();
                    let _ = rung.send(());
                }
            });
            assert!(heard.recv_timeout(Duration::from_millis(50)).is_err(), "not for an hour");
            for span in [Duration::from_millis(20), Duration::ZERO] {
                bell.ring_in(span);
                heard.recv_timeout(Duration::from_secs(20)).expect("it rings");
            }
        }
    }

    #[test]
    fn what_arrived_first_is_what_waits() {
        let pulse = Pulse::default();
        pulse.rests(Duration::from_secs(15));
        assert!(!pulse.beat().waits);
        pulse.arrives();
        let asked_ms = pulse.beat().asked_ms;
        pulse.arrives();
        assert!(pulse.beat().waits && pulse.beat().asked_ms == asked_ms);
        pulse.wakes(true);
        pulse.wakes(true);
        pulse.rests(Duration::ZERO);
        assert!(!pulse.beat().waits, "all of it was taken");
    }
}
