//! Splits a text into sentences and words, and remembers what stood between them.

/// A word of a text, in lower case, with where it stands in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) start: usize,
    pub(super) end: usize,
    /// What stands between it and the word before.
    pub(super) gap: String,
    /// Whether a comma or the like stands before it.
    pub(super) after_pause: bool,
    /// Whether it is written in capitals alone.
    pub(super) capitals: bool,
}

impl Word {
    /// Whether it is one of these.
    pub(super) fn is(&self, any: &[&str]) -> bool {
        any.contains(&self.text.as_str())
    }

    /// Whether a dash joins it to the word before: "30-45", "14:30 – 15:00".
    pub(super) fn dashed(&self) -> bool {
        matches!(self.gap.trim(), "-" | "–" | "—" | "−")
    }

    /// Whether it is nothing but digits.
    pub(super) fn number(&self) -> Option<u32> {
        let digits = self.text.bytes().all(|b| b.is_ascii_digit());
        self.text.parse().ok().filter(|_| digits && self.text.len() <= 6)
    }
}

/// What the word at a place says; nothing where there is none.
pub(super) fn text_at(words: &[Word], at: usize) -> &str {
    words.get(at).map_or("", |word| word.text.as_str())
}

/// Whether these words follow each other from here on.
pub(super) fn begins_with(words: &[Word], phrase: &[&str]) -> bool {
    words.len() >= phrase.len() && words.iter().zip(phrase).all(|(word, expected)| word.text == *expected)
}

/// The words of each sentence, without marks.
pub(super) fn sentences(text: &str) -> Vec<Vec<Word>> {
    let mut sentences = vec![vec![]];
    let mut gap = String::new();
    let mut start = 0;
    for (at, c) in text.char_indices().chain([(text.len(), '\n')]) {
        let rest = &text[at..];
        if belongs_to_word(&text[start..at], rest) {
            continue;
        }
        if start < at {
            let said = &text[start..at];
            let word = Word {
                text: said.to_lowercase().replace("p.m", "pm").replace("a.m", "am").replace('’', "'"),
                start,
                end: at,
                after_pause: gap.contains([',', ';', '(', ')']),
                gap: std::mem::take(&mut gap),
                capitals: said.chars().all(char::is_uppercase),
            };
            sentences.last_mut().expect("there is always a sentence").extend(apart(word));
        }
        let announced = c == '\n' && gap.trim_end().ends_with(':');
        if matches!(c, '.' | '!' | '?' | '\n') && !announced && !(c == '.' && abbreviated(&text[start..at])) {
            sentences.push(vec![]);
        }
        gap.push(c);
        start = at + c.len_utf8();
    }
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

/// A zone that is glued to its time is a word of its own: "15:00UTC", "3pmEST".
fn apart(word: Word) -> Vec<Word> {
    let (text, start, end) = (word.text.clone(), word.start, word.end);
    let zone = ZONES.iter().find(|zone| text.ends_with(**zone));
    let time = zone.map(|zone| &text[..text.len() - zone.len()]).filter(|time| {
        let digits = time.trim_end_matches("am").trim_end_matches("pm");
        time.starts_with(|c: char| c.is_ascii_digit())
            && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.'))
    });
    match (time, zone) {
        (Some(time), Some(zone)) => {
            let middle = end - zone.len();
            let zone = Word {
                text: (*zone).to_owned(),
                start: middle,
                end,
                gap: String::new(),
                after_pause: false,
                capitals: false,
            };
            vec![Word { text: time.to_owned(), start, end: middle, ..word }, zone]
        }
        _ => vec![word],
    }
}

/// Zones that people glue to a time.
const ZONES: &[&str] =
    &["utc", "gmt", "cest", "est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt", "cet", "bst", "ist", "jst"];

/// Whether the next character belongs to the word so far: `14:30`, `1.5`, `p.m`, `forty-five`, `we'll`.
fn belongs_to_word(word: &str, rest: &str) -> bool {
    let mut rest = rest.chars();
    let Some(c) = rest.next() else { return false };
    let (before, after) = (word.chars().next_back(), rest.next());
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let half = || {
        let hour = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':');
        matches!(hour, "a" | "p" | "A" | "P") && matches!(after, Some('m' | 'M'))
    };
    match c {
        ':' => digit(before) && digit(after),
        '.' => digit(before) && digit(after) || half(),
        '-' | '\'' | '’' => letter(before) && letter(after),
        _ => c.is_alphanumeric(),
    }
}

fn abbreviated(word: &str) -> bool {
    const SHORT: &[&str] = &[
        "min", "mins", "hr", "hrs", "approx", "ca", "a.m", "p.m", "jan", "feb", "mar", "apr", "jun", "jul", "aug",
        "sep", "sept", "oct", "nov", "dec", "mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun",
    ];
    let word = word.to_lowercase();
    let word = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':');
    SHORT.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_people_end_them() {
        let words = |text| {
            let plain = |sentence: Vec<Word>| sentence.into_iter().map(|word| word.text).collect::<Vec<_>>().join(" ");
            sentences(text).into_iter().map(plain).collect::<Vec<_>>()
        };
        assert_eq!(words("It's up. We'll watch, 1.5 h!\nBye"), ["it's up", "we'll watch 1.5 h", "bye"]);
        assert_eq!(words("in 30 min. or at 14:30 UTC."), ["in 30 min or at 14:30 utc"]);
        assert_eq!(words("Next update:\n3 p.m. UTC on Nov. 20"), ["next update 3 pm utc on nov 20"]);
        assert_eq!(words("…—"), Vec::<String>::new());
    }

    #[test]
    fn what_stands_between_is_remembered() {
        let words = sentences("14:30 UTC−5, then").concat();
        let gaps: Vec<&str> = words.iter().map(|word| word.gap.as_str()).collect();
        assert_eq!(gaps, ["", " ", "−", ", "]);
        assert_eq!(words.iter().map(|word| word.after_pause).collect::<Vec<_>>(), [false, false, false, true]);
        assert!(words[1].capitals && !words[3].capitals);
    }
}
