//! Subscription items by themselves (Stripe's API, Subscription items): the same
//! changes as through their subscription, which tells of them.

use serde_json::{Map, Value, json};

use crate::{
    registry::{Row, list, retrieve, run},
    state::Tx,
    subscriptions::{self, change, pending, update},
    value,
    wire::{
        Call, Refusal,
        list::{Filter, Listing},
        refusal,
    },
};

/// What create and update both heed.
macro_rules! shared {
    ($($more:literal),*) => {
        &["discounts", "metadata", "payment_behavior", "plan", "price", "price_data",
          "proration_behavior", "proration_date", "quantity", "tax_rates", $($more),*]
    };
}

pub(crate) static ROWS: &[Row] = &[
    run("subscriptionItems.create", shared!["subscription"], create),
    retrieve("subscriptionItems.retrieve", "subscription_item"),
    run("subscriptionItems.update", shared!["off_session"], revise),
    run("subscriptionItems.del", &["payment_behavior", "proration_behavior", "proration_date"], delete),
    list("subscriptionItems.list", &ITEMS),
];

static ITEMS: Listing =
    Listing { kind: "subscription_item", parent: None, filters: &[Filter::Equal("subscription")] };

fn create(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let subscription = call.text("subscription").unwrap_or_default();
    let subscription = tx.at_param("subscription", subscription, "subscription")?;
    let id = value::id(&subscription).to_owned();
    apply(tx, &subscription, Value::Object(call.params.clone()), call)?;
    let subscription = tx.at_path("subscription", &id)?;
    Ok(subscriptions::items(tx, &subscription).pop().unwrap_or_default())
}

fn revise(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let subscription = owner(tx, call)?;
    let mut wanted: Map<String, Value> = call.params.clone();
    wanted.insert("id".into(), json!(call.id()));
    apply(tx, &subscription, Value::Object(wanted), call)?;
    tx.at_path("subscription_item", call.id())
}

fn delete(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let subscription = owner(tx, call)?;
    apply(tx, &subscription, json!({"id": call.id(), "deleted": true}), call)?;
    Ok(json!({"id": call.id(), "object": "subscription_item", "deleted": true}))
}

fn owner(tx: &Tx, call: &Call) -> Result<Value, Refusal> {
    let item = tx.at_path("subscription_item", call.id())?;
    tx.at_path("subscription", value::text(&item, "subscription").unwrap_or_default())
}

/// Makes one change to the items of a subscription, bills it and tells of it.
fn apply(tx: &mut Tx, subscription: &Value, wanted: Value, call: &Call) -> Result<(), Refusal> {
    if subscriptions::is_over(subscription) {
        return Err(refusal::invalid("The items of a canceled subscription cannot be changed."));
    }
    let before = tx.seen(subscription);
    let terms = change::Terms::of(tx, call)?;
    let held = pending::before(tx, subscription, call)?;
    let mut busy = subscription.clone();
    value::set(&mut busy, "_busy", true);
    tx.put(busy);
    let id = value::id(subscription);
    let restarted = change::change_items(tx, id, &[wanted], "", &terms)?;
    change::bill(tx, id, restarted, &terms)?;
    if let Some(before) = held {
        pending::hold(tx, id, before)?;
    }
    update::told(tx, id, &before);
    Ok(())
}
