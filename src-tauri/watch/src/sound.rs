//! Sound: opens the speaker for each alarm, plays, and tells how it went.

mod own;
mod quietly;
mod waiting;

use std::io::Cursor;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use herald_core::state::{Channel, Health};
use herald_core::{AlarmKey, Settings, Sound};
use herald_engine::Teller;
use rodio::{Decoder, DeviceSinkBuilder, MixerDeviceSink, Player, Source};

use self::own::OwnSounds;
use self::waiting::{Waiting, Wish};

/// Pause after the last sample, so that a slow device plays it all.
const DRAIN: Duration = Duration::from_millis(300);
/// Longest own file that is played.
const OWN_FILE_MAX: Duration = Duration::from_secs(30);
/// How often a dead speaker is tried when no alarm does so.
const RETRY: Duration = Duration::from_secs(30);

/// How often is looked for news while something plays.
const LOOK: Duration = Duration::from_millis(20);
/// Longest wait for the sound system, where it is only asked.
const OPEN_MAX: Duration = Duration::from_secs(5);

/// Handle to the thread that plays.
#[derive(Clone)]
pub(crate) struct Speaker {
    wishes: Sender<Wish>,
    own: OwnSounds,
}

impl Speaker {
    /// Starts the thread that plays. It tries the speaker at once, so that a dead one is known before it is needed.
    pub fn start(teller: Arc<Mutex<Option<Teller>>>) -> Self {
        let (wishes, inbox) = channel();
        let own = OwnSounds::default();
        let speaker = Self { wishes, own: own.clone() };
        let thread = SoundThread { inbox, waiting: Waiting::default(), own, teller, dead: false };
        if let Err(error) = std::thread::Builder::new().name("sound".into()).spawn(move || thread.run()) {
            tracing::error!(%error, "no sound thread");
        }
        speaker
    }

    /// Plays an alarm.
    pub fn alarm(&self, key: AlarmKey, sound: Sound, loudness: u8) {
        let _ = self.wishes.send(Wish::Alarm { key, sound, loudness });
    }

    /// Ends what is played of an alarm, and of no other.
    pub fn hush(&self, key: AlarmKey) {
        let _ = self.wishes.send(Wish::Hush(key));
    }

    /// Plays a sound for the user to judge.
    pub async fn trial(&self, sound: Sound, loudness: u8) -> Result<(), String> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        let _ = self.wishes.send(Wish::Trial { sound, loudness, reply });
        answer.await.unwrap_or_else(|_| Err("Herald's sound has ended. Restart Herald.".into()))
    }

    /// Takes over which own files the user chose.
    pub fn choose(&self, settings: &Settings) {
        self.own.choose(settings);
    }
}

struct SoundThread {
    inbox: Receiver<Wish>,
    waiting: Waiting,
    own: OwnSounds,
    teller: Arc<Mutex<Option<Teller>>>,
    dead: bool,
}

impl SoundThread {
    fn run(mut self) {
        let first = open().map(drop);
        self.tell(first);
        loop {
            let wait = if self.dead { RETRY } else { Duration::from_secs(24 * 3600) };
            match self.inbox.recv_timeout(wait) {
                Ok(wish) => {
                    self.waiting.put(wish);
                    self.inbox.try_iter().for_each(|wish| self.waiting.put(wish));
                    while let Some(wish) = self.waiting.next() {
                        self.play(wish);
                    }
                }
                Err(RecvTimeoutError::Timeout) if self.dead => {
                    let again = open().map(drop);
                    self.tell(again);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn play(&mut self, wish: Wish) {
        let (key, sound, loudness, reply) = match wish {
            Wish::Alarm { key, sound, loudness } => (Some(key), sound, loudness, None),
            Wish::Trial { sound, loudness, reply } => (None, sound, loudness, Some(reply)),
            Wish::Hush(_) => return,
        };
        let result = self.sound(key.as_ref(), sound, loudness);
        self.tell(result.clone());
        if let Some(reply) = reply {
            let _ = reply.send(result.map(drop));
        }
    }

    fn sound(&mut self, key: Option<&AlarmKey>, sound: Sound, loudness: u8) -> Result<(), String> {
        let device = open()?;
        let player = Player::connect_new(device.mixer());
        player.set_volume(f32::from(loudness.min(100)) / 100.0);
        let fault = match self.own.get(sound).map(|read| read.and_then(decode_own)) {
            Some(Ok(source)) => {
                player.append(source.take_duration(OWN_FILE_MAX));
                None
            }
            Some(Err(fault)) => {
                player.append(decode(embedded(sound))?);
                Some(fault)
            }
            None => {
                player.append(decode(embedded(sound))?);
                None
            }
        };
        while !player.empty() && !self.ended_within(LOOK, key) {}
        if player.empty() {
            std::thread::sleep(DRAIN);
        }
        fault.map_or(Ok(()), Err)
    }

    /// Takes in what is wished for in the meantime; says whether that ends what is played of `key`.
    fn ended_within(&mut self, wait: Duration, key: Option<&AlarmKey>) -> bool {
        match self.inbox.recv_timeout(wait) {
            Ok(Wish::Hush(ended)) if Some(&ended) == key => {
                self.waiting.put(Wish::Hush(ended));
                true
            }
            Ok(wish) => {
                self.waiting.put(wish);
                false
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => true,
        }
    }

    fn tell(&mut self, result: Result<(), String>) {
        self.dead = result.is_err();
        let health = match result {
            Ok(()) => Health::Works { by: String::new() },
            Err(reason) => Health::Dead { reason },
        };
        if let Some(teller) = &*self.teller.lock().unwrap_or_else(PoisonError::into_inner) {
            teller.channel_seen(Channel::Sound, health);
        }
    }
}

/// Opens the speaker that is the default now: it may be another than a minute ago.
fn open() -> Result<MixerDeviceSink, String> {
    quietly::quietly(open_default)
}

fn open_default() -> Result<MixerDeviceSink, String> {
    let errors = AtomicU32::new(0);
    let builder = DeviceSinkBuilder::from_default_device().map_err(|_| no_device())?;
    let mut device = builder
        .with_error_callback(move |error| {
            // Some drivers report thousands of underruns while the sound is intact.
            if errors.fetch_add(1, Ordering::Relaxed) == 0 {
                tracing::debug!(%error, "the speaker reports an error");
            }
        })
        .open_stream()
        .map_err(|_| no_device())?;
    device.log_on_drop(false);
    Ok(device)
}

fn no_device() -> String {
    "no sound device. Connect a speaker or headphones; Herald tries again by itself.".into()
}

fn decode(bytes: &'static [u8]) -> Result<impl Source + Send, String> {
    Decoder::try_from(Cursor::new(bytes)).map_err(|error| format!("Herald's own sound is broken: {error}"))
}

fn decode_own(bytes: Arc<[u8]>) -> Result<impl Source + Send + use<>, String> {
    let fault =
        |_| "The chosen file is no WAV file that can be played; Herald's own sound is played instead.".to_owned();
    Decoder::try_from(Cursor::new(bytes)).map_err(fault)
}

fn embedded(sound: Sound) -> &'static [u8] {
    match sound {
        Sound::Page => include_bytes!("../sounds/page.wav"),
        Sound::DueSoon => include_bytes!("../sounds/due-soon.wav"),
        Sound::Overdue => include_bytes!("../sounds/overdue.wav"),
        Sound::Blind => include_bytes!("../sounds/blind.wav"),
    }
}

/// Whether a speaker can be opened now.
pub(crate) async fn look() -> Health {
    let probe = tokio::time::timeout(OPEN_MAX, tokio::task::spawn_blocking(open));
    match probe.await {
        Ok(Ok(Ok(_))) => Health::Works { by: String::new() },
        Ok(Ok(Err(reason))) => Health::Dead { reason },
        Ok(Err(_)) => Health::Dead { reason: "the sound system crashed".into() },
        Err(_) => Health::Dead { reason: format!("the sound system does not answer within {} s", OPEN_MAX.as_secs()) },
    }
}
