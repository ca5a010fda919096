//! What is wrong with an update before it is published, how grave that is, and what would put it right.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::fix::{Fix, without};
use super::link::{Beginnings, Link, leads_into, links};
use super::promise;
use super::template::unfilled;
use super::transition::{Step, needs_link, step};
use super::weigh::{Limits, Meter, cut, meters};
use super::wordings::Wordings;
use super::{Published, READ_MAX, Text};
use crate::Time;
use crate::phase::{Impact, Phase};

/// What is known about the incident that the update is checked against (H41, H45).
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The last update that is public.
    pub previous: Option<&'a Published>,
    /// The link of the incident's issue.
    pub issue: Option<&'a str>,
    /// Beginnings of links that must not be public.
    pub confidential: &'a Beginnings,
    /// The tracker that is watched does not show the issue.
    pub issue_unseen: bool,
    /// What is still to be done before the public may read that it is over.
    pub unfinished: &'a [&'a str],
    /// How long an update may be.
    pub limits: &'a Limits,
    /// The team's words.
    pub wordings: &'a Wordings,
}

/// The rules that an update is checked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LintRule {
    /// There is a title (H45).
    TitleEmpty,
    /// There is a text (H45).
    TextEmpty,
    /// No field of a template is left (H42).
    FieldUnfilled,
    /// A status is chosen (H45).
    ImpactMissing,
    /// All of it fits (H40).
    TooLong,
    /// Where posts are cut, no words are lost (H40).
    WordsCut,
    /// Where posts are cut, the link shows (H40).
    BodyTooLong,
    /// The issue is linked when the incident is opened and when it ends (H41).
    LinkMissing,
    /// No confidential link is published (H41).
    Confidential,
    /// The issue that is linked was seen, so that it is known to be public (H41).
    IssueUnseen,
    /// An incident that is opened affects something (H45).
    NoComponents,
    /// A text about a fix says the three things (H45).
    MonitoringFacts,
    /// Operational comes with Resolved, not before (H45).
    OperationalTooEarly,
    /// What is resolved is Operational (H45).
    ResolvedNotOperational,
    /// What is resolved is confirmed, and the IM gave the all-clear (H56).
    ResolvedTooEarly,
    /// What is promised can still be kept (H32).
    PromisePast,
    /// What is promised is for a time that is sure (H32).
    PromiseUnsure,
    /// What is promised comes no later than the severity allows (H32, H33).
    PromiseLate,
    /// It says something else than the last one (H42).
    NothingChanged,
    /// What is changed about a public incident is something that its page takes (H47).
    NotSent,
}

/// What a finding asks for, the gravest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "LintWeight")]
pub enum Weight {
    /// Only to be read.
    Advice,
    /// To be confirmed before publishing.
    Confirm,
    /// To be put right before publishing.
    Block,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Lint {
    /// Which rule is broken.
    pub rule: LintRule,
    /// What it asks for.
    pub weight: Weight,
    /// What is wrong, as people read it.
    pub says: String,
    /// What would put it right.
    pub fix: Option<Fix>,
}

/// The weight of the longest word that is proposed to be left out.
const FILLER_MAX: u32 = 40;

/// Everything that is wrong with an update published `now`, the gravest first (H40, H41, H42, H45).
#[must_use]
pub fn lint(update: &Text, facts: &Facts, now: Time) -> Vec<Lint> {
    if update.text.len().max(update.title.len()) > READ_MAX {
        return unread(update, facts);
    }
    let step = step(facts.previous.map(|published| published.text.phase), update.phase);
    let promise = promise::found(&update.text, now);
    let mut lints = emptiness(update);
    lints.extend(fields_left(update));
    lints.extend(length(&update.text, facts));
    lints.extend(link_missing(update, step, facts));
    lints.extend(confidential(update, facts));
    lints.extend(issue_unseen(update, facts));
    lints.extend(no_components(update, step));
    lints.extend(monitoring_facts(update, step, facts, promise.as_ref().map(|found| found.words.as_str())));
    lints.extend(status(update, facts));
    lints.extend(too_early(update, facts));
    lints.extend(promise.and_then(|found| promise_past(found, now)));
    lints.extend(promise_unsure(update, now));
    lints.extend(nothing_changed(update, facts));
    lints.sort_by_key(|lint| (std::cmp::Reverse(lint.weight), lint.rule));
    lints
}

/// What is wrong with a text that is far too long to be read.
fn unread(update: &Text, facts: &Facts) -> Vec<Lint> {
    let total = facts.limits.total;
    let long = [("text", &update.text), ("title", &update.title)].into_iter().filter(|(_, it)| it.len() > READ_MAX);
    let says = |(which, _): (&str, _)| format!("The {which} is far over {total}: it cannot be posted.");
    let long = long.map(|it| found(LintRule::TooLong, Weight::Block, says(it), None));
    long.chain(emptiness(update)).collect()
}

fn emptiness(update: &Text) -> Vec<Lint> {
    let mut lints = vec![];
    if update.title.trim().is_empty() {
        let says = "The title is empty. Say in simple terms what the issue is.".to_owned();
        lints.push(found(LintRule::TitleEmpty, Weight::Block, says, None));
    }
    if update.text.trim().is_empty() {
        lints.push(found(LintRule::TextEmpty, Weight::Block, "The text is empty.".to_owned(), None));
    }
    if update.impact.is_none() {
        let says = "No status is chosen. If you are not sure, ask the IM.".to_owned();
        lints.push(found(LintRule::ImpactMissing, Weight::Block, says, None));
    }
    lints
}

fn fields_left(update: &Text) -> Option<Lint> {
    let mut fields = unfilled(&update.title);
    fields.extend(unfilled(&update.text));
    fields.sort_unstable();
    fields.dedup();
    let names = fields.iter().map(|field| format!("{{{}}}", field.key())).collect::<Vec<_>>().join(", ");
    let says = format!("Still to be filled in: {names}.");
    (!fields.is_empty()).then(|| found(LintRule::FieldUnfilled, Weight::Block, says, None))
}

/// The worst of what is wrong with the length; the lesser follows from it.
fn length(text: &str, facts: &Facts) -> Option<Lint> {
    let limits = facts.limits;
    let meters = meters(text, limits);
    let (over, visible) = (meters.total.over(), limits.visible);
    if over > 0 {
        let says = format!("{over} over {}: it cannot be posted.", limits.total);
        return Some(found(LintRule::TooLong, Weight::Block, says, shorter(text, facts, |text| total(text, limits))));
    }
    let lost = words_cut(text, limits);
    if !lost.is_empty() {
        let says = format!("Posts cut at {visible} lose “{lost}”.");
        return Some(found(LintRule::WordsCut, Weight::Confirm, says, None));
    }
    let over = meters.body.over();
    let says = format!("Body is {over} over {}, so cut posts show too little of the link.", limits.body);
    let fix = || shorter(text, facts, |text| body(text, limits));
    (over > 0).then(|| found(LintRule::BodyTooLong, Weight::Advice, says, fix()))
}

/// The text without one word that says nothing, if that makes it fit.
fn shorter(text: &str, facts: &Facts, meter: impl Fn(&str) -> Meter) -> Option<Fix> {
    if meter(text).over() > FILLER_MAX {
        return None;
    }
    facts.wordings.filler(text, |word| {
        let text = without(&text[..word.start], &text[word.end..]);
        (meter(&text).over() == 0).then_some(Fix::ReplaceText { text })
    })
}

fn total(text: &str, limits: &Limits) -> Meter {
    meters(text, limits).total
}

fn body(text: &str, limits: &Limits) -> Meter {
    meters(text, limits).body
}

/// What is lost where posts are cut, without the links in it: that those are lost is expected.
fn words_cut(text: &str, limits: &Limits) -> String {
    let mut lost = cut(text, limits).lost;
    while let Some(Link { range, .. }) = links(&lost).pop() {
        lost.replace_range(range, "");
    }
    let lost = lost.split_whitespace().collect::<Vec<_>>().join(" ");
    if lost.chars().any(char::is_alphanumeric) { lost } else { String::new() }
}

fn link_missing(update: &Text, step: Step, facts: &Facts) -> Option<Lint> {
    if !needs_link(step, update.phase) {
        return None;
    }
    let links = links(&update.text);
    let linked = match facts.issue {
        Some(issue) => links.iter().any(|link| leads_into(&link.url, issue)),
        None => !links.is_empty(),
    };
    let public =
        |url: &&str| (url.starts_with("https://") || url.starts_with("http://")) && !is_confidential(url, facts);
    let fix = facts.issue.filter(public).map(|url| Fix::AppendLink { url: url.to_owned() });
    let says = match update.phase {
        Phase::Resolved => "Resolved without the link of the issue.",
        Phase::Investigating | Phase::Identified | Phase::Monitoring => "The first update has no link of the issue.",
    };
    (!linked).then(|| found(LintRule::LinkMissing, Weight::Confirm, says.to_owned(), fix))
}

fn confidential(update: &Text, facts: &Facts) -> Vec<Lint> {
    let mut urls: Vec<String> = vec![];
    for link in links(&update.text).into_iter().chain(links(&update.title)) {
        if is_confidential(&link.url, facts) && !urls.contains(&link.url) {
            urls.push(link.url);
        }
    }
    let lint = |url: String| {
        let says = format!("{url} is confidential and must not be public.");
        found(LintRule::Confidential, Weight::Confirm, says, Some(Fix::RemoveLink { url }))
    };
    urls.into_iter().map(lint).collect()
}

/// An issue that nobody here has seen may be one that customers cannot see either (services.md 0.4).
fn issue_unseen(update: &Text, facts: &Facts) -> Option<Lint> {
    let issue = facts.issue.filter(|_| facts.issue_unseen)?;
    let linked = links(&update.text).iter().any(|link| leads_into(&link.url, issue));
    let says = "Herald has not seen this issue: it may be confidential. Open it without signing in.".to_owned();
    linked.then(|| found(LintRule::IssueUnseen, Weight::Confirm, says, None))
}

fn is_confidential(url: &str, facts: &Facts) -> bool {
    facts.confidential.lead(url)
}

fn no_components(update: &Text, step: Step) -> Option<Lint> {
    let says = "No component is chosen. Choose each one that is affected.".to_owned();
    let none = step == Step::Create && update.components.iter().all(|name| name.trim().is_empty());
    none.then(|| found(LintRule::NoComponents, Weight::Confirm, says, None))
}

/// The three facts have to be there when Monitoring begins; later they are only good to repeat.
fn monitoring_facts(update: &Text, step: Step, facts: &Facts, promise: Option<&str>) -> Option<Lint> {
    if update.phase != Phase::Monitoring || update.text.trim().is_empty() {
        return None;
    }
    let missing = facts.wordings.missing(&update.text, promise);
    let list = missing.iter().map(|fact| fact.says()).collect::<Vec<_>>().join(" · ");
    let weight = if step == Step::Update { Weight::Advice } else { Weight::Confirm };
    (!missing.is_empty()).then(|| found(LintRule::MonitoringFacts, weight, format!("Also say: {list}."), None))
}

fn status(update: &Text, facts: &Facts) -> Option<Lint> {
    let operational = update.impact? == Impact::Operational;
    match (update.phase, operational) {
        (Phase::Resolved, false) => {
            let says = "Resolved, but the status is not Operational.".to_owned();
            let fix = Fix::SetImpact { impact: Impact::Operational };
            Some(found(LintRule::ResolvedNotOperational, Weight::Confirm, says, Some(fix)))
        }
        (Phase::Investigating | Phase::Identified | Phase::Monitoring, true) => {
            let says = format!("Operational while {}: that comes with Resolved.", update.phase.label());
            let before = facts.previous.and_then(|published| published.text.impact);
            let impact = before.filter(|impact| *impact != Impact::Operational).unwrap_or(Impact::Degraded);
            let fix = Fix::SetImpact { impact };
            Some(found(LintRule::OperationalTooEarly, Weight::Confirm, says, Some(fix)))
        }
        (Phase::Resolved, true) | (Phase::Investigating | Phase::Identified | Phase::Monitoring, false) => None,
    }
}

fn too_early(update: &Text, facts: &Facts) -> Option<Lint> {
    let open = update.phase == Phase::Resolved && !facts.unfinished.is_empty();
    let says = || format!("Resolved, but still open: {}.", facts.unfinished.join(" · "));
    open.then(|| found(LintRule::ResolvedTooEarly, Weight::Confirm, says(), None))
}

fn promise_past(promise: promise::Found, now: Time) -> Option<Lint> {
    if promise.due > now {
        return None;
    }
    let says = format!("“{}” has gone by: it is {} UTC.", promise.words, now.format("%H:%M"));
    let fix = Fix::DropPromise { words: promise.words };
    Some(found(LintRule::PromisePast, Weight::Confirm, says, Some(fix)))
}

/// A time that Herald would have to guess is never counted to: the user says which it is.
fn promise_unsure(update: &Text, now: Time) -> Option<Lint> {
    let words = promise::unsure(&update.text, now).filter(|_| update.phase != Phase::Resolved)?;
    let says = format!(
        "Not sure when “{words}” is, so the clock counts by the table. Write it in UTC or in minutes from now, or set it by \
         hand once this is out."
    );
    Some(found(LintRule::PromiseUnsure, Weight::Confirm, says, None))
}

fn nothing_changed(update: &Text, facts: &Facts) -> Option<Lint> {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let (last, text) = (words(&facts.previous?.text.text), words(&update.text));
    let says = "The text is the same as the last one. Say what is being worked on.".to_owned();
    let same = !text.is_empty() && text == last;
    same.then(|| found(LintRule::NothingChanged, Weight::Confirm, says, None))
}

fn found(rule: LintRule, weight: Weight, says: String, fix: Option<Fix>) -> Lint {
    Lint { rule, weight, says, fix }
}

#[cfg(test)]
mod tests;
