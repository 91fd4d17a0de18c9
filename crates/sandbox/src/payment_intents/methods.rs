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
    payment_methods,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

const WRITTEN: &str = "payment_method_types";
const ALLOWED: &str = "allowed_payment_method_types";
const EXCLUDED: &str = "excluded_payment_method_types";
/// What this account has; the first is on unless the parameters say otherwise.
const ACTIVE: &[&str] = &["card", "us_bank_account", "sepa_debit", "customer_balance"];

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
pub(crate) fn fill(intent: &mut Value, call: &Call) -> Result<(), Refusal> {
    for (first, second) in [(WRITTEN, ALLOWED), (WRITTEN, EXCLUDED), (WRITTEN, "automatic_payment_methods")] {
        if call.has(first) && call.has(second) {
            return Err(refusal::exclusive(first, second));
        }
    }
    if let Some(given) = call.params.get(WRITTEN) {
        check_kinds(intent, call, given)?;
        value::set(intent, WRITTEN, given.clone());
        value::set(intent, "automatic_payment_methods", Value::Null);
        return Ok(());
    }
    value::assign(intent, &call.params, &[ALLOWED, EXCLUDED]);
    let narrowed = [ALLOWED, EXCLUDED].into_iter().find(|name| call.has(name));
    let Some(param) = narrowed else { return Ok(()) };
    let takes = |kind: &&&str| {
        let allowed = intent[ALLOWED].as_array();
        let allowed = allowed.map_or(**kind == ACTIVE[0], |kinds| kinds.iter().any(|one| one == **kind));
        allowed && !intent[EXCLUDED].as_array().is_some_and(|kinds| kinds.iter().any(|one| one == **kind))
    };
    let left: Vec<&str> = ACTIVE.iter().filter(takes).copied().collect();
    if left.is_empty() {
        return Err(refusal::invalid(format!(
            "No valid payment method types for this {}: this account takes {}, and {param} leaves nothing of it.",
            shown_kind(intent),
            ACTIVE.join(", ")
        ))
        .with_code(&format!("{}_invalid_parameter", kind_of(intent)))
        .with_param(param));
    }
    value::set(intent, WRITTEN, json!(left));
    Ok(())
}

fn kind_of(intent: &Value) -> &str {
    value::text(intent, "object").unwrap_or("payment_intent")
}

/// How messages call an intent.
fn shown_kind(intent: &Value) -> &'static str {
    if kind_of(intent) == "setup_intent" { "SetupIntent" } else { "PaymentIntent" }
}

/// The kinds that there are stand in the table of the parameter that came after.
fn check_kinds(intent: &Value, call: &Call, given: &Value) -> Result<(), Refusal> {
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
            .with_code(&format!("{}_invalid_parameter", kind_of(intent)))
            .with_param(WRITTEN)),
    }
}

/// The payment method that a request names, or describes.
///
/// # Errors
/// Both, unknown, another customer's, or none that is here.
pub(crate) fn named(tx: &mut Tx, intent: &Value, call: &Call) -> Result<Option<Value>, Refusal> {
    const DATA: &str = "payment_method_data";
    match (call.text("payment_method"), call.params.get(DATA).and_then(Value::as_object)) {
        (Some(_), Some(_)) => Err(refusal::exclusive("payment_method", DATA)),
        (Some(id), None) => payment_methods::for_payment(tx, id, value::text(intent, "customer")).map(Some),
        (None, Some(data)) => payment_methods::from_data(tx, data, DATA).map(Some),
        (None, None) => Ok(None),
    }
}

/// Whether an intent takes a payment method.
///
/// # Errors
/// 400 `payment_intent_incompatible_payment_method`.
pub(crate) fn check_method(intent: &Value, method: &Value) -> Result<(), Refusal> {
    let takes = intent[WRITTEN].as_array().is_none_or(|kinds| kinds.contains(&method["type"]));
    if takes {
        return Ok(());
    }
    let kinds: Vec<&str> =
        intent[WRITTEN].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    Err(refusal::invalid(format!(
        "The PaymentMethod provided ({}) is not allowed for this {}. Use one of these types: {}.",
        value::text(method, "type").unwrap_or_default(),
        shown_kind(intent),
        kinds.join(", ")
    ))
    .with_code("payment_intent_incompatible_payment_method")
    .with_param("payment_method"))
}
