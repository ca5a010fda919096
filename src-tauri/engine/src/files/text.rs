//! Text as it lies in files that people and their editors made.

/// Why bytes are no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no text in UTF-8 or UTF-16")]
pub struct NoText;

/// The text in a file: UTF-8, or UTF-16 as Windows' shells write it, without the mark that may stand before it (Unicode
/// Standard 23.8, "Byte Order Mark").
///
/// # Errors
/// When it is no text.
pub fn text_of(bytes: &[u8]) -> Result<String, NoText> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        rest => utf8(rest),
    }
}

fn utf8(bytes: &[u8]) -> Result<String, NoText> {
    String::from_utf8(bytes.to_vec()).map_err(|_| NoText)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, NoText> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    if odd.is_empty() { String::from_utf16(&units).map_err(|_| NoText) } else { Err(NoText) }
}
