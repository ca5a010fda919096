//! What is said on an issue, note by note and in threads.

use serde_json::{Value, json};

use crate::reply::{Content, Reply};
use crate::stage::Stage;

use super::change::{Params, hand, note_body};
use super::issue::{Issue, NoteEntry};
use super::list::Page;
use super::refusal::Refusal;
use super::rest::{Call, Doing, Outcome, limited, ok, wire};

/// `GET …/notes/:id`.
pub(super) fn note(stage: &Stage, call: &Call, issue: usize, id: &str) -> Outcome {
    let issue = &stage.gitlab.issues[issue];
    ok(wire(stage, call).note(issue, &issue.notes[find(issue, call, id)?]))
}

/// `PUT …/notes/:id`: only by who wrote it.
///
/// Source: docs.gitlab.com, "Notes API", modify existing issue note.
pub(super) fn change(stage: &mut Stage, call: &Call, issue: usize, id: &str) -> Outcome {
    let hand = hand(call)?;
    let place = find(&stage.gitlab.issues[issue], call, id)?;
    let body = note_body(&Params::read(call)?)?;
    let note = &mut stage.gitlab.issues[issue].notes[place];
    if note.author != hand.by || note.system {
        return Err(Refusal::forbidden());
    }
    note.body = body;
    stage.gitlab.issues[issue].api_writes += 1;
    let issue = &stage.gitlab.issues[issue];
    ok(wire(stage, call).note(issue, &issue.notes[place]))
}

/// `DELETE …/notes/:id`: 204, only by who wrote it.
pub(super) fn delete(stage: &mut Stage, call: &Call, issue: usize, id: &str) -> Outcome {
    let hand = hand(call)?;
    let place = find(&stage.gitlab.issues[issue], call, id)?;
    let note = &stage.gitlab.issues[issue].notes[place];
    if note.author != hand.by || note.system {
        return Err(Refusal::forbidden());
    }
    stage.gitlab.issues[issue].notes.remove(place);
    stage.gitlab.issues[issue].api_writes += 1;
    Ok(Reply::of(204, Content::Nothing))
}

/// `GET …/discussions`, oldest first.
///
/// Source: docs.gitlab.com, "Discussions API": `id`, `individual_note`, `notes`.
pub(super) fn discussions(stage: &Stage, call: &Call, issue: usize) -> Outcome {
    let page = Page::read(&call.query)?;
    let issue = &stage.gitlab.issues[issue];
    let mut threads: Vec<u64> = visible(issue, call).map(|note| note.thread).collect();
    threads.dedup();
    threads.sort_unstable();
    threads.dedup();
    let found: Vec<&u64> = threads.iter().collect();
    Ok(page.answer(stage, call, &found, |thread| discussion_body(stage, call, issue, *thread)))
}

pub(super) fn discussion(stage: &Stage, call: &Call, issue: usize, id: &str) -> Outcome {
    let issue = &stage.gitlab.issues[issue];
    ok(discussion_body(stage, call, issue, thread(issue, call, id)?))
}

/// `POST …/discussions`: begins a thread.
pub(super) fn begin(stage: &mut Stage, call: &Call, issue: usize) -> Outcome {
    let hand = hand(call)?;
    limited(stage, call, Doing::CreateNote)?;
    let body = note_body(&Params::read(call)?)?;
    let thread = stage.gitlab.reply(issue, None, &body, hand);
    stage.gitlab.issues[issue].api_writes += 1;
    let body = discussion_body(stage, call, &stage.gitlab.issues[issue], thread);
    Ok(Reply::of(201, Content::Json(body)))
}

/// `POST …/discussions/:id/notes`: goes on with one.
pub(super) fn answer(stage: &mut Stage, call: &Call, issue: usize, id: &str) -> Outcome {
    let hand = hand(call)?;
    limited(stage, call, Doing::CreateNote)?;
    let thread = thread(&stage.gitlab.issues[issue], call, id)?;
    let body = note_body(&Params::read(call)?)?;
    stage.gitlab.reply(issue, Some(thread), &body, hand);
    stage.gitlab.issues[issue].api_writes += 1;
    let issue = &stage.gitlab.issues[issue];
    let note = issue.notes.last().map(|note| wire(stage, call).note(issue, note));
    Ok(Reply::of(201, Content::Json(note.unwrap_or(Value::Null))))
}

fn discussion_body(stage: &Stage, call: &Call, issue: &Issue, thread: u64) -> Value {
    let wire = wire(stage, call);
    let notes: Vec<&NoteEntry> = visible(issue, call).filter(|note| note.thread == thread).collect();
    let alone = notes.iter().all(|note| !note.threaded);
    let notes: Vec<Value> = notes.into_iter().map(|note| wire.note(issue, note)).collect();
    json!({"id": discussion_id(thread), "individual_note": alone, "notes": notes})
}

/// GitLab's are digests of 40 digits.
fn discussion_id(thread: u64) -> String {
    format!("{thread:040x}")
}

fn thread(issue: &Issue, call: &Call, id: &str) -> Result<u64, Refusal> {
    let found = visible(issue, call).map(|note| note.thread).find(|thread| discussion_id(*thread) == id);
    found.ok_or_else(|| Refusal::not_found("Discussion"))
}

fn visible<'a>(issue: &'a Issue, call: &Call) -> impl Iterator<Item = &'a NoteEntry> {
    let member = call.caller.member;
    issue.notes.iter().filter(move |note| !note.internal || member)
}

fn find(issue: &Issue, call: &Call, id: &str) -> Result<usize, Refusal> {
    let id: Option<u64> = id.parse().ok();
    let place = issue.notes.iter().position(|note| Some(note.id) == id && (!note.internal || call.caller.member));
    place.ok_or_else(|| Refusal::not_found("Note"))
}
