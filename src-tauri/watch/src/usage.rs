//! Wrong words on the command line, told without repeating what may be a key.

/// Longest word of lower-case letters that is repeated: a command that was mistyped, and no key.
const PLAIN_MAX: usize = 16;
/// Longest name of an option that is repeated.
const OPTION_MAX: usize = 24;

/// What is wrong, without those of the `given` words that may be keys, wherever they stand in it.
pub(crate) fn without_secrets(told: &str, given: &[String]) -> String {
    let mut told = told.to_owned();
    let mut hidden = false;
    let mut words: Vec<&str> = given.iter().flat_map(|word| parts(word)).filter(|word| !is_plain(word)).collect();
    // A word may be part of another.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in words {
        hidden |= told.contains(word);
        told = told.replace(word, "…");
    }
    if hidden {
        told.push_str("\nWhat may be a key is not repeated here. Keys are read from standard input: `herald connect pagerduty < token`.\n");
    }
    told
}

/// The word; of an option with a value, both.
fn parts(word: &str) -> Vec<&str> {
    match word.split_once('=').filter(|_| word.starts_with('-')) {
        Some((name, value)) => vec![name, value],
        None => vec![word],
    }
}

/// Whether a word can be no key: the name of a command or an option, or a number.
fn is_plain(word: &str) -> bool {
    let name = |word: &str, max: usize| word.len() <= max && word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let number = word.len() <= PLAIN_MAX && word.chars().all(|c| c.is_ascii_digit());
    word.is_empty() || number || if word.starts_with('-') { name(word, OPTION_MAX) } else { name(word, PLAIN_MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_repeated() {
        for (given, hidden) in [
            ("u+abcdefghijklmnop12", true),
            ("pdus+_0XBPWQQ_abc", true),
            ("y_NbAkKc66ryYTWUXYEu", true),
            ("glpat-abcdefghijklmnop", true),
            ("ABCDEF", true),
            ("abcdefghijklmnopqrst", true),
            ("--token=u+abcdefghijklmnop12", true),
            ("--u+abcdefghijklmnop12", true),
            ("statsu", false),
            ("poll-intervall", false),
            ("--jsno", false),
            ("4000000000", false),
        ] {
            let told = without_secrets(&format!("error: unexpected argument '{given}' found"), &[given.to_owned()]);
            let secret = given.trim_start_matches("--token=");
            assert_eq!(!told.contains(secret), hidden, "{told}");
            assert_eq!(told.contains("standard input"), hidden, "{told}");
        }
    }
}
