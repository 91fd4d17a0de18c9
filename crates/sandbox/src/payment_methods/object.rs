//! The payment method object, and where the one for a payment comes from.

use serde_json::{Value, json};

use super::Card;
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

/// The payment method that a payment names: a test card makes one that is used
/// once, any other must belong to the customer.
///
/// # Errors
/// 400 `resource_missing`, or a text that says whose it is not.
pub(crate) fn for_payment(tx: &mut Tx, id: &str, customer: Option<&str>) -> Result<Value, Refusal> {
    if let Some(card) = Card::of_id(id) {
        let method = from_card(tx, card);
        tx.put(method.clone());
        return Ok(method);
    }
    let method = tx.at_param("payment_method", id, "payment_method")?;
    if value::text(&method, "customer").is_some_and(|owner| Some(owner) != customer) {
        return Err(refusal::invalid(
            "The payment method belongs to another customer. Use one that is attached to this customer.",
        )
        .with_param("payment_method"));
    }
    Ok(method)
}
