//! Which incident a page calls for. A declaration gives both its issue, a channel and a call; whichever of them page and
//! incident share tells that they are one. Where two incidents fit, the user is asked.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::incident::{Incident, IncidentId, Part, same_project};
use crate::page::{Page, PageId};
use crate::poll::{self, PAUSE_MAX, SourceName};
use crate::post::link::{issue_of, leads_into};
use crate::state::State;
use crate::{Fault, Time};

/// What stands before the number of an issue in a title: GitLab's own way, and the name of an incident's channel.
const BEFORE_NUMBER: [&str; 3] = ["#incident-", "incident-", "#"];
/// Pages whose alerts are asked for at the most: among more, alerts tell nobody apart in time.
const ASKED_MAX: usize = 20;
/// Pages whose alerts are asked for at once.
const AT_ONCE: usize = 3;
/// Alerts come and go while a page is open.
const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(5);
const RETRY_AFTER: TimeDelta = TimeDelta::seconds(60);
/// Digits that a number of a call has at least, and those that tell one subscriber from another.
const DIGITS_MIN: usize = 7;
const DIGITS: usize = 10;

/// What the alerts of a page say, as far as they were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageWords {
    /// Their texts and links.
    pub texts: Vec<String>,
    /// Not to be asked for again before.
    pub next_at: Option<Time>,
}

impl PageWords {
    /// After an answer, or none: what was known stays then.
    #[must_use]
    pub fn read(&self, result: Result<Vec<String>, Fault>, now: Time) -> Self {
        match result {
            Ok(texts) => Self { texts, next_at: Some(now + AGAIN_AFTER) },
            Err(_) => Self { next_at: Some(now + RETRY_AFTER), ..self.clone() },
        }
    }
}

/// What page and incident share, the weakest first: a call may be the team's for every incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shared {
    Call,
    Channel,
    Issue,
}

impl Shared {
    fn words(self) -> &'static str {
        match self {
            Self::Call => "has the same call",
            Self::Channel => "names the channel",
            Self::Issue => "names the issue",
        }
    }
}

/// The incidents that a page fits best, and in words what makes it fit. More than one is a question.
#[must_use]
pub fn fits(state: &State, page: &Page) -> (Vec<IncidentId>, &'static str) {
    let said = Said::by(state, page);
    let apart = |incident: &Incident| incident.apart.contains(&Part::Page { id: page.seen.id.clone() });
    let open = state.incidents.iter().filter(|(_, it)| it.open() && !apart(it));
    let found: Vec<(Shared, IncidentId)> =
        open.filter_map(|(id, incident)| Some((said.shares(incident)?, *id))).collect();
    let best = found.iter().map(|(shared, _)| *shared).max();
    let ids = found.iter().filter(|(shared, _)| Some(*shared) == best).map(|(_, id)| *id).collect();
    (ids, best.map_or("", Shared::words))
}

/// Every page about which the user is to be asked, and the incidents to choose from.
#[must_use]
pub fn questions(state: &State) -> BTreeMap<PageId, BTreeSet<IncidentId>> {
    let open: BTreeSet<IncidentId> = state.incidents.iter().filter(|(_, it)| it.open()).map(|(id, _)| *id).collect();
    // While there is but one, what belongs to no other is its.
    if open.len() < 2 {
        return BTreeMap::new();
    }
    let question = |id: &PageId| {
        let page = state.pages.get(id)?;
        let apart = |incident: &&IncidentId| state.incidents[*incident].apart.contains(&Part::Page { id: id.clone() });
        let best: BTreeSet<IncidentId> = fits(state, page).0.into_iter().collect();
        let choice = if best.is_empty() { open.iter().filter(|it| !apart(it)).copied().collect() } else { best };
        (!choice.is_empty()).then(|| (id.clone(), choice))
    };
    wanting(state).iter().filter_map(question).collect()
}

/// Whether a page may call for this incident that nobody has put anywhere yet.
#[must_use]
pub fn may_be_called(state: &State, id: IncidentId) -> bool {
    state.session.asked.values().any(|choice| choice.contains(&id))
}

/// The pages whose alerts are to be asked for now: those that belong to no incident yet.
#[must_use]
pub fn due(state: &State, now: Time) -> Vec<PageId> {
    let paused = !poll::asked(state, SourceName::PagerDuty) || poll::paused(state, SourceName::PagerDuty, now);
    if paused {
        return vec![];
    }
    let come = |id: &&PageId| next_at(state, id).is_none_or(|at| crate::reached(at, now, PAUSE_MAX));
    wanting(state).iter().filter(come).take(AT_ONCE).cloned().collect()
}

/// When the next are, besides those that are due already: one whose answer is on its way hides no other.
#[must_use]
pub fn due_at(state: &State, now: Time) -> Option<Time> {
    wanting(state).iter().filter_map(|id| next_at(state, id)).filter(|at| *at > now).min()
}

fn next_at(state: &State, page: &PageId) -> Option<Time> {
    state.session.words.get(page).and_then(|words| words.next_at)
}

fn wanting(state: &State) -> Vec<PageId> {
    // Without incidents there is nothing that a page could call for.
    if !state.incidents.values().any(Incident::open) {
        return vec![];
    }
    let taken = taken(state);
    let free = |page: &&Page| page.open() && !taken.contains(&page.seen.id);
    state.pages.values().filter(free).take(ASKED_MAX).map(|page| page.seen.id.clone()).collect()
}

fn taken(state: &State) -> BTreeSet<PageId> {
    state.incidents.values().flat_map(|incident| incident.pages.iter().cloned()).collect()
}

/// What a page says, taken apart once for all the incidents that it may call for.
struct Said<'a> {
    page: &'a Page,
    links: Vec<&'a str>,
    /// Issues that it links to: project and number.
    issues: BTreeSet<(String, u64)>,
    /// Numbers of issues in its title.
    numbers: Vec<u64>,
    /// Words that could be the name of a channel.
    names: BTreeSet<String>,
}

impl<'a> Said<'a> {
    fn by(state: &'a State, page: &'a Page) -> Self {
        let seen = &page.seen;
        let alerts = state.session.words.get(&seen.id).map(|words| words.texts.iter()).into_iter().flatten();
        let own = [Some(&seen.title), seen.url.as_ref(), seen.call_url.as_ref()];
        let texts: Vec<&str> = own.into_iter().flatten().chain(alerts).map(String::as_str).collect();
        let links: Vec<&str> = texts.iter().flat_map(|text| links(text)).collect();
        let issues = links.iter().filter_map(|link| project_and_number(link)).collect();
        let names = texts.iter().flat_map(|text| names(text)).collect();
        Self { page, links, issues, numbers: numbers(&seen.title).collect(), names }
    }

    fn shares(&self, incident: &Incident) -> Option<Shared> {
        let linked = |url: &str| project_and_number(url).is_some_and(|issue| self.issues.contains(&issue));
        let numbered = || incident.issue.as_ref().is_some_and(|issue| self.numbers.contains(&issue.iid));
        if (!self.issues.is_empty() && incident.issue_url().is_some_and(linked)) || numbered() {
            return Some(Shared::Issue);
        }
        let found = incident.issue.as_ref().map(|issue| &issue.found);
        let channel = incident.own.channel.as_ref().or(found.and_then(|found| found.channel.as_ref()));
        if channel.is_some_and(|channel| self.names_channel(channel)) {
            return Some(Shared::Channel);
        }
        let call = incident.own.call_url.as_deref().or(found.and_then(|found| found.call_url.as_deref()));
        let number = found.and_then(|found| found.call_number.as_deref());
        let same_link = call.is_some_and(|call| self.links.iter().any(|link| same_call(link, call)));
        let same_number = number_of(self.page).is_some_and(|dialled| {
            number.is_some_and(|number| same_number(dialled, number)) || call.is_some_and(|call| dials(dialled, call))
        });
        (same_link || same_number).then_some(Shared::Call)
    }

    /// Whether it has the name of a channel, or its link where the channel is known by that.
    fn names_channel(&self, channel: &str) -> bool {
        if channel.starts_with("https://") || channel.starts_with("http://") {
            return self.links.iter().any(|link| leads_into(link, channel));
        }
        let name = channel.trim().trim_start_matches('#').to_lowercase();
        // A word that is no name of a channel, such as "chat", is in many texts.
        let is_name = name.contains(|c: char| c.is_ascii_digit()) || channel.trim().starts_with('#');
        is_name && !name.is_empty() && self.names.contains(&name)
    }
}

/// The project of an issue's link, as far as two spellings of it share it, and the issue's number.
fn project_and_number(url: &str) -> Option<(String, u64)> {
    let (project, iid) = issue_of(url)?;
    Some((project.split_once("://")?.1.to_lowercase(), iid))
}

/// The words of a text, as far as they could be the names of channels.
fn names(text: &str) -> impl Iterator<Item = String> + '_ {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    text.split(move |c: char| !is_part(c)).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// The telephone number of a page's call.
fn number_of(page: &Page) -> Option<&str> {
    page.seen.call_number.as_deref()
}

/// The numbers of issues in a title.
fn numbers(title: &str) -> impl Iterator<Item = u64> + '_ {
    let words = title.split(|c: char| c.is_whitespace() || "()[],;:.!?".contains(c));
    words.filter_map(|word| BEFORE_NUMBER.iter().find_map(|before| word.strip_prefix(before))?.parse().ok())
}

/// The links in a text.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let apart = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '|' | '(' | ')' | '[' | ']');
    let words = text.split(apart).map(|word| word.trim_end_matches(['.', ',', ';', ':', '!', '\'', '*']));
    words.filter(|word| word.starts_with("https://") || word.starts_with("http://"))
}

/// Whether a text links to the issue that this link leads to.
#[must_use]
pub fn links_to(text: &str, issue: &str) -> bool {
    let iid = |url: &str| issue_of(url).map(|(_, iid)| iid);
    links(text).any(|word| iid(word).is_some() && iid(word) == iid(issue) && same_project(word, issue))
}

/// Whether two links lead into one call: what is behind the question mark is a password, and services have many hosts.
fn same_call(one: &str, other: &str) -> bool {
    let bare = |url: &str| url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').to_lowercase();
    let place = |url: &str| bare(url).split_once("://").map(|(_, rest)| rest.to_owned()).filter(|it| it.contains('/'));
    let meeting = |url: &str| meeting(url).map(str::to_owned);
    (place(one).is_some() && place(one) == place(other)) || (meeting(one).is_some() && meeting(one) == meeting(other))
}

/// The number of the meeting that a link ends in.
fn meeting(url: &str) -> Option<&str> {
    let last = url.split(['?', '#']).next()?.trim_end_matches('/').rsplit('/').next()?;
    (last.len() >= 9 && last.bytes().all(|byte| byte.is_ascii_digit())).then_some(last)
}

/// The digits of a telephone number, and of what is dialled after it.
fn digits(number: &str) -> (String, String) {
    let (main, code) = number.split_once([',', ';', 'x', 'p', '#']).unwrap_or((number, ""));
    let only = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    (only(main), only(code))
}

/// Whether two numbers lead into one call, however they are written.
fn same_number(one: &str, other: &str) -> bool {
    let ((one, one_code), (other, other_code)) = (digits(one), digits(other));
    let tail = |number: &str| number[number.len().saturating_sub(DIGITS)..].to_owned();
    let enough = one.len() >= DIGITS_MIN && other.len() >= DIGITS_MIN;
    let codes = one_code == other_code || one_code.is_empty() || other_code.is_empty();
    enough && tail(&one) == tail(&other) && codes
}

/// Whether the code that is dialled is the number of the meeting that the link leads into.
fn dials(number: &str, call: &str) -> bool {
    let (_, code) = digits(number);
    meeting(call).is_some_and(|meeting| code.starts_with(meeting))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::state::tests::{connected, page};

    #[test]
    fn one_call_is_known_again() {
        for (one, other, same) in [
            ("https://call.example/j/123456789?pwd=a", "https://call.example/j/123456789", true),
            ("https://CALL.example/Room/", "http://call.example/room#x", true),
            ("https://eu.call.example/j/123456789", "https://call.example/w/123456789", true),
            ("https://call.example/a", "https://call.example/b", false),
            ("https://call.example", "https://call.example/", false),
            ("https://call.example/1234", "https://other.example/1234", false),
        ] {
            assert_eq!(same_call(one, other), same, "{one} {other}");
        }
        for (one, other, same) in [
            ("+1 415-555-1212,,,,1234#", "(415) 555 1212, 1234#", true),
            ("+1 415-555-1212,,1234#", "+14155551212", true),
            ("+1 415-555-1212,,1234#", "+14155551212,,99#", false),
            ("5551212", "5551213", false),
            ("1234", "1234", false),
        ] {
            assert_eq!(same_number(one, other), same, "{one} {other}");
        }
        assert!(dials("+1 415-555-1212,,123456789#", "https://call.example/j/123456789?pwd=a"));
        assert!(!dials("+1 415-555-1212,,12345#", "https://call.example/j/123456789"));
    }

    #[test]
    fn a_channel_is_a_whole_name() {
        for (text, channel, named) in [
            ("join #incident-7 please", "#incident-7", true),
            ("incident-7", "#incident-7", true),
            ("#incident-77", "#incident-7", false),
            ("#incident-7-web", "#incident-7", false),
            ("the chat is open", "chat", false),
            ("see https://chat.example/archives/C12", "https://chat.example/archives/C12", true),
            ("see https://chat.example/archives/C123", "https://chat.example/archives/C12", false),
        ] {
            let mut page = page("P1", 0);
            Arc::make_mut(&mut page.seen).title = text.into();
            assert_eq!(Said::by(&connected(), &page).names_channel(channel), named, "{text} {channel}");
        }
    }
}
