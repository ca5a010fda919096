//! Slack's message and its "ok".

use serde_json::{Value, json};

/// The message, with the three signs escaped that mean something to Slack.
pub(super) fn message(text: &str) -> Value {
    json!({ "text": text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;") })
}

/// Whether Slack said that it is done: `ok`, or as JSON where a workflow listens.
pub(super) fn done(body: &[u8]) -> bool {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    body.trim_ascii() == b"ok" || json.is_some_and(|json| json.get("ok") == Some(&Value::Bool(true)))
}

/// Whether a body is one of Slack's words, such as `channel_is_archived`.
pub(super) fn is_word(body: &[u8]) -> bool {
    let word = body.trim_ascii();
    (1..=40).contains(&word.len()) && word.iter().all(|sign| sign.is_ascii_lowercase() || *sign == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_escaped() {
        let expected = json!({ "text": "a &amp;&lt; b &lt;!channel&gt; &amp;amp;" });
        assert_eq!(message("a &< b <!channel> &amp;"), expected);
    }

    #[test]
    fn words_are_known() {
        for (body, expected) in [
            ("no_service", true),
            ("ratelimited\n", true),
            ("no route to /services/T/B/x", false),
            ("{}", false),
            ("", false),
        ] {
            assert_eq!(is_word(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn only_ok_is_ok() {
        for (body, expected) in [
            ("ok", true),
            ("ok\n", true),
            (r#"{"ok":true}"#, true),
            (r#"{"ok":false}"#, false),
            ("<html>ok</html>", false),
            ("", false),
        ] {
            assert_eq!(done(body.as_bytes()), expected, "{body}");
        }
    }
}
