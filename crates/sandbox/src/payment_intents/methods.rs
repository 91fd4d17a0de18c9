//! Which kinds of payment method an intent takes.
//!
//! From endive on nobody writes `payment_method_types` any more: it is computed from
//! what the account has, and `allowed_…` and `excluded_…` narrow it. Older versions
//! still write it (Stripe's changelog, 2026-09-30.endive).

use serde_json::{Map, Value, json};
use stripe::{
    Version,
    tables::{Operation, Type},
};

use crate::{
    value,
    wire::{Call, Refusal, refusal},
};

const WRITTEN: &str = "payment_method_types";
const ALLOWED: &str = "allowed_payment_method_types";
const EXCLUDED: &str = "excluded_payment_method_types";
/// What this account has.
const ACTIVE: &str = "card";

/// Refuses `payment_method_types` under a version that no longer takes it.
///
/// # Errors
/// 400 `payment_method_types_no_longer_supported`.
pub(crate) fn refuse_types(
    operation: &Operation,
    form: &Map<String, Value>,
    version: Version,
) -> Result<(), Refusal> {
    let of_intents = operation.id.starts_with("paymentIntents.") || operation.id.starts_with("setupIntents.");
    let taken = || operation.params_in(version).iter().any(|param| param.name == WRITTEN);
    if !of_intents || operation.method != stripe::Method::Post || !form.contains_key(WRITTEN) || taken() {
        return Ok(());
    }
    Err(refusal::invalid(format!(
        "The parameter {WRITTEN} is no longer supported in API version {}. Use {ALLOWED} or {EXCLUDED} instead.",
        version.as_str()
    ))
    .with_code("payment_method_types_no_longer_supported")
    .with_param(WRITTEN))
}

/// Writes what the parameters say about kinds of payment method.
///
/// # Errors
/// Nothing is left that the account has, a kind that there is not, or parameters that
/// exclude each other.
pub(super) fn fill(intent: &mut Value, call: &Call) -> Result<(), Refusal> {
    for (first, second) in [(WRITTEN, ALLOWED), (WRITTEN, EXCLUDED), (WRITTEN, "automatic_payment_methods")] {
        if call.has(first) && call.has(second) {
            return Err(refusal::exclusive(first, second));
        }
    }
    if let Some(given) = call.params.get(WRITTEN) {
        check_kinds(call, given)?;
        value::set(intent, WRITTEN, given.clone());
        value::set(intent, "automatic_payment_methods", Value::Null);
        return Ok(());
    }
    value::assign(intent, &call.params, &[ALLOWED, EXCLUDED]);
    let narrowed = [ALLOWED, EXCLUDED].into_iter().find(|name| call.has(name));
    let Some(param) = narrowed else { return Ok(()) };
    if !names(&intent[ALLOWED], true) || names(&intent[EXCLUDED], false) {
        return Err(refusal::invalid(format!(
            "No valid payment method types for this PaymentIntent: this account takes {ACTIVE} only, and {param} leaves nothing of it."
        ))
        .with_code("payment_intent_invalid_parameter")
        .with_param(param));
    }
    value::set(intent, WRITTEN, json!([ACTIVE]));
    Ok(())
}

/// Whether a list of kinds names what the account has; `without` when there is no list.
fn names(list: &Value, without: bool) -> bool {
    list.as_array().map_or(without, |kinds| kinds.iter().any(|kind| kind == ACTIVE))
}

/// The kinds that there are stand in the table of the parameter that came after.
fn check_kinds(call: &Call, given: &Value) -> Result<(), Refusal> {
    let known =
        call.operation.params.iter().find(|param| param.name == ALLOWED).and_then(|param| match param.kind {
            Type::Array(Type::Enum(values)) => Some(*values),
            _ => None,
        });
    let wrong = given.as_array().into_iter().flatten().find_map(|kind| {
        let kind = kind.as_str().unwrap_or_default();
        (!known.unwrap_or_default().contains(&kind)).then_some(kind)
    });
    match wrong {
        None => Ok(()),
        Some(kind) => Err(refusal::invalid(format!("The payment method type \"{kind}\" is invalid."))
            .with_code("payment_intent_invalid_parameter")
            .with_param(WRITTEN)),
    }
}

/// Whether an intent takes a payment method.
///
/// # Errors
/// 400 `payment_intent_incompatible_payment_method`.
pub(super) fn check_method(intent: &Value, method: &Value) -> Result<(), Refusal> {
    let takes = intent[WRITTEN].as_array().is_none_or(|kinds| kinds.contains(&method["type"]));
    if takes {
        return Ok(());
    }
    let kinds: Vec<&str> =
        intent[WRITTEN].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    Err(refusal::invalid(format!(
        "The PaymentMethod provided ({}) is not allowed for this PaymentIntent. Use one of these types: {}.",
        value::text(method, "type").unwrap_or_default(),
        kinds.join(", ")
    ))
    .with_code("payment_intent_incompatible_payment_method")
    .with_param("payment_method"))
}
