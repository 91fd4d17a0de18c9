//! Webhook endpoints: where events go. The secret shows once, at creation.

use serde_json::{Value, json};
use stripe::Version;

use crate::{
    oauth,
    registry::{Row, list, retrieve, run},
    state::Tx,
    value,
    wire::{Call, Refusal, list::Listing, refusal},
};

/// The most endpoints of an account (Stripe's API, Webhook endpoints).
const ENDPOINTS_MAX: usize = 16;

pub(crate) static ROWS: &[Row] = &[
    run(
        "webhookEndpoints.create",
        &["url", "enabled_events", "api_version", "connect", "description", "metadata"],
        create,
    ),
    retrieve("webhookEndpoints.retrieve", "webhook_endpoint"),
    run("webhookEndpoints.update", &["url", "enabled_events", "disabled", "description", "metadata"], update),
    list("webhookEndpoints.list", &ENDPOINTS),
    run("webhookEndpoints.del", &[], delete),
];

static ENDPOINTS: Listing = Listing { kind: "webhook_endpoint", parent: None, filters: &[] };

fn create(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    if tx.state().of_kind("webhook_endpoint").count() >= ENDPOINTS_MAX {
        return Err(refusal::invalid(format!(
            "You have reached the maximum of {ENDPOINTS_MAX} webhook endpoints. Delete one first."
        )));
    }
    if let Some(text) = call.text("api_version") {
        Version::parse(text).map_err(|_| refusal::not_spoken(text).with_param("api_version"))?;
    }
    // Whether it gets the events of connected accounts instead of this account's own.
    let connect = call.flag("connect").unwrap_or(false);
    let id = tx.ids().object("we");
    let secret = format!("whsec_{}", tx.ids().text(32));
    let mut endpoint = json!({
        "id": id,
        "object": "webhook_endpoint",
        "api_version": call.text("api_version"),
        "application": connect.then(|| tx.state().oauth.client_id(oauth::Kind::Connect)),
        "created": tx.now(),
        "description": null,
        "enabled_events": [],
        "livemode": false,
        "metadata": {},
        "status": "enabled",
        "url": null,
        "_secret": secret,
        "_connect": connect,
    });
    fill(&mut endpoint, call)?;
    tx.put(endpoint.clone());
    value::set(&mut endpoint, "secret", secret);
    Ok(endpoint)
}

fn update(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut endpoint = tx.at_path("webhook_endpoint", call.id())?;
    fill(&mut endpoint, call)?;
    if let Some(disabled) = call.flag("disabled") {
        value::set(&mut endpoint, "status", if disabled { "disabled" } else { "enabled" });
    }
    tx.put(endpoint.clone());
    Ok(endpoint)
}

fn delete(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    tx.at_path("webhook_endpoint", call.id())?;
    tx.remove(call.id());
    Ok(json!({"id": call.id(), "object": "webhook_endpoint", "deleted": true}))
}

fn fill(endpoint: &mut Value, call: &Call) -> Result<(), Refusal> {
    if let Some(text) = call.text("url") {
        let fits =
            url::Url::parse(text).is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
        if !fits {
            return Err(refusal::invalid("Not a valid URL").with_code("url_invalid").with_param("url"));
        }
    }
    if call.params.get("enabled_events").and_then(Value::as_array).is_some_and(Vec::is_empty) {
        return Err(refusal::invalid("Invalid enabled_events: must name at least one event type, or *")
            .with_param("enabled_events"));
    }
    value::assign(endpoint, &call.params, &["url", "enabled_events", "description"]);
    value::merge_metadata(endpoint, &call.params);
    Ok(())
}
