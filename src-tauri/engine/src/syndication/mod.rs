//! A status page of which only RSS 2.0 or Atom can be read: what was published there, and when (APIS.md 3.5, 4).
//!
//! It is the last resort, chosen by the user and never fallen back to: times are told to the minute, components not at
//! all, and nothing can be published.

mod html;
mod stamp;
mod updates;
mod xml;

use std::collections::BTreeMap;

use herald_core::feed::{FeedAnswer, PageTold, PostSeen, StatusPage};
use herald_core::text::{clean_line, title};
use herald_core::{Fault, Phase, Time};
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};

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
    for entry in entries.iter().take(ENTRIES_MAX).filter(|entry| !is_maintenance(entry)) {
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
    let name = [&entry.id, &entry.link].into_iter().find(|name| !name.trim().is_empty())?;
    let read = updates::read(entry);
    let last = read.updates.last()?;
    let open = if read.clear { last.phase != Phase::Resolved } else { now - last.at < UNCLEAR_FOR };
    let post = PostSeen {
        id: id_of(name),
        title: title(&html::text(&entry.title)),
        url: Some(entry.link.trim().to_owned()).filter(|url| is_web(url)),
        open,
        updates: read.updates,
        components: vec![],
    };
    Some((post, read.skipped))
}

/// The id that the page's service gave it, where the name ends in one: the same as its JSON has.
fn id_of(name: &str) -> String {
    let last = name.trim().trim_end_matches('/').rsplit(['/', ':', '=', '#']).next();
    last.and_then(id).unwrap_or_else(|| clean_line(name, ID_MAX))
}

fn merge(known: &mut PostSeen, other: PostSeen) {
    let newer = other.updates.last().map(|it| it.at) > known.updates.last().map(|it| it.at);
    for update in other.updates {
        if !known.updates.iter().any(|it| it.at == update.at && it.text == update.text) {
            known.updates.push(update);
        }
    }
    known.updates.sort_by_key(|update| update.at);
    let too_many = known.updates.len().saturating_sub(UPDATES_MAX);
    known.updates.drain(..too_many);
    if newer {
        known.open = other.open;
    }
}

/// Planned work is announced in the same feed; it is no incident.
fn is_maintenance(entry: &Entry) -> bool {
    entry.link.contains("/maintenance/") || updates::plans(entry)
}

#[cfg(test)]
mod tests;
