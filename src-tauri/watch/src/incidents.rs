//! `herald incidents`, `herald draft` and `herald publish`: the next public updates, from a terminal.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use herald_core::alarm::{counts_words, span};
use herald_core::ended::{EndedHow, EndedWrite};
use herald_core::incident::standing_words;
use herald_core::post::lint::Weight;
use herald_core::view::View;
use herald_core::view::incidents::{IncidentCard, PublishingStage, PublishingView};
use herald_core::{Command, IncidentId, IncidentWish, Time};

use crate::ack::Link;
use crate::cli::{Outcome, complain, obeyed, runtime, say};
use crate::control;
use crate::door::{Ask, Reply};
use crate::status;
use herald_door::Token;

/// Longest wait for the status page: a request, and reading back if its answer is lost.
const ANSWER_MAX: Duration = Duration::from_secs(60);
/// Pause between two looks at what is true.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Shows the composer of the Herald that runs.
pub(crate) fn draft(folder: &Path, incident: Option<IncidentId>) -> anyhow::Result<Outcome> {
    match runtime()?.block_on(control::ask(folder, &Ask::Compose { incident, token: Token::from_env() }))? {
        Some(reply) => Ok(obeyed(reply)),
        None => {
            complain("Herald is not running here. Start it with `herald`.");
            Ok(Outcome::NotHere)
        }
    }
}

/// Prints what is going on, from the Herald that runs or from what the last one saved.
pub(crate) fn list(folder: &Path, json: bool) -> anyhow::Result<Outcome> {
    let (running, view, now) = status::seen(folder)?;
    if json {
        say(&serde_json::to_string_pretty(&view.incidents)?);
        return Ok(Outcome::Done);
    }
    let mut text = String::new();
    if !running {
        text.push_str("Herald is not running. This is what the last one saved; start it with `herald`.\n");
    }
    if view.incidents.is_empty() {
        text.push_str("No incident is going on.\n");
    }
    for incident in &view.incidents {
        text.push_str(&words(incident, now));
    }
    say(text.trim_end());
    Ok(Outcome::Done)
}

/// One incident in two lines.
pub(crate) fn words(incident: &IncidentCard, now: Time) -> String {
    let mut text = String::new();
    let severity = incident.severity.map_or("S?", herald_core::Severity::label);
    let phase = standing_words(incident.phase, !incident.updates.is_empty());
    let issue = incident.issue.as_ref().and_then(|issue| issue.iid).map_or(String::new(), |iid| format!("  #{iid}"));
    let _ = writeln!(text, "{:>3}  {severity}  {phase}{issue}  {}", incident.id, incident.title);
    let due = match &incident.clock {
        Some(it) if it.clock.due_at > now => {
            let at = it.clock.due_at.format("%H:%M:%S");
            format!("next update in {}, at {at} UTC: {}", span(it.clock.due_at - now), counts_words(&it.clock))
        }
        Some(it) => format!("OVERDUE by {}: {}", span(now - it.clock.due_at), counts_words(&it.clock)),
        None if incident.updates.is_empty() => "nothing is due: nobody decided to tell the public yet".into(),
        None if incident.phase.is_none() => {
            "the page does not say where it stands: nobody can tell when more is due".into()
        }
        None => "nothing is due".into(),
    };
    let _ = writeln!(text, "     {due}");
    text
}

/// Publishes a draft, or shows what would go out.
pub(crate) fn publish(
    folder: &Path,
    incident: Option<IncidentId>,
    dry_run: bool,
    confirm: bool,
) -> anyhow::Result<Outcome> {
    let tokio = runtime()?;
    if dry_run {
        let (_, view, _) = status::seen(folder)?;
        let Some(card) = find(&view, incident) else { return Ok(Outcome::Refused) };
        say(&preview(card));
        return Ok(if held(card, false) { Outcome::Refused } else { Outcome::Done });
    }
    let link = Link::open(folder, tokio.handle())?;
    tokio.block_on(send(&link, incident, confirm))
}

async fn send(link: &Link, incident: Option<IncidentId>, confirm: bool) -> anyhow::Result<Outcome> {
    let view = link.view().await?;
    let Some(card) = find(&view, incident) else { return Ok(Outcome::Refused) };
    say(&preview(card));
    if held(card, confirm) {
        return Ok(Outcome::Refused);
    }
    let (id, text, before) = (card.id, card.compose.text.clone(), view.writes.clone());
    let seen = Some(card.compose.basis.clone());
    let wish = Box::new(IncidentWish::Publish { incident: id, text, seen });
    if let Reply::Refused { message, .. } = link.ask(Ask::Command { command: Command::Incident { wish } }).await? {
        complain(&message);
        return Ok(Outcome::Refused);
    }
    let asked = Instant::now();
    while asked.elapsed() < ANSWER_MAX {
        let view = link.view().await?;
        if let Some(ended) = view.writes.of_update(id, &before) {
            return Ok(told(ended));
        }
        let mut sent = view.incidents.iter().chain(&view.wrapping).flat_map(|card| &card.publishing);
        let mine = |it: &&PublishingView| it.id >= before.next_publication;
        if sent.find(mine).is_some_and(|it| matches!(it.stage, PublishingStage::NotSeenYet { .. })) {
            say("Accepted by the status page. Herald looks for it there.");
            return Ok(Outcome::Done);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    complain("The status page's answer is not known. Look at the page.");
    Ok(Outcome::Unknown)
}

/// What became of an attempt that is over. Only what Herald saw is said to be seen.
fn told(ended: &EndedWrite) -> Outcome {
    let says = &ended.says;
    match ended.how {
        EndedHow::Done => {
            say(&format!("Published, and seen on the status page: {says}."));
            Outcome::Done
        }
        EndedHow::ByWord => {
            say("Published, as was said in the window.");
            Outcome::Done
        }
        EndedHow::Overtaken => {
            complain(&format!(
                "Not sent: {says}. Nothing was written and the draft is kept. Run `herald incidents` to see how it is \
                 now, then decide."
            ));
            Outcome::Refused
        }
        EndedHow::Refused => {
            complain(&format!("Not published: {says}. The draft is kept."));
            Outcome::Refused
        }
        EndedHow::Unknown => {
            complain("The status page's answer is not known. Look at the page.");
            Outcome::Unknown
        }
    }
}

fn find(view: &View, named: Option<IncidentId>) -> Option<&IncidentCard> {
    let id = named.or_else(|| view.next_due());
    let card = view.incidents.iter().find(|card| Some(card.id) == id).map(|card| &**card);
    if card.is_none() {
        complain("There is no such open incident. `herald incidents` lists them.");
    }
    card
}

/// Whether something keeps this text from going out; says what.
fn held(card: &IncidentCard, confirmed: bool) -> bool {
    let compose = &card.compose;
    if let Some(why) = &compose.outlet.why_not {
        complain(why);
        return true;
    }
    let weighs = |weight| compose.lints.iter().any(|it| it.lint.weight == weight);
    if weighs(Weight::Block) {
        complain("It cannot go out like this.");
        return true;
    }
    if weighs(Weight::Confirm) && !confirmed {
        complain("Something wants to be confirmed: publish with --confirm, or put it right first.");
        return true;
    }
    false
}

/// Exactly what goes out, where, and what is wrong with it.
fn preview(card: &IncidentCard) -> String {
    let compose = &card.compose;
    let (text, outlet) = (&compose.text, &compose.outlet);
    let told: Vec<&str> = outlet.channels.iter().filter(|it| it.tells).map(|it| it.name.as_str()).collect();
    let mut lines = vec![
        format!("Title:      {}", outlet.title),
        format!("State:      {} → {}", standing_words(card.phase, !card.updates.is_empty()), text.phase.label()),
        format!("Status:     {}", text.impact.map_or("not chosen", herald_core::Impact::label)),
        format!("Components: {}, {} of them get this status", outlet.components.len(), outlet.sets.len()),
        format!("Goes to:    {}", outlet.public_url.as_deref().unwrap_or("no status page is connected")),
        format!("Channels:   {}", told.join(", ")),
        format!("Length:     {} of {}", compose.meters.total.used, compose.meters.total.limit),
        String::new(),
        text.body.clone(),
        String::new(),
    ];
    lines.extend(compose.lints.iter().map(|it| format!("! {}", it.lint.says)));
    lines.join("\n")
}
