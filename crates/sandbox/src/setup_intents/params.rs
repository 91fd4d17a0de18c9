//! Parameters that create, update and confirm have in common.

use serde_json::Value;

use crate::{
    payment_intents,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// Writes everything, the payment method included.
///
/// # Errors
/// What a parameter cannot be.
pub(super) fn fill(tx: &mut Tx, intent: &mut Value, call: &Call) -> Result<(), Refusal> {
    if let Some(id) = call.text("customer") {
        tx.at_param("customer", id, "customer")?;
    }
    if call.flag("attach_to_self") == Some(true) && call.has("customer") {
        return Err(refusal::exclusive("attach_to_self", "customer"));
    }
    payment_intents::fill_methods(intent, call)?;
    payment_intents::fill_options(intent, call)?;
    value::assign(
        intent,
        &call.params,
        &["attach_to_self", "customer", "description", "flow_directions", "usage"],
    );
    value::merge_metadata(intent, &call.params);
    if let Some(data) = call.params.get("mandate_data").filter(|data| !value::clears(data)) {
        value::set(intent, "_mandate_data", data.clone());
    }
    if let Some(method) = payment_intents::named(tx, intent, call)? {
        payment_intents::check_method(intent, &method)?;
        value::set(intent, "payment_method", method["id"].clone());
        value::set(intent, "status", "requires_confirmation");
        value::set(intent, "next_action", Value::Null);
    }
    Ok(())
}
