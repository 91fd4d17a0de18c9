//! Whether an object looks as a request wanted it. Pure.
//!
//! A form has text only and an object has types; an object also has fields that no
//! parameter names, and parameters that leave no field. What cannot be compared says
//! nothing, and nothing is never taken for agreement.

use serde_json::{Map, Value};

/// How the parameters compare to an object.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Agreement {
    /// Parameters that the object shows.
    pub(super) same: u32,
    /// Parameters that it shows otherwise.
    pub(super) other: u32,
    /// Parameters that cannot be compared.
    pub(super) silent: u32,
}

/// Compares decoded form parameters to an object.
pub(super) fn agree(params: &Map<String, Value>, object: &Value) -> Agreement {
    let mut agreement = Agreement::default();
    for (name, wanted) in params.iter().filter(|(name, _)| *name != "expand") {
        let shown = object.get(name);
        match (name.as_str(), wanted.as_str()) {
            // Stripe puts another in a test card's place, and takes a refused one away.
            ("payment_method", Some(id)) if shown.and_then(Value::as_str) != Some(id) => {
                agreement.silent += 1;
            }
            ("currency", Some(code)) => {
                count(&mut agreement, &Value::String(code.to_ascii_lowercase()), shown, false);
            }
            _ => count(&mut agreement, wanted, shown, name == "metadata"),
        }
    }
    agreement
}

fn count(agreement: &mut Agreement, wanted: &Value, shown: Option<&Value>, map: bool) {
    let slot = match (wanted, shown) {
        // Clearing a key of a map removes it.
        (Value::String(text), None) if map && text.is_empty() => &mut agreement.same,
        (_, None) if map => &mut agreement.other,
        (_, None) => &mut agreement.silent,
        (Value::String(text), Some(shown)) => match same_text(text, shown) {
            Some(true) => &mut agreement.same,
            Some(false) => &mut agreement.other,
            None => &mut agreement.silent,
        },
        (Value::Object(params), Some(shown @ (Value::Object(_) | Value::Null))) => {
            for (name, wanted) in params {
                count(agreement, wanted, shown.get(name), map || shown.is_null());
            }
            return;
        }
        _ => &mut agreement.silent,
    };
    *slot += 1;
}

/// `None` when text and field cannot be compared.
fn same_text(text: &str, shown: &Value) -> Option<bool> {
    match shown {
        Value::Null => Some(text.is_empty()),
        Value::String(shown) => Some(text == shown),
        Value::Bool(shown) => Some(text == if *shown { "true" } else { "false" }),
        // A word such as `now`, in whose place Stripe shows the time.
        Value::Number(_) if text.parse::<f64>().is_err() && !text.is_empty() => None,
        Value::Number(shown) => Some(text == shown.to_string()),
        // An expanded object, or what is left when a map is cleared.
        Value::Object(shown) if text.is_empty() => Some(shown.is_empty()),
        Value::Object(shown) => Some(shown.get("id")?.as_str()? == text),
        Value::Array(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(params: Value, object: Value) -> (u32, u32, u32) {
        let Value::Object(params) = params else { unreachable!() };
        let Agreement { same, other, silent } = agree(&params, &object);
        (same, other, silent)
    }

    #[test]
    fn text_is_compared_by_the_type_that_the_object_has() {
        let object = json!({"amount": 1999, "auto_advance": false, "currency": "usd", "description": null,
                            "customer": {"id": "cus_1"}, "address": {"city": "Bern", "line1": null}});
        let same = json!({"amount": "1999", "auto_advance": "false", "currency": "usd", "description": "",
                          "customer": "cus_1", "address": {"city": "Bern", "line1": ""}});
        assert_eq!(of(same, object.clone()), (7, 0, 0));
        let other = json!({"amount": "2000", "auto_advance": "true", "description": "x", "customer": "cus_2",
                           "address": {"city": "Basel"}});
        assert_eq!(of(other, object), (0, 5, 0));
    }

    #[test]
    fn metadata_is_compared_key_by_key_and_a_cleared_key_is_gone() {
        let object = json!({"metadata": {"a": "1", "b": "2"}});
        assert_eq!(of(json!({"metadata": {"a": "1"}}), object.clone()), (1, 0, 0));
        assert_eq!(of(json!({"metadata": {"a": "1", "c": ""}}), object.clone()), (2, 0, 0));
        assert_eq!(of(json!({"metadata": {"b": "", "c": "3"}}), object.clone()), (0, 2, 0));
        assert_eq!(of(json!({"metadata": ""}), object), (0, 1, 0));
        assert_eq!(of(json!({"metadata": ""}), json!({"metadata": {}})), (1, 0, 0));
    }

    #[test]
    fn what_stripe_spells_or_chooses_otherwise_is_no_disagreement() {
        let object = json!({"currency": "usd", "payment_method": "pm_1", "amount": 5});
        let params = json!({"currency": "USD", "payment_method": "pm_card_visa", "amount": "5"});
        assert_eq!(of(params, object.clone()), (2, 0, 1));
        assert_eq!(of(json!({"payment_method": "pm_1"}), object.clone()), (1, 0, 0));
        assert_eq!(of(json!({"currency": "eur"}), object), (0, 1, 0));
    }

    #[test]
    fn what_leaves_no_field_says_nothing() {
        let object = json!({"due_date": 5, "lines": {"data": []}});
        let params = json!({"days_until_due": "30", "lines": [{"amount": "1"}], "expand": ["customer"]});
        assert_eq!(of(params, object.clone()), (0, 0, 2));
        assert_eq!(of(json!({"due_date": "now"}), object.clone()), (0, 0, 1));
        assert_eq!(of(json!({"due_date": ""}), object), (0, 1, 0));
    }
}
