//! Slack's incoming webhooks: a secret path that takes messages for one channel and gives nothing back.
//!
//! Source: docs.slack.dev, "Sending messages using incoming webhooks", its table of errors (`invalid_payload`,
//! `no_text`, `no_service`, `no_team`, `invalid_token`, `channel_is_archived`, `rollup_error`); "Rate limits": one
//! message a second, short bursts, `Retry-After`; the `@slack/webhook` client, which takes the body as the error.
//! Guess: `invalid_blocks` where there are none.

use std::collections::VecDeque;

use axum::body::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cast::Cast;
use crate::reply::Reply;
use crate::span::Span;
use crate::stage::Stage;
use crate::when::When;

/// A message that came in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlackMessage {
    /// When.
    pub at: DateTime<Utc>,
    /// Where it is shown.
    pub channel: String,
    /// Its text; empty if it has blocks only.
    pub text: String,
    /// All that was sent.
    pub payload: Value,
}

/// The channel behind the webhook.
#[derive(Debug)]
pub(crate) struct Slack {
    messages: VecDeque<SlackMessage>,
    /// Messages that may still come at once, in thousandths, as of `filled_at`.
    room_milli: i64,
    room_milli_max: i64,
    filled_at: Option<DateTime<Utc>>,
}

const TEAM: &str = "TPRACTICE1";
const HOOK: &str = "B0PRACTICE";
const ARCHIVED_HOOK: &str = "B0ARCHIVED";
const SECRET: &str = "practicepracticepractice";

/// Hours of messages at the pace that Slack allows.
const MESSAGES_MAX: usize = 20_000;
/// Slack's documented numbers; longer texts are cut.
const TEXT_CHARS_MAX: usize = 40_000;
const BLOCKS_MAX: usize = 50;
const ATTACHMENTS_MAX: usize = 100;

/// Gives the webhook of the channel.
pub(crate) fn webhook_url(base: &str) -> String {
    format!("{base}/slack/services/{TEAM}/{HOOK}/{SECRET}")
}

/// Gives the webhook of a channel that is archived.
pub(crate) fn archived_webhook_url(base: &str) -> String {
    format!("{base}/slack/services/{TEAM}/{ARCHIVED_HOOK}/{SECRET}")
}

/// Gives the word that goes with a status, as a fault has it.
pub(crate) fn word_of(status: u16) -> Option<&'static str> {
    match status {
        400 => Some("invalid_payload"),
        403 => Some("invalid_token"),
        404 => Some("no_service"),
        410 => Some("channel_is_archived"),
        429 => Some("rate_limited"),
        500 => Some("rollup_error"),
        _ => None,
    }
}

impl Slack {
    pub(crate) fn new(cast: &Cast) -> Self {
        let room_milli_max = i64::from(cast.slack.burst.max(1)) * 1000;
        Slack { messages: VecDeque::new(), room_milli: room_milli_max, room_milli_max, filled_at: None }
    }

    pub(crate) fn messages(&self) -> Vec<SlackMessage> {
        self.messages.iter().cloned().collect()
    }

    fn write(&mut self, message: SlackMessage) {
        if self.messages.len() == MESSAGES_MAX {
            self.messages.pop_front();
        }
        self.messages.push_back(message);
    }

    /// Takes room for a message, or tells how long there is none.
    fn take(&mut self, speed: f64, now: DateTime<Utc>) -> Result<(), TimeDelta> {
        let second = Span::seconds(1).at_speed(speed).max(TimeDelta::milliseconds(1));
        let passed = now - self.filled_at.unwrap_or(now);
        let gained = passed.num_microseconds().unwrap_or(i64::MAX / 2000).saturating_mul(1000)
            / second.num_microseconds().unwrap_or(1_000_000);
        self.room_milli = self.room_milli.saturating_add(gained).min(self.room_milli_max);
        self.filled_at = Some(now);
        if self.room_milli < 1000 {
            let missing = (1000 - self.room_milli) as i32;
            return Err(second * missing / 1000);
        }
        self.room_milli -= 1000;
        Ok(())
    }
}

/// Answers a request to `/slack/…`.
pub(crate) fn answer(
    stage: &mut Stage,
    method: &str,
    path: &str,
    content_type: Option<&str>,
    body: &Bytes,
    now: DateTime<Utc>,
) -> Reply {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).skip(1).collect();
    let ["services", team, hook, secret] = segments.as_slice() else {
        return Reply::text(404, "no_service");
    };
    if *team != TEAM {
        return Reply::text(404, "no_team");
    }
    if ![HOOK, ARCHIVED_HOOK].contains(hook) {
        return Reply::text(404, "no_service");
    }
    if *secret != SECRET {
        return Reply::text(403, "invalid_token");
    }
    if *hook == ARCHIVED_HOOK {
        return Reply::text(410, "channel_is_archived");
    }
    if let Err(wait) = stage.slack.take(stage.speed, now) {
        let wait_s = (wait.num_milliseconds() + 999) / 1000;
        return Reply::text(429, "rate_limited").with("retry-after", wait_s.max(1));
    }
    if method != "POST" {
        return Reply::text(400, "invalid_payload");
    }
    match read(content_type, body) {
        Err(word) => Reply::text(400, word),
        Ok((text, payload)) => {
            let channel = stage.cast().slack.channel.clone();
            stage.happened(When::Intend, &text, now);
            stage.slack.write(SlackMessage { at: now, channel, text, payload });
            Reply::text(200, "ok")
        }
    }
}

/// Reads a message: JSON, or a form whose `payload` is JSON.
fn read(content_type: Option<&str>, body: &Bytes) -> Result<(String, Value), &'static str> {
    let is_form = content_type.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let json = match is_form {
        false => body.to_vec(),
        true => form_urlencoded::parse(body)
            .find(|(name, _)| name == "payload")
            .map(|(_, value)| value.into_owned().into_bytes())
            .ok_or("invalid_payload")?,
    };
    let payload: Value = serde_json::from_slice(&json).map_err(|_| "invalid_payload")?;
    let fields = payload.as_object().ok_or("invalid_payload")?;
    let blocks = fields.get("blocks").map(Value::as_array);
    if blocks.is_some_and(|blocks| blocks.is_none_or(|blocks| blocks.is_empty() || blocks.len() > BLOCKS_MAX)) {
        return Err("invalid_blocks");
    }
    let attachments = fields.get("attachments").and_then(Value::as_array);
    if attachments.is_some_and(|all| all.len() > ATTACHMENTS_MAX) {
        return Err("too_many_attachments");
    }
    let text = match fields.get("text") {
        None | Some(Value::Null) => "",
        Some(text) => text.as_str().ok_or("invalid_payload")?,
    };
    if text.is_empty() && blocks.is_none() && !fields.contains_key("attachments") {
        return Err("no_text");
    }
    Ok((text.chars().take(TEXT_CHARS_MAX).collect(), payload))
}
