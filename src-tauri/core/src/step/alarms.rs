//! Makes the alarms what the rest of the state calls for, and takes note of what became of them.

use std::collections::{BTreeMap, BTreeSet};

use super::Draft;
use crate::Time;
use crate::alarm::{self, Alarm, AlarmKey};
use crate::shadow::standing;
use crate::state::{Change, Channel, Health, State};

impl Draft<'_> {
    pub(super) fn round_started(&mut self, key: &AlarmKey, now: Time) {
        let next_at = alarm::next_round_at(&self.state, key, now);
        self.alarm(key, |alarm| (alarm.rounds, alarm.next_at, alarm.quiet_until) = (alarm.rounds + 1, next_at, None));
    }

    /// A channel that comes back is given everything that is still wanted.
    pub(super) fn channel_seen(&mut self, channel: Channel, health: Health, now: Time) {
        if channel == Channel::Hotkey && self.state.settings.hotkey.is_none() {
            // Said about keys that were given up meanwhile.
            return;
        }
        let was_dead = matches!(self.state.session.channels.get(&channel), Some(Health::Dead { .. }));
        let back = was_dead && matches!(health, Health::Works { .. }) && channel == Channel::Notifications;
        self.session(|session| {
            session.channels.insert(channel, health);
        });
        if back {
            for key in self.state.alarms.keys().cloned().collect::<Vec<_>>() {
                self.alarm(&key, |alarm| alarm.next_at = alarm.quiet_until.unwrap_or(now));
            }
        }
    }

    /// Whether a page became mine, or ceased to be: its notification then has the wrong buttons.
    fn standing_changed(&self, key: &AlarmKey, now: Time) -> bool {
        let AlarmKey::Page { page, .. } = key else { return false };
        let in_state = |state: &State| state.pages.get(page).map(|page| standing(state, page, now));
        in_state(self.before).is_some_and(|before| Some(before) != in_state(&self.state))
    }

    /// A quiet must not outlive the target when a page that was only watched becomes mine.
    fn cut_quiet(&mut self, key: &AlarmKey, now: Time) {
        let Some(until) = self.state.alarms.get(key).and_then(|alarm| alarm.quiet_until) else { return };
        if let Some(latest) = alarm::quiet_latest(&self.state, key, now).filter(|latest| *latest < until) {
            self.alarm(key, |alarm| (alarm.quiet_until, alarm.next_at) = (Some(latest), latest));
        }
    }

    /// Makes the alarms what the rest of the state calls for.
    pub(super) fn settle_alarms(&mut self, now: Time) {
        let wanted: BTreeSet<AlarmKey> = alarm::wanted(&self.state, now).into_iter().collect();
        for key in &wanted {
            if self.standing_changed(key, now) {
                self.alarm(key, |alarm| alarm.next_at = alarm.quiet_until.unwrap_or(now));
            }
            if self.state.alarms.get(key).is_none_or(|alarm| alarm.ending) {
                self.put(Change::Alarm(key.clone(), Alarm::new(now)));
            }
            self.cut_quiet(key, now);
        }
        let over: BTreeMap<AlarmKey, Alarm> = self
            .state
            .alarms
            .iter()
            .filter(|(key, alarm)| !alarm.ending && !wanted.contains(key))
            .map(|(k, a)| (k.clone(), a.clone()))
            .collect();
        for (key, alarm) in over {
            let change = if alarm.rounds == 0 {
                Change::AlarmGone(key)
            } else {
                Change::Alarm(key, Alarm { ending: true, ..alarm })
            };
            self.put(change);
        }
    }
}
