//! Options for kinds of payment method: what of them is heeded, and where it shows.

use serde_json::{Value, json};

use crate::{
    value,
    wire::{Call, Refusal, refusal},
};

const PARAM: &str = "payment_method_options";

/// What is heeded, by kind; it shows on the intent as it was given.
const HEEDED: &[(&str, &[&str])] = &[
    ("card", &["request_three_d_secure", "request_incremental_authorization"]),
    ("us_bank_account", &["verification_method"]),
    ("sepa_debit", &["mandate_options"]),
    ("customer_balance", &["funding_type", "bank_transfer"]),
];
/// What does not show.
const HIDDEN: &[&str] = &["request_incremental_authorization"];

/// Writes the options.
///
/// # Errors
/// One that is not heeded, by its name.
pub(crate) fn fill(intent: &mut Value, call: &Call) -> Result<(), Refusal> {
    let Some(Value::Object(kinds)) = call.params.get(PARAM) else { return Ok(()) };
    for (kind, given) in kinds {
        let heeded = HEEDED.iter().find(|(one, _)| one == kind).map_or(&[][..], |(_, names)| *names);
        let Some(given) = given.as_object() else { continue };
        if let Some(name) = given.keys().find(|name| !heeded.contains(&name.as_str())) {
            let param = format!("{PARAM}[{kind}][{name}]");
            return Err(refusal::not_here(&format!("the parameter `{param}`")).with_param(&param));
        }
        let mut shown = intent[PARAM][kind].as_object().cloned().unwrap_or_default();
        for (name, value) in given {
            match HIDDEN.contains(&name.as_str()) {
                true => value::set(intent, &format!("_{name}"), value.clone()),
                false => drop(shown.insert(name.clone(), value.clone())),
            }
        }
        intent[PARAM][kind] = json!(shown);
    }
    Ok(())
}
