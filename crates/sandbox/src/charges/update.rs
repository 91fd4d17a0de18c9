//! `POST /v1/charges/{charge}`: what is noted about a charge; never its money.

use serde_json::{Value, json};

use crate::{
    customers, payment_intents,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = tx.at_path("charge", call.id())?;
    let mut after = before.clone();
    if let Some(id) = call.text("customer") {
        tx.at_param("customer", id, "customer")?;
        if value::text(&before, "customer").is_some_and(|own| own != id) {
            return Err(refusal::invalid(
                "This charge already has another customer, which cannot be changed.",
            )
            .with_param("customer"));
        }
    }
    if let Some(report) = call.params.get("fraud_details").and_then(|d| value::text(d, "user_report")) {
        let details = if report.is_empty() { json!({}) } else { json!({"user_report": report}) };
        value::set(&mut after, "fraud_details", details);
    }
    note(&mut after, call)?;
    value::assign(&mut after, &call.params, &["customer"]);
    tx.change("charge.updated", &before, after.clone());
    Ok(after)
}

/// Writes what is noted about a charge, also when it is made and when it is captured.
///
/// # Errors
/// What a parameter cannot be.
pub(super) fn note(charge: &mut Value, call: &Call) -> Result<(), Refusal> {
    if let Some(email) = call.text("receipt_email") {
        customers::check_email(email, "receipt_email")?;
    }
    for name in ["statement_descriptor", "statement_descriptor_suffix"] {
        payment_intents::check_descriptor(call, name)?;
    }
    if let Some(shipping) = call.params.get("shipping") {
        value::set(charge, "shipping", payment_intents::shipping(shipping));
    }
    value::assign(
        charge,
        &call.params,
        &[
            "description",
            "receipt_email",
            "statement_descriptor",
            "statement_descriptor_suffix",
            "transfer_group",
        ],
    );
    value::merge_metadata(charge, &call.params);
    Ok(())
}
