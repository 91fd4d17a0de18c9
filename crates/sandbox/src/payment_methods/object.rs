//! The payment method object, and where the one for a payment comes from.

use serde_json::{Value, json};

use super::{Bank, Card, banks::ROUTING_NUMBER, sources};
use crate::{
    state::Tx,
    value,
    wire::{Refusal, refusal},
};

/// A new payment method of this card that belongs to nobody.
pub(crate) fn from_card(tx: &mut Tx, card: &Card) -> Value {
    let id = tx.ids().object("pm");
    let year = 1970 + tx.now() / 31_556_952;
    json!({
        "id": id,
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": value::address(&Value::Null),
            "email": null, "name": null, "phone": null, "tax_id": null,
        },
        "card": {
            "brand": card.brand,
            "checks": {"address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass"},
            "country": "US",
            "display_brand": card.brand,
            "exp_month": 12,
            "exp_year": year + 2,
            "fingerprint": format!("Sandbox{}{}", card.brand, card.last4()),
            "funding": card.funding,
            "generated_from": null,
            "last4": card.last4(),
            "networks": {"available": [card.brand], "preferred": null},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": true},
            "wallet": null,
        },
        "created": tx.now(),
        "customer": null,
        "customer_account": null,
        "livemode": false,
        "metadata": {},
        "type": "card",
        "_card": card.name,
    })
}

/// A new payment method of this bank account. `verified`: nobody has to prove that it is
/// his.
pub(crate) fn from_bank(tx: &mut Tx, bank: &Bank, verified: bool) -> Value {
    let mut method = of_kind(tx, bank.kind);
    let fingerprint = format!("Sandbox{}", bank.last4());
    let details = match bank.kind {
        "us_bank_account" => json!({
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": "STRIPE TEST BANK",
            "financial_connections_account": null,
            "fingerprint": fingerprint,
            "last4": bank.last4(),
            "networks": {"preferred": "ach", "supported": ["ach"]},
            "routing_number": ROUTING_NUMBER,
            "status_details": {},
        }),
        _ => json!({
            "bank_code": &bank.number[4..9],
            "branch_code": "",
            "country": &bank.number[..2],
            "fingerprint": fingerprint,
            "generated_from": {"charge": null, "setup_attempt": null},
            "last4": bank.last4(),
        }),
    };
    value::set(&mut method, bank.kind, details);
    value::set(&mut method, "_bank", bank.number);
    if !verified {
        value::set(&mut method, "_unverified", true);
    }
    method
}

/// A payment method of a type of which nothing else is known.
pub(crate) fn of_kind(tx: &mut Tx, kind: &str) -> Value {
    let id = tx.ids().object("pm");
    let mut method = json!({
        "id": id,
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": value::address(&Value::Null),
            "email": null, "name": null, "phone": null, "tax_id": null,
        },
        "created": tx.now(),
        "customer": null,
        "customer_account": null,
        "livemode": false,
        "metadata": {},
        "type": kind,
    });
    value::set(&mut method, kind, json!({}));
    method
}

/// A new payment method of a test id such as `pm_card_visa` or `pm_usBankAccount`.
pub(crate) fn of_test_id(tx: &mut Tx, id: &str) -> Option<Value> {
    if let Some(card) = Card::of_id(id).filter(|_| !id.starts_with("tok_")) {
        return Some(from_card(tx, card));
    }
    Bank::of_id(id).map(|bank| from_bank(tx, bank, true))
}

/// A payment method by its id; a customer's older card source is one too.
pub(crate) fn known(tx: &Tx, id: &str) -> Option<Value> {
    if let Some(card) = tx.find("card", id) {
        return Some(sources::as_method(card));
    }
    tx.find("payment_method", id).cloned()
}

/// The payment method that a payment names: a test card makes one that is used
/// once, any other must belong to the customer.
///
/// # Errors
/// 400 `resource_missing`, or a text that says whose it is not.
pub(crate) fn for_payment(tx: &mut Tx, id: &str, customer: Option<&str>) -> Result<Value, Refusal> {
    if let Some(method) = of_test_id(tx, id) {
        tx.put(method.clone());
        return Ok(method);
    }
    let method = known(tx, id).ok_or_else(|| refusal::missing("payment_method", id, "payment_method"))?;
    if value::text(&method, "customer").is_some_and(|owner| Some(owner) != customer) {
        return Err(refusal::invalid(
            "The payment method belongs to another customer. Use one that is attached to this customer.",
        )
        .with_param("payment_method"));
    }
    Ok(method)
}
