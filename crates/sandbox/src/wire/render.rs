//! How a stored object looks from outside.
//!
//! Fields that begin with `_` are left out; what is derived from other objects is
//! added here, so that it cannot be stale.

use serde_json::Value;

use crate::{balance, invoices, state::Tx, subscriptions, value};

/// The object as Stripe shows it, nothing expanded.
pub(crate) fn render(tx: &Tx, object: &Value) -> Value {
    let mut shown = object.clone();
    if let Value::Object(map) = &mut shown {
        map.retain(|field, _| !field.starts_with('_'));
    }
    match value::text(object, "object") {
        Some("invoice") if object.get("deleted").is_none() => invoices::derive(tx, object, &mut shown),
        Some("balance_transaction") => balance::derive(tx, &mut shown),
        Some("subscription") => subscriptions::derive(tx, object, &mut shown),
        Some("subscription_item") if object.get("deleted").is_none() => {
            subscriptions::derive_item(tx, object, &mut shown);
        }
        Some("event") => {
            let pending = tx.state().deliveries.pending(value::id(object));
            value::set(&mut shown, "pending_webhooks", pending);
        }
        _ => {}
    }
    shown
}
