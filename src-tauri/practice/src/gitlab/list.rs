//! Reading lists: issues with their filters, notes, what happened to labels; page by page.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use crate::pagerduty::query::Query;
use crate::reply::{Content, Reply};
use crate::stage::Stage;

use super::issue::{Issue, Time};
use super::refusal::Refusal;
use super::rest::{Call, Doing, Outcome, limited, may_see, wire};

/// GitLab's documented numbers.
const PER_PAGE_USUAL: usize = 20;
const PER_PAGE_MAX: usize = 100;

/// `GET /projects/:id/issues`.
pub(super) fn issues(stage: &mut Stage, call: &Call, project: usize) -> Outcome {
    if call.query.one("search").is_some() {
        limited(stage, call, Doing::Search)?;
    }
    let filter = Filter::read(&call.query)?;
    let page = Page::of_issues(&call.query)?;
    let all = stage.gitlab.issues.iter().filter(|issue| issue.project == project && may_see(call.caller, issue));
    let mut found: Vec<&Issue> =
        all.map(|issue| shown(issue, call)).filter(|issue| filter.fits(issue, call.caller.person)).collect();
    sort(&call.query, &mut found)?;
    let wire = wire(stage, call);
    Ok(page.answer(stage, call, &found, |issue| wire.issue(issue)))
}

/// `GET /projects/:id/issues/:iid/notes`; the newest first unless asked otherwise.
pub(super) fn notes(stage: &Stage, call: &Call, issue: usize) -> Outcome {
    let page = Page::read(&call.query)?;
    let only_comments = call.query.one("activity_filter") == Some("only_comments");
    let issue = &stage.gitlab.issues[issue];
    let visible = issue.notes.iter().filter(|note| !note.internal || call.caller.member);
    let mut found: Vec<_> = visible.filter(|note| !(only_comments && note.system)).collect();
    if call.query.one("order_by") == Some("updated_at")
        || call.query.one("order_by").is_none_or(|it| it == "created_at")
    {
        found.sort_by_key(|note| (note.at, note.id));
    } else {
        return Err(Refusal::error("order_by does not have a valid value"));
    }
    if is_descending(&call.query)? {
        found.reverse();
    }
    let wire = wire(stage, call);
    Ok(page.answer(stage, call, &found, |note| wire.note(issue, note)))
}

/// `GET /projects/:id/issues/:iid/resource_label_events`, oldest first.
pub(super) fn label_events(stage: &Stage, call: &Call, issue: usize) -> Outcome {
    let page = Page::read(&call.query)?;
    let issue = &stage.gitlab.issues[issue];
    let found: Vec<_> = issue.label_events.iter().collect();
    let wire = wire(stage, call);
    Ok(page.answer(stage, call, &found, |event| wire.label_event(issue, event)))
}

/// `GET /projects/:id/issues/:iid/resource_state_events`, oldest first.
pub(super) fn state_events(stage: &Stage, call: &Call, issue: usize) -> Outcome {
    let page = Page::read(&call.query)?;
    let issue = &stage.gitlab.issues[issue];
    let found: Vec<_> = issue.state_events.iter().collect();
    let wire = wire(stage, call);
    Ok(page.answer(stage, call, &found, |event| wire.state_event(issue, event)))
}

/// `GET /issues`: over all projects; those of the caller's own unless asked otherwise.
pub(super) fn all_issues(stage: &Stage, call: &Call) -> Outcome {
    let mut filter = Filter::read(&call.query)?;
    filter.only_mine |= call.query.one("scope").is_none();
    let page = Page::read(&call.query)?;
    let visible = |issue: &&Issue| {
        (stage.cast().projects[issue.project].public || call.caller.member) && may_see(call.caller, issue)
    };
    let all = stage.gitlab.issues.iter().filter(visible).map(|issue| shown(issue, call));
    let mut found: Vec<&Issue> = all.filter(|issue| filter.fits(issue, call.caller.person)).collect();
    sort(&call.query, &mut found)?;
    let wire = wire(stage, call);
    Ok(page.answer(stage, call, &found, |issue| wire.issue(issue)))
}

/// Gives the issue as the caller gets to see it: a replica that lags behind has it as it was before.
pub(super) fn shown<'a>(issue: &'a Issue, call: &Call) -> &'a Issue {
    match &issue.before {
        Some(before) if call.quirks.stale => before,
        Some(_) | None => issue,
    }
}

/// Which issues are wanted.
#[derive(Debug, Default)]
struct Filter {
    labels: Vec<String>,
    not_labels: Vec<String>,
    open: Option<bool>,
    iids: Vec<u64>,
    search: Option<(String, bool, bool)>,
    kind: Option<String>,
    confidential: Option<bool>,
    updated_after: Option<Time>,
    updated_before: Option<Time>,
    created_after: Option<Time>,
    created_before: Option<Time>,
    only_mine: bool,
}

impl Filter {
    fn read(query: &Query) -> Result<Self, Refusal> {
        let open = match query.one("state") {
            None | Some("all") => None,
            Some("opened") => Some(true),
            Some("closed") => Some(false),
            Some(_) => return Err(Refusal::error("state does not have a valid value")),
        };
        let only_mine = match query.one("scope") {
            None | Some("all") => false,
            Some("created_by_me" | "created-by-me") => true,
            Some(_) => return Err(Refusal::error("scope does not have a valid value")),
        };
        let iids = query.many("iids").into_iter().map(str::parse).collect::<Result<Vec<u64>, _>>();
        let within = query.one("in").unwrap_or("title,description");
        Ok(Filter {
            labels: names(query, "labels"),
            not_labels: names(query, "not[labels]"),
            open,
            iids: iids.map_err(|_| Refusal::error("iids is invalid"))?,
            search: query
                .one("search")
                .map(|text| (text.to_lowercase(), within.contains("title"), within.contains("description"))),
            kind: query.one("issue_type").map(str::to_owned),
            confidential: truth(query, "confidential")?,
            updated_after: time(query, "updated_after")?,
            updated_before: time(query, "updated_before")?,
            created_after: time(query, "created_after")?,
            created_before: time(query, "created_before")?,
            only_mine,
        })
    }

    fn fits(&self, issue: &Issue, person: Option<usize>) -> bool {
        // Both ends count, as GitLab has it.
        let within = |time: Time, after: Option<Time>, before: Option<Time>| {
            after.is_none_or(|after| time >= after) && before.is_none_or(|before| time <= before)
        };
        self.labels_fit(issue)
            && self.open.is_none_or(|open| issue.open == open)
            && (self.iids.is_empty() || self.iids.contains(&issue.iid))
            && self.kind.as_ref().is_none_or(|kind| *kind == issue.kind)
            && self.confidential.is_none_or(|wanted| issue.confidential == wanted)
            && within(issue.updated_at, self.updated_after, self.updated_before)
            && within(issue.created_at, self.created_after, self.created_before)
            && (!self.only_mine || person == Some(issue.author))
            && self.search.as_ref().is_none_or(|(text, title, description)| {
                (*title && issue.title.to_lowercase().contains(text))
                    || (*description && issue.description.to_lowercase().contains(text))
            })
    }

    fn labels_fit(&self, issue: &Issue) -> bool {
        let has = |wanted: &String| match wanted.as_str() {
            "None" => issue.labels.is_empty(),
            "Any" => !issue.labels.is_empty(),
            name => issue.has_label(name),
        };
        self.labels.iter().all(has) && !self.not_labels.iter().any(has)
    }
}

fn sort(query: &Query, found: &mut [&Issue]) -> Result<(), Refusal> {
    let titles = |issue: &&Issue| issue.title.to_lowercase();
    match query.one("order_by").unwrap_or("created_at") {
        "created_at" => found.sort_by_key(|issue| (issue.created_at, issue.id)),
        "updated_at" => found.sort_by_key(|issue| (issue.updated_at, issue.id)),
        "title" => found.sort_by_key(titles),
        _ => return Err(Refusal::error("order_by does not have a valid value")),
    }
    if is_descending(query)? {
        found.reverse();
    }
    Ok(())
}

fn is_descending(query: &Query) -> Result<bool, Refusal> {
    match query.one("sort").unwrap_or("desc") {
        "asc" => Ok(false),
        "desc" => Ok(true),
        _ => Err(Refusal::error("sort does not have a valid value")),
    }
}

/// Reads a list with commas, or one that repeats.
fn names(query: &Query, name: &str) -> Vec<String> {
    let given = query.one(name).into_iter().chain(query.many(name)).flat_map(|text| text.split(','));
    given.map(str::trim).filter(|label| !label.is_empty()).map(str::to_owned).collect()
}

fn truth(query: &Query, name: &str) -> Result<Option<bool>, Refusal> {
    match query.one(name) {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(_) => Err(Refusal::error(&format!("{name} is invalid"))),
    }
}

fn time(query: &Query, name: &str) -> Result<Option<Time>, Refusal> {
    let Some(text) = query.one(name) else {
        return Ok(None);
    };
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    let read = DateTime::parse_from_rfc3339(text).map(|time| time.with_timezone(&Utc)).ok();
    // An offset whose plus was not encoded arrives as a space, and is refused here.
    let read = read.or_else(|| day().map(|day| day.and_utc()));
    read.map(Some).ok_or_else(|| Refusal::error(&format!("{name} is invalid")))
}

/// Which page of a list is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    number: usize,
    size: usize,
    /// Where the page begins, if it goes by keyset and not by number.
    cursor: Option<usize>,
}

impl Page {
    /// Reads the page of a project's issues, the one list here that goes by keyset.
    ///
    /// Source: gitlab.com, gitlab-org/gitlab!199887: `pagination=keyset` with `cursor`, for orders of the issue's own
    /// fields; other orders fall back to numbers.
    pub(super) fn of_issues(query: &Query) -> Result<Self, Refusal> {
        let mut page = Page::numbered(query)?;
        if query.one("pagination") == Some("keyset") {
            let cursor = query.one("cursor").filter(|cursor| !cursor.is_empty());
            let start = cursor.map(|cursor| cursor.strip_prefix("after").and_then(|it| it.parse().ok()));
            page.cursor = Some(start.unwrap_or(Some(0)).ok_or_else(|| Refusal::error("cursor is invalid"))?);
        }
        Ok(page)
    }

    /// Source: gitlab.com, gitlab-org/gitlab#224737 has the answer where keyset is not to be had.
    pub(super) fn read(query: &Query) -> Result<Self, Refusal> {
        if query.one("pagination") == Some("keyset") {
            return Err(Refusal::no_keyset());
        }
        Page::numbered(query)
    }

    fn numbered(query: &Query) -> Result<Self, Refusal> {
        let number = whole(query, "page")?.unwrap_or(1);
        let size = whole(query, "per_page")?.unwrap_or(PER_PAGE_USUAL);
        if size == 0 {
            return Err(Refusal::error("per_page has a value not allowed"));
        }
        // More than the most is not refused but cut.
        Ok(Page { number: number.max(1), size: size.min(PER_PAGE_MAX), cursor: None })
    }

    /// Makes the answer. Like gitlab.com's with long lists, it tells of the next page but not of how many there are.
    pub(super) fn answer<T>(self, stage: &Stage, call: &Call, found: &[&T], show: impl Fn(&T) -> Value) -> Reply {
        if let Some(start) = self.cursor {
            return self.keyset(stage, call, start, found.iter().map(|item| show(item)).collect());
        }
        let drift = if self.number == 1 { 0 } else { call.quirks.drift };
        let start = (self.number - 1).saturating_mul(self.size) as i64;
        let start = (start.saturating_add(drift).max(0) as usize).min(found.len());
        let end = start.saturating_add(self.size).min(found.len());
        let has_next = self.number.saturating_mul(self.size) < found.len();
        let items: Vec<Value> = found[start..end].iter().map(|item| show(item)).collect();
        let number = |there: bool, number: usize| if there { number.to_string() } else { String::new() };
        Reply::of(200, Content::Json(Value::Array(items)))
            .with("x-page", self.number)
            .with("x-per-page", self.size)
            .with("x-next-page", number(has_next, self.number + 1))
            .with("x-prev-page", number(self.number > 1, self.number - 1))
            .with("link", self.links(stage, call, has_next))
    }

    /// Source: docs.gitlab.com, "REST API", keyset-based pagination: the one link is to the next page, and on the last
    /// there is none; no header counts pages.
    fn keyset(self, stage: &Stage, call: &Call, start: usize, items: Vec<Value>) -> Reply {
        let next = start.saturating_add(self.size);
        let more = next < items.len();
        let items: Vec<Value> = items.into_iter().skip(start).take(self.size).collect();
        let reply = Reply::of(200, Content::Json(Value::Array(items)));
        if !more {
            return reply;
        }
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(call.query_text.as_bytes()) {
            if name != "cursor" {
                query.append_pair(&name, &value);
            }
        }
        query.append_pair("cursor", &format!("after{next}"));
        reply.with("link", format!("<{}{}?{}>; rel=\"next\"", stage.base, call.path, query.finish()))
    }

    fn links(self, stage: &Stage, call: &Call, has_next: bool) -> String {
        let to = |number: usize, rel: &str| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            for (name, value) in form_urlencoded::parse(call.query_text.as_bytes()) {
                if name != "page" && name != "per_page" {
                    query.append_pair(&name, &value);
                }
            }
            query.append_pair("page", &number.to_string()).append_pair("per_page", &self.size.to_string());
            format!("<{}{}?{}>; rel=\"{rel}\"", stage.base, call.path, query.finish())
        };
        let mut links = Vec::new();
        if self.number > 1 {
            links.push(to(self.number - 1, "prev"));
        }
        if has_next {
            links.push(to(self.number + 1, "next"));
        }
        links.push(to(1, "first"));
        links.join(", ")
    }
}

fn whole(query: &Query, name: &str) -> Result<Option<usize>, Refusal> {
    match query.one(name).map(str::parse) {
        None => Ok(None),
        Some(Ok(number)) => Ok(Some(number)),
        Some(Err(_)) => Err(Refusal::error(&format!("{name} is invalid"))),
    }
}
