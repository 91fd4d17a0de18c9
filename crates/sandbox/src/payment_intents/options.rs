//! Options for kinds of payment method: what of them is heeded, and where it shows.

use serde_json::{Map, Value, json};
use stripe::Version;

use crate::{
    value, versions,
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

/// A form with the kinds of bank transfer as the tables call them. The Stripe CLI's own
/// fixture says `jp_bank_account`, which older releases take (stripe-cli 1.52,
/// `payment_intent.partially_funded`).
pub(crate) fn in_present_words(mut form: Map<String, Value>, version: Version) -> Map<String, Value> {
    if versions::is_newest(version) {
        return form;
    }
    let transfer = form
        .get_mut(PARAM)
        .and_then(|kinds| kinds.get_mut("customer_balance"))
        .and_then(|given| given.get_mut("bank_transfer"));
    if let Some(kind) = transfer.and_then(|given| given.get_mut("type"))
        && let Some(country) = kind.as_str().and_then(|text| text.strip_suffix("_bank_account"))
    {
        *kind = json!(format!("{country}_bank_transfer"));
    }
    form
}
