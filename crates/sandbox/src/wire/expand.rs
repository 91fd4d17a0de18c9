//! `expand[]`: ids become objects in place, and includable fields appear.
//!
//! Whether a path may be expanded is read from the object tables, whatever the data
//! is; then the data is changed. Works on reads and on writes.

use serde_json::{Value, json};
use stripe::{
    Version,
    tables::{Field, Type},
};

use super::{Refusal, refusal, render};
use crate::{checkout, coupons, customers, invoices, prices, state::Tx, subscriptions, value, versions};

/// The most levels of a path; `data` of a list is none (Stripe's API, Expanding).
const LEVELS_MAX: usize = 4;

/// Fields that are only there when expanded: (object, field).
const INCLUDABLE: &[(&str, &str)] = &[
    ("invoice", "payments"),
    ("invoice", "confirmation_secret"),
    ("coupon", "applies_to"),
    ("coupon", "currency_options"),
    ("plan", "tiers"),
    ("price", "currency_options"),
    ("price", "tiers"),
    ("checkout.session", "line_items"),
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
pub(crate) fn check(response: &Type, paths: &[&str], version: Version) -> Result<(), Refusal> {
    for path in paths {
        let steps: Vec<&str> = path.split('.').collect();
        if steps.iter().filter(|s| **s != "data").count() > LEVELS_MAX {
            return Err(refusal::invalid(format!(
                "You cannot expand more than {LEVELS_MAX} levels of a property: {path}"
            ))
            .with_param("expand"));
        }
        let counted = matches!(response, Type::SearchResult(_)) && *path == "total_count";
        if !counted && !Table(version).typed(response, &steps, "") {
            let shown: String = path.chars().take(200).collect();
            return Err(refusal::invalid(format!(
                "This property cannot be expanded ({shown}). Check its spelling and the API version; on lists the path begins with `data.`."
            ))
            .with_param("expand"));
        }
    }
    Ok(())
}

/// What a release's objects have.
#[derive(Clone, Copy)]
struct Table(Version);

impl Table {
    fn object(self, name: &str, steps: &[&str]) -> bool {
        versions::declared(name, self.0)
            .is_some_and(|o| self.fields(o.fields, steps, o.object.unwrap_or_default()))
    }

    fn fields(self, fields: &[Field], steps: &[&str], of: &str) -> bool {
        let [step, rest @ ..] = steps else { return false };
        let Some(field) = fields.iter().find(|f| f.name == *step) else { return false };
        (rest.is_empty() && INCLUDABLE.contains(&(of, step))) || self.typed(&field.kind, rest, "")
    }

    fn typed(self, kind: &Type, steps: &[&str], of: &str) -> bool {
        match kind {
            Type::Expandable(names) => steps.is_empty() || names.iter().any(|n| self.object(n, steps)),
            Type::Object(name) => !steps.is_empty() && self.object(name, steps),
            Type::Fields(inner) => !steps.is_empty() && self.fields(inner, steps, of),
            Type::Array(items) => self.typed(items, steps, of),
            Type::List(items) | Type::SearchResult(items) => {
                steps.first() == Some(&"data") && steps.len() > 1 && self.typed(items, &steps[1..], of)
            }
            Type::Union(kinds) => kinds.iter().any(|k| self.typed(k, steps, of)),
            _ => false,
        }
    }
}

/// Expands checked paths in an answer that has the version's shape; so has what comes
/// into it.
pub(crate) fn expand(tx: &Tx, answer: &mut Value, paths: &[&str], version: Version) {
    for path in paths {
        let steps: Vec<&str> = path.split('.').collect();
        apply(tx, answer, &steps, version);
    }
}

fn apply(tx: &Tx, at: &mut Value, steps: &[&str], version: Version) {
    match at {
        Value::Array(items) => items.iter_mut().for_each(|item| apply(tx, item, steps, version)),
        Value::String(id) => {
            if let Some(object) = tx.get(id) {
                *at = render(tx, object);
                versions::shape(tx, at, version);
                if !steps.is_empty() {
                    apply(tx, at, steps, version);
                }
            }
        }
        Value::Object(_) => {
            let [step, rest @ ..] = steps else { return };
            include(tx, at, step, version);
            if let Some(inner) = at.get_mut(*step) {
                apply(tx, inner, rest, version);
            }
        }
        _ => {}
    }
}

/// Adds an includable field that is not there yet.
fn include(tx: &Tx, at: &mut Value, field: &str, version: Version) {
    let kind = value::text(at, "object").unwrap_or_default();
    if !INCLUDABLE.contains(&(kind, field)) || at.get(field).is_some() || at.get("deleted").is_some() {
        return;
    }
    let id = value::id(at).to_owned();
    let Some(stored) = tx.get(&id) else { return };
    let mut included = match (kind, field) {
        ("checkout.session", _) => checkout::line_items_of(tx, stored),
        ("invoice", "payments") => invoices::payments(tx, stored),
        ("invoice", _) => invoices::confirmation_secret(tx, stored),
        ("coupon" | "plan" | "price", _) => {
            let terms = match (kind, field) {
                ("coupon", "applies_to") => coupons::applies_to(stored),
                ("coupon", _) => coupons::currency_options(stored),
                ("price", "currency_options") => prices::currency_options(stored),
                _ => prices::tiers(stored),
            };
            let Some(terms) = terms else { return };
            terms
        }
        ("customer", "tax") => {
            json!({"automatic_tax": "unrecognized_location", "ip_address": null, "location": null, "provider": "stripe"})
        }
        ("customer", "invoice_credit_balance") => json!({}),
        ("customer", "cash_balance") => customers::cash::object(stored),
        ("customer", "tax_ids" | "sources") => {
            let kind = if field == "tax_ids" { "tax_id" } else { "card" };
            let all = tx.pointing_at(kind, &id);
            let shown = all.iter().rev().map(|one| render(tx, one)).collect();
            value::nested_list(&format!("/v1/customers/{id}/{field}"), shown)
        }
        ("customer", "subscriptions") => subscriptions::of_customer(tx, &id),
        _ => value::nested_list(&format!("/v1/customers/{id}/{field}"), Vec::new()),
    };
    versions::shape(tx, &mut included, version);
    value::set(at, field, included);
}
