//! Subscriptions with one period for all their items.

use serde_json::Value;

use super::{super::ObjectChange, the_discount};
use crate::{state::Tx, subscriptions, value};

pub(super) const PERIOD: ObjectChange = ObjectChange {
    what: "the period stood on the subscription, not on its items",
    object: "subscription",
    gives: &["current_period_end", "current_period_start"],
    undo: period,
};

pub(super) const DISCOUNT: ObjectChange = ObjectChange {
    what: "a subscription had one discount whole",
    object: "subscription",
    gives: &["discount"],
    undo: |tx, subscription| value::set(subscription, "discount", the_discount(tx, subscription)),
};

/// The period that ends first; before flexible billing all items had the same.
fn period(tx: &Tx, subscription: &mut Value) {
    let items = tx.get(value::id(subscription)).map(|stored| subscriptions::items(tx, stored));
    let items = items.unwrap_or_default();
    let first = items.iter().min_by_key(|item| value::int(item, "current_period_end"));
    for field in ["current_period_end", "current_period_start"] {
        let at = first.map_or_else(|| value::int(subscription, "start_date"), |item| value::int(item, field));
        value::set(subscription, field, at);
    }
}
