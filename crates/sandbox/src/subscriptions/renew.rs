//! What time does to subscriptions: the word before a trial's end, renewal, the end
//! that was planned, the end of a first payment that never came.

use serde_json::Value;

use super::{billing, cancel, collection, discounted, items, object, pause, pending, periods, status, trial};
use crate::{state::Tx, subscription_schedules, value};

/// How long a first payment is waited for (Stripe's docs, Subscription statuses).
const INCOMPLETE: i64 = 23 * 3600;

/// When something is next due for a subscription.
pub(crate) fn due_at(subscription: &Value) -> Option<i64> {
    match value::text(subscription, "status") {
        Some("incomplete") => Some(value::int(subscription, "created") + INCOMPLETE),
        Some("paused") => subscription["cancel_at"].as_i64(),
        Some("trialing" | "active" | "past_due" | "unpaid") => {
            let times = [
                subscription["cancel_at"].as_i64(),
                period_end(subscription),
                collection::resumes_at(subscription),
                pending::expires_at(subscription),
            ];
            times.into_iter().flatten().chain(trial::notice_at(subscription)).min()
        }
        _ => None,
    }
}

fn period_end(subscription: &Value) -> Option<i64> {
    subscription.get("_period_end")?.as_i64()
}

/// Goes ahead to the end of the first period and renews. Where nothing would be renewed
/// then, nothing happens.
pub(crate) fn look_ahead(tx: &mut Tx, subscription: &Value) {
    let Some(end) = period_end(subscription) else { return };
    let live =
        matches!(value::text(subscription, "status"), Some("trialing" | "active" | "past_due" | "unpaid"));
    if !live || subscription["cancel_at"].as_i64().is_some_and(|at| at <= end) {
        return;
    }
    tx.go_to(end);
    renew(tx, subscription.clone());
}

/// Does what is due.
pub(crate) fn perform_due(tx: &mut Tx, subscription: Value) {
    let now = tx.now();
    if subscription["status"] == "incomplete" {
        status::expire(tx, subscription);
    } else if subscription["cancel_at"].as_i64().is_some_and(|at| at <= now) {
        cancel::end(tx, subscription);
    } else if pending::expires_at(&subscription).is_some_and(|at| at <= now) {
        pending::expire(tx, subscription);
    } else if collection::resumes_at(&subscription).is_some_and(|at| at <= now) {
        collection::resume(tx, &subscription);
    } else if period_end(&subscription).is_some_and(|at| at <= now) {
        renew(tx, subscription);
    } else {
        trial::tell_soon(tx, value::id(&subscription));
    }
}

fn renew(tx: &mut Tx, subscription: Value) {
    subscription_schedules::before_renewal(tx, &subscription);
    let id = value::id(&subscription).to_owned();
    let Some(subscription) = tx.find("subscription", &id).filter(|s| !object::is_over(s)).cloned() else {
        return;
    };
    if period_end(&subscription).is_none_or(|at| at > tx.now()) {
        // The phase that began has begun the period, too.
        return;
    }
    let ends_trial = subscription["status"] == "trialing";
    let charged = subscription["collection_method"] == "charge_automatically";
    if ends_trial && charged && !object::can_be_charged(tx, &subscription) {
        let behavior = &subscription["trial_settings"]["end_behavior"]["missing_payment_method"];
        match behavior.as_str() {
            Some("cancel") => return drop(cancel::end(tx, subscription)),
            Some("pause") => {
                let before = tx.seen(&subscription);
                pause::paused(tx, subscription, &before, "trial_end_without_payment_method");
                return;
            }
            _ => {}
        }
    }
    let before = tx.seen(&subscription);
    let subscription = discounted::begin_period(tx, subscription);
    let (after, began) = next_periods(tx, subscription);
    match billing::draft(tx, &after, "subscription_cycle", &began.items) {
        Ok(mut invoice) => {
            value::set(&mut invoice, "period_start", began.start);
            collection::hold(&after, &mut invoice);
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
