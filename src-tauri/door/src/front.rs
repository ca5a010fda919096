//! Coming to the front. A desktop lets a window come before what its user works in only for a reason: a token that it
//! gave with the click (`xdg_activation_v1`, or a startup id on X11), or, on X11, the time at which the user acted.

use serde::{Deserialize, Serialize};

/// Longest token that is taken: those of real desktops have fewer than a hundred bytes.
const TOKEN_BYTES_MAX: usize = 1024;

/// Leave to come to the front, as the desktop gave it with one click, key or command. It is good once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token(String);

impl Token {
    /// What the desktop gave, if it is anything.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let sound = !text.is_empty() && text.len() <= TOKEN_BYTES_MAX && !text.contains(char::is_control);
        sound.then_some(Self(text))
    }

    /// What the program that started this process gave to it.
    #[must_use]
    pub fn from_env() -> Option<Self> {
        let given = |name: &str| std::env::var(name).ok().and_then(Self::new);
        given("XDG_ACTIVATION_TOKEN").or_else(|| given("DESKTOP_STARTUP_ID"))
    }

    /// As the desktop wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// By what right the window comes to the front.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", content = "token", rename_all = "snake_case")]
pub enum Front {
    /// The user asked for it, and this is what the desktop gave along.
    Token(Token),
    /// The user asked for it; the desktop gave nothing along.
    Asked,
    /// Nobody asked: it may stay behind what the user works in.
    #[default]
    Unasked,
}

impl From<Option<Token>> for Front {
    fn from(token: Option<Token>) -> Self {
        token.map_or(Self::Asked, Self::Token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_a_token_is_taken_for_one() {
        for (text, taken) in [
            ("gnome-shell/Herald/2112-0-desk_TIME123456", true),
            ("a3f0c1d2-kwin-12", true),
            ("", false),
            ("two\nlines", false),
            (&"x".repeat(TOKEN_BYTES_MAX + 1), false),
        ] {
            assert_eq!(Token::new(text).is_some(), taken, "{text:?}");
        }
        assert_eq!(Front::from(None), Front::Asked, "who asks without a token still asked");
    }
}
