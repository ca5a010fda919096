//! The words of one issue, found by its link, for a maintenance that it announces (H60).

use herald_core::{Fault, text};
use url::Url;

use super::{Reader, encoded, facts, wire};
use crate::issue::IssueWords;
use crate::lenient::clean_text;

/// Longest text that is taken over, in characters: customers read a few sentences.
const TEXT_CHARS_MAX: usize = 1_000;

impl Reader {
    /// What an issue says. Of its text, the first paragraphs that readers of the issue see.
    pub async fn words(&self, project: &str, iid: u64) -> Result<IssueWords, Fault> {
        let path = format!("/projects/{}/issues/{iid}", encoded(project));
        let it: wire::Worded = self.read(&path).await?;
        let shown = clean_text(&facts::without_comments(it.description.as_deref().unwrap_or_default()));
        Ok(IssueWords {
            title: text::title(it.title.as_deref().unwrap_or_default()),
            text: opening(&shown),
            // Whoever does not say that it is public does not get its words published.
            confidential: it.confidential.unwrap_or(true),
        })
    }
}

/// Where the tracker's pages are, which are not its API.
pub(crate) fn site(base_url: &str) -> &str {
    base_url.split("/api/").next().unwrap_or(base_url)
}

/// Project and number of the issue that a link leads to, if it is one of this tracker: its key goes nowhere else.
pub(crate) fn issue_at(base_url: &str, link: &str) -> Option<(String, u64)> {
    let (site, link) = (Url::parse(site(base_url)).ok()?, Url::parse(link.trim()).ok()?);
    if (site.host(), site.port_or_known_default()) != (link.host(), link.port_or_known_default()) {
        return None;
    }
    let path = link.path().strip_prefix(site.path().trim_end_matches('/'))?.trim_matches('/');
    let mut parts: Vec<&str> = path.split('/').collect();
    let place = parts.iter().rposition(|part| matches!(*part, "issues" | "work_items" | "incident" | "incidents"))?;
    let iid = parts.get(place + 1)?.parse().ok()?;
    parts.truncate(place);
    parts.pop_if(|last| *last == "-");
    (parts.len() > 1 && parts.iter().all(|part| !part.is_empty())).then(|| (parts.join("/"), iid))
}

/// The paragraphs that fit, at least a part of the first.
fn opening(text: &str) -> String {
    let mut taken = String::new();
    for paragraph in text.split("\n\n").map(str::trim).filter(|it| !it.is_empty()) {
        let between = if taken.is_empty() { "" } else { "\n\n" };
        let length = taken.chars().count() + between.len() + paragraph.chars().count();
        if length > TEXT_CHARS_MAX {
            return if taken.is_empty() { cut(paragraph) } else { taken };
        }
        taken = format!("{taken}{between}{paragraph}");
    }
    taken
}

/// As many whole words as fit, and a sign that there are more.
fn cut(text: &str) -> String {
    let end = text.char_indices().nth(TEXT_CHARS_MAX - 1).map_or(text.len(), |(at, _)| at);
    let head = &text[..end];
    let words = head.rfind(char::is_whitespace).map_or(head, |at| &head[..at]);
    format!("{}…", words.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_names_an_issue_of_this_tracker_or_none() {
        let (root, below) = ("https://gl.example/api/v4", "https://work.example:8443/gitlab/api/v4");
        let found = |project: &str, iid| Some((project.to_owned(), iid));
        for (base_url, link, expected) in [
            (root, "https://gl.example/infra/production/-/issues/19001", found("infra/production", 19001)),
            (root, " https://gl.example/infra/production/-/issues/19001#note_7 ", found("infra/production", 19001)),
            (root, "https://gl.example/a/b/c/-/work_items/5?show=1", found("a/b/c", 5)),
            (root, "https://gl.example/a/b/issues/5/designs", found("a/b", 5)),
            (root, "https://gl.example/issues/-/issues/5", None),
            (root, "https://gl.example/a/issues/-/issues/5", found("a/issues", 5)),
            (root, "https://evil.example/a/b/-/issues/5", None),
            (root, "https://gl.example.evil.example/a/b/-/issues/5", None),
            (root, "https://gl.example:444/a/b/-/issues/5", None),
            (root, "https://gl.example/a/b/-/issues", None),
            (root, "https://gl.example/a/b/-/issues/new", None),
            (root, "https://gl.example/a/b/-/merge_requests/5", None),
            (root, "https://gl.example//b/-/issues/5", None),
            (root, "not a link", None),
            (below, "https://work.example:8443/gitlab/a/b/-/issues/5", found("a/b", 5)),
            (below, "https://work.example:8443/a/b/-/issues/5", None),
        ] {
            assert_eq!(issue_at(base_url, link), expected, "{link}");
        }
    }

    #[test]
    fn the_first_paragraphs_are_taken_within_limits() {
        let long = "word ".repeat(300);
        let nine_hundred = "x".repeat(900);
        for (text, expected) in [
            ("", String::new()),
            (
                "## Summary\n\n**Sign-in** is slow.\n\n\n- a\n- b",
                "## Summary\n\n**Sign-in** is slow.\n\n- a\n- b".into(),
            ),
            (&format!("Short.\n\n{long}"), "Short.".into()),
            (&format!("{nine_hundred}\n\n{}", "y".repeat(98)), format!("{nine_hundred}\n\n{}", "y".repeat(98))),
            (&format!("{nine_hundred}\n\n{}", "y".repeat(99)), nine_hundred.clone()),
        ] {
            assert_eq!(opening(text), expected);
        }
        let cut = opening(&long);
        assert!(cut.ends_with("word…") && cut.chars().count() <= TEXT_CHARS_MAX, "{cut}");
        assert_eq!(opening(&"é".repeat(5_000)).chars().count(), TEXT_CHARS_MAX);
    }
}
