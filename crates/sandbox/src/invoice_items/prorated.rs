//! The pending item of a proration.

use serde_json::{Value, json};

use super::{amount::Cost, object};
use crate::{state::Tx, value};

/// Stores a pending item for a part of a subscription item's period, and tells of it.
/// `period` is from when to when.
pub(crate) fn prorated(
    tx: &mut Tx,
    subscription: &Value,
    of_item: &Value,
    cost: &Cost,
    description: &str,
    period: (i64, i64),
) {
    let text = |field| value::text(subscription, field).unwrap_or_default();
    let mut item = object::fresh(tx, text("customer"), text("currency"), cost);
    value::set(&mut item, "description", description);
    value::set(&mut item, "discountable", false);
    value::set(&mut item, "proration", true);
    value::set(&mut item, "proration_details", json!({"credited_items": null, "discount_amounts": []}));
    value::set(&mut item, "period", json!({"end": period.1.max(period.0), "start": period.0}));
    if let Some(rates) = of_item.get("_tax_rates") {
        value::set(&mut item, "_tax_rates", rates.clone());
    }
    belongs(&mut item, value::id(subscription), Some(value::id(of_item)));
    tx.put(item.clone());
    tx.emit("invoiceitem.created", &item);
}

/// Writes that the item waits for an invoice of this subscription.
pub(super) fn belongs(item: &mut Value, subscription: &str, of_item: Option<&str>) {
    let mut details = json!({"subscription": subscription});
    if let Some(of_item) = of_item {
        value::set(&mut details, "subscription_item", of_item);
        value::set(item, "_subscription_item", of_item);
    }
    value::set(item, "parent", json!({"subscription_details": details, "type": "subscription_details"}));
    value::set(item, "_subscription", subscription);
}

/// What the line of an item says it comes from.
pub(super) fn parent_of_line(item: &Value) -> Value {
    let subscription = item.get("_subscription").cloned().unwrap_or(Value::Null);
    let details = json!({
        "invoice_item": item["id"],
        "proration": item["proration"],
        "proration_details": {"credited_items": null},
        "subscription": subscription,
    });
    match item.get("_subscription_item") {
        Some(of_item) => {
            let mut details = details;
            value::set(&mut details, "subscription_item", of_item.clone());
            json!({
                "invoice_item_details": null,
                "subscription_item_details": details,
                "type": "subscription_item_details",
            })
        }
        None => json!({
            "invoice_item_details": details,
            "subscription_item_details": null,
            "type": "invoice_item_details",
        }),
    }
}
