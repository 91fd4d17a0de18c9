//! The session as an object. `_items` are its line items; `_payment`, `_setup` and
//! `_subscription` what the request says of what it brings about.

use serde_json::{Value, json};

use super::{KIND, items};
use crate::{state::Tx, value, wire::render};

/// A session that nothing is known of yet.
pub(super) fn fresh(tx: &mut Tx, mode: &str) -> Value {
    let id = tx.ids().object("cs");
    let mut session = json!({
        "id": id,
        "object": KIND,
        "amount_subtotal": null,
        "amount_total": null,
        "automatic_tax": {"enabled": false, "liability": null, "provider": null, "status": null},
        "created": tx.now(),
        "currency": null,
        "custom_fields": [],
        "custom_text": {
            "after_submit": null, "shipping_address": null, "submit": null,
            "terms_of_service_acceptance": null,
        },
        "expires_at": tx.now() + 24 * 3600,
        "livemode": false,
        "metadata": {},
        "mode": mode,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "_items": [],
    });
    for field in NULL {
        value::set(&mut session, field, Value::Null);
    }
    session
}

/// What is null unless something says otherwise.
const NULL: &[&str] = &[
    "adaptive_pricing",
    "after_expiration",
    "allow_promotion_codes",
    "allowed_payment_method_types",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "client_secret",
    "collected_information",
    "consent",
    "consent_collection",
    "currency_conversion",
    "customer",
    "customer_account",
    "customer_creation",
    "customer_details",
    "customer_email",
    "discounts",
    "integration_identifier",
    "invoice",
    "invoice_creation",
    "locale",
    "managed_payments",
    "origin_context",
    "payment_intent",
    "payment_link",
    "payment_method_collection",
    "payment_method_configuration_details",
    "permissions",
    "recovered_from",
    "saved_payment_method_options",
    "setup_intent",
    "shipping_address_collection",
    "shipping_cost",
    "submit_type",
    "subscription",
    "success_url",
    "url",
    "wallet_options",
];

/// Fields come in order.
pub(crate) fn derive(_tx: &Tx, _stored: &Value, shown: &mut Value) {
    if let Value::Object(map) = shown {
        value::in_order(map);
    }
}

/// The includable list of line items.
pub(crate) fn line_items(tx: &Tx, stored: &Value) -> Value {
    let all = items(tx, stored).iter().map(|item| render(tx, item)).collect();
    value::nested_list(&format!("/v1/checkout/sessions/{}/line_items", value::id(stored)), all)
}
