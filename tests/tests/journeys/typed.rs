//! What is typed has a limit where it enters: seven megabytes into each text of each command, through the engine.

use std::collections::BTreeSet;
use std::path::Path;

use herald_core::command::limits;
use herald_core::{Command, Refusal};
use serde_json::{Value, json};

use crate::rig::*;

/// Bytes that are typed into one field.
const MANY: usize = 7_000_000;

/// One command of each kind, with every text that it can hold.
fn every_command() -> Vec<Value> {
    let at = "2026-11-20T14:00:00Z";
    let own = json!({ "title": "t", "severity": null, "state": null, "issue_url": "u", "call_url": "u", "channel": "c",
        "im": "i", "eoc": "e", "monitoring_min": null });
    let text = json!({ "title": "t", "body": "b", "phase": "identified", "impact": null, "components": ["c"],
        "promise": true, "muted": [] });
    let contact = json!({ "asked_by": "a", "what": "w", "ticket": "t", "owner": "o" });
    let plan = json!({ "title": "t", "details": "d", "issue_url": "u", "starts_at": at, "ends_at": "2026-11-20T15:00:00Z",
        "components": ["c"], "automation": false, "reminds": false });
    let score = json!({ "began_at": at, "ended_at": at, "kpis": [],
        "timeline": [{ "at": at, "what": "w", "due_at": null, "good": null }] });
    let entry = json!({ "at": at, "kind": "practice", "title": "t", "notes": "n",
        "practised": { "event": "e", "scenario": "s", "score": score, "left_early": false } });
    let alarm = json!({ "about": "page", "page": "P", "triggered_at": at });
    let plain = [
        json!({ "do": "acknowledge", "page": "P", "triggered_at": at }),
        json!({ "do": "close_page", "page": "P", "triggered_at": at, "note": "n" }),
        json!({ "do": "answer_here", "page": "P", "triggered_at": at }),
        json!({ "do": "quiet", "alarm": alarm }),
        json!({ "do": "unquiet", "alarm": alarm }),
        json!({ "do": "poll_now" }),
        json!({ "do": "test_alarm" }),
        json!({ "do": "test_answered", "seen": true, "heard": true }),
        json!({ "do": "disconnect" }),
        json!({ "do": "disconnect_feed", "source": "tracker" }),
        json!({ "do": "disconnect_slack" }),
        json!({ "do": "disconnect_zendesk" }),
    ];
    let set = [
        json!({ "set": "poll_interval", "seconds": 10 }),
        json!({ "set": "shadow", "on": false }),
        json!({ "set": "sound", "sound": "page", "choice": { "volume": 80, "file": "f" } }),
        json!({ "set": "quiet_hours", "hours": { "on": false, "from": "22:00:00", "to": "07:00:00" } }),
        json!({ "set": "theme", "theme": "system" }),
        json!({ "set": "hotkey", "keys": "Ctrl+Alt+U" }),
        json!({ "set": "shadow_schedules", "chosen": { "S": true } }),
        json!({ "set": "onboarding", "step": null }),
        json!({ "set": "templates", "templates": [{ "name": "n", "phase": null, "text": "t" }] }),
    ];
    let incident = [
        json!({ "wish": "open", "own": own, "page": "P" }),
        json!({ "wish": "correct", "incident": 1, "own": own }),
        json!({ "wish": "decide", "incident": 1, "yes": true }),
        json!({ "wish": "join", "incident": 1, "with": 2 }),
        json!({ "wish": "join_page", "incident": 1, "page": "P" }),
        json!({ "wish": "separate", "incident": 1, "part": { "part": "post", "id": "p" } }),
        json!({ "wish": "label", "incident": 1 }),
        json!({ "wish": "tick", "incident": 1, "task": "t" }),
        json!({ "wish": "untick", "incident": 1, "task": "t" }),
        json!({ "wish": "skip", "incident": 1, "task": "t", "reason": "r" }),
        json!({ "wish": "recurred", "incident": 1, "yes": true }),
        json!({ "wish": "still_running", "incident": 1 }),
        json!({ "wish": "end", "incident": 1, "yes": true }),
        json!({ "wish": "promise", "incident": 1, "due_at": at }),
        json!({ "wish": "write", "incident": 1, "text": text }),
        json!({ "wish": "discard", "incident": 1 }),
        json!({ "wish": "asked", "incident": 1 }),
        json!({ "wish": "agreed", "incident": 1 }),
        json!({ "wish": "publish", "incident": 1, "text": text }),
        json!({ "wish": "posted_by_hand", "incident": 1, "text": text, "at": at }),
        json!({ "wish": "was_published", "publication": 1, "yes": true }),
    ];
    let shift = [
        json!({ "wish": "start", "role": "on_call", "ends_at": null }),
        json!({ "wish": "end" }),
        json!({ "wish": "note", "shift": 1, "notes": "n" }),
        json!({ "wish": "write", "shift": 1, "text": "t" }),
        json!({ "wish": "anew", "shift": 1 }),
        json!({ "wish": "undo", "shift": 1 }),
        json!({ "wish": "noticed", "shift": 1 }),
        json!({ "wish": "done", "shift": 1, "how": "copied" }),
        json!({ "wish": "pass_on", "shift": 1 }),
        json!({ "wish": "not_done", "shift": 1 }),
        json!({ "wish": "file", "shift": 1, "title": "t", "text": "t" }),
        json!({ "wish": "not_file", "shift": 1 }),
        json!({ "wish": "made_confidential", "shift": 1 }),
        json!({ "wish": "hinted", "shift": 1, "incident": 1 }),
        json!({ "wish": "import", "markdown": "m" }),
        json!({ "wish": "taken_over_done" }),
    ];
    let ledger = [
        json!({ "wish": "add_contact", "contact": contact }),
        json!({ "wish": "edit_contact", "id": 1, "contact": contact }),
        json!({ "wish": "move_contact", "id": 1, "to": "done" }),
        json!({ "wish": "undo_contact", "id": 1 }),
        json!({ "wish": "add_maintenance", "plan": plan }),
        json!({ "wish": "edit_maintenance", "id": 1, "plan": plan }),
        json!({ "wish": "schedule", "id": 1 }),
        json!({ "wish": "tell", "id": 1, "tell": "start", "text": "t", "muted": [], "mails_twice": false }),
        json!({ "wish": "by_hand", "id": 1, "deed": "started" }),
        json!({ "wish": "call_off", "id": 1, "yes": true }),
        json!({ "wish": "amplified", "id": 1, "by": "b" }),
        json!({ "wish": "seen", "id": 1, "at": at }),
        json!({ "wish": "adopt", "post": "p" }),
        json!({ "wish": "not_mine", "post": "p" }),
        json!({ "wish": "keep", "sheet": "s", "typed": "t" }),
    ];
    let training = [
        json!({ "wish": "add", "entry": entry }),
        json!({ "wish": "change", "training": 1, "entry": entry }),
        json!({ "wish": "remove", "training": 1 }),
        json!({ "wish": "step", "key": "k", "done": true }),
    ];
    let of = |name: &'static str, field: &'static str, all: Vec<Value>| {
        all.into_iter().map(move |it| json!({ "do": name, field: it }))
    };
    let all = plain.into_iter().chain(of("set", "patch", set.into())).chain(of("incident", "wish", incident.into()));
    let all = all.chain(of("shift", "wish", shift.into())).chain(of("ledger", "wish", ledger.into()));
    all.chain(of("training", "wish", training.into())).collect()
}

/// The names that the window's own types know of a kind of wish.
fn names(declared: &str, tag: &str) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/gen/types.ts");
    let types = std::fs::read_to_string(path).expect("the window's types");
    let from = types.split_once(&format!("export type {declared} =")).expect("the type").1;
    let text = from.split("\nexport type").next().unwrap_or(from);
    let before = format!("\"{tag}\": \"");
    text.split(&before).skip(1).filter_map(|rest| rest.split('"').next()).collect::<BTreeSet<_>>().len()
}

/// Makes a value out of a long text.
type Make<'a> = dyn Fn(&Value) -> Value + 'a;

/// Every version of a command with a long text in the place of one of its strings; of names of a map, too.
fn swollen(command: &Value) -> Vec<Command> {
    fn walk(at: &Value, set: &mut dyn FnMut(&Make<'_>), rebuild: &dyn Fn(Value) -> Value) {
        match at {
            Value::String(_) => set(&|long| rebuild(long.clone())),
            Value::Array(items) => {
                for nth in 0..items.len() {
                    let inner = |new: Value| {
                        let mut items = items.clone();
                        items[nth] = new;
                        rebuild(Value::Array(items))
                    };
                    walk(&items[nth], set, &inner);
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields {
                    let inner = |new: Value| {
                        let mut fields = fields.clone();
                        fields.insert(name.clone(), new);
                        rebuild(Value::Object(fields))
                    };
                    walk(value, set, &inner);
                    set(&|long| {
                        let mut fields = fields.clone();
                        let value = fields.remove(name).expect("there");
                        fields.insert(long.as_str().expect("a text").to_owned(), value);
                        rebuild(Value::Object(fields))
                    });
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let long = Value::String("x".repeat(MANY));
    let mut all = vec![];
    walk(command, &mut |make| all.extend(serde_json::from_value::<Command>(make(&long)).ok()), &|it| it);
    let same = |it: &Command| serde_json::to_string(it).expect("JSON").len() > MANY;
    all.into_iter().filter(same).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_too_long_is_taken_wherever_it_is_typed() {
    let rig = Rig::quiet().await;
    let commands = every_command();
    let known = names("Command", "do") - 5
        + names("SettingsPatch", "set")
        + ["IncidentWish", "ShiftWish", "LedgerWish", "TrainingWish"].map(|it| names(it, "wish")).iter().sum::<usize>();
    assert_eq!(commands.len(), known, "one command of each kind");
    let mut fields = 0;
    for command in commands {
        let plain: Command = serde_json::from_value(command.clone()).expect("a command");
        let swollen = swollen(&command);
        assert_eq!(swollen.len(), limits::texts(&plain), "every text of {command} has a limit");
        for it in swollen {
            fields += 1;
            let refusal = rig.command(it).await.expect_err("it is refused");
            assert!(matches!(refusal, Refusal::TooMuch | Refusal::HandoverTooLong), "{command}: {refusal:?}");
        }
    }
    assert!(fields > 60, "only {fields} texts");
    let view = serde_json::to_string(&rig.herald.shown().view).expect("JSON");
    assert!(view.len() < 200_000, "what is shown stays small: {} bytes", view.len());
    let page = rig.trigger("Sign-in fails");
    rig.until("its notification", |rig| !rig.rounds(&page).is_empty()).await;
}
