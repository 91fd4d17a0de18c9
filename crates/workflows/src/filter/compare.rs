//! Comparing values of a payload, exactly.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::Op;

/// The value at a dot path; numbers index lists.
pub(super) fn look_up<'a>(payload: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(payload, |value, part| match value {
        Value::Object(map) => map.get(part),
        Value::Array(items) => part.parse::<usize>().ok().and_then(|i| items.get(i)),
        _ => None,
    })
}

/// Whether an operator holds between what is there and what the filter has.
pub(super) fn holds(op: Op, there: Option<&Value>, wanted: &Value) -> Result<bool, String> {
    let equals = |wanted: &Value| there.is_some_and(|there| equal(there, wanted));
    Ok(match op {
        Op::Eq => equals(wanted),
        Op::Ne => !equals(wanted),
        Op::In => wanted.as_array().is_some_and(|list| list.iter().any(equals)),
        Op::Nin => !wanted.as_array().is_some_and(|list| list.iter().any(equals)),
        Op::Exists => there.is_some() == wanted.as_bool().unwrap_or(true),
        Op::Contains => there.is_some_and(|there| contains(there, wanted)),
        Op::StartsWith => texts(there, wanted).is_some_and(|(there, wanted)| there.starts_with(wanted)),
        Op::EndsWith => texts(there, wanted).is_some_and(|(there, wanted)| there.ends_with(wanted)),
        Op::Gt => order(there, wanted)?.is_some_and(Ordering::is_gt),
        Op::Gte => order(there, wanted)?.is_some_and(Ordering::is_ge),
        Op::Lt => order(there, wanted)?.is_some_and(Ordering::is_lt),
        Op::Lte => order(there, wanted)?.is_some_and(Ordering::is_le),
    })
}

/// Deep equality; whole numbers and floats are compared by value.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => order_numbers(a, b) == Ordering::Equal,
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, a)| b.get(k).is_some_and(|b| equal(a, b)))
        }
        _ => a == b,
    }
}

fn contains(there: &Value, wanted: &Value) -> bool {
    match (there, wanted) {
        (Value::String(there), Value::String(wanted)) => there.contains(wanted.as_str()),
        (Value::Array(items), wanted) => items.iter().any(|item| equal(item, wanted)),
        _ => false,
    }
}

fn texts<'a>(there: Option<&'a Value>, wanted: &'a Value) -> Option<(&'a str, &'a str)> {
    Some((there?.as_str()?, wanted.as_str()?))
}

/// `None` when nothing is there, or null: nothing has no place in an order.
fn order(there: Option<&Value>, wanted: &Value) -> Result<Option<Ordering>, String> {
    match (there, wanted) {
        (None | Some(Value::Null), _) => Ok(None),
        (Some(Value::Number(a)), Value::Number(b)) => Ok(Some(order_numbers(a, b))),
        (Some(Value::String(a)), Value::String(b)) => Ok(Some(a.cmp(b))),
        (Some(a), b) => Err(format!("{} and {} have no order", kind(a), kind(b))),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn order_numbers(a: &Number, b: &Number) -> Ordering {
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(a), None) => order_mixed(a, b.as_f64().unwrap_or_default()),
        (None, Some(b)) => order_mixed(b, a.as_f64().unwrap_or_default()).reverse(),
        (None, None) => a
            .as_f64()
            .unwrap_or_default()
            .partial_cmp(&b.as_f64().unwrap_or_default())
            .unwrap_or(Ordering::Equal),
    }
}

fn whole(n: &Number) -> Option<i128> {
    n.as_i64().map(i128::from).or_else(|| n.as_u64().map(i128::from))
}

/// A whole number against a float, without rounding the whole number.
fn order_mixed(a: i128, b: f64) -> Ordering {
    const BEYOND: f64 = 1e30;
    if b >= BEYOND {
        return Ordering::Less;
    }
    if b <= -BEYOND {
        return Ordering::Greater;
    }
    #[expect(clippy::cast_possible_truncation, reason = "the floor of a float below 1e30 is an i128")]
    let floor = b.floor() as i128;
    a.cmp(&floor).then(if b.fract() == 0.0 { Ordering::Equal } else { Ordering::Less })
}
