//! Reading and changing JSON objects.
//!
//! Reads are tolerant: an absent or mistyped field is `None` or zero. What is
//! stored was built here, so a wrong type is our bug and the suite's object check
//! finds it.

use serde_json::{Map, Value};

/// A text field.
pub(crate) fn text<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object.get(field)?.as_str()
}

/// A whole number, zero when absent.
pub(crate) fn int(object: &Value, field: &str) -> i64 {
    object.get(field).and_then(Value::as_i64).unwrap_or(0)
}

/// The object's id; empty only for what has none.
pub(crate) fn id(object: &Value) -> &str {
    text(object, "id").unwrap_or_default()
}

/// Text, or null for `None`.
pub(crate) fn or_null(value: Option<impl Into<String>>) -> Value {
    value.map_or(Value::Null, |v| Value::String(v.into()))
}

/// Sets a field; does nothing to what is no object.
pub(crate) fn set(object: &mut Value, field: &str, value: impl Into<Value>) {
    if let Value::Object(map) = object {
        map.insert(field.to_owned(), value.into());
    }
}

/// A stored object without our own fields, which begin with `_`.
pub(crate) fn public(object: &Value) -> Value {
    let mut shown = object.clone();
    if let Value::Object(map) = &mut shown {
        map.retain(|field, _| !field.starts_with('_'));
    }
    shown
}

/// Stripe's objects begin with `id` and `object`; the rest follows the alphabet.
pub(crate) fn in_order(map: &mut Map<String, Value>) {
    map.sort_keys();
    for field in ["object", "id"] {
        if let Some(value) = map.shift_remove(field) {
            map.shift_insert(0, field.to_owned(), value);
        }
    }
}

/// The empty string, by which a request clears a field.
pub(crate) fn clears(value: &Value) -> bool {
    value.as_str() == Some("")
}

/// Copies the named parameters that were sent; the empty string becomes null.
pub(crate) fn assign(object: &mut Value, params: &Map<String, Value>, names: &[&str]) {
    for name in names {
        if let Some(value) = params.get(*name) {
            set(object, name, if clears(value) { Value::Null } else { value.clone() });
        }
    }
}

/// Merges metadata key by key: an empty value removes its key, the empty string
/// removes all. Values become text.
pub(crate) fn merge_metadata(object: &mut Value, params: &Map<String, Value>) {
    let Some(given) = params.get("metadata") else { return };
    let Value::Object(target) = object else { return };
    let slot = target.entry("metadata").or_insert_with(|| Value::Object(Map::new()));
    let Value::Object(given) = given else {
        *slot = Value::Object(Map::new());
        return;
    };
    let mut merged = slot.as_object().cloned().unwrap_or_default();
    for (key, value) in given {
        match value {
            Value::Null => drop(merged.shift_remove(key)),
            Value::String(s) if s.is_empty() => drop(merged.shift_remove(key)),
            Value::String(s) => drop(merged.insert(key.clone(), Value::String(s.clone()))),
            other => drop(merged.insert(key.clone(), Value::String(other.to_string()))),
        }
    }
    *slot = Value::Object(merged);
}

/// A hash with every one of these fields: those given, the others null.
pub(crate) fn complete(given: &Value, fields: &[&str]) -> Value {
    let mut whole = Map::new();
    for field in fields {
        let value = given.get(*field).filter(|v| !clears(v)).cloned().unwrap_or(Value::Null);
        whole.insert((*field).to_owned(), value);
    }
    Value::Object(whole)
}

/// An address with all six parts.
pub(crate) fn address(given: &Value) -> Value {
    complete(given, &["city", "country", "line1", "line2", "postal_code", "state"])
}

/// A shipping hash: address completed, `phone` null when not given.
pub(crate) fn shipping(given: &Value) -> Value {
    let mut whole = complete(given, &["address", "name", "phone"]);
    let address = address(given.get("address").unwrap_or(&Value::Null));
    set(&mut whole, "address", address);
    whole
}

/// What `before` had that `after` has differently, as `previous_attributes` shows
/// it: nested hashes by their changed keys, a new key as null. `None` when equal.
pub(crate) fn previous(before: &Value, after: &Value) -> Option<Value> {
    let (Value::Object(b), Value::Object(a)) = (before, after) else {
        return (before != after).then(|| before.clone());
    };
    let mut changed = Map::new();
    for (key, old) in b {
        match a.get(key) {
            None => drop(changed.insert(key.clone(), old.clone())),
            Some(new) => {
                if let Some(part) = previous(old, new) {
                    changed.insert(key.clone(), part);
                }
            }
        }
    }
    for key in a.keys().filter(|key| !b.contains_key(*key)) {
        changed.insert(key.clone(), Value::Null);
    }
    (!changed.is_empty()).then_some(Value::Object(changed))
}

/// A list envelope around at most ten of these, as nested lists show.
pub(crate) fn nested_list(url: &str, all: Vec<Value>) -> Value {
    const SHOWN: usize = 10;
    let has_more = all.len() > SHOWN;
    let data: Vec<Value> = all.into_iter().take(SHOWN).collect();
    serde_json::json!({"object": "list", "data": data, "has_more": has_more, "url": url})
}

/// Text in which equal parameters are equal whatever the order they came in.
pub(crate) fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            out.push('{');
            for key in keys {
                out.push_str(&Value::String(key.clone()).to_string());
                out.push(':');
                canonical(&map[key.as_str()], out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                canonical(item, out);
                out.push(',');
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}
