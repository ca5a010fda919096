//! The tray's pictures, by sign.

use herald_core::tray::Sign;

/// On Linux no desktop says whether its bar is dark or light: light colours with a dark edge are seen on both.
#[cfg(target_os = "linux")]
macro_rules! pictures {
    ($state:literal) => {
        &[
            include_bytes!(concat!("../../../../icons/tray/", $state, "-edged-16.png")) as &[u8],
            include_bytes!(concat!("../../../../icons/tray/", $state, "-edged-22.png")),
            include_bytes!(concat!("../../../../icons/tray/", $state, "-edged-24.png")),
            include_bytes!(concat!("../../../../icons/tray/", $state, "-edged-32.png")),
            include_bytes!(concat!("../../../../icons/tray/", $state, "-edged-48.png")),
        ]
    };
}

/// Elsewhere the bar colours the icon itself.
#[cfg(not(target_os = "linux"))]
macro_rules! pictures {
    ($state:literal) => {
        &[
            include_bytes!(concat!("../../../../icons/tray/", $state, "-mono-22.png")) as &[u8],
            include_bytes!(concat!("../../../../icons/tray/", $state, "-mono-32.png")),
            include_bytes!(concat!("../../../../icons/tray/", $state, "-mono-48.png")),
        ]
    };
}

/// Width, height and pixels of a picture of ours.
#[cfg(target_os = "linux")]
pub(crate) fn rgba(png: &[u8]) -> Option<(i32, i32, Vec<u8>)> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().ok()?;
    let mut pixels = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut pixels).ok()?;
    let whole = info.color_type == png::ColorType::Rgba && info.bit_depth == png::BitDepth::Eight;
    pixels.truncate(info.buffer_size());
    whole.then_some((i32::try_from(info.width).ok()?, i32::try_from(info.height).ok()?, pixels))
}

/// The PNG pictures of a sign, from small to large.
pub(crate) fn pictures(sign: Sign, hollow: bool) -> &'static [&'static [u8]] {
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
