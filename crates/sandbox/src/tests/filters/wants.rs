//! What an object has to do with a filter, said once more and in another way than the
//! lists say it: the values of the parameter by which it is to be found.

use serde_json::{Value, json};

/// The values of a filter that find this object. Ranges and lists of values find it by
/// any of them.
pub(super) fn of(operation: &str, param: &str, object: &Value) -> Vec<Value> {
    let text = |field: &str| object[field].as_str().unwrap_or_default().to_owned();
    match (operation, param) {
        ("events.list", "type" | "types") => types(&text("type")),
        ("events.list", "delivery_success") => vec![json!(object["pending_webhooks"] == 0)],
        ("invoices.list", "subscription") => known(&object["parent"]["subscription_details"]["subscription"]),
        ("invoiceItems.list", "created") => known(&object["date"]),
        ("invoiceItems.list", "pending") => vec![json!(object["invoice"].is_null())],
        ("invoicePayments.list", "payment") => {
            vec![json!({"type": "payment_intent", "payment_intent": object["payment"]["payment_intent"]})]
        }
        ("promotionCodes.list", "coupon") => known(&object["promotion"]["coupon"]),
        ("prices.list", "lookup_keys") => known(&object["lookup_key"]),
        ("prices.list", "recurring") if object["recurring"].is_object() => {
            let (interval, usage) = (&object["recurring"]["interval"], &object["recurring"]["usage_type"]);
            let both = json!({"interval": interval, "usage_type": usage});
            vec![json!({ "interval": interval }), json!({ "usage_type": usage }), both]
        }
        ("prices.list", "recurring") => vec![],
        ("products.list", "ids") => known(&object["id"]),
        ("subscriptions.list", "status") => {
            let over = ["canceled", "incomplete_expired"].contains(&text("status").as_str());
            let ended = over.then(|| json!("ended"));
            [object["status"].clone(), json!("all")].into_iter().chain(ended).collect()
        }
        ("subscriptions.list", "price" | "plan") => each_item(object, |item| &item["price"]["id"]),
        ("subscriptions.list", "current_period_start") => {
            each_item(object, |item| &item["current_period_start"])
        }
        ("subscriptions.list", "current_period_end") => each_item(object, |item| &item["current_period_end"]),
        ("subscriptions.list", "automatic_tax") => {
            vec![json!({"enabled": object["automatic_tax"]["enabled"]})]
        }
        _ => known(&object[param]),
    }
}

/// Filters for what the sandbox has none of: they find nothing.
pub(super) const NOTHING: &[&str] = &["customer_account", "payout", "test_clock"];

/// Whether a list shows an object of which nobody says that he wants it.
pub(super) fn unasked(operation: &str, object: &Value) -> bool {
    operation != "subscriptions.list" || object["status"] != "canceled"
}

/// A type, and every pattern that stands for it.
fn types(kind: &str) -> Vec<Value> {
    let patterns = kind.match_indices('.').map(|(at, _)| json!(format!("{}.*", &kind[..at])));
    std::iter::once(json!(kind)).chain(patterns).collect()
}

fn each_item(object: &Value, of: fn(&Value) -> &Value) -> Vec<Value> {
    object["items"]["data"].as_array().unwrap().iter().flat_map(|item| known(of(item))).collect()
}

fn known(value: &Value) -> Vec<Value> {
    if value.is_null() { vec![] } else { vec![value.clone()] }
}
