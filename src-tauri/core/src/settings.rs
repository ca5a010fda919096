//! The user's own choices, as opposed to the team's rules in the playbook.

use std::collections::BTreeMap;

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::alarm::Sound;
use crate::command::Refusal;
use crate::hotkey::{self, Hotkey};
use crate::phase::Phase;
use crate::text::clean_line;

/// Fastest polling that can be chosen, in seconds.
pub const POLL_INTERVAL_S_MIN: u32 = 2;
/// Slowest polling on shift that can be chosen, in seconds: slower would break "no page is missed".
pub const POLL_INTERVAL_S_MAX: u32 = 60;

/// Softest sound that can be chosen, in per cent: an alarm can be soft but not mute.
pub const VOLUME_PER_CENT_MIN: u8 = 10;
/// Loudest.
pub const VOLUME_PER_CENT_MAX: u8 = 100;

/// Own templates that are kept.
const TEMPLATES_MAX: usize = 40;
/// Longest text of an own template, in bytes: several times what any page takes.
pub(crate) const TEMPLATE_BYTES_MAX: usize = 4_000;
/// Longest name of an own template, in characters.
const TEMPLATE_NAME_MAX: usize = 60;

/// The window's colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the desktop says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// How one sound is played.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SoundChoice {
    /// Loudness in per cent, 10 to 100: an alarm can be soft but not mute.
    pub volume: u8,
    /// An own WAV file instead of Herald's sound.
    pub file: Option<String>,
}

impl Default for SoundChoice {
    fn default() -> Self {
        Self { volume: 80, file: None }
    }
}

/// Hours in which sounds stay off while I am not on shift; a page on shift always sounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuietHours {
    /// Whether they are in force.
    pub on: bool,
    /// From this local time.
    #[ts(type = "string")]
    pub from: NaiveTime,
    /// To this local time, the next day when it is earlier.
    #[ts(type = "string")]
    pub to: NaiveTime,
}

impl QuietHours {
    /// Whether `local` falls into the quiet hours.
    #[must_use]
    pub fn contains(&self, local: NaiveTime) -> bool {
        self.on
            && if self.from <= self.to {
                self.from <= local && local < self.to
            } else {
                self.from <= local || local < self.to
            }
    }
}

impl Default for QuietHours {
    fn default() -> Self {
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("a full hour exists");
        Self { on: false, from: at(22), to: at(7) }
    }
}

/// A text to start from that the user saved while writing (H42).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OwnTemplate {
    /// What its button says.
    pub name: String,
    /// Where the incident stands when it fits; anywhere when it is missing.
    #[serde(default)]
    pub phase: Option<Phase>,
    /// The text, with fields in braces: `{link}`.
    pub text: String,
}

/// Whether so many templates of such lengths are kept.
#[must_use]
pub fn keeps(templates: &[OwnTemplate]) -> bool {
    templates.len() <= TEMPLATES_MAX && templates.iter().all(|it| it.text.len() <= TEMPLATE_BYTES_MAX)
}

/// What the user answered to the last self-test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SelfTest {
    /// When it was answered.
    pub at: Time,
    /// "I saw the notification."
    pub seen: bool,
    /// "I heard the sound."
    pub heard: bool,
}

/// The user's own choices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    /// Seconds between two polls on shift.
    pub poll_interval_s: u32,
    /// Shadow mode by the user's own switch (H24).
    pub shadow: bool,
    /// How each sound is played.
    pub sounds: BTreeMap<Sound, SoundChoice>,
    /// Quiet hours.
    pub quiet_hours: QuietHours,
    /// The window's colours.
    pub theme: Theme,
    /// The keys that open Herald from anywhere; none when that is not wanted.
    pub hotkey: Option<String>,
    /// The last self-test that was answered.
    pub self_test: Option<SelfTest>,
    /// The user's own word on schedules, over the playbook's: whether people on them only shadow (H24).
    pub shadow_schedules: BTreeMap<String, bool>,
    /// Steps to join the rotation that are done, and when (H103).
    pub path_done: BTreeMap<String, Time>,
    /// How far setting Herald up has come; absent when it is not under way.
    pub onboarding: Option<Onboarding>,
    /// The user's own templates, as they are listed.
    pub templates: Vec<OwnTemplate>,
}

/// The steps of setting Herald up, after PagerDuty is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Onboarding {
    /// On which schedules one only shadows.
    Schedules,
    /// Tracker, status page and Slack.
    Services,
    /// The team's playbook.
    Playbook,
    /// Whether an alarm is seen and heard.
    SelfTest,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            poll_interval_s: 10,
            shadow: false,
            sounds: Sound::ALL.into_iter().map(|sound| (sound, SoundChoice::default())).collect(),
            quiet_hours: QuietHours::default(),
            theme: Theme::default(),
            hotkey: Some(hotkey::DEFAULT.into()),
            self_test: None,
            shadow_schedules: BTreeMap::new(),
            path_done: BTreeMap::new(),
            onboarding: None,
            templates: vec![],
        }
    }
}

/// One change of the settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "set", rename_all = "snake_case")]
pub enum SettingsPatch {
    /// Seconds between two polls on shift.
    PollInterval {
        /// 2 to 60.
        seconds: u32,
    },
    /// Shadow mode by switch.
    Shadow {
        /// On or off.
        on: bool,
    },
    /// How one sound is played.
    Sound {
        /// Which.
        sound: Sound,
        /// How.
        choice: SoundChoice,
    },
    /// Quiet hours.
    QuietHours {
        /// The new hours.
        hours: QuietHours,
    },
    /// The window's colours.
    Theme {
        /// Which.
        theme: Theme,
    },
    /// The keys that open Herald from anywhere.
    Hotkey {
        /// Such as `Ctrl+Alt+U`; none to have none.
        keys: Option<String>,
    },
    /// On which schedules one only shadows; those that are not named stay as they are.
    ShadowSchedules {
        /// Whether one does, by PagerDuty's id.
        chosen: BTreeMap<String, bool>,
    },
    /// How far setting Herald up has come.
    Onboarding {
        /// The next step; none when it is done or left.
        step: Option<Onboarding>,
    },
    /// All of the user's own templates, as they are listed.
    Templates {
        /// What they are from now on; those without name or text are left out.
        templates: Vec<OwnTemplate>,
    },
}

impl SettingsPatch {
    /// Why it is refused: no value is ever changed in silence.
    #[must_use]
    pub fn unfit(&self) -> Option<Refusal> {
        match self {
            Self::PollInterval { seconds } if !(POLL_INTERVAL_S_MIN..=POLL_INTERVAL_S_MAX).contains(seconds) => {
                Some(Refusal::PollInterval)
            }
            Self::Sound { choice, .. } if !(VOLUME_PER_CENT_MIN..=VOLUME_PER_CENT_MAX).contains(&choice.volume) => {
                Some(Refusal::Volume)
            }
            Self::Hotkey { keys: Some(keys) } => keys.parse::<Hotkey>().err().map(Refusal::from),
            Self::Templates { templates } if !keeps(templates) => Some(Refusal::TooMuch),
            Self::PollInterval { .. }
            | Self::Shadow { .. }
            | Self::Sound { .. }
            | Self::QuietHours { .. }
            | Self::Theme { .. }
            | Self::Hotkey { keys: None }
            | Self::ShadowSchedules { .. }
            | Self::Onboarding { .. }
            | Self::Templates { .. } => None,
        }
    }
}

impl Settings {
    /// How `sound` is played.
    #[must_use]
    pub fn sound(&self, sound: Sound) -> SoundChoice {
        self.sounds.get(&sound).cloned().unwrap_or_default()
    }

    /// The keys that open Herald from anywhere.
    #[must_use]
    pub fn keys(&self) -> Option<Hotkey> {
        self.hotkey.as_ref()?.parse().ok()
    }

    /// The settings with one change made. What lies outside of its limits was [refused](SettingsPatch::unfit) before it
    /// came here, and changes nothing.
    #[must_use]
    pub fn with(mut self, patch: SettingsPatch) -> Self {
        if patch.unfit().is_some() {
            return self;
        }
        match patch {
            SettingsPatch::PollInterval { seconds } => self.poll_interval_s = seconds,
            SettingsPatch::Shadow { on } => self.shadow = on,
            SettingsPatch::Sound { sound, choice } => {
                let file = choice.file.filter(|file| !file.trim().is_empty());
                self.sounds.insert(sound, SoundChoice { volume: choice.volume, file });
            }
            SettingsPatch::QuietHours { hours } => self.quiet_hours = hours,
            SettingsPatch::Theme { theme } => self.theme = theme,
            SettingsPatch::ShadowSchedules { chosen } => self.shadow_schedules.extend(chosen),
            SettingsPatch::Onboarding { step } => self.onboarding = step,
            SettingsPatch::Templates { templates } => {
                let named =
                    templates.into_iter().map(|it| OwnTemplate { name: clean_line(&it.name, TEMPLATE_NAME_MAX), ..it });
                self.templates = named.filter(|it| !it.name.is_empty() && !it.text.trim().is_empty()).collect();
            }
            SettingsPatch::Hotkey { keys } => {
                if let Ok(keys) = keys.map(|keys| keys.parse::<Hotkey>()).transpose() {
                    self.hotkey = keys.map(|keys| keys.to_string());
                }
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_cross_midnight() {
        let hours = |on, from, to| QuietHours { on, from: time(from), to: time(to) };
        for (hours, local, expected) in [
            (hours(true, "22:00", "07:00"), "23:30", true),
            (hours(true, "22:00", "07:00"), "06:59", true),
            (hours(true, "22:00", "07:00"), "07:00", false),
            (hours(true, "22:00", "07:00"), "12:00", false),
            (hours(true, "12:00", "13:00"), "12:30", true),
            (hours(true, "12:00", "13:00"), "13:30", false),
            (hours(true, "08:00", "08:00"), "08:00", false),
            (hours(false, "22:00", "07:00"), "23:30", false),
        ] {
            assert_eq!(hours.contains(time(local)), expected, "{hours:?} at {local}");
        }
    }

    #[test]
    fn what_lies_outside_of_its_limits_is_refused_and_changes_nothing() {
        let sound = |volume| SettingsPatch::Sound { sound: Sound::Page, choice: SoundChoice { volume, file: None } };
        let poll = |seconds| SettingsPatch::PollInterval { seconds };
        for (patch, expected) in [
            (poll(0), Some(Refusal::PollInterval)),
            (poll(1), Some(Refusal::PollInterval)),
            (poll(2), None),
            (poll(60), None),
            (poll(61), Some(Refusal::PollInterval)),
            (poll(4_000_000_000), Some(Refusal::PollInterval)),
            (sound(9), Some(Refusal::Volume)),
            (sound(10), None),
            (sound(100), None),
            (sound(101), Some(Refusal::Volume)),
            (SettingsPatch::Hotkey { keys: Some("J".into()) }, Some(Refusal::HotkeyBare)),
            (SettingsPatch::Hotkey { keys: None }, None),
        ] {
            assert_eq!(patch.unfit(), expected, "{patch:?}");
            let changed = Settings::default().with(patch.clone()) != Settings::default();
            assert_eq!(changed, expected.is_none(), "{patch:?}");
        }
        // The words of a refusal name the limits as they are.
        let words = |refusal: Refusal, min: u32, max: u32| refusal.message().contains(&format!("{min} to {max}"));
        assert!(words(Refusal::PollInterval, POLL_INTERVAL_S_MIN, POLL_INTERVAL_S_MAX));
        assert!(words(Refusal::Volume, VOLUME_PER_CENT_MIN.into(), VOLUME_PER_CENT_MAX.into()));
        let blank =
            SettingsPatch::Sound { sound: Sound::Page, choice: SoundChoice { volume: 20, file: Some("  ".into()) } };
        assert_eq!(Settings::default().with(blank).sound(Sound::Page).file, None, "no file is none");
    }

    #[test]
    fn hotkey_is_kept_in_one_spelling_and_may_be_off() {
        let with =
            |keys: Option<&str>| Settings::default().with(SettingsPatch::Hotkey { keys: keys.map(Into::into) }).hotkey;
        assert_eq!(with(Some("alt+ctrl+j")).as_deref(), Some("Ctrl+Alt+J"));
        assert_eq!(with(Some("J")).as_deref(), Some(hotkey::DEFAULT), "what names no keys changes nothing");
        assert_eq!(with(None), None);
        let kept = |json: &str| serde_json::from_str::<Settings>(json).expect("settings").hotkey;
        assert_eq!(kept("{}").as_deref(), Some(hotkey::DEFAULT), "settings from before there was a hotkey");
        assert_eq!(kept(r#"{"hotkey":null}"#), None, "off stays off");
    }

    #[test]
    fn own_templates_have_a_name_and_a_text_and_are_not_too_many() {
        let own = |name: &str, text: &str| OwnTemplate { name: name.into(), phase: None, text: text.into() };
        let given = vec![own(" Ours\n ", "We know of it. {link}"), own(" ", "x"), own("Empty", " \n")];
        let kept = Settings::default().with(SettingsPatch::Templates { templates: given }).templates;
        assert_eq!(kept, [own("Ours", "We know of it. {link}")]);
        assert!(keeps(&vec![own("a", "b"); TEMPLATES_MAX]) && !keeps(&vec![own("a", "b"); TEMPLATES_MAX + 1]));
        assert!(!keeps(&[own("a", &"x".repeat(TEMPLATE_BYTES_MAX + 1))]));
        let before = serde_json::from_str::<Settings>("{}").expect("settings from before there were own templates");
        assert_eq!(before.templates, []);
    }

    fn time(text: &str) -> NaiveTime {
        text.parse().expect("a time of day")
    }
}
