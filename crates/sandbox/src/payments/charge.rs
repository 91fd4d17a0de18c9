//! The charge object: one attempt at a payment method.

use serde_json::{Value, json};

use crate::{payment_methods::cards::Decline, state::Tx, value};

/// How long a bank holds an authorization (Stripe's docs, Place a hold: seven days).
pub(crate) const HELD_S: i64 = 7 * 86_400;

/// A charge that the bank agreed to and nobody captured yet.
pub(crate) fn authorized(
    tx: &mut Tx,
    intent: &Value,
    method: &Value,
    risk: &str,
    authenticated: bool,
) -> Value {
    let mut charge = attempt(tx, intent, method);
    if authenticated {
        charge["payment_method_details"]["card"]["three_d_secure"] = json!({
            "authentication_flow": "challenge",
            "electronic_commerce_indicator": "05",
            "exemption_indicator": null,
            "result": "authenticated",
            "result_reason": null,
            "transaction_id": tx.ids().text(32),
            "version": "2.2.0",
        });
    }
    value::set(&mut charge, "paid", true);
    value::set(&mut charge, "status", "succeeded");
    value::set(&mut charge, "outcome", approved(risk));
    charge
}

pub(crate) fn failed(tx: &mut Tx, intent: &Value, method: &Value, decline: &Decline) -> Value {
    let charge = attempt(tx, intent, method);
    refused(charge, decline)
}

/// A charge that the bank does not pay.
pub(super) fn refused(mut charge: Value, decline: &Decline) -> Value {
    value::set(&mut charge, "status", "failed");
    value::set(&mut charge, "captured", false);
    value::set(&mut charge, "amount_captured", 0);
    value::set(&mut charge, "failure_code", decline.code);
    value::set(&mut charge, "failure_message", decline.message);
    let blocked = decline.decline_code == "fraudulent";
    let outcome = json!({
        "advice_code": decline.advice,
        "network_advice_code": null,
        "network_decline_code": null,
        "network_status": if blocked { "not_sent_to_network" } else { "declined_by_network" },
        "reason": if blocked { "highest_risk_level" } else { decline.decline_code },
        "risk_level": if blocked { "highest" } else { "normal" },
        "seller_message": "The bank returned this decline code.",
        "type": if blocked { "blocked" } else { "issuer_declined" },
    });
    value::set(&mut charge, "outcome", outcome);
    charge
}

/// A charge whose bank has not answered.
pub(super) fn pending(tx: &mut Tx, intent: &Value, method: &Value) -> Value {
    let mut charge = attempt(tx, intent, method);
    value::set(&mut charge, "status", "pending");
    value::set(&mut charge, "captured", true);
    value::set(&mut charge, "amount_captured", intent["amount"].clone());
    value::set(&mut charge, "outcome", approved("normal"));
    charge
}

fn approved(risk: &str) -> Value {
    json!({
        "advice_code": null,
        "network_advice_code": null,
        "network_decline_code": null,
        "network_status": "approved_by_network",
        "reason": null,
        "risk_level": risk,
        "seller_message": "Payment complete.",
        "type": "authorized",
    })
}

/// A charge that has not been decided.
fn attempt(tx: &mut Tx, intent: &Value, method: &Value) -> Value {
    let kind = value::text(method, "type").unwrap_or("card");
    let id = tx.ids().object(if kind == "card" { "ch" } else { "py" });
    let details = details(intent, method, kind);
    json!({
        "id": id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": null,
        "application_fee": null,
        "application_fee_amount": null,
        "balance_transaction": null,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": null,
        "captured": false,
        "created": tx.now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": false,
        "failure_balance_transaction": null,
        "failure_code": null,
        "failure_message": null,
        "fraud_details": {},
        "livemode": false,
        "metadata": intent["metadata"],
        "on_behalf_of": null,
        "outcome": null,
        "paid": false,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": details,
        "receipt_email": intent["receipt_email"],
        "receipt_number": null,
        "receipt_url": null,
        "refunded": false,
        "review": null,
        "shipping": intent["shipping"],
        "source": null,
        "source_transfer": null,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "failed",
        "transfer_data": null,
        "transfer_group": intent["transfer_group"],
    })
}

fn details(intent: &Value, method: &Value, kind: &str) -> Value {
    let of_kind = match kind {
        "card" => card_details(intent, &method["card"]),
        "us_bank_account" => {
            let fields = [
                "account_holder_type",
                "account_type",
                "bank_name",
                "fingerprint",
                "last4",
                "routing_number",
            ];
            let mut shown = value::complete(&method[kind], &fields);
            value::set(&mut shown, "payment_reference", Value::Null);
            shown
        }
        "sepa_debit" => {
            let fields = ["bank_code", "branch_code", "country", "fingerprint", "last4"];
            value::complete(&method[kind], &fields)
        }
        _ => json!({}),
    };
    let mut all = json!({ "type": kind });
    value::set(&mut all, kind, of_kind);
    all
}

fn card_details(intent: &Value, card: &Value) -> Value {
    let asks = &intent["_request_incremental_authorization"];
    let held = intent["capture_method"] == "manual";
    let incremental = if held && *asks == "if_available" { "available" } else { "unavailable" };
    json!({
        "amount_authorized": intent["amount"],
        "authorization_code": null,
        "brand": card["brand"],
        "checks": card["checks"],
        "country": card["country"],
        "electronic_commerce_indicator": null,
        "exp_month": card["exp_month"],
        "exp_year": card["exp_year"],
        "extended_authorization": {"status": "disabled"},
        "fingerprint": card["fingerprint"],
        "funding": card["funding"],
        "incremental_authorization": {"status": incremental},
        "installments": null,
        "last4": card["last4"],
        "mandate": null,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": false},
        "network_transaction_id": null,
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "regulated_status": card["regulated_status"],
        "three_d_secure": null,
        "transaction_link_id": null,
        "wallet": null,
    })
}
