//! Finds the links in a text, with the bounds that twitter-text gives them (H40, H111).

use std::collections::BTreeSet;
use std::ops::Range;

use linkify::{LinkFinder, LinkKind};

use super::counted::exists;
use super::weigh::{self, Limits};

/// The last code point that may stand in the path of a link: Latin, Greek, Cyrillic and their neighbours.
const PATH_CHAR_LAST: char = '\u{10FF}';

/// One http(s) link in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it stands, in bytes.
    pub range: Range<usize>,
    /// As it is written there.
    pub url: String,
}

/// Every link in order: with `http(s)://`, or a bare domain that exists. Others never count as links (H111). What the
/// strictest place shows as a link is one, whatever it touches.
#[must_use]
pub fn links(text: &str) -> Vec<Link> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]).url_must_have_scheme(false);
    let found = finder.links(text).filter_map(|link| {
        let range = link.start()..link.start() + ended(link.as_str()).len();
        let url = &text[range.clone()];
        let stands_free = stands_free(&text[..range.start], has_scheme(url));
        (stands_free && is_web(url)).then_some(range)
    });
    let mut links: Vec<Range<usize>> = found.collect();
    for link in weigh::links(text, &Limits::default()) {
        // The reference ends a link of t.co sooner, and one with a scheme begins where that does.
        let within = |known: &Range<usize>| known.start == link.start && link.end <= known.end;
        if !links.iter().any(within) {
            links.retain(|known| known.end <= link.start || link.end <= known.start);
            links.push(link);
        }
    }
    links.sort_by_key(|link| link.start);
    links.into_iter().map(|range| Link { url: text[range.clone()].to_owned(), range }).collect()
}

/// Whether the link leads to `beginning` or to something below it.
#[must_use]
pub fn leads_into(url: &str, beginning: &str) -> bool {
    let beginning = address(beginning);
    let rest = address(url);
    let rest = rest.strip_prefix(&beginning).filter(|_| !beginning.is_empty());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

/// Links that others must not lead to, or are known by: every spelling of each, and everything below it. Asked as often as
/// texts have links, while incidents are many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beginnings(BTreeSet<String>);

impl Beginnings {
    /// Of these issues.
    pub fn of<'a>(urls: impl IntoIterator<Item = &'a str>) -> Self {
        let all = urls.into_iter().flat_map(spellings).map(|url| address(&url));
        Self(all.filter(|address| !address.is_empty()).collect())
    }

    /// Whether a link leads to one of them or to something below it, as [`leads_into`] says of one.
    #[must_use]
    pub fn lead(&self, url: &str) -> bool {
        let url = address(url);
        let cuts = url.match_indices(['/', '?', '#']).map(|(at, _)| at);
        cuts.chain([url.len()]).any(|end| self.0.contains(&url[..end]))
    }
}

/// What stands between project and number in the link of an issue, as the tracker spells it (services.md 2).
const ISSUE_PATHS: [&str; 7] =
    ["/-/issues/incident", "/-/issues", "/-/incidents", "/-/work_items", "/issues", "/incidents", "/incident"];

/// Where the project of an issue's link is, and the issue's number; nothing where the link is that of no issue.
#[must_use]
pub fn issue_of(url: &str) -> Option<(&str, u64)> {
    let plain = url.split(['?', '#']).next().unwrap_or(url).trim_end_matches('/');
    let (before, number) = plain.rsplit_once('/')?;
    let project = ISSUE_PATHS.iter().find_map(|path| before.strip_suffix(path))?;
    Some((project, number.parse().ok()?))
}

/// Every way in which the tracker spells the link of an issue; only the link itself where it is none.
#[must_use]
pub fn spellings(url: &str) -> Vec<String> {
    match issue_of(url) {
        Some((project, iid)) => ISSUE_PATHS.map(|path| format!("{project}{path}/{iid}")).into(),
        None => vec![url.to_owned()],
    }
}

/// A link without what may differ between two spellings of it: the scheme, the case of the host, a last slash.
fn address(url: &str) -> String {
    let (_, rest) = split_scheme(url.trim());
    let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(host_end);
    format!("{}{}", host.to_lowercase(), path.trim_end_matches('/'))
}

fn split_scheme(url: &str) -> (Option<&str>, &str) {
    match url.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, url),
    }
}

fn has_scheme(url: &str) -> bool {
    split_scheme(url).0.is_some()
}

fn is_web(url: &str) -> bool {
    match split_scheme(url).0.map(str::to_ascii_lowercase).as_deref() {
        Some("http" | "https") => !host(url).is_empty(),
        Some(_) => false,
        None => host(url).rsplit_once('.').is_some_and(|(_, top)| exists(top, false)),
    }
}

fn host(url: &str) -> &str {
    let (_, rest) = split_scheme(url);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.split(':').next().unwrap_or_default()
}

/// The link up to where the path has a character that no path has, such as the full stop of another script.
fn ended(url: &str) -> &str {
    let (_, rest) = split_scheme(url);
    let path_at = rest.find('/').map_or(url.len(), |at| url.len() - rest.len() + at);
    let end = url[path_at..].find(|c| c > PATH_CHAR_LAST).map_or(url.len(), |at| path_at + at);
    &url[..end]
}

/// Whether what stands before lets a link begin: `@name.com` and `#name.com` are none.
fn stands_free(before: &str, has_scheme: bool) -> bool {
    let in_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '@' | '＠' | '$' | '#' | '＃');
    let in_path = |c: char| matches!(c, '-' | '_' | '.' | '/' | ':');
    before.chars().next_back().is_none_or(|c| !in_word(c) && (has_scheme || !in_path(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_into_one_of_many_leads_into_it() {
        let known = ["https://tracker.example/g/p/-/issues/7", "https://tracker.example/g/p/-/incidents/12", "odd", ""];
        let beginnings = Beginnings::of(known);
        for (url, leads) in [
            ("https://tracker.example/g/p/-/issues/7", true),
            ("http://TRACKER.example/g/p/issues/7/", true),
            ("tracker.example/g/p/-/work_items/12/designs?x=1", true),
            ("https://tracker.example/g/p/-/issues/7#note_3", true),
            ("https://tracker.example/g/p/-/issues/77", false),
            ("https://tracker.example/g/p/-/issues", false),
            ("https://tracker.example/G/p/-/issues/7", false),
            ("odd/place", true),
            ("", false),
        ] {
            let one_by_one = known.iter().flat_map(|it| spellings(it)).any(|it| leads_into(url, &it));
            assert_eq!((beginnings.lead(url), one_by_one), (leads, leads), "{url}");
        }
    }

    #[test]
    fn one_issue_has_many_spellings() {
        let other = "https://tracker.example/g/p/-/incidents/7#note_1";
        for url in ["https://tracker.example/g/p/-/issues/7", "https://tracker.example/g/p/issues/7/", other] {
            assert_eq!(issue_of(url), Some(("https://tracker.example/g/p", 7)), "{url}");
            let all = spellings(url);
            for way in ["-/issues/7", "-/issues/incident/7", "-/incidents/7", "-/work_items/7", "issues/7"] {
                assert!(all.contains(&format!("https://tracker.example/g/p/{way}")), "{url}: {all:?}");
            }
        }
        for url in ["https://wiki.example/page", "https://app.example/x/7", "https://tracker.example/g/p/-/issues/new"]
        {
            assert_eq!(spellings(url), [url]);
        }
    }

    #[test]
    fn links_to_nowhere_count_as_text() {
        let text = "http://otters http://wiki.internal/x https://gitlab.com/x";
        assert_eq!(links(text).len(), 3, "people can follow them at work");
        let counted = weigh::links(text, &Limits::default()).into_iter().map(|link| &text[link]).collect::<Vec<_>>();
        assert_eq!(counted, ["https://gitlab.com/x"]);
    }

    #[test]
    fn what_is_a_link() {
        for (text, expected) in [
            ("see https://gitlab.com/x/-/issues/1.", vec!["https://gitlab.com/x/-/issues/1"]),
            ("see gitlab.com/x, please", vec!["gitlab.com/x"]),
            ("(https://gitlab.com/x)", vec!["https://gitlab.com/x"]),
            ("https://en.wikipedia.org/wiki/Cut_(film)", vec!["https://en.wikipedia.org/wiki/Cut_(film)"]),
            ("HTTPS://GitLab.COM/x and t.co", vec!["HTTPS://GitLab.COM/x", "t.co"]),
            ("https://a.com/1 https://a.com/2", vec!["https://a.com/1", "https://a.com/2"]),
            (
                "https://tracker.quillbrook.example/issues/18342",
                vec!["https://tracker.quillbrook.example/issues/18342"],
            ),
            ("https://gitlab.com/x。次", vec!["https://gitlab.com/x"]),
            ("http://gitlab.com:8080/x?y=1#z", vec!["http://gitlab.com:8080/x?y=1#z"]),
            ("http://user@gitlab.com/x", vec!["http://user@gitlab.com/x"]),
            ("“gitlab.com/x” and GitLab.com’s", vec!["gitlab.com/x", "GitLab.com"]),
            ("on gitlab.com/x—we look", vec!["gitlab.com/x"]),
            ("quillbrook.example", vec![]),
            ("otters.otters", vec![]),
            ("http://wiki.internal/x", vec!["http://wiki.internal/x"]),
            ("mail ann@gitlab.com or ask @gitlab.com", vec![]),
            ("#gitlab.com $gitlab.com", vec![]),
            ("ftp://www.gitlab.com/", vec![]),
            ("javascript:alert(1) data:text/html,x file:///etc/passwd", vec![]),
            ("javascript://gitlab.com/%0aalert(1)", vec![]),
            ("Runner 17.2.1 is out. It works, e.g. here.We hope", vec![]),
            ("", vec![]),
        ] {
            let urls: Vec<String> = links(text).into_iter().map(|link| link.url).collect();
            assert_eq!(urls, expected, "{text:?}");
        }
    }

    #[test]
    fn two_spellings_of_one_link() {
        let issue = "https://gitlab.com/x/-/issues/1";
        for (other, expected) in [
            ("gitlab.com/x/-/issues/1", true),
            ("http://GitLab.com/x/-/issues/1/", true),
            ("https://gitlab.com/x/-/issues/1#note_2", true),
            ("https://gitlab.com/x/-/issues/1?sort=desc", true),
            ("https://gitlab.com/x/-/issues/1/designs", true),
            ("https://gitlab.com/x/-/issues/12", false),
            ("https://gitlab.com/X/-/issues/1", false),
            ("https://evil.com/gitlab.com/x/-/issues/1", false),
        ] {
            assert_eq!(leads_into(other, issue), expected, "{other}");
        }
        assert!(!leads_into(issue, ""), "nothing leads into nowhere");
    }
}
