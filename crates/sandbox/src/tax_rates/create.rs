//! `POST /v1/tax_rates`.

use serde_json::{Value, json};

use super::update;
use crate::{
    percent::Percent,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let percentage = call.params.get("percentage").cloned().unwrap_or_default();
    if Percent::read(&percentage).is_none_or(|percent| percent > Percent::HUNDRED) {
        return Err(refusal::invalid(format!(
            "Invalid percentage: {percentage}; it must be between 0 and 100 and have at most 4 decimal places"
        ))
        .with_param("percentage"));
    }
    let id = tx.ids().object("txr");
    let mut rate = json!({
        "id": id,
        "object": "tax_rate",
        "active": true,
        "country": null,
        "created": tx.now(),
        "description": null,
        "display_name": null,
        "effective_percentage": null,
        "flat_amount": null,
        "inclusive": call.flag("inclusive").unwrap_or(false),
        "jurisdiction": null,
        "jurisdiction_level": null,
        "livemode": false,
        "metadata": {},
        "percentage": percentage,
        "rate_type": "percentage",
        "state": null,
        "tax_type": null,
    });
    update::fill(&mut rate, call)?;
    value::merge_metadata(&mut rate, &call.params);
    tx.put(rate.clone());
    tx.emit("tax_rate.created", &rate);
    Ok(rate)
}
