//! Subscribers of a Status.io page: listed, added, changed, removed. None of them is ever told anything.

use serde_json::{Value, json};

use crate::public::Call;
use crate::stage::Stage;

use super::board::Time;
use super::refusal::Refusal;
use super::rest::Outcome;
use super::wire::stamp;
use super::writing::Fields;

/// How somebody is told. Source: statusio-go, `SubscriberListResponse`: a list for each.
const METHODS: [&str; 3] = ["email", "webhook", "sms"];

/// Somebody who wants to be told.
#[derive(Debug, Clone)]
pub(super) struct Subscriber {
    id: String,
    method: String,
    address: String,
    granular: Vec<String>,
    joined_at: Time,
}

/// `GET /subscriber/list/{page}`.
pub(super) fn list(stage: &Stage) -> Outcome {
    let all = &stage.statusio.subscribers;
    let of = |method: &str| -> Vec<Value> {
        all.iter().filter(|it| it.method == method).map(|it| it.shown(&stage.cast().statusio.id)).collect()
    };
    Ok(("OK", json!({METHODS[0]: of(METHODS[0]), METHODS[1]: of(METHODS[1]), METHODS[2]: of(METHODS[2])})))
}

/// `POST /subscriber/add`. The id stands beside the result, not in it.
///
/// Source: statusio-go, `SubscriberAddResponse`; statusio-php, `SubscriberTest`.
pub(super) fn add(stage: &mut Stage, call: &Call) -> Outcome {
    let fields = Fields::read(stage, call)?;
    let method = fields.text("method")?;
    if !METHODS.contains(&method.as_str()) {
        return Err(Refusal::invalid("method is not valid"));
    }
    let subscriber = Subscriber {
        id: stage.statusio.next_id(),
        method,
        address: fields.text("address")?,
        granular: granular(&fields),
        joined_at: call.now,
    };
    let id = subscriber.id.clone();
    stage.statusio.subscribers.push(subscriber);
    Ok(("OK", json!({ "subscriber_id": id })))
}

/// `PATCH /subscriber/update`.
pub(super) fn update(stage: &mut Stage, call: &Call) -> Outcome {
    let fields = Fields::read(stage, call)?;
    let place = find(stage, &fields.text("subscriber_id")?)?;
    let (address, granular) = (fields.text("address")?, granular(&fields));
    let page = stage.cast().statusio.id.clone();
    let subscriber = &mut stage.statusio.subscribers[place];
    (subscriber.address, subscriber.granular) = (address, granular);
    Ok(("OK", subscriber.shown(&page)))
}

/// `DELETE /subscriber/remove/{page}/{id}`.
pub(super) fn remove(stage: &mut Stage, id: &str) -> Outcome {
    let place = find(stage, id)?;
    stage.statusio.subscribers.remove(place);
    Ok(("OK", json!(true)))
}

fn find(stage: &Stage, id: &str) -> Result<usize, Refusal> {
    let found = stage.statusio.subscribers.iter().position(|it| it.id == id);
    found.ok_or_else(|| Refusal::invalid("Subscriber not found"))
}

/// Pairs of component and container, with an underscore between. Source: statusio-python, `SubscriberAdd`.
fn granular(fields: &Fields) -> Vec<String> {
    let text = fields.text("granular").unwrap_or_default();
    text.split(',').map(str::trim).filter(|pair| !pair.is_empty()).map(str::to_owned).collect()
}

impl Subscriber {
    /// Source: statusio-go, `SubscriberResponse`.
    fn shown(&self, page: &str) -> Value {
        json!({
            "__v": 0,
            "_id": self.id,
            "address": self.address,
            "method": self.method,
            "statuspage": page,
            "granular": self.granular,
            "active": true,
            "join_date": stamp(self.joined_at),
        })
    }
}
