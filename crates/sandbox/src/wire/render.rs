//! How a stored object looks from outside, in the newest release's shape.
//!
//! Fields that begin with `_` are left out; what is derived from other objects is
//! added here, so that it cannot be stale. Older releases' shapes are in `versions`.

use serde_json::Value;

use crate::{
    balance, checkout, coupons, credit_notes, customers, invoice_items, invoices, promotion_codes, state::Tx,
    subscription_schedules, subscriptions, value, versions,
};

/// The object as Stripe shows it in the newest release, nothing expanded.
pub(crate) fn render(tx: &Tx, object: &Value) -> Value {
    let mut shown = value::public(object);
    if object.get("_shown").is_some() {
        return shown;
    }
    match value::text(object, "object") {
        Some("invoice") if object.get("deleted").is_none() => invoices::derive(tx, object, &mut shown),
        Some("coupon") if object.get("deleted").is_none() => coupons::derive(tx, object, &mut shown),
        Some("customer") if object.get("deleted").is_none() => customers::derive(tx, object, &mut shown),
        Some("invoiceitem") if object.get("deleted").is_none() => {
            invoice_items::derive(tx, object, &mut shown)
        }
        Some("promotion_code") => promotion_codes::derive(tx, object, &mut shown),
        Some("balance_transaction") => balance::derive(tx, &mut shown),
        Some("credit_note") if object.get("lines").is_none() => credit_notes::derive(tx, object, &mut shown),
        Some("subscription") => subscriptions::derive(tx, object, &mut shown),
        Some("subscription_item") if object.get("deleted").is_none() => {
            subscriptions::derive_item(tx, object, &mut shown);
        }
        Some(checkout::KIND) => checkout::derive(tx, object, &mut shown),
        Some("item") => checkout::derive_item(tx, object, &mut shown),
        Some(subscription_schedules::KIND) => subscription_schedules::derive(tx, object, &mut shown),
        Some("event") => {
            let pending = tx.pending(value::id(object));
            value::set(&mut shown, "pending_webhooks", pending);
        }
        _ => {}
    }
    shown
}

/// The object as it is shown to who names no version: in the account's default.
pub(crate) fn shown(tx: &Tx, object: &Value) -> Value {
    let mut shown = render(tx, object);
    versions::shape(tx, &mut shown, tx.state().api_version());
    shown
}
