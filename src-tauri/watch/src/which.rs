//! Which desktop this is, so that what it does not offer is told in words that fit it.

/// The desktops that Herald is tried on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Gnome,
    Plasma,
    Xfce,
    Mate,
    Sway,
    Other,
}

impl Which {
    /// This desktop, by its own word (`XDG_CURRENT_DESKTOP`, Desktop Entry Specification).
    pub fn here() -> Self {
        Self::named(&std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default())
    }

    fn named(names: &str) -> Self {
        let names = names.to_ascii_lowercase();
        let is = |name: &str| names.split(':').any(|one| one == name);
        [
            ("gnome", Self::Gnome),
            ("kde", Self::Plasma),
            ("xfce", Self::Xfce),
            ("mate", Self::Mate),
            ("sway", Self::Sway),
        ]
        .into_iter()
        .find_map(|(name, which)| is(name).then_some(which))
        .unwrap_or(Self::Other)
    }

    /// How keys are bound to a command by hand.
    pub fn keys_by_hand(self) -> &'static str {
        match self {
            Self::Gnome => "Bind “herald draft” to a key in Settings, Keyboard, Custom Shortcuts.",
            Self::Plasma => "Bind “herald draft” to a key in System Settings, Shortcuts, as a command.",
            Self::Sway => "Bind “herald draft” to a key in sway's configuration (bindsym … exec herald draft).",
            Self::Xfce | Self::Mate | Self::Other => "Bind “herald draft” to a key in its settings.",
        }
    }

    /// Why there is no tray icon, and what to do.
    pub fn no_tray(self) -> &'static str {
        match self {
            Self::Gnome => "GNOME shows no tray icons without the AppIndicator extension. “herald” opens the window.",
            Self::Xfce => "the panel shows no tray icons. Add the Status Tray Plugin to it; “herald” opens the window.",
            Self::Mate => "the panel shows no tray icons. Add the Notification Area to it; “herald” opens the window.",
            Self::Sway => "sway shows tray icons only in a bar, such as swaybar or Waybar. “herald” opens the window.",
            Self::Plasma | Self::Other => {
                "this desktop shows no tray icons. Add a tray to its panel; “herald” opens the window."
            }
        }
    }

    /// What to do where nobody shows notifications.
    pub fn start_notifications(self) -> &'static str {
        match self {
            Self::Gnome | Self::Plasma => "It comes with the desktop's shell and may be restarting",
            Self::Xfce => "Start xfce4-notifyd",
            Self::Mate => "Start mate-notification-daemon",
            Self::Sway => "Start one, such as mako",
            Self::Other => "Start one (such as dunst)",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fit_the_desktop() {
        for (names, which, keys, tray) in [
            ("GNOME", Which::Gnome, "Custom Shortcuts", "AppIndicator"),
            ("ubuntu:GNOME", Which::Gnome, "Custom Shortcuts", "AppIndicator"),
            ("KDE", Which::Plasma, "System Settings", "its panel"),
            ("XFCE", Which::Xfce, "its settings", "Status Tray Plugin"),
            ("MATE", Which::Mate, "its settings", "Notification Area"),
            ("sway", Which::Sway, "bindsym", "Waybar"),
            ("GNOME-Flashback", Which::Other, "its settings", "its panel"),
            ("", Which::Other, "its settings", "its panel"),
        ] {
            let here = Which::named(names);
            assert_eq!(here, which, "{names:?}");
            assert!(here.keys_by_hand().contains(keys) && here.no_tray().contains(tray), "{names:?}");
        }
    }
}
