//! The subscription and its items as objects.
//!
//! What is stored beside Stripe's fields: `_items` (ids, in order), `_period_end` (the
//! earliest end of an item's period), `_told_trial_end` (the trial end that was told
//! of), `_busy` (a request is at work on it and will tell itself). An item has
//! `_price`, `_anchor` (what its periods are counted from) and `_billed` (what was
//! really billed for its whole period, which is what a credit is a part of).

use serde_json::{Value, json};

use crate::{prices, state::Tx, tax_rates, value, wire::render};

/// A subscription that nothing is known of yet.
pub(super) fn fresh(tx: &mut Tx, customer: &str, currency: &str) -> Value {
    let id = tx.ids().object("sub");
    let now = tx.now();
    let mut subscription = json!({
        "id": id,
        "object": "subscription",
        "billing_cycle_anchor": now,
        "billing_cycle_anchor_config": null,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "cancel_at": null,
        "cancel_at_period_end": false,
        "canceled_at": null,
        "cancellation_details": {"comment": null, "feedback": null, "feedback_option": null, "reason": null},
        "collection_method": "charge_automatically",
        "created": now,
        "currency": currency,
        "customer": customer,
        "days_until_due": null,
        "default_payment_method": null,
        "description": null,
        "ended_at": null,
        "latest_invoice": null,
        "livemode": false,
        "metadata": {},
        "payment_settings": {
            "payment_method_options": null, "payment_method_types": null, "save_default_payment_method": "off",
        },
        "start_date": now,
        "status": "incomplete",
        "trial_end": null,
        "trial_settings": {
            "end_behavior": {"billing_cycle_anchor": null, "missing_payment_method": "create_invoice"},
        },
        "test_clock": tx.test_clock(),
        "trial_start": null,
        "_items": [],
    });
    if let (Value::Object(map), Value::Object(rest)) = (&mut subscription, unused()) {
        map.extend(rest);
    }
    subscription
}

/// What no parameter of the sandbox sets.
fn unused() -> Value {
    json!({
        "application": null,
        "application_fee_percent": null,
        "automatic_tax": {"disabled_reason": null, "enabled": false, "liability": null},
        "billing_schedules": [],
        "billing_thresholds": null,
        "customer_account": null,
        "default_source": null,
        "default_tax_rates": [],
        "discounts": [],
        "invoice_settings": {
            "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null,
            "issuer": {"type": "self"},
        },
        "managed_payments": null,
        "next_pending_invoice_item_invoice": null,
        "on_behalf_of": null,
        "pause_collection": null,
        "pending_invoice_item_interval": null,
        "pending_setup_intent": null,
        "pending_update": null,
        "schedule": null,
        "transfer_data": null,
    })
}

/// An item of a price, its period not begun. The subscription takes it with [`add`].
pub(super) fn fresh_item(tx: &mut Tx, subscription: &str, price: &Value, quantity: i64) -> Value {
    let id = tx.ids().object("si");
    let now = tx.now();
    json!({
        "id": id,
        "object": "subscription_item",
        "billing_thresholds": null,
        "created": now,
        "current_period_end": now,
        "current_period_start": now,
        "current_trial": null,
        "discounts": [],
        "metadata": {},
        "quantity": quantity,
        "subscription": subscription,
        "tax_rates": [],
        "_price": price["id"],
        "_anchor": now,
        "_billed": 0,
    })
}

/// Stores an item as its subscription's last.
pub(super) fn add(tx: &mut Tx, subscription: &mut Value, item: Value) {
    let mut ids = subscription["_items"].as_array().cloned().unwrap_or_default();
    ids.push(item["id"].clone());
    value::set(subscription, "_items", ids);
    tx.put(item);
}

/// The items, in order.
pub(crate) fn items(tx: &Tx, subscription: &Value) -> Vec<Value> {
    let ids = subscription["_items"].as_array().into_iter().flatten();
    ids.filter_map(|id| tx.get(id.as_str()?)).cloned().collect()
}

/// The price of an item.
pub(crate) fn price_of(tx: &Tx, item: &Value) -> Value {
    value::text(item, "_price").and_then(|id| tx.get(id)).cloned().unwrap_or_default()
}

/// Writes when the first period of an item ends.
pub(super) fn note_period(tx: &Tx, subscription: &mut Value) {
    let end = items(tx, subscription).iter().map(|item| value::int(item, "current_period_end")).min();
    value::set(subscription, "_period_end", end);
}

/// Adds the items to a shown subscription.
pub(crate) fn derive(tx: &Tx, stored: &Value, shown: &mut Value) {
    let url = format!("/v1/subscription_items?subscription={}", value::id(stored));
    let all = items(tx, stored).iter().map(|item| render(tx, item)).collect();
    value::set(shown, "items", value::nested_list(&url, all));
    value::set(shown, "default_tax_rates", tax_rates::shown(tx, stored, "_default_tax_rates"));
}

/// Adds the price, and the plan that it was before, to a shown item.
pub(crate) fn derive_item(tx: &Tx, stored: &Value, shown: &mut Value) {
    let price = price_of(tx, stored);
    value::set(shown, "plan", prices::plan_of(&price));
    value::set(shown, "price", render(tx, &price));
    value::set(shown, "tax_rates", tax_rates::shown(tx, stored, "_tax_rates"));
}

/// Whether it is billed as subscriptions were before flexible billing.
pub(super) fn is_classic(subscription: &Value) -> bool {
    subscription["billing_mode"]["type"] == "classic"
}

/// Whether it is over for good.
pub(crate) fn is_over(subscription: &Value) -> bool {
    matches!(value::text(subscription, "status"), Some("canceled" | "incomplete_expired"))
}

/// Whether there is something to charge: a payment method of the subscription's own or
/// its customer's default.
pub(crate) fn can_be_charged(tx: &Tx, subscription: &Value) -> bool {
    let customer = value::text(subscription, "customer").and_then(|id| tx.find("customer", id));
    let of_customer = customer.and_then(|c| value::text(&c["invoice_settings"], "default_payment_method"));
    let of_source = customer.and_then(|c| value::text(c, "default_source"));
    value::text(subscription, "default_payment_method").or(of_customer).or(of_source).is_some()
}
