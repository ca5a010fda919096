//! The tray's pictures, by sign.

use herald_core::tray::Sign;

/// On Linux no desktop says whether its bar is dark or light: light colours with a dark edge are seen on both.
#[cfg(target_os = "linux")]
macro_rules! pictures {
    ($state:literal) => {
        &[
            include_bytes!(concat!("../../../icons/tray/", $state, "-edged-16.png")) as &[u8],
            include_bytes!(concat!("../../../icons/tray/", $state, "-edged-22.png")),
            include_bytes!(concat!("../../../icons/tray/", $state, "-edged-24.png")),
            include_bytes!(concat!("../../../icons/tray/", $state, "-edged-32.png")),
            include_bytes!(concat!("../../../icons/tray/", $state, "-edged-48.png")),
        ]
    };
}

/// Elsewhere the bar colours the icon itself.
#[cfg(not(target_os = "linux"))]
macro_rules! pictures {
    ($state:literal) => {
        &[
            include_bytes!(concat!("../../../icons/tray/", $state, "-mono-22.png")) as &[u8],
            include_bytes!(concat!("../../../icons/tray/", $state, "-mono-32.png")),
            include_bytes!(concat!("../../../icons/tray/", $state, "-mono-48.png")),
        ]
    };
}

/// The PNG pictures of a sign, from small to large.
pub(super) fn pictures(sign: Sign, hollow: bool) -> &'static [&'static [u8]] {
    match (sign, hollow) {
        (Sign::Page, false) => pictures!("page"),
        (Sign::Page, true) => pictures!("page-shadow"),
        (Sign::Overdue, false) => pictures!("overdue"),
        (Sign::Overdue, true) => pictures!("overdue-shadow"),
        (Sign::Blind, false) => pictures!("blind"),
        (Sign::Blind, true) => pictures!("blind-shadow"),
        (Sign::DueSoon, false) => pictures!("due-soon"),
        (Sign::DueSoon, true) => pictures!("due-soon-shadow"),
        (Sign::Open, false) => pictures!("open"),
        (Sign::Open | Sign::Shadow, _) => pictures!("shadow"),
        (Sign::Quiet, _) => pictures!("quiet"),
    }
}
