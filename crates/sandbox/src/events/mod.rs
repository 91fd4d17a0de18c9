//! Events: what happened, as it was (Stripe's API, Events).
//!
//! An event is immutable but for `pending_webhooks`, which is counted when shown.
//! It is rendered in the account's default version, and for a webhook endpoint in its
//! own; never in the request's.

mod emitted;

use serde_json::{Value, json};
use stripe::{PINNED, Version};

use crate::{
    registry::{Row, list, retrieve},
    state::{Asking, State, Tx},
    value,
    versions::{self, Seen},
    wire::list::{Filter, Listing},
};

pub use emitted::event_types;

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
            let delivered = tx.pending(value::id(event)) == 0;
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

/// An endpoint that wants an event.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) endpoint: String,
    /// The version that it wants it in, unless that is the account's.
    pub(crate) version: Option<Version>,
}

/// The endpoints that want an event of this type of an account, and whose release has
/// such events: the account's own, and for a connected account those of the sandbox's
/// own that listen to such accounts.
pub(crate) fn listeners(root: &State, state: &State, kind: &str) -> Vec<Listener> {
    let is_root = std::ptr::eq(root, state);
    let own = state.of_kind("webhook_endpoint").filter(|one| !listens_to_connected(one));
    let platforms =
        (!is_root).then(|| root.of_kind("webhook_endpoint").filter(|one| listens_to_connected(one)));
    let wants = |endpoint: &&Value| {
        value::text(endpoint, "status") == Some("enabled")
            && endpoint["enabled_events"]
                .as_array()
                .is_some_and(|types| types.iter().any(|t| t == "*" || t == kind))
    };
    let listener = |endpoint: &Value| Listener {
        endpoint: value::id(endpoint).to_owned(),
        version: versions::of_endpoint(endpoint),
    };
    let all = own.chain(platforms.into_iter().flatten()).filter(wants).map(listener);
    all.filter(|one| versions::tells(one.version.unwrap_or(state.api_version()), kind)).collect()
}

/// Whether an endpoint of the platform's wants the events of connected accounts.
pub(crate) fn listens_to_connected(endpoint: &Value) -> bool {
    endpoint.get("_connect").and_then(Value::as_bool).unwrap_or(false)
}

/// What an event tells of.
pub(crate) struct Told<'a> {
    pub(crate) kind: &'a str,
    pub(crate) seen: &'a Seen,
    pub(crate) before: Option<&'a Seen>,
}

/// The event object. Payments' events live on the shard of payments. There is none of a
/// type that the account's release does not have and no endpoint asks for.
pub(crate) fn event(tx: &mut Tx, asking: &Asking, told: &Told, listeners: &[Listener]) -> Option<Value> {
    let account = tx.state().api_version();
    let known = versions::tells(account, told.kind);
    if !known && listeners.is_empty() {
        return None;
    }
    let version = if known { account } else { PINNED };
    let id = tx.ids().object("evt");
    let object = value::id(told.seen.newest());
    let on_shard = object.split_once('_').is_some_and(|(_, rest)| rest.starts_with('3'));
    let id = if on_shard { id.replacen("evt_1", "evt_3", 1) } else { id };
    let mut event = json!({
        "id": id,
        "object": "event",
        "api_version": version.as_str(),
        "created": tx.now(),
        "data": told.seen.data(told.before, version),
        "livemode": false,
        "pending_webhooks": listeners.len(),
        "request": {"id": asking.request, "idempotency_key": asking.key},
        "type": told.kind,
    });
    told.seen.note_others(&mut event, told.before, version, listeners);
    Some(event)
}
