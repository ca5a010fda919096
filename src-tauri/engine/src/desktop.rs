//! What the engine needs of a screen. The shell brings the real one; tests bring one that writes down.

use herald_core::tray::Tray;
use herald_core::{AlarmKey, Announcement, Time, View};

/// What is to be shown now.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// For the window.
    pub view: View,
    /// For the tray.
    pub tray: Tray,
    /// When this was true.
    pub now: Time,
}

/// The desktop. Nothing here may block: the loop that calls it is the one that no page may wait for.
pub trait Desktop: Send {
    /// Shows and plays one round of alarms.
    fn announce(&mut self, round: Vec<Announcement>);
    /// Takes the notification of an ended alarm away.
    fn withdraw(&mut self, key: &AlarmKey);
    /// Draws what is true now; called only when it differs from before.
    fn show(&mut self, shown: &Shown);
    /// Another way to the same desktop, for whoever watches the loop; without one, a loop that stands still is not told.
    fn twin(&self) -> Option<Box<dyn Desktop>> {
        None
    }
}
