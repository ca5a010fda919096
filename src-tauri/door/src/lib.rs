//! The wire between Herald's watch and its window: one JSON value a line, in either direction. What a question or an
//! answer says is no matter of this package: the window hands both on as they are.

mod front;

use std::io;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

pub use crate::front::{Front, Token};

/// Which build this is. Watch and window of other builds do not understand each other for certain.
pub const BUILD: &str = env!("HERALD_BUILD");

/// Longest line that is taken, in bytes: a view with its hundred cards is far below.
pub const LINE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// One line between a window that is attached and its watch. It may hold a key, so that it cannot be printed.
#[derive(Serialize, Deserialize)]
pub struct Frame {
    /// Joins an answer to its question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// What is told without a question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<Says>,
    /// The rest of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Box<RawValue>>,
}

/// What is told without a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// The watch: this is true now.
    Shown,
    /// The watch: look there.
    Goto,
    /// The watch: come to the front, by this right ([`Front`]).
    Open,
    /// The watch: you are not needed any more.
    Go,
    /// The window: it is on the screen.
    Visible,
    /// The window: it was closed, and is only hidden.
    Hidden,
}

/// The first line of a window: with it, it attaches itself to a watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename = "attach")]
pub struct Attach {
    /// Of which build it is.
    pub build: String,
    /// Its process.
    pub pid: u32,
    /// Whether it is on the screen.
    pub visible: bool,
}

impl Frame {
    /// A question, or the answer to it.
    ///
    /// # Errors
    /// When the body cannot be written as JSON.
    pub fn joined(id: u64, body: &impl Serialize) -> serde_json::Result<Self> {
        Ok(Self { id: Some(id), says: None, body: Some(serde_json::value::to_raw_value(body)?) })
    }

    /// Something told.
    ///
    /// # Errors
    /// When the body cannot be written as JSON.
    pub fn told(says: Says, body: &impl Serialize) -> serde_json::Result<Self> {
        Ok(Self { id: None, says: Some(says), body: Some(serde_json::value::to_raw_value(body)?) })
    }

    /// Something told in a word.
    #[must_use]
    pub fn word(says: Says) -> Self {
        Self { id: None, says: Some(says), body: None }
    }
}

/// Reads a line; nothing at the end, where a line that was begun counts as none.
///
/// # Errors
/// When nothing can be read, or a line is too long: then the rest of it is still to come, and nothing can follow.
pub async fn read_line(reader: &mut (impl AsyncBufRead + Unpin), bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
    let mut line = vec![];
    reader.take(bytes_max as u64 + 1).read_until(b'\n', &mut line).await?;
    match line.pop() {
        Some(b'\n') => Ok(Some(line)),
        Some(_) if line.len() >= bytes_max => Err(io::Error::new(io::ErrorKind::InvalidData, "a line is too long")),
        Some(_) | None => Ok(None),
    }
}

/// Writes a value as a line.
///
/// # Errors
/// When it is no JSON, or nobody takes it.
pub async fn write_line(writer: &mut (impl AsyncWrite + Unpin), value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    writer.write_all(&line).await?;
    writer.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn lines_end_where_they_end_and_are_no_longer_than_allowed() {
        let read = async |text: &str| {
            let mut rest = text.as_bytes();
            let mut lines = vec![];
            loop {
                match read_line(&mut rest, 5).await {
                    Ok(Some(line)) => lines.push(String::from_utf8(line).expect("text")),
                    Ok(None) => return (lines, true),
                    Err(_) => return (lines, false),
                }
            }
        };
        for (text, lines, ends_well) in [
            ("", vec![], true),
            ("one\ntwo\n", vec!["one", "two"], true),
            ("five5\n", vec!["five5"], true),
            ("one\nbegun", vec!["one"], true),
            ("sixsix\nmore\n", vec![], false),
        ] {
            assert_eq!(read(text).await, (lines.iter().map(ToString::to_string).collect(), ends_well), "{text:?}");
        }
    }

    #[test]
    fn frames_keep_their_body_as_it_is() {
        let text = r#"{"id":7,"body":{"ask":"hello",  "odd":1.0}}"#;
        let frame: Frame = serde_json::from_str(text).expect("a frame");
        assert_eq!(frame.body.as_ref().map(|body| body.get()), Some(r#"{"ask":"hello",  "odd":1.0}"#));
        assert_eq!(serde_json::to_string(&frame).expect("JSON"), text);
        let attach = Attach { build: "b".into(), pid: 1, visible: false };
        let text = r#"{"ask":"attach","build":"b","pid":1,"visible":false}"#;
        assert_eq!(serde_json::to_string(&attach).expect("JSON"), text);
        assert_eq!(serde_json::from_str::<Attach>(text).expect("read"), attach);
    }
}
