//! What time does to subscriptions: the word before a trial's end, renewal, the end
//! that was planned, the end of a first payment that never came.

use serde_json::{Value, json};

use super::{billing, cancel, items, object, periods, status, trial};
use crate::{state::Tx, value};

/// How long a first payment is waited for (Stripe's docs, Subscription statuses).
const INCOMPLETE: i64 = 23 * 3600;

/// When something is next due for a subscription.
pub(crate) fn due_at(subscription: &Value) -> Option<i64> {
    match value::text(subscription, "status") {
        Some("incomplete") => Some(value::int(subscription, "created") + INCOMPLETE),
        Some("paused") => subscription["cancel_at"].as_i64(),
        Some("trialing" | "active" | "past_due" | "unpaid") => {
            let times = [subscription["cancel_at"].as_i64(), period_end(subscription)];
            times.into_iter().flatten().chain(trial::notice_at(subscription)).min()
        }
        _ => None,
    }
}

fn period_end(subscription: &Value) -> Option<i64> {
    subscription.get("_period_end")?.as_i64()
}

/// Does what is due.
pub(crate) fn perform_due(tx: &mut Tx, subscription: Value) {
    let now = tx.now();
    if subscription["status"] == "incomplete" {
        status::expire(tx, subscription);
    } else if subscription["cancel_at"].as_i64().is_some_and(|at| at <= now) {
        cancel::end(tx, subscription);
    } else if period_end(&subscription).is_some_and(|at| at <= now) {
        renew(tx, subscription);
    } else {
        trial::tell_soon(tx, value::id(&subscription));
    }
}

fn renew(tx: &mut Tx, subscription: Value) {
    let ends_trial = subscription["status"] == "trialing";
    let charged = subscription["collection_method"] == "charge_automatically";
    if ends_trial && charged && !object::can_be_charged(tx, &subscription) {
        let behavior = &subscription["trial_settings"]["end_behavior"]["missing_payment_method"];
        match behavior.as_str() {
            Some("cancel") => return drop(cancel::end(tx, subscription)),
            Some("pause") => return pause(tx, subscription),
            _ => {}
        }
    }
    let before = tx.seen(&subscription);
    let id = value::id(&subscription).to_owned();
    let (after, began) = next_periods(tx, subscription);
    match billing::draft(tx, &after, "subscription_cycle", &began.items) {
        Ok(mut invoice) => {
            value::set(&mut invoice, "period_start", began.start);
            tx.put(invoice.clone());
            super::latest(tx, &id, &invoice);
            tx.emit_changed("customer.subscription.updated", &before, &id);
            tx.emit("invoice.created", &invoice);
        }
        Err(refused) => {
            // A sum beyond all amounts; the period moves on unbilled.
            tracing::warn!(error = ?refused.error, subscription = %id, "the renewal cannot be billed");
            tx.emit_changed("customer.subscription.updated", &before, &id);
        }
    }
}

/// The items whose next period has begun, and when the earliest of those before it had.
struct Began {
    items: Vec<Value>,
    start: i64,
}

/// Moves every item whose period is over into its next one, and the subscription out
/// of its trial.
fn next_periods(tx: &mut Tx, mut subscription: Value) -> (Value, Began) {
    let now = tx.now();
    if subscription["status"] == "trialing" {
        value::set(&mut subscription, "status", "active");
    }
    let mut began = Began { items: Vec::new(), start: now };
    for mut item in object::items(tx, &subscription) {
        let end = value::int(&item, "current_period_end");
        if end > now {
            continue;
        }
        began.start = began.start.min(value::int(&item, "current_period_start"));
        let price = object::price_of(tx, &item);
        let next = periods::end_after(value::int(&item, "_anchor"), &price, end);
        value::set(&mut item, "current_period_start", end);
        value::set(&mut item, "current_period_end", next);
        let billed = items::cost(tx, &item).map_or(0, |cost| cost.amount);
        value::set(&mut item, "_billed", billed);
        tx.put(item.clone());
        began.items.push(item);
    }
    object::note_period(tx, &mut subscription);
    tx.put(subscription.clone());
    (subscription, began)
}

/// A trial ended with nothing to charge, and the subscription waits for a way to pay.
fn pause(tx: &mut Tx, subscription: Value) {
    let before = tx.seen(&subscription);
    let mut after = subscription;
    value::set(&mut after, "status", "paused");
    let details = json!({"paused": {
        "subscription": {"type": "trial_end_without_payment_method"},
        "transitioned_at": tx.now(),
        "type": "subscription",
    }});
    value::set(&mut after, "status_details", details);
    let id = value::id(&after).to_owned();
    tx.put(after.clone());
    tx.emit_changed("customer.subscription.updated", &before, &id);
    tx.emit("customer.subscription.paused", &after);
}
