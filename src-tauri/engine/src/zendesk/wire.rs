//! Zendesk's answer to how many tickets fit a search.

use serde::Deserialize;

/// The answer of `/api/v2/search/count`.
#[derive(Deserialize)]
pub(super) struct Counted {
    pub count: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_a_whole_number() {
        for (body, expected) in [
            (r#"{"count":6}"#, Some(6)),
            (r#"{"count":0,"later":["more"]}"#, Some(0)),
            (r#"{"count":-1}"#, None),
            (r#"{"count":"6"}"#, None),
            (r#"{"count":null}"#, None),
            (r#"{"results":[],"next_page":null}"#, None),
            (r#"{"error":"unavailable","description":"Sorry, we could not complete your search query"}"#, None),
            ("[6]", Some(6)),
            ("6", None),
        ] {
            let count = serde_json::from_str::<Counted>(body).ok().map(|it| it.count);
            assert_eq!(count, expected, "{body}");
        }
    }
}
