//! Events: what happened, as it was (Stripe's API, Events).
//!
//! An event is immutable but for `pending_webhooks`, which is counted when shown.
//! It is rendered in the account's default version, never in the request's.

use serde_json::{Value, json};
use stripe::PINNED;

use crate::{
    registry::{Row, list, retrieve},
    state::{Asking, State, Tx},
    value,
    wire::list::{Filter, Listing},
};

pub(crate) static ROWS: &[Row] = &[retrieve("events.retrieve", "event"), list("events.list", &EVENTS)];

static EVENTS: Listing = Listing {
    kind: "event",
    parent: None,
    filters: &[
        Filter::By("type", |_, given, event| kind_fits(given, event)),
        Filter::By("types", |_, given, event| {
            given.as_array().is_none_or(|types| types.iter().any(|t| kind_fits(t, event)))
        }),
        Filter::Within("created", "created"),
        Filter::By("delivery_success", |tx, given, event| {
            let delivered = tx.state().deliveries.pending(value::id(event)) == 0;
            given.as_bool().is_none_or(|wanted| wanted == delivered)
        }),
    ],
};

/// Whether an event has a type, or one that `invoice.*` stands for.
fn kind_fits(given: &Value, event: &Value) -> bool {
    let (Some(given), Some(kind)) = (given.as_str(), value::text(event, "type")) else { return false };
    match given.strip_suffix('*') {
        Some(head) => kind.starts_with(head),
        None => kind == given,
    }
}

/// The endpoints that want an event of this type.
pub(crate) fn listeners(state: &State, kind: &str) -> Vec<String> {
    let wants = |endpoint: &&Value| {
        value::text(endpoint, "status") == Some("enabled")
            && endpoint["enabled_events"]
                .as_array()
                .is_some_and(|types| types.iter().any(|t| t == "*" || t == kind))
    };
    state.of_kind("webhook_endpoint").filter(wants).map(|e| value::id(e).to_owned()).collect()
}

/// The event object. Payments' events live on the shard of payments.
pub(crate) fn event(
    tx: &mut Tx,
    asking: &Asking,
    kind: &str,
    shown: Value,
    previous: Option<Value>,
    endpoints: usize,
) -> Value {
    let id = tx.ids().object("evt");
    let on_shard = value::id(&shown).split_once('_').is_some_and(|(_, rest)| rest.starts_with('3'));
    let id = if on_shard { id.replacen("evt_1", "evt_3", 1) } else { id };
    let mut data = json!({"object": shown});
    if let Some(previous) = previous {
        value::set(&mut data, "previous_attributes", previous);
    }
    json!({
        "id": id,
        "object": "event",
        "api_version": PINNED.as_str(),
        "created": tx.now(),
        "data": data,
        "livemode": false,
        "pending_webhooks": endpoints,
        "request": {"id": asking.request, "idempotency_key": asking.key},
        "type": kind,
    })
}
