//! Values that a type does not take.

use serde_json::{Value, json};
use stripe::tables::Type;

/// One of everything that JSON has and a form could mean otherwise.
fn candidates() -> [(&'static str, Value); 6] {
    [
        ("a fraction", json!(1.5)),
        ("a whole number", json!(5)),
        ("true", json!(true)),
        ("text", json!("zz")),
        ("an object", json!({ "zz": 1 })),
        ("a list", json!(["zz"])),
    ]
}

/// What the type does not take at all. Text is no wrong type for an enum: it is a
/// wrong word.
pub(super) fn types(kind: &Type) -> impl Iterator<Item = (&'static str, Value)> {
    let is_word = move |value: &Value| value.is_string() && matches!(kind, Type::Enum(_));
    candidates().into_iter().filter(move |(_, value)| !takes(kind, value) && !is_word(value))
}

/// Whether a value is of the type, whatever is inside it.
fn takes(kind: &Type, value: &Value) -> bool {
    match kind {
        Type::String => value.is_string(),
        Type::Enum(values) => value.as_str().is_some_and(|word| values.contains(&word)),
        Type::Boolean => value.is_boolean(),
        Type::Integer => value.is_i64(),
        Type::Fraction => value.is_number(),
        Type::Decimal => value.is_i64(),
        Type::Range => value.is_i64() || value.is_object(),
        Type::Hash(_) | Type::Map(_) | Type::Metadata => value.is_object(),
        Type::Array(_) => value.is_array(),
        Type::Union(kinds) => kinds.iter().any(|kind| takes(kind, value)),
        Type::Nothing => false,
        other => panic!("{other:?} is the type of no parameter"),
    }
}

/// The words of an enum, and of the enums among a union's members.
pub(super) fn words(kind: &Type) -> Vec<&'static str> {
    match kind {
        Type::Enum(values) => values.to_vec(),
        Type::Union(kinds) => kinds.iter().flat_map(words).collect(),
        _ => Vec::new(),
    }
}

/// A word that the type does not have, and the one it has that is nearest: its first,
/// unless that is too short to be like anything. `None` when it takes any text.
pub(super) fn word(kind: &Type) -> Option<(String, Option<&'static str>)> {
    let first = *words(kind).first()?;
    let wrong = format!("{first}x");
    (!takes(kind, &json!(wrong))).then_some((wrong, Some(first).filter(|first| first.len() > 1)))
}
