//! The real desktop behind the engine: hands each round to notifications, sound, tray and window at once, so that
//! one dead channel never hides an alarm.

use std::sync::Arc;

use herald_core::{AlarmKey, Announcement};
use herald_engine::{Desktop, Shown};

use crate::hotkey::Hotkey;
use crate::notify::Notifier;
use crate::sound::Speaker;
use crate::tray::TrayIcon;
use crate::window::Window;

/// Every channel of the desktop. Cloning it gives another handle to the same channels.
#[derive(Clone)]
pub(crate) struct Channels {
    pub notifier: Notifier,
    pub speaker: Speaker,
    pub tray: TrayIcon,
    pub window: Window,
    pub hotkey: Hotkey,
}

impl Desktop for Channels {
    fn announce(&mut self, round: Vec<Announcement>) {
        for it in round {
            if let Some((sound, loudness)) = it.sound {
                self.speaker.alarm(it.key.clone(), sound, loudness);
            }
            self.notifier.show(it);
        }
    }

    fn withdraw(&mut self, key: &AlarmKey) {
        self.notifier.withdraw(key.clone());
        self.speaker.hush(key.clone());
    }

    fn show(&mut self, shown: &Shown) {
        let shown = Arc::new(shown.clone());
        self.hotkey.set(shown.view.settings.keys());
        self.speaker.choose(&shown.view.settings);
        self.tray.draw(Arc::clone(&shown));
        self.window.draw(shown);
    }

    fn twin(&self) -> Option<Box<dyn Desktop>> {
        Some(Box::new(self.clone()))
    }
}

/// A desktop without a screen, for the command line.
pub(crate) struct NoDesktop;

impl Desktop for NoDesktop {
    fn announce(&mut self, _: Vec<Announcement>) {}
    fn withdraw(&mut self, _: &AlarmKey) {}
    fn show(&mut self, _: &Shown) {}
}
