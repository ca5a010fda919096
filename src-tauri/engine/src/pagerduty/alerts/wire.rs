//! The JSON of alerts, and every text in it.

use herald_core::text::clean_line;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::lenient::{item, lenient};

/// Texts that are kept of the alerts of one page, and the longest of them in graphemes.
const TEXTS_MAX: usize = 100;
const TEXT_MAX: usize = 2_000;
/// Deepest nesting of details that is looked at.
const DEPTH_MAX: usize = 8;

/// `GET /incidents/{id}/alerts`; without the list itself it is not PagerDuty's answer.
#[derive(Deserialize)]
pub(super) struct AlertList {
    alerts: Vec<Box<RawValue>>,
}

/// Of an alert: its summary, and its body with whatever the integration sent (PagerDuty REST OpenAPI, schemas Alert and
/// AlertBody: `details` is free, `contexts` are links and images).
#[derive(Deserialize)]
struct Alert {
    #[serde(default, deserialize_with = "lenient")]
    summary: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    body: Option<Value>,
}

/// Every text of the list's alerts, each once.
pub(super) fn texts(list: &AlertList) -> Vec<String> {
    let mut texts = vec![];
    for alert in list.alerts.iter().filter_map(|raw| item::<Alert>(raw)) {
        alert.summary.into_iter().for_each(|text| keep(&text, &mut texts));
        alert.body.iter().for_each(|body| collect(body, DEPTH_MAX, &mut texts));
    }
    texts
}

fn collect(value: &Value, depth: usize, texts: &mut Vec<String>) {
    if depth == 0 {
        return;
    }
    match value {
        Value::String(text) => keep(text, texts),
        Value::Array(items) => items.iter().for_each(|item| collect(item, depth - 1, texts)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, depth - 1, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn keep(text: &str, texts: &mut Vec<String>) {
    let text = clean_line(text, TEXT_MAX);
    if texts.len() < TEXTS_MAX && !text.is_empty() && !texts.contains(&text) {
        texts.push(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_of_an_alert_is_read_wherever_it_stands() {
        let list = r##"{"alerts":[null,7,
            {"summary":"Mail is late","body":{"type":"alert_body","contexts":[
                {"type":"link","href":"https://gl.example/ops/-/issues/7","text":"Issue"},{"type":"image","src":null}],
              "details":{"channel":"#inc-7","call":{"links":["https://call.example/j/1"]},"count":3}}},
            {"summary":"Mail is late","body":{"details":"Declared: https://gl.example/ops/-/issues/7"}},
            {"body":"odd"},{"body":null}]}"##;
        let list: AlertList = serde_json::from_str(list).expect("a list");
        let mut found = texts(&list);
        found.sort();
        let expected = [
            "#inc-7",
            "Declared: https://gl.example/ops/-/issues/7",
            "Issue",
            "Mail is late",
            "alert_body",
            "https://call.example/j/1",
            "https://gl.example/ops/-/issues/7",
            "link",
            "image",
            "odd",
        ];
        let mut expected: Vec<String> = expected.map(str::to_owned).into();
        expected.sort();
        assert_eq!(found, expected);
        assert!(serde_json::from_str::<AlertList>("{}").is_err(), "that is no list of alerts");
    }
}
