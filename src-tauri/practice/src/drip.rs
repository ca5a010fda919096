//! Bodies that come in pieces: huge ones made on the way, slow ones, ones that break off.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::line::Cut;

/// A body made of pieces.
pub(crate) struct Drip {
    pieces: Box<dyn Iterator<Item = Bytes> + Send>,
    length: Option<u64>,
    gap: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    /// Breaks the connection off after the last piece.
    cut: Option<Cut>,
}

/// Long enough for the pieces before to be on the wire.
const FLUSH: Duration = Duration::from_millis(20);

impl Drip {
    /// Makes a body of pieces as fast as they are taken.
    pub(crate) fn fast(pieces: impl Iterator<Item = Bytes> + Send + 'static) -> Body {
        Drip::body(Box::new(pieces), None, Duration::ZERO, None)
    }

    /// Makes a body that trickles, with an honest length.
    pub(crate) fn slow(bytes: Bytes, bytes_per_s: u32) -> Body {
        // A piece every quarter of a second keeps idle time-outs content, which is the point.
        let size = (bytes_per_s / 4).max(1) as usize;
        let gap = Duration::from_secs_f64(size as f64 / f64::from(bytes_per_s.max(1)));
        let length = bytes.len() as u64;
        let pieces = pieces(bytes, size);
        Drip::body(Box::new(pieces), Some(length), gap, None)
    }

    /// Makes a body that promises all and breaks off in the middle.
    pub(crate) fn broken(bytes: Bytes, cut: Cut) -> Body {
        let length = (bytes.len() as u64).max(2);
        let half = bytes.slice(..bytes.len() / 2);
        Drip::body(Box::new(std::iter::once(half)), Some(length), FLUSH, Some(cut))
    }

    fn body(
        pieces: Box<dyn Iterator<Item = Bytes> + Send>,
        length: Option<u64>,
        gap: Duration,
        cut: Option<Cut>,
    ) -> Body {
        Body::new(Drip { pieces, length, gap, timer: None, cut })
    }
}

fn pieces(bytes: Bytes, size: usize) -> impl Iterator<Item = Bytes> + Send {
    let count = bytes.len().div_ceil(size);
    (0..count).map(move |place| bytes.slice(place * size..bytes.len().min((place + 1) * size)))
}

impl HttpBody for Drip {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(timer) = self.timer.as_mut() {
            ready!(timer.as_mut().poll(cx));
            self.timer = None;
        }
        if let Some(piece) = self.pieces.next() {
            if !self.gap.is_zero() {
                self.timer = Some(Box::pin(sleep_until(Instant::now() + self.gap)));
            }
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match self.cut.take() {
            None => Poll::Ready(None),
            Some(cut) => {
                cut.now();
                Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into())))
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}
