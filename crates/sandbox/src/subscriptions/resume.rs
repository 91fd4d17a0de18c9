//! `POST /v1/subscriptions/{id}/resume`: a paused subscription begins a new period now,
//! which is billed now.

use serde_json::Value;

use super::{change, create, object, update};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut subscription = tx.at_path("subscription", call.id())?;
    let before = tx.seen(&subscription);
    if subscription["status"] != "paused" {
        return Err(refusal::invalid(format!(
            "You can only resume a paused subscription; this one is {}.",
            value::text(&subscription, "status").unwrap_or_default()
        )));
    }
    let anchor = call.params.get("billing_cycle_anchor").and_then(|a| value::text(a, "type"));
    if anchor == Some("unchanged") {
        let what = "resuming with the billing cycle anchor unchanged";
        return Err(refusal::not_here(what).with_param("billing_cycle_anchor[type]"));
    }
    if subscription["collection_method"] != "send_invoice" && !object::can_be_charged(tx, &subscription) {
        return Err(create::nothing_to_charge());
    }
    value::set(&mut subscription, "status", "active");
    value::set(&mut subscription, "billing_cycle_anchor", tx.now());
    value::set(&mut subscription, "_busy", true);
    if let Value::Object(map) = &mut subscription {
        map.shift_remove("status_details");
    }
    let mut begun = Vec::new();
    for mut item in object::items(tx, &subscription) {
        update::restart(tx, &mut item)?;
        begun.push(value::id(&item).to_owned());
        tx.put(item);
    }
    object::note_period(tx, &mut subscription);
    tx.put(subscription);
    let terms = change::Terms::of(tx, call)?;
    change::bill(tx, call.id(), begun, &terms)?;
    let resumed = update::told(tx, call.id(), &before);
    tx.emit("customer.subscription.resumed", &resumed);
    Ok(resumed)
}
