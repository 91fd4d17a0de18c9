//! The setup intent and the setup attempt.

use serde_json::{Value, json};

use crate::{state::Tx, value};

/// A setup intent of which nothing is known. Not stored yet.
pub(super) fn fresh(tx: &mut Tx) -> Value {
    let id = tx.ids().object("seti");
    let secret = format!("{id}_secret_{}", tx.ids().text(25));
    json!({
        "id": id,
        "object": "setup_intent",
        "allowed_payment_method_types": null,
        "application": null,
        "attach_to_self": false,
        "automatic_payment_methods": null,
        "cancellation_reason": null,
        "client_secret": secret,
        "created": tx.now(),
        "customer": null,
        "customer_account": null,
        "description": null,
        "excluded_payment_method_types": null,
        "flow_directions": null,
        "last_setup_error": null,
        "latest_attempt": null,
        "livemode": false,
        "managed_payments": null,
        "mandate": null,
        "metadata": {},
        "next_action": null,
        "on_behalf_of": null,
        "payment_method": null,
        "payment_method_configuration_details": null,
        "payment_method_options": {"card": {
            "mandate_options": null,
            "network": null,
            "request_three_d_secure": "automatic",
        }},
        "payment_method_types": ["card"],
        "single_use_mandate": null,
        "status": "requires_payment_method",
        "usage": "off_session",
    })
}

/// An attempt at the intent's payment method, begun now. Not stored yet.
pub(super) fn attempt(tx: &mut Tx, intent: &Value, method: &Value) -> Value {
    let kind = value::text(method, "type").unwrap_or("card");
    let of_kind = if kind == "card" { card(&method["card"]) } else { json!({}) };
    let mut details = json!({ "type": kind });
    value::set(&mut details, kind, of_kind);
    json!({
        "id": tx.ids().object("setatt"),
        "object": "setup_attempt",
        "application": null,
        "attach_to_self": intent["attach_to_self"],
        "created": tx.now(),
        "customer": intent["customer"],
        "customer_account": null,
        "flow_directions": intent["flow_directions"],
        "livemode": false,
        "on_behalf_of": null,
        "payment_method": method["id"],
        "payment_method_details": details,
        "setup_error": null,
        "setup_intent": intent["id"],
        "status": "processing",
        "usage": intent["usage"],
    })
}

fn card(card: &Value) -> Value {
    json!({
        "brand": card["brand"],
        "checks": card["checks"],
        "country": card["country"],
        "exp_month": card["exp_month"],
        "exp_year": card["exp_year"],
        "fingerprint": card["fingerprint"],
        "funding": card["funding"],
        "last4": card["last4"],
        "network": card["brand"],
        "three_d_secure": null,
        "wallet": null,
    })
}

/// What 3D Secure left on a card's attempt.
pub(super) fn authenticated(tx: &mut Tx, attempt: &mut Value, completed: bool) {
    if !attempt["payment_method_details"]["card"].is_object() {
        return;
    }
    attempt["payment_method_details"]["card"]["three_d_secure"] = json!({
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": completed.then_some("05"),
        "result": if completed { "authenticated" } else { "failed" },
        "result_reason": (!completed).then_some("rejected"),
        "transaction_id": tx.ids().text(32),
        "version": "2.2.0",
    });
}
