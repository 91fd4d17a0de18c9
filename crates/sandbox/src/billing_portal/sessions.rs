//! `POST /v1/billing_portal/sessions`: a way for one customer to the page.

use serde_json::{Value, json};

use super::{CONFIGURATION, SESSION, configurations};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn create(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let customer = call.text("customer").ok_or_else(|| {
        refusal::invalid("Missing required param: customer.")
            .with_code("parameter_missing")
            .with_param("customer")
    })?;
    let customer = tx.at_param("customer", customer, "customer")?;
    let configuration = match call.text("configuration") {
        Some(id) => tx.at_param(CONFIGURATION, id, "configuration")?,
        None => configurations::default(tx),
    };
    if configuration["active"] != true {
        return Err(refusal::invalid("The configuration is not active. Nothing was changed.")
            .with_param("configuration"));
    }
    let flow = match call.params.get("flow_data") {
        Some(given) => flow(tx, &customer, given)?,
        None => Value::Null,
    };
    let back = call.text("return_url").or_else(|| value::text(&configuration, "default_return_url"));
    let id = tx.ids().object("bps");
    let session = json!({
        "id": id,
        "object": SESSION,
        "after_expiration": null,
        "configuration": configuration["id"],
        "created": tx.now(),
        "customer": customer["id"],
        "customer_account": null,
        "flow": flow,
        "livemode": false,
        "locale": call.text("locale"),
        "on_behalf_of": null,
        "return_url": back,
        "url": format!("{}/_sandbox/portal/{id}", tx.base()),
    });
    tx.put(session.clone());
    tx.emit("billing_portal.session.created", &session);
    Ok(session)
}

/// What the customer is led to at once.
fn flow(tx: &Tx, customer: &Value, given: &Value) -> Result<Value, Refusal> {
    let kind = value::text(given, "type").unwrap_or_default();
    if !matches!(kind, "payment_method_update" | "subscription_cancel") {
        let place = "flow_data[type]";
        return Err(refusal::not_here(&format!("`{place}={kind}`")).with_param(place));
    }
    let mut cancels = Value::Null;
    if kind == "subscription_cancel" {
        let place = "flow_data[subscription_cancel][subscription]";
        let id = value::text(&given["subscription_cancel"], "subscription").unwrap_or_default();
        let subscription = tx.at_param("subscription", id, place)?;
        if subscription["customer"] != customer["id"] {
            return Err(refusal::invalid("The subscription belongs to another customer.").with_param(place));
        }
        cancels = json!({"retention": null, "subscription": id});
    }
    let after = given.get("after_completion");
    let kind_after = after.and_then(|after| value::text(after, "type")).unwrap_or("portal_homepage");
    let part = |name: &str| after.and_then(|after| after.get(name)).cloned();
    let confirmation = part("hosted_confirmation").map(|given| value::complete(&given, &["custom_message"]));
    Ok(json!({
        "after_completion": {
            "hosted_confirmation": confirmation, "redirect": part("redirect"), "type": kind_after,
        },
        "customer_update": null,
        "subscription_cancel": cancels,
        "subscription_pause": null,
        "subscription_update": null,
        "subscription_update_confirm": null,
        "type": kind,
    }))
}
