//! What is never shown again: the one list of secret names in Stripe's objects.
//!
//! `client_secret`, endpoint secrets, tokens and the data of issued cards reach the caller
//! who made them, in the answer to their own request; in everything stored and listed
//! they are masked.

use serde_json::{Value, json};

/// Names whose text is secret wherever they stand. A name that ends in one of them
/// after an underscore is secret too: `customer_session_client_secret`.
pub(crate) const NAMES: &[&str] = &[
    "client_secret",
    "secret",
    "access_token",
    "refresh_token",
    "api_key",
    "signing_secret",
    "password",
    "cvc",
];

/// A card's number, which only what stands beside it tells from an invoice's.
const NUMBER: &str = "number";
const BESIDE_NUMBER: [&str; 2] = ["exp_month", "exp_year"];

/// What stands in the place of a secret.
pub(crate) const MASK: &str = "[masked]";

/// The value with every named secret masked.
pub(crate) fn masked(mut value: Value) -> Value {
    mask(&mut value);
    value
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let of_card = BESIDE_NUMBER.iter().any(|name| fields.contains_key(*name));
            for (name, inner) in fields {
                let secret = is_secret(name) || (of_card && name == NUMBER);
                if (inner.is_string() || inner.is_number()) && secret {
                    *inner = json!(MASK);
                } else {
                    mask(inner);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}

fn is_secret(name: &str) -> bool {
    NAMES
        .iter()
        .any(|secret| name.strip_suffix(secret).is_some_and(|rest| rest.is_empty() || rest.ends_with('_')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_at_any_depth_and_nothing_else_is() {
        let seen = masked(json!({
            "id": "pi_1", "client_secret": "pi_1_secret_x", "secretary": "Ada",
            "charges": { "data": [{ "customer_session_client_secret": "s" }] },
            "secret": { "id": "kept" }, "amount": 5, "number": "INV-1", "cvc_check": "pass",
            "card": { "object": "issuing.card", "number": "4000009990000278", "cvc": "123", "exp_year": 2030 },
        }));
        assert_eq!(
            seen,
            json!({
                "id": "pi_1", "client_secret": MASK, "secretary": "Ada",
                "charges": { "data": [{ "customer_session_client_secret": MASK }] },
                "secret": { "id": "kept" }, "amount": 5, "number": "INV-1", "cvc_check": "pass",
                "card": { "object": "issuing.card", "number": MASK, "cvc": MASK, "exp_year": 2030 },
            })
        );
    }
}
