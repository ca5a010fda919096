//! A sound card that a test can listen to: PulseAudio with a sink that leads nowhere, recorded from the first moment.
//!
//! Nothing of it is pretended: PulseAudio's own `module-null-sink` (its manual, "Modules") and ALSA's `pulse` plugin
//! (alsa-plugins, `doc/README-pulse`). A card is pulled by ending the server, as PulseAudio or PipeWire ends when it
//! crashes; a client then sees its connection break.
//!
//! Programs reach it through ALSA's `default` device or through PulseAudio itself. Without it the same desktop has no
//! sound device at all, never the machine's own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::desktop::{Desktop, text};
use crate::process::Process;
use crate::wait::{self, SOON};

/// Enough for every tone up to 8 kHz, and cheap to analyse in a debug build.
const RATE_HZ: u32 = 16_000;

/// Samples below this are silence: resampling leaves a little noise.
const SILENCE: f32 = 0.004;

/// Pauses up to this length belong to one sound.
const PAUSE: Duration = Duration::from_millis(150);

/// The sound card and its recording.
pub struct Sound {
    socket: PathBuf,
    recording: PathBuf,
    server: Process,
    recorder: Process,
    sessions: u32,
}

/// A place in the recording, counted in samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(usize);

impl Sound {
    /// Makes the desktop one without any sound device; [`Sound::start`] undoes that.
    ///
    /// # Errors
    /// When the configuration cannot be written.
    pub fn none(desktop: &Desktop) -> Result<()> {
        configure(desktop, &desktop.dir().join("run/no-such-sound-server"))
    }

    /// Plugs in the sound card and waits until its recording runs.
    ///
    /// # Errors
    /// When PulseAudio does not start; the message holds its log.
    pub async fn start(desktop: &Desktop) -> Result<Self> {
        let socket = desktop.dir().join("run/sound");
        let recording = desktop.dir().join("recording.raw");
        configure(desktop, &socket)?;
        let (server, recorder) = plug(desktop, &socket, &recording, 1).await?;
        Ok(Self { socket, recording, server, recorder, sessions: 1 })
    }

    /// Pulls the card out: the sound server dies in the middle of whatever it plays.
    pub fn unplug(&self) {
        self.server.kill();
        self.recorder.end();
    }

    /// Plugs the card in again; the recording goes on.
    ///
    /// # Errors
    /// When PulseAudio does not start.
    pub async fn plug(&mut self, desktop: &Desktop) -> Result<()> {
        self.sessions += 1;
        // Left behind by a killed server, and it would look like a running one.
        match std::fs::remove_file(&self.socket) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        (self.server, self.recorder) = plug(desktop, &self.socket, &self.recording, self.sessions).await?;
        Ok(())
    }

    /// The present end of the recording.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark(self.samples_recorded())
    }

    /// Everything recorded since a mark.
    ///
    /// # Errors
    /// When the recording cannot be read.
    pub fn since(&self, mark: Mark) -> Result<Heard> {
        let bytes = std::fs::read(&self.recording)?;
        let rest = bytes.get(mark.0 * 2..).unwrap_or_default();
        let (pairs, _) = rest.as_chunks::<2>();
        Ok(Heard::new(pairs.iter().map(|pair| f32::from(i16::from_le_bytes(*pair)) / 32_768.0).collect()))
    }

    /// Waits until something was played after the mark and has ended, and returns it without the silence around it.
    ///
    /// # Errors
    /// When nothing is heard in time.
    pub async fn until_heard(&self, mark: Mark, deadline: Duration) -> Result<Heard> {
        wait::until("a sound", deadline, async || {
            let heard = self.since(mark)?;
            let over = heard.silence_at_end() > PAUSE;
            Ok((over && !heard.is_silent()).then(|| heard.trimmed()))
        })
        .await
        .with_context(|| format!("{:.1} s recorded", self.samples_recorded() as f32 / RATE_HZ as f32))
    }

    /// Waits until the recording has grown by `period` after the mark, and returns that.
    ///
    /// # Errors
    /// When the recording stands still.
    pub async fn listen(&self, mark: Mark, period: Duration) -> Result<Heard> {
        let wanted = samples_in(period);
        let what = format!("{period:?} of recording");
        wait::until_true(&what, period + SOON, || self.samples_recorded() >= mark.0 + wanted).await?;
        let mut heard = self.since(mark)?;
        heard.samples.truncate(wanted);
        Ok(heard)
    }

    fn samples_recorded(&self) -> usize {
        std::fs::metadata(&self.recording).map_or(0, |data| usize::try_from(data.len() / 2).unwrap_or(usize::MAX))
    }
}

/// A stretch of recording.
#[derive(Clone, Debug)]
pub struct Heard {
    samples: Vec<f32>,
}

impl Heard {
    /// Makes one from samples between -1 and 1 at 16 kHz.
    #[must_use]
    pub fn new(samples: Vec<f32>) -> Self {
        Self { samples }
    }

    /// How long it is.
    #[must_use]
    pub fn length(&self) -> Duration {
        duration_of(self.samples.len())
    }

    /// Whether there is nothing to hear in it.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.samples.iter().all(|sample| sample.abs() < SILENCE)
    }

    /// Root of the mean square: 0 for silence, 0.707 for a full-scale sine.
    #[must_use]
    pub fn rms(&self) -> f32 {
        if self.samples.is_empty() {
            return 0.0;
        }
        (self.samples.iter().map(|sample| sample * sample).sum::<f32>() / self.samples.len() as f32).sqrt()
    }

    /// The strongest frequency in Hz, to about 5 Hz, between 100 Hz and 4 kHz; 0 for silence.
    #[must_use]
    pub fn frequency_hz(&self) -> f32 {
        if self.is_silent() {
            return 0.0;
        }
        // Power is summed over short windows, so a melody answers with the note that sounds longest and loudest.
        let windows: Vec<&[f32]> = self.samples.chunks(samples_in(Duration::from_millis(100))).collect();
        let power = |hz: f32| windows.iter().map(|window| goertzel(window, hz)).sum::<f32>();
        let candidates = (20..=800).map(|step| step as f32 * 5.0);
        let strongest = candidates.map(|hz| (hz, power(hz))).max_by(|a, b| a.1.total_cmp(&b.1));
        strongest.map_or(0.0, |(hz, _)| hz)
    }

    /// The separate sounds in it: stretches with pauses of more than 150 ms between them.
    #[must_use]
    pub fn sounds(&self) -> Vec<Self> {
        let pause = samples_in(PAUSE);
        let mut sounds: Vec<(usize, usize)> = Vec::new();
        for (at, _) in self.samples.iter().enumerate().filter(|(_, sample)| sample.abs() >= SILENCE) {
            match sounds.last_mut() {
                Some((_, end)) if at - *end <= pause => *end = at,
                _ => sounds.push((at, at)),
            }
        }
        sounds.into_iter().map(|(from, to)| Self::new(self.samples[from..=to].to_vec())).collect()
    }

    fn trimmed(&self) -> Self {
        let loud = |sample: &f32| sample.abs() >= SILENCE;
        let from = self.samples.iter().position(loud).unwrap_or(0);
        let to = self.samples.iter().rposition(loud).map_or(0, |at| at + 1);
        Self::new(self.samples[from..to.max(from)].to_vec())
    }

    fn silence_at_end(&self) -> Duration {
        duration_of(self.samples.iter().rev().take_while(|sample| sample.abs() < SILENCE).count())
    }
}

/// Strength of one frequency in a window of samples.
fn goertzel(window: &[f32], hz: f32) -> f32 {
    let turn = 2.0 * (std::f32::consts::TAU * hz / RATE_HZ as f32).cos();
    let (before, last) = window.iter().fold((0.0, 0.0), |(before, last), sample| (last, sample + turn * last - before));
    last * last + before * before - turn * last * before
}

/// Writes a WAV file (mono, 16 bit) with a sine tone, for a test that needs a known sound.
///
/// # Errors
/// When the file cannot be written.
pub fn write_tone(path: &Path, hz: f32, length: Duration) -> Result<()> {
    let data: Vec<u8> = (0..samples_in(length))
        .map(|at| (std::f32::consts::TAU * hz * at as f32 / RATE_HZ as f32).sin() * 0.5)
        .flat_map(|sample| ((sample * f32::from(i16::MAX)) as i16).to_le_bytes())
        .collect();
    let size = u32::try_from(data.len())?;
    let mut wav = Vec::with_capacity(data.len() + 44);
    wav.extend_from_slice(b"RIFF");
    wav.extend_from_slice(&(36 + size).to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt ");
    wav.extend_from_slice(&16u32.to_le_bytes());
    wav.extend_from_slice(&1u16.to_le_bytes());
    wav.extend_from_slice(&1u16.to_le_bytes());
    wav.extend_from_slice(&RATE_HZ.to_le_bytes());
    wav.extend_from_slice(&(RATE_HZ * 2).to_le_bytes());
    wav.extend_from_slice(&2u16.to_le_bytes());
    wav.extend_from_slice(&16u16.to_le_bytes());
    wav.extend_from_slice(b"data");
    wav.extend_from_slice(&size.to_le_bytes());
    wav.extend_from_slice(&data);
    Ok(std::fs::write(path, wav)?)
}

/// Leads ALSA's default device and every PulseAudio client to one socket, whether anybody listens there or not.
fn configure(desktop: &Desktop, socket: &Path) -> Result<()> {
    let address = format!("unix:{}", text(socket));
    let device = format!(r#"{{ type pulse server "{address}" }}"#);
    let config = desktop.dir().join("asound.conf");
    std::fs::write(&config, format!("pcm.default {device}\nctl.default {device}\n"))?;
    desktop.set_env("ALSA_CONFIG_PATH", &text(&config));
    desktop.set_env("PULSE_SERVER", &address);
    Ok(())
}

async fn plug(desktop: &Desktop, socket: &Path, recording: &Path, session: u32) -> Result<(Process, Process)> {
    let protocol = format!("module-native-protocol-unix auth-anonymous=1 socket={}", text(socket));
    let sink = format!("module-null-sink sink_name=ear channels=1 rate={}", RATE_HZ * 3);
    let args = [
        "-n",
        "--daemonize=no",
        "--exit-idle-time=-1",
        "--use-pid-file=no",
        "--realtime=no",
        "--high-priority=no",
        "--disable-shm=yes",
        "--load",
        &sink,
        "--load",
        &protocol,
    ];
    // It runs as root, too, which it only grumbles about; the machine's real-time limits do not matter for a null sink.
    let server = desktop.spawn(&format!("pulseaudio-{session}"), "pulseaudio", &args)?;
    wait::until_true("the sound server", SOON, || socket.exists()).await.with_context(|| server.log())?;

    let rate = format!("--rate={RATE_HZ}");
    let args = ["--device=ear.monitor", "--format=s16le", "--channels=1", &rate, "--latency-msec=20", "--raw"];
    let before = std::fs::metadata(recording).map_or(0, |data| data.len());
    let file = File::options().create(true).append(true).open(recording)?;
    let name = format!("recorder-{session}");
    let recorder = desktop.spawn_with(&name, Path::new("parec"), &args, None, Some(file))?;
    // The monitor delivers silence while nothing plays, so growth means that the recording runs.
    let grows = || std::fs::metadata(recording).is_ok_and(|data| data.len() > before);
    wait::until_true("the recording to run", SOON, grows).await.with_context(|| recorder.log())?;
    Ok((server, recorder))
}

fn samples_in(period: Duration) -> usize {
    usize::try_from(period.as_millis()).unwrap_or(usize::MAX).saturating_mul(RATE_HZ as usize) / 1000
}

fn duration_of(samples: usize) -> Duration {
    Duration::from_secs_f64(samples as f64 / f64::from(RATE_HZ))
}
