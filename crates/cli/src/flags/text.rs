//! The text of a flag as the value that its place takes.

use serde_json::Value;
use stripe::tables::Type;

use super::Slot;

/// Text as one of the types that may stand here. What fits none goes on as text, and the
/// catalog says what is wrong with it. The empty text clears, whatever the type.
pub(super) fn typed(slot: &Slot, text: &str) -> Value {
    if text.is_empty() {
        return Value::from("");
    }
    if slot.is_structured()
        && let Some(value) = structured(slot, text)
    {
        return value;
    }
    if slot.is_list() {
        return Value::Array(vec![typed(&slot.item(), text)]);
    }
    scalar(slot.types(), text)
}

/// JSON, where it is meant; an object for a list is an item of it.
fn structured(slot: &Slot, text: &str) -> Option<Value> {
    match serde_json::from_str(text) {
        Ok(list @ Value::Array(_)) => Some(list),
        Ok(object @ Value::Object(_)) if slot.is_list() => Some(Value::Array(vec![object])),
        Ok(object @ Value::Object(_)) => Some(object),
        _ => None,
    }
}

fn scalar(types: &[&'static Type], text: &str) -> Value {
    let has = |wanted: fn(&Type) -> bool| types.iter().any(|kind| wanted(kind));
    if has(|kind| matches!(kind, Type::Boolean)) && matches!(text, "true" | "false") {
        return Value::Bool(text == "true");
    }
    if has(|kind| matches!(kind, Type::Enum(values) if !values.is_empty())) && allowed(types, text) {
        return Value::from(text);
    }
    if has(|kind| matches!(kind, Type::Integer | Type::Range | Type::Fraction))
        && let Some(number) = number(text)
    {
        return number;
    }
    Value::from(text)
}

fn allowed(types: &[&'static Type], text: &str) -> bool {
    types.iter().any(|kind| matches!(kind, Type::Enum(values) if values.contains(&text)))
}

/// A number that JSON can hold exactly; a whole one never becomes a float.
fn number(text: &str) -> Option<Value> {
    let number: serde_json::Number = serde_json::from_str(text).ok()?;
    let whole = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    (!whole || number.is_i64() || number.is_u64()).then_some(Value::Number(number))
}
