//! `POST /v1/tax_rates/{tax_rate}`: everything but what it asks for.

use serde_json::Value;

use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = tx.at_path("tax_rate", call.id())?;
    let mut after = before.clone();
    fill(&mut after, call)?;
    value::merge_metadata(&mut after, &call.params);
    tx.change("tax_rate.updated", &before, after.clone());
    Ok(after)
}

/// Writes the parameters that create and update have in common.
pub(super) fn fill(rate: &mut Value, call: &Call) -> Result<(), Refusal> {
    const NAME_MAX: usize = 50;
    if call.text("display_name").is_some_and(|name| name.chars().count() > NAME_MAX) {
        let why = format!("Invalid display_name: at most {NAME_MAX} characters");
        return Err(refusal::invalid(why).with_param("display_name"));
    }
    if let Some(country) = call.text("country")
        && !(country.len() == 2 && country.bytes().all(|b| b.is_ascii_alphabetic()))
    {
        let shown: String = country.chars().take(100).collect();
        return Err(refusal::invalid(format!("Invalid country: {shown}; a country is two letters"))
            .with_code("country_code_invalid")
            .with_param("country"));
    }
    let plain = ["active", "country", "description", "display_name", "jurisdiction", "state", "tax_type"];
    value::assign(rate, &call.params, &plain);
    Ok(())
}
