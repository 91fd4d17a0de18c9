//! Parameters that create, update and confirm have in common.

use serde_json::{Value, json};

use super::{methods, options};
use crate::{
    customers,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// The longest statement descriptor (Stripe's API, PaymentIntents).
const DESCRIPTOR_CHARS_MAX: usize = 22;

/// Writes everything but the money and the payment method.
///
/// # Errors
/// What a parameter cannot be.
pub(super) fn fill(tx: &Tx, intent: &mut Value, call: &Call) -> Result<(), Refusal> {
    if let Some(id) = call.text("customer") {
        tx.at_param("customer", id, "customer")?;
    }
    if let Some(email) = call.text("receipt_email") {
        customers::check_email(email, "receipt_email")?;
    }
    for name in ["statement_descriptor", "statement_descriptor_suffix"] {
        check_descriptor(call, name)?;
    }
    methods::fill(intent, call)?;
    options::fill(intent, call)?;
    if let Some(data) = call.params.get("mandate_data").filter(|data| !value::clears(data)) {
        value::set(intent, "_mandate_data", data.clone());
    }
    value::assign(
        intent,
        &call.params,
        &[
            "capture_method",
            "confirmation_method",
            "customer",
            "description",
            "receipt_email",
            "setup_future_usage",
            "statement_descriptor",
            "statement_descriptor_suffix",
            "transfer_group",
        ],
    );
    value::merge_metadata(intent, &call.params);
    if let Some(given) = call.params.get("shipping") {
        value::set(intent, "shipping", shipping(given));
    }
    Ok(())
}

/// A shipping hash as payments show it; null when it was cleared.
pub(crate) fn shipping(given: &Value) -> Value {
    if value::clears(given) {
        return Value::Null;
    }
    let mut whole = value::complete(given, &["address", "carrier", "name", "phone", "tracking_number"]);
    value::set(&mut whole, "address", value::address(given.get("address").unwrap_or(&Value::Null)));
    whole
}

/// What stands on a card statement: short, and nothing that a statement cannot show.
pub(crate) fn check_descriptor(call: &Call, name: &str) -> Result<(), Refusal> {
    let Some(text) = call.text(name) else { return Ok(()) };
    let fits = text.chars().count() <= DESCRIPTOR_CHARS_MAX
        && !text.contains(['<', '>', '\\', '\'', '"', '*'])
        && text.chars().any(char::is_alphabetic);
    if fits {
        return Ok(());
    }
    Err(refusal::invalid(format!(
        "Invalid {name}: at most {DESCRIPTOR_CHARS_MAX} characters, at least one letter, and none of < > \\ ' \" *."
    ))
    .with_param(name))
}

/// The account's default: every payment method that its dashboard has on.
pub(crate) fn automatic(given: Option<&Value>) -> Value {
    let redirects = given.and_then(|g| value::text(g, "allow_redirects")).unwrap_or("always");
    match given.and_then(|g| g.get("enabled")) {
        Some(Value::Bool(false)) => Value::Null,
        _ => json!({"allow_redirects": redirects, "enabled": true}),
    }
}
