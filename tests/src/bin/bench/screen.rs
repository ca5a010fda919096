//! When something was painted: pictures of a screen, one after the other, held against the last of them.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use herald_tests::Desktop;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, Window};
use x11rb::rust_connection::RustConnection;

/// Pictures are compared in tiles of so many signs of the screen, in either direction.
const TILE: usize = 32;
/// Bytes of a sign of the screen.
const DEPTH: usize = 4;
/// Tiles that may differ from the last picture although all is painted: a caret blinks, a second counts down.
const RESTLESS: usize = 4;
/// Tiles in which a window differs from no window: fewer were no window.
const WINDOW: usize = 100;

/// A part of the screen, in signs.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub x: i16,
    pub y: i16,
    pub width: u16,
    pub height: u16,
}

/// The whole screen of a private desktop.
pub const WHOLE: Part = Part { x: 0, y: 0, width: 1280, height: 800 };

/// An eye on the screen.
pub struct Screen {
    server: RustConnection,
    root: Window,
    part: Part,
}

/// What was seen: pictures that differ from the one before, and when each was taken.
pub struct Seen {
    row: usize,
    first: Vec<u8>,
    pictures: Vec<(Instant, Vec<u8>)>,
}

impl Screen {
    pub fn open(desktop: &Desktop, part: Part) -> Result<Self> {
        let display = desktop.env().remove("DISPLAY").context("the desktop has no screen")?;
        let (server, number) = RustConnection::connect(Some(&display))?;
        let root = server.setup().roots.get(number).context("no root window")?.root;
        Ok(Self { server, root, part })
    }

    /// Does something and watches what comes of it, for so long.
    pub fn watch(&self, act: impl FnOnce() -> Result<()>, length: Duration) -> Result<(Instant, Seen)> {
        let first = self.picture()?;
        let mut seen = Seen { row: usize::from(self.part.width) * DEPTH, first, pictures: vec![] };
        let start = Instant::now();
        act()?;
        while start.elapsed() < length {
            let picture = self.picture()?;
            let last = seen.pictures.last().map_or(&seen.first, |(_, last)| last);
            if picture != *last {
                seen.pictures.push((Instant::now(), picture));
            }
        }
        Ok((start, seen))
    }

    fn picture(&self) -> Result<Vec<u8>> {
        let Part { x, y, width, height } = self.part;
        let asked = self.server.get_image(ImageFormat::Z_PIXMAP, self.root, x, y, width, height, !0)?;
        Ok(asked.reply()?.data)
    }
}

impl Seen {
    /// When all of a window was painted: from then on no more differs from the last picture than what never rests.
    pub fn whole(&self) -> Result<Instant> {
        let (_, last) = self.pictures.last().context("nothing was painted")?;
        ensure!(self.differing(&self.first, last) >= WINDOW, "no window was painted");
        let unlike = |picture: &[u8]| self.differing(picture, last) > RESTLESS;
        let after = self.pictures.iter().rposition(|(_, picture)| unlike(picture)).map_or(0, |place| place + 1);
        Ok(self.pictures.get(after).context("it was still painted at the end")?.0)
    }

    /// When anything was painted.
    pub fn anything(&self) -> Result<Instant> {
        Ok(self.pictures.first().context("nothing was painted")?.0)
    }

    fn differing(&self, one: &[u8], other: &[u8]) -> usize {
        let bands = one.chunks(self.row * TILE).zip(other.chunks(self.row * TILE));
        bands.map(|(one, other)| self.differing_in_band(one, other)).sum()
    }

    fn differing_in_band(&self, one: &[u8], other: &[u8]) -> usize {
        if one == other {
            return 0;
        }
        let differs = |from: usize| {
            let tile = from..(from + TILE * DEPTH).min(self.row);
            let rows = one.chunks(self.row).zip(other.chunks(self.row));
            rows.into_iter().any(|(one, other)| one.get(tile.clone()) != other.get(tile.clone()))
        };
        (0..self.row).step_by(TILE * DEPTH).filter(|from| differs(*from)).count()
    }
}
