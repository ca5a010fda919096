//! The words by which a text is told to say what it has to: the team's own, over a default in English.

use serde::{Deserialize, Serialize};

use super::moment::timed;
use super::words::{Word, sentences};

/// What a text about a fix has to say (H45).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonitoringFact {
    /// Systems are back to normal.
    BackToNormal,
    /// We watch for recurrence.
    Watching,
    /// How long until we resolve.
    UntilResolved,
}

impl MonitoringFact {
    /// What is to be said (H45).
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Self::BackToNormal => "systems are back to normal",
            Self::Watching => "we watch for recurrence",
            Self::UntilResolved => "how long until we resolve",
        }
    }
}

/// Lists of words that a team can replace. Upper and lower case are the same (H45).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wordings {
    /// Any of them says that systems are back to normal.
    pub back_to_normal: Vec<String>,
    /// Any of them says that we watch for recurrence.
    pub watching: Vec<String>,
    /// Any of them, with a span or time in the same sentence, says how long until we resolve.
    pub until_resolved: Vec<String>,
    /// Words that a text loses nothing without.
    pub fillers: Vec<String>,
}

impl Default for Wordings {
    fn default() -> Self {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            back_to_normal: list(&[
                "back to normal",
                "returned to normal",
                "operating normally",
                "working normally",
                "running normally",
                "normal operation",
                "normal levels",
                "fully operational",
                "have recovered",
                "has recovered",
                "been restored",
                "is restored",
                "are restored",
                "working again",
                "works again",
            ]),
            watching: list(&["monitor", "watch", "observ", "keep an eye", "keeping an eye", "recurrence"]),
            until_resolved: list(&["resolv", "close", "monitor", "watch", "observ", "keep an eye", "keeping an eye"]),
            fillers: list(&["already", "currently", "actually", "basically", "just", "really", "very", "quite", "now"]),
        }
    }
}

impl Wordings {
    /// What a text about a fix does not say. A promise in it speaks of the next update, not of the end (H45).
    #[must_use]
    pub fn missing(&self, text: &str, promise: Option<&str>) -> Vec<MonitoringFact> {
        let text = promise.map_or_else(|| text.to_owned(), |promise| text.replace(promise, ""));
        let spoken = text.to_lowercase().replace('’', "'");
        let mut missing = vec![];
        if !has_any(&spoken, &self.back_to_normal) {
            missing.push(MonitoringFact::BackToNormal);
        }
        if !has_any(&spoken, &self.watching) {
            missing.push(MonitoringFact::Watching);
        }
        if !sentences(&spoken).iter().any(|sentence| self.says_how_long(&spoken, sentence)) {
            missing.push(MonitoringFact::UntilResolved);
        }
        missing
    }

    /// Where the first word stands, in bytes, that a text loses nothing without and that is found good.
    pub(super) fn filler<T>(&self, text: &str, good: impl Fn(&Word) -> Option<T>) -> Option<T> {
        let words = sentences(text).concat();
        words.iter().filter(|word| self.fillers.iter().any(|filler| filler.to_lowercase() == word.text)).find_map(good)
    }

    fn says_how_long(&self, text: &str, sentence: &[Word]) -> bool {
        let (Some(first), Some(last)) = (sentence.first(), sentence.last()) else { return false };
        (0..sentence.len()).any(|at| timed(sentence, at)) && has_any(&text[first.start..last.end], &self.until_resolved)
    }
}

fn has_any(text: &str, words: &[String]) -> bool {
    words.iter().any(|word| !word.trim().is_empty() && text.contains(&word.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::MonitoringFact::{BackToNormal, UntilResolved, Watching};
    use super::*;

    #[test]
    fn facts_about_a_fix() {
        for (text, expected) in [
            ("All systems are back to normal. We'll monitor for 30 minutes before we resolve.", vec![]),
            ("Pipelines HAVE RECOVERED; we watch for recurrence and will resolve at 15:00 UTC", vec![]),
            ("Jobs are working again. We are keeping an eye on it for the next hour.", vec![]),
            ("Systems are back to normal. We are monitoring.", vec![UntilResolved]),
            ("Back to normal. We will resolve in 30 minutes.", vec![Watching]),
            ("The fix is out. We monitor for 30 minutes.", vec![BackToNormal]),
            ("It took 30 minutes. We monitor.", vec![BackToNormal, UntilResolved]),
            ("The fix is out.", vec![BackToNormal, Watching, UntilResolved]),
            ("", vec![BackToNormal, Watching, UntilResolved]),
        ] {
            assert_eq!(Wordings::default().missing(text, None), expected, "{text:?}");
        }
    }

    #[test]
    fn the_next_update_is_not_the_end() {
        let text = "Back to normal. We monitor, next update in 60 minutes.";
        let missing = Wordings::default().missing(text, Some("next update in 60 minutes"));
        assert_eq!(missing, [UntilResolved]);
    }

    #[test]
    fn a_team_has_its_own_words() {
        let own = Wordings { back_to_normal: vec!["Tudo Normal".into(), " ".into()], ..Wordings::default() };
        assert_eq!(own.missing("tudo normal. We watch for 30 min", None), []);
        assert_eq!(own.missing("Back to normal. We watch for 30 min", None), [BackToNormal]);
    }
}
