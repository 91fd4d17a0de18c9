//! The leaves: single values, as typed JSON and as form text.

use serde_json::{Number, Value};

use crate::tables::{Problem, Type};

/// Most keys of a metadata map (Stripe's API, Metadata).
pub(super) const METADATA_KEYS: usize = 50;
const METADATA_KEY_CHARS: usize = 40;
const METADATA_VALUE_CHARS: usize = 500;

/// Reads a leaf; `text` says that it comes from a form.
pub(super) fn read(kind: &Type, value: &Value, text: bool) -> Result<Value, Problem> {
    let wrong = || wrong(kind);
    match (kind, value) {
        (Type::String, Value::String(_)) => Ok(value.clone()),
        (Type::Enum(allowed), Value::String(given)) => one_of(allowed, given),
        (Type::Decimal, Value::String(given)) if is_decimal(given) => Ok(value.clone()),
        (Type::Decimal, Value::Number(n)) if n.is_i64() && !text => Ok(value.clone()),
        (Type::Boolean, Value::Bool(_)) if !text => Ok(value.clone()),
        (Type::Boolean, Value::String(given)) if text => match given.as_str() {
            // The Python SDK wrote them in capitals until its release 12.
            "true" | "True" => Ok(Value::Bool(true)),
            "false" | "False" => Ok(Value::Bool(false)),
            _ => Err(wrong()),
        },
        (Type::Integer, Value::Number(n)) if !text => match n.is_i64() {
            true => Ok(value.clone()),
            false => Err(Problem::NotInteger { given: n.to_string() }),
        },
        (Type::Integer, Value::String(given)) if text => match whole(given) {
            Some(n) => Ok(Value::from(n)),
            None => Err(Problem::NotInteger { given: given.clone() }),
        },
        // An exponent, which only odd numbers are written with, is nothing Stripe reads.
        (Type::Fraction, Value::Number(n)) if !text && is_decimal(&n.to_string()) => Ok(value.clone()),
        // Typed input may write a fraction as text, to keep every digit.
        (Type::Fraction, Value::String(given)) => match number(given) {
            Some(n) if text => Ok(Value::Number(n)),
            Some(_) => Ok(value.clone()),
            None => Err(wrong()),
        },
        _ => Err(wrong()),
    }
}

fn one_of(allowed: &'static [&'static str], given: &str) -> Result<Value, Problem> {
    if allowed.contains(&given) {
        return Ok(Value::from(given));
    }
    Err(Problem::NotAllowed { given: given.chars().take(200).collect(), allowed: allowed.to_vec() })
}

/// Digits, perhaps behind a minus.
fn whole(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Digits with at most one point, perhaps behind a minus.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

fn number(text: &str) -> Option<Number> {
    if let Some(n) = whole(text) {
        return Some(n.into());
    }
    is_decimal(text).then(|| Number::from_f64(text.parse().ok()?))?
}

/// A metadata value as the text that Stripe will return; empty removes the key.
pub(super) fn metadata(key: &str, value: &Value) -> Result<String, &'static str> {
    if key.is_empty() {
        return Err("an empty key");
    }
    if key.contains(['[', ']']) {
        return Err("a key with a bracket");
    }
    if key.chars().count() > METADATA_KEY_CHARS {
        return Err("a key of more than 40 characters");
    }
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Null => String::new(),
        Value::Array(_) | Value::Object(_) => return Err("a value that is not text"),
    };
    if text.chars().count() > METADATA_VALUE_CHARS {
        return Err("a value of more than 500 characters");
    }
    Ok(text)
}

/// A value of another type than this.
pub(super) fn wrong(kind: &Type) -> Problem {
    Problem::WrongType { expected: describe(kind), allowed: words(kind), nearest: None }
}

/// The words of an enum, and of the enums among the members of a union.
pub(super) fn words(kind: &Type) -> Vec<&'static str> {
    match kind {
        Type::Enum(words) => words.to_vec(),
        Type::Union(kinds) => kinds.iter().flat_map(words).collect(),
        _ => Vec::new(),
    }
}

/// The type in words.
pub(super) fn describe(kind: &Type) -> String {
    match kind {
        Type::String => "a string".to_owned(),
        Type::Boolean => "true or false".to_owned(),
        Type::Integer => "a whole number".to_owned(),
        Type::Fraction => "a number".to_owned(),
        Type::Decimal => "a decimal in a string".to_owned(),
        Type::Enum([one]) => format!("`{one}`"),
        Type::Enum(values) => format!("one of {}", values.join(", ")),
        Type::Hash(_) | Type::Fields(_) | Type::Object(_) => "a hash".to_owned(),
        Type::Map(inner) => format!("a map whose values are each {}", describe(inner)),
        Type::Array(items) | Type::List(items) | Type::SearchResult(items) => {
            format!("a list of which each is {}", describe(items))
        }
        Type::Metadata => "a map of strings".to_owned(),
        Type::Range => "a whole number, or a range of gt, gte, lt, lte".to_owned(),
        Type::Expandable(_) => "an id".to_owned(),
        Type::Union(kinds) => kinds.iter().map(describe).collect::<Vec<_>>().join(", or "),
        Type::File => "a file, which cannot be sent in a form".to_owned(),
        Type::Nothing => "the empty string, which clears it".to_owned(),
        Type::Any => "anything".to_owned(),
    }
}
