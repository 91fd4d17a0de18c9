//! `expand[]`: ids become objects in place, and includable fields appear.
//!
//! Whether a path may be expanded is read from the object tables, whatever the data
//! is; then the data is changed. Works on reads and on writes.

use serde_json::{Value, json};
use stripe::tables::{self, Field, Type};

use super::{Refusal, refusal, render};
use crate::{invoices, state::Tx, subscriptions, value};

/// The most levels of a path; `data` of a list is none (Stripe's API, Expanding).
const LEVELS_MAX: usize = 4;

/// Fields that are only there when expanded: (object, field).
const INCLUDABLE: &[(&str, &str)] = &[
    ("invoice", "payments"),
    ("invoice", "confirmation_secret"),
    ("customer", "sources"),
    ("customer", "subscriptions"),
    ("customer", "tax_ids"),
    ("customer", "cash_balance"),
    ("customer", "invoice_credit_balance"),
    ("customer", "tax"),
];

/// Checks the paths of a request against what its operation answers.
///
/// # Errors
/// 400 for a path that nothing can be expanded at.
pub(crate) fn check(response: &Type, paths: &[&str]) -> Result<(), Refusal> {
    for path in paths {
        let steps: Vec<&str> = path.split('.').collect();
        if steps.iter().filter(|s| **s != "data").count() > LEVELS_MAX {
            return Err(refusal::invalid(format!(
                "You cannot expand more than {LEVELS_MAX} levels of a property: {path}"
            ))
            .with_param("expand"));
        }
        if !typed(response, &steps, "") {
            let shown: String = path.chars().take(200).collect();
            return Err(refusal::invalid(format!(
                "This property cannot be expanded ({shown}). Check its spelling and the API version; on lists the path begins with `data.`."
            ))
            .with_param("expand"));
        }
    }
    Ok(())
}

fn object(name: &str, steps: &[&str]) -> bool {
    tables::object(name).is_some_and(|o| fields(o.fields, steps, o.object.unwrap_or_default()))
}

fn fields(fields: &[Field], steps: &[&str], of: &str) -> bool {
    let [step, rest @ ..] = steps else { return false };
    let Some(field) = fields.iter().find(|f| f.name == *step) else { return false };
    (rest.is_empty() && INCLUDABLE.contains(&(of, step))) || typed(&field.kind, rest, "")
}

fn typed(kind: &Type, steps: &[&str], of: &str) -> bool {
    match kind {
        Type::Expandable(names) => steps.is_empty() || names.iter().any(|n| object(n, steps)),
        Type::Object(name) => !steps.is_empty() && object(name, steps),
        Type::Fields(inner) => !steps.is_empty() && fields(inner, steps, of),
        Type::Array(items) => typed(items, steps, of),
        Type::List(items) | Type::SearchResult(items) => {
            steps.first() == Some(&"data") && steps.len() > 1 && typed(items, &steps[1..], of)
        }
        Type::Union(kinds) => kinds.iter().any(|k| typed(k, steps, of)),
        _ => false,
    }
}

/// Expands checked paths in an answer.
pub(crate) fn expand(tx: &Tx, answer: &mut Value, paths: &[&str]) {
    for path in paths {
        let steps: Vec<&str> = path.split('.').collect();
        apply(tx, answer, &steps);
    }
}

fn apply(tx: &Tx, at: &mut Value, steps: &[&str]) {
    match at {
        Value::Array(items) => items.iter_mut().for_each(|item| apply(tx, item, steps)),
        Value::String(id) => {
            if let Some(object) = tx.get(id) {
                *at = render(tx, object);
                if !steps.is_empty() {
                    apply(tx, at, steps);
                }
            }
        }
        Value::Object(_) => {
            let [step, rest @ ..] = steps else { return };
            include(tx, at, step);
            if let Some(inner) = at.get_mut(*step) {
                apply(tx, inner, rest);
            }
        }
        _ => {}
    }
}

/// Adds an includable field that is not there yet.
fn include(tx: &Tx, at: &mut Value, field: &str) {
    let kind = value::text(at, "object").unwrap_or_default();
    if !INCLUDABLE.contains(&(kind, field)) || at.get(field).is_some() || at.get("deleted").is_some() {
        return;
    }
    let id = value::id(at).to_owned();
    let Some(stored) = tx.get(&id) else { return };
    let included = match (kind, field) {
        ("invoice", "payments") => invoices::payments(tx, stored),
        ("invoice", _) => invoices::confirmation_secret(tx, stored),
        ("customer", "tax") => {
            json!({"automatic_tax": "unrecognized_location", "ip_address": null, "location": null, "provider": "stripe"})
        }
        ("customer", "invoice_credit_balance") => json!({}),
        ("customer", "cash_balance") => json!({
            "object": "cash_balance", "available": null, "customer": id, "customer_account": null,
            "livemode": false,
            "settings": {"reconciliation_mode": "automatic", "using_merchant_default": true},
        }),
        ("customer", "subscriptions") => subscriptions::of_customer(tx, &id),
        _ => value::nested_list(&format!("/v1/customers/{id}/{field}"), Vec::new()),
    };
    value::set(at, field, included);
}
