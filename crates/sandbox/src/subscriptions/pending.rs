//! Pending updates (Stripe's docs, Pending updates): with
//! `payment_behavior=pending_if_incomplete` a change waits until its invoice is paid, and
//! is forgotten after 23 hours.

use serde_json::{Value, json};

use super::object;
use crate::{
    invoices,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal, render},
};

/// How long a change waits.
const LIFETIME: i64 = 23 * 3600;

/// What an update may say when it may have to wait (Stripe's docs, Pending updates).
const ALLOWED: &[&str] = &[
    "add_invoice_items",
    "billing_cycle_anchor",
    "expand",
    "items",
    "off_session",
    "payment_behavior",
    "price",
    "price_data",
    "proration_behavior",
    "proration_date",
    "quantity",
    "subscription",
    "trial_end",
    "trial_from_plan",
];

/// A subscription and its items, before a change.
pub(crate) struct Before {
    subscription: Value,
    items: Vec<Value>,
}

/// Whether a change may have to wait; then what there was before it.
///
/// # Errors
/// A parameter that cannot wait, or a subscription that is paid by hand.
pub(crate) fn before(tx: &Tx, subscription: &Value, call: &Call) -> Result<Option<Before>, Refusal> {
    if call.text("payment_behavior") != Some("pending_if_incomplete") {
        return Ok(None);
    }
    let what = "payment_behavior is `pending_if_incomplete`";
    if let Some(name) = call.params.keys().find(|name| !ALLOWED.contains(&name.as_str())) {
        return Err(refusal::invalid(format!("You cannot set `{name}` when {what}.")).with_param(name));
    }
    if subscription["collection_method"] == "send_invoice" {
        return Err(refusal::invalid(format!(
            "{what}, which needs `collection_method=charge_automatically`."
        ))
        .with_param("payment_behavior"));
    }
    Ok(Some(Before { subscription: subscription.clone(), items: object::items(tx, subscription) }))
}

/// Takes a change back that was not paid for, and keeps it for when it is.
pub(crate) fn hold(tx: &mut Tx, id: &str, before: Before) -> Result<(), Refusal> {
    let after = tx.at_path("subscription", id)?;
    let invoice = value::text(&after, "latest_invoice").and_then(|id| tx.find("invoice", id)).cloned();
    let Some(invoice) =
        invoice.filter(|i| i["status"] == "open" && i["id"] != before.subscription["latest_invoice"])
    else {
        return Ok(());
    };
    let items = object::items(tx, &after);
    let shown: Vec<Value> = items.iter().map(|item| render(tx, item)).collect();
    let expires = tx.now() + LIFETIME;
    let moved = |field: &str| {
        if after[field] == before.subscription[field] { Value::Null } else { after[field].clone() }
    };
    let update = json!({
        "billing_cycle_anchor": moved("billing_cycle_anchor"),
        "cancel_at_period_end": null,
        "discount": null,
        "discounts": null,
        "expires_at": expires,
        "metadata": null,
        "subscription_items": shown,
        "trial_end": moved("trial_end"),
        "trial_from_plan": null,
    });
    for item in items.iter().filter(|one| before.items.iter().all(|old| old["id"] != one["id"])) {
        tx.remove(value::id(item));
    }
    for item in before.items {
        tx.put(item);
    }
    let mut restored = before.subscription;
    value::set(&mut restored, "latest_invoice", value::id(&invoice));
    value::set(&mut restored, "pending_update", update);
    value::set(
        &mut restored,
        "_pending",
        json!({"subscription": after, "items": items, "invoice": invoice["id"]}),
    );
    value::set(&mut restored, "_busy", true);
    tx.put(restored);
    Ok(())
}

/// When a change that waits is forgotten.
pub(super) fn expires_at(subscription: &Value) -> Option<i64> {
    subscription["pending_update"]["expires_at"].as_i64()
}

/// Whether this is the invoice that a change waits for.
pub(super) fn waits_for(subscription: &Value, invoice: &Value) -> bool {
    subscription.get("_pending").is_some_and(|pending| pending["invoice"] == invoice["id"])
}

/// The invoice of a change is paid: the change is made.
pub(super) fn apply(tx: &mut Tx, subscription: &Value) {
    let before = tx.seen(subscription);
    let pending = subscription["_pending"].clone();
    for item in object::items(tx, subscription) {
        tx.remove(value::id(&item));
    }
    for item in pending["items"].as_array().into_iter().flatten() {
        tx.put(item.clone());
    }
    // What changed besides while it waited stays.
    let mut after = subscription.clone();
    for field in
        ["_items", "_period_end", "_anchor", "billing_cycle_anchor", "status", "trial_end", "trial_start"]
    {
        if let Some(new) = pending["subscription"].get(field) {
            value::set(&mut after, field, new.clone());
        }
    }
    if after["status"] == "past_due" {
        value::set(&mut after, "status", "active");
    }
    forget(&mut after);
    let id = value::id(&after).to_owned();
    tx.put(after.clone());
    tx.emit_changed("customer.subscription.updated", &before, &id);
    tx.emit("customer.subscription.pending_update_applied", &after);
}

/// Nobody paid: the change is forgotten and its invoice void.
pub(super) fn expire(tx: &mut Tx, subscription: Value) {
    let invoice = value::text(&subscription["_pending"], "invoice").unwrap_or_default().to_owned();
    let mut after = subscription;
    forget(&mut after);
    tx.put(after.clone());
    invoices::void_open(tx, &invoice);
    tx.emit("customer.subscription.pending_update_expired", &after);
}

fn forget(subscription: &mut Value) {
    value::set(subscription, "pending_update", Value::Null);
    if let Value::Object(map) = subscription {
        map.shift_remove("_pending");
    }
}
