//! `DELETE /v1/plans/{plan}`: nobody can subscribe to it any more. Who has subscribed
//! already keeps its price, archived.

use serde_json::{Value, json};

use super::object;
use crate::{
    prices,
    state::Tx,
    value,
    versions::Seen,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let price = object::at_path(tx, call.id())?;
    let plan = Seen::shown(tx, prices::plan_of(&price));
    let subscribed = tx.state().of_kind("subscription_item").any(|item| item["_price"] == price["id"]);
    if subscribed {
        let mut kept = price.clone();
        value::set(&mut kept, "active", false);
        value::set(&mut kept, "_no_plan", true);
        tx.change("price.updated", &price, kept);
    } else {
        tx.remove(call.id());
    }
    tx.emit_seen("plan.deleted", &plan, None);
    if !subscribed {
        tx.emit("price.deleted", &price);
    }
    Ok(json!({"id": call.id(), "object": "plan", "deleted": true}))
}
