//! The tray's pictures, by sign.

use herald_core::tray::Sign;

/// Which kind of bar the icon lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bar {
    /// A light bar.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux has bars of either kind"))]
    Light,
    /// A dark bar.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux has bars of either kind"))]
    Dark,
    /// A bar that colours the icon itself.
    #[cfg_attr(target_os = "linux", expect(dead_code, reason = "no Linux bar does so for pictures"))]
    Mono,
}

macro_rules! pictures {
    ($state:literal, $bar:ident) => {
        match $bar {
            Bar::Light => &[
                include_bytes!(concat!("../../../icons/tray/", $state, "-light-22.png")) as &[u8],
                include_bytes!(concat!("../../../icons/tray/", $state, "-light-32.png")),
                include_bytes!(concat!("../../../icons/tray/", $state, "-light-48.png")),
            ],
            Bar::Dark => &[
                include_bytes!(concat!("../../../icons/tray/", $state, "-dark-22.png")),
                include_bytes!(concat!("../../../icons/tray/", $state, "-dark-32.png")),
                include_bytes!(concat!("../../../icons/tray/", $state, "-dark-48.png")),
            ],
            Bar::Mono => &[
                include_bytes!(concat!("../../../icons/tray/", $state, "-mono-22.png")),
                include_bytes!(concat!("../../../icons/tray/", $state, "-mono-32.png")),
                include_bytes!(concat!("../../../icons/tray/", $state, "-mono-48.png")),
            ],
        }
    };
}

/// The PNG pictures of a sign, from small to large.
pub(super) fn pictures(sign: Sign, hollow: bool, bar: Bar) -> &'static [&'static [u8]] {
    match (sign, hollow) {
        (Sign::Page, false) => pictures!("page", bar),
        (Sign::Page, true) => pictures!("page-shadow", bar),
        (Sign::Overdue, false) => pictures!("overdue", bar),
        (Sign::Overdue, true) => pictures!("overdue-shadow", bar),
        (Sign::Blind, false) => pictures!("blind", bar),
        (Sign::Blind, true) => pictures!("blind-shadow", bar),
        (Sign::DueSoon, false) => pictures!("due-soon", bar),
        (Sign::DueSoon, true) => pictures!("due-soon-shadow", bar),
        (Sign::Open, false) => pictures!("open", bar),
        (Sign::Open | Sign::Shadow, _) => pictures!("shadow", bar),
        (Sign::Quiet, _) => pictures!("quiet", bar),
    }
}
