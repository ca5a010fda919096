//! A status page of which only RSS 2.0 or Atom can be read: what was published there, and when (services.md 3.5, 4).
//!
//! It is the last resort, chosen by the user and never fallen back to: times are told to the minute, components not at
//! all, and nothing can be published.

pub(crate) mod html;
mod stamp;
mod updates;
mod words;
mod xml;

use std::collections::BTreeMap;

use herald_core::feed::{FeedAnswer, PageTold, PostSeen, StatusPage};
use herald_core::text::{clean_line, title};
use herald_core::{Fault, Phase, Time};
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use url::Url;

use crate::http::{Http, Request, budget_pause};
use crate::lenient::{id, is_web};
use xml::Entry;

/// Entries that are read: feeds list the latest few dozen incidents.
const ENTRIES_MAX: usize = 500;
/// Updates of one incident that are kept; the oldest go first.
const UPDATES_MAX: usize = 300;
/// Longest name of an entry that is kept where it holds no plain id, in graphemes.
const ID_MAX: usize = 80;
/// An entry whose phases Herald cannot read counts as going on while its last word is younger than this.
const UNCLEAR_FOR: chrono::TimeDelta = chrono::TimeDelta::hours(24);
/// How long after its end an incident may be taken up again where entries are told apart by their titles alone.
const ANEW_AFTER: chrono::TimeDelta = chrono::TimeDelta::hours(24);

/// Reads the feed; there is no key that could go there.
pub(crate) async fn told(http: &Http, page: &StatusPage) -> Result<FeedAnswer<PageTold>, Fault> {
    let asked_at = http.now();
    let accept = HeaderValue::from_static("application/rss+xml, application/atom+xml, text/xml, application/xml");
    let headers = HeaderMap::from_iter([(ACCEPT, accept)]);
    let answer = http.send(Request { url: page.feed_url.clone(), headers }).await?;
    http.sound(&answer, "xml")?;
    let entries = xml::entries(&String::from_utf8_lossy(&answer.body))?;
    let (posts, skipped, complete) = posts(&entries, asked_at);
    let told = PageTold { posts, components: vec![], maintenances: vec![], maintenances_complete: false };
    Ok(FeedAnswer { asked_at, told, skipped, complete, pause_until: budget_pause(&answer.headers, http.now()) })
}

/// The incidents of a feed, how many updates and entries were left out, and whether all entries were read.
fn posts(entries: &[Entry], now: Time) -> (Vec<PostSeen>, u32, bool) {
    let (mut posts, mut skipped) = (BTreeMap::<String, PostSeen>::new(), 0);
    let mut complete = entries.len() <= ENTRIES_MAX;
    for entry in entries.iter().take(ENTRIES_MAX).filter(|entry| !updates::plans(entry)) {
        match post(entry, now) {
            Some((post, updates_skipped)) => {
                skipped += updates_skipped;
                // Some feeds have one entry for each update, all under one name.
                match posts.get_mut(&post.id) {
                    Some(known) => merge(known, post),
                    None => drop(posts.insert(post.id.clone(), post)),
                }
            }
            None => {
                skipped += 1;
                complete = false;
            }
        }
    }
    (posts.into_values().collect(), skipped, complete)
}

fn post(entry: &Entry, now: Time) -> Option<(PostSeen, u32)> {
    let read = updates::read(entry);
    let last = read.updates.last()?;
    let open = read.goes_on.unwrap_or(now - last.at < UNCLEAR_FOR);
    let post = PostSeen {
        id: id_of(entry)?,
        title: title(&words::bare_title(entry)),
        url: Some(entry.link.trim().to_owned()).filter(|url| is_web(url)),
        open,
        updates: read.updates,
        components: vec![],
    };
    Some((post, read.skipped))
}

/// The id that the page's service gave it, where the name ends in one: the same as its JSON has. Pages with an entry for
/// each update name the update behind the incident (`…/incidents/7#update-2`), or only the service and the moment
/// (`…/#mail-eu_1760000000`, AWS): there the title tells one incident from another.
fn id_of(entry: &Entry) -> Option<String> {
    let name = [&entry.id, &entry.link].into_iter().map(|name| name.trim()).find(|name| !name.is_empty())?;
    let of_update = Url::parse(name).ok().filter(|url| is_web(name) && url.fragment().is_some());
    let (incident, part) = name.split_once('#').filter(|_| of_update.is_some()).unwrap_or((name, ""));
    let root = of_update.is_some_and(|url| url.path().trim_matches('/').is_empty());
    if root {
        let service = part.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_');
        return Some(clean_line(&format!("{service} {}", words::bare_title(entry)), ID_MAX));
    }
    let last = incident.trim_end_matches('/').rsplit(['/', ':', '=', '#']).next();
    Some(last.and_then(id).unwrap_or_else(|| clean_line(incident, ID_MAX)))
}

fn merge(known: &mut PostSeen, other: PostSeen) {
    let newer = other.updates.last().map(|it| it.at) > known.updates.last().map(|it| it.at);
    for update in other.updates {
        if !known.updates.iter().any(|it| it.at == update.at && it.text == update.text) {
            known.updates.push(update);
        }
    }
    known.updates.sort_by_key(|update| update.at);
    // The same service and title once more, long after it was over, is another incident.
    let anew = known.updates.windows(2).rposition(|two| {
        let over = two[0].phase == Some(Phase::Resolved) && two[1].phase != Some(Phase::Resolved);
        over && two[1].at - two[0].at > ANEW_AFTER
    });
    known.updates.drain(..anew.map_or(0, |at| at + 1));
    let too_many = known.updates.len().saturating_sub(UPDATES_MAX);
    known.updates.drain(..too_many);
    if newer {
        known.open = other.open;
    }
}

#[cfg(test)]
mod tests;
