//! `POST /v1/subscription_schedules/{schedule}/cancel`: its subscription goes with it.
//!
//! One that never began is `aborted`, which is what the Stripe CLI's trigger of that event
//! does; one whose subscription was given up for not paying is, too.

use serde_json::{Value, json};

use super::{KIND, create};
use crate::{
    state::Tx,
    subscriptions, value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let schedule = create::live(tx, call, "cancel")?;
    let began = schedule["status"] == "active";
    let canceled = end(tx, schedule, if began { "canceled" } else { "aborted" });
    if let Some(subscription) = value::text(&canceled, "subscription").map(str::to_owned) {
        let (prorates, bills) =
            (call.flag("prorate").unwrap_or(true), call.flag("invoice_now").unwrap_or(true));
        subscriptions::cancel_with(tx, &subscription, prorates, bills)?;
    }
    Ok(canceled)
}

/// Cancels a schedule and says so. What it planned comes no more.
fn end(tx: &mut Tx, mut schedule: Value, word: &str) -> Value {
    value::set(&mut schedule, "status", "canceled");
    value::set(&mut schedule, "canceled_at", tx.now());
    value::set(&mut schedule, "current_phase", Value::Null);
    tx.put(schedule.clone());
    tx.emit(&format!("subscription_schedule.{word}"), &schedule);
    schedule
}

/// Ends a schedule that cannot begin.
pub(super) fn aborted(tx: &mut Tx, schedule: Value) {
    end(tx, schedule, "aborted");
}

/// The subscription of a schedule is over, however it came to that.
pub(crate) fn subscription_ended(tx: &mut Tx, subscription: &Value) {
    let Some(schedule) = value::text(subscription, "schedule").and_then(|id| tx.find(KIND, id)).cloned()
    else {
        return;
    };
    if super::is_live(&schedule) {
        let gave_up = subscription["cancellation_details"]["reason"] == json!("payment_failed");
        end(tx, schedule, if gave_up { "aborted" } else { "canceled" });
    }
}
