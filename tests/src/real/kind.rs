//! Which desktops there are, and what differs between them before anything runs.

/// One desktop on one kind of display.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// GNOME Shell on X11.
    GnomeX11,
    /// GNOME Shell as a nested Wayland compositor.
    GnomeWayland,
    /// KDE Plasma on X11.
    KdeX11,
    /// KDE Plasma on KWin's Wayland compositor, nested.
    KdeWayland,
    /// XFCE, which has X11 alone.
    Xfce,
    /// MATE, on X11.
    Mate,
    /// sway with waybar and mako.
    Sway,
}

impl Kind {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 7] =
        [Self::GnomeX11, Self::GnomeWayland, Self::KdeX11, Self::KdeWayland, Self::Xfce, Self::Mate, Self::Sway];

    /// Its name on the command line and in file names.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::GnomeX11 => "gnome-x11",
            Self::GnomeWayland => "gnome-wayland",
            Self::KdeX11 => "kde-x11",
            Self::KdeWayland => "kde-wayland",
            Self::Xfce => "xfce",
            Self::Mate => "mate",
            Self::Sway => "sway",
        }
    }

    /// Its name for people, without the version.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::GnomeX11 => "GNOME Shell, X11",
            Self::GnomeWayland => "GNOME Shell, Wayland",
            Self::KdeX11 => "KDE Plasma, X11",
            Self::KdeWayland => "KDE Plasma, Wayland",
            Self::Xfce => "XFCE, X11",
            Self::Mate => "MATE, X11",
            Self::Sway => "sway, waybar, mako",
        }
    }

    /// The Debian package whose version stands for the desktop's.
    #[must_use]
    pub fn package(self) -> &'static str {
        match self {
            Self::GnomeX11 | Self::GnomeWayland => "gnome-shell",
            Self::KdeX11 | Self::KdeWayland => "plasma-workspace",
            Self::Xfce => "xfce4-panel",
            Self::Mate => "mate-panel",
            Self::Sway => "sway",
        }
    }

    /// Whether programs draw through Wayland there.
    #[must_use]
    pub fn is_wayland(self) -> bool {
        matches!(self, Self::GnomeWayland | Self::KdeWayland | Self::Sway)
    }

    /// Whether it is GNOME's shell, which answers for itself.
    #[must_use]
    pub fn is_gnome(self) -> bool {
        matches!(self, Self::GnomeX11 | Self::GnomeWayland)
    }

    /// Whether it is KDE's.
    #[must_use]
    pub fn is_kde(self) -> bool {
        matches!(self, Self::KdeX11 | Self::KdeWayland)
    }

    /// File names of the bus services that show notifications there; those of the other desktops must not be started.
    pub(super) fn notifier(self) -> &'static str {
        match self {
            Self::GnomeX11 | Self::GnomeWayland => "org.gnome.Shell.Notifications.service",
            Self::KdeX11 | Self::KdeWayland => "org.kde.plasma.Notifications.service",
            Self::Xfce => "org.xfce.xfce4-notifyd.Notifications.service",
            Self::Mate => "org.freedesktop.mate.Notifications.service",
            Self::Sway => "fr.emersion.mako.service",
        }
    }

    /// What a login sets there.
    pub(super) fn environment(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::GnomeX11 => {
                &[("XDG_CURRENT_DESKTOP", "GNOME"), ("XDG_SESSION_TYPE", "x11"), ("XDG_SESSION_ID", "c1")]
            }
            Self::GnomeWayland => {
                &[("XDG_CURRENT_DESKTOP", "GNOME"), ("XDG_SESSION_TYPE", "wayland"), ("XDG_SESSION_ID", "c1")]
            }
            Self::KdeX11 => &[
                ("XDG_CURRENT_DESKTOP", "KDE"),
                ("XDG_SESSION_TYPE", "x11"),
                ("XDG_SESSION_ID", "c1"),
                ("KDE_FULL_SESSION", "true"),
                ("KDE_SESSION_VERSION", "5"),
                ("QT_LINUX_ACCESSIBILITY_ALWAYS_ON", "1"),
            ],
            // Without a graphics card KWin draws with Qt's painter.
            Self::KdeWayland => &[
                ("KWIN_COMPOSE", "Q"),
                ("XDG_CURRENT_DESKTOP", "KDE"),
                ("XDG_SESSION_TYPE", "wayland"),
                ("XDG_SESSION_ID", "c1"),
                ("KDE_FULL_SESSION", "true"),
                ("KDE_SESSION_VERSION", "5"),
                ("QT_LINUX_ACCESSIBILITY_ALWAYS_ON", "1"),
            ],
            Self::Xfce => &[("XDG_CURRENT_DESKTOP", "XFCE"), ("XDG_SESSION_TYPE", "x11")],
            Self::Mate => &[("XDG_CURRENT_DESKTOP", "MATE"), ("XDG_SESSION_TYPE", "x11")],
            Self::Sway => &[
                ("XDG_CURRENT_DESKTOP", "sway"),
                ("XDG_SESSION_TYPE", "wayland"),
                // As a window of an X server: there it has a mouse and a keyboard.
                ("WLR_BACKENDS", "x11"),
                ("WLR_RENDERER", "pixman"),
            ],
        }
    }
}
