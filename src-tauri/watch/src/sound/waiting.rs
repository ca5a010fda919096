//! What waits for the speaker while something plays: the newest of each sound, the most urgent first.

use herald_core::{AlarmKey, Sound};
use tokio::sync::oneshot;

/// What the speaker is asked for.
pub(super) enum Wish {
    /// A sound of an alarm, at a loudness in per cent.
    Alarm { key: AlarmKey, sound: Sound, loudness: u8 },
    /// A sound for the user to judge; the answer goes back.
    Trial { sound: Sound, loudness: u8, reply: oneshot::Sender<Result<(), String>> },
    /// The alarm is over.
    Hush(AlarmKey),
}

/// What is still to be played.
#[derive(Default)]
pub(super) struct Waiting(Vec<Wish>);

impl Waiting {
    /// Takes a wish in. An older one for the same sound would only echo it; a trial is always answered.
    pub fn put(&mut self, wish: Wish) {
        match &wish {
            Wish::Alarm { sound, .. } => {
                self.0.retain(|it| !matches!(it, Wish::Alarm { sound: older, .. } if older == sound));
            }
            Wish::Trial { .. } => {}
            Wish::Hush(ended) => {
                self.0.retain(|it| !matches!(it, Wish::Alarm { key, .. } if key == ended));
                return;
            }
        }
        self.0.push(wish);
    }

    /// Takes out what is to be played next.
    pub fn next(&mut self) -> Option<Wish> {
        let next = self.0.iter().enumerate().min_by_key(|(_, wish)| urgency(wish)).map(|(at, _)| at)?;
        Some(self.0.remove(next))
    }
}

/// The order in which sounds are played; the smallest is first.
fn urgency(wish: &Wish) -> u8 {
    match wish {
        Wish::Alarm { sound: Sound::Page, .. } => 0,
        Wish::Alarm { sound: Sound::Overdue, .. } => 1,
        Wish::Alarm { sound: Sound::Blind, .. } => 2,
        Wish::Alarm { sound: Sound::DueSoon, .. } => 3,
        Wish::Trial { .. } | Wish::Hush(_) => 4,
    }
}

#[cfg(test)]
mod tests {
    use herald_core::poll::SourceName;

    use super::*;

    fn alarm(key: AlarmKey, sound: Sound, loudness: u8) -> Wish {
        Wish::Alarm { key, sound, loudness }
    }

    fn blind() -> AlarmKey {
        AlarmKey::Blind { source: SourceName::Tracker }
    }

    fn played(wishes: impl IntoIterator<Item = Wish>) -> Vec<(Sound, u8)> {
        let mut waiting = Waiting::default();
        wishes.into_iter().for_each(|wish| waiting.put(wish));
        std::iter::from_fn(|| waiting.next())
            .map(|wish| match wish {
                Wish::Alarm { sound, loudness, .. } | Wish::Trial { sound, loudness, .. } => (sound, loudness),
                Wish::Hush(_) => panic!("nothing to play"),
            })
            .collect()
    }

    #[test]
    fn a_page_is_never_drowned_by_what_comes_after_it() {
        let (reply, _answer) = oneshot::channel();
        let round = [
            alarm(AlarmKey::MorePages, Sound::Page, 60),
            Wish::Trial { sound: Sound::Blind, loudness: 80, reply },
            alarm(AlarmKey::Handover { shift: 1 }, Sound::DueSoon, 50),
            alarm(blind(), Sound::Blind, 40),
            alarm(AlarmKey::Update { incident: 1, due_at: herald_core::Time::MIN_UTC }, Sound::Overdue, 70),
        ];
        let expected =
            [(Sound::Page, 60), (Sound::Overdue, 70), (Sound::Blind, 40), (Sound::DueSoon, 50), (Sound::Blind, 80)];
        assert_eq!(played(round), expected);
    }

    #[test]
    fn what_piled_up_is_played_once() {
        let twice = [alarm(AlarmKey::MorePages, Sound::Page, 50), alarm(AlarmKey::MorePages, Sound::Page, 60)];
        assert_eq!(played(twice), [(Sound::Page, 60)], "the newest");
    }

    #[test]
    fn what_is_over_is_not_played_and_silences_nothing_else() {
        let page = || alarm(AlarmKey::MorePages, Sound::Page, 50);
        assert_eq!(played([page(), Wish::Hush(AlarmKey::MorePages)]), []);
        assert_eq!(played([page(), Wish::Hush(blind())]), [(Sound::Page, 50)]);
    }
}
