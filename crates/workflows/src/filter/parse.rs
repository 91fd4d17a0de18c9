//! Reading filters.

use serde_json::{Map, Value};

use super::{Condition, Filter, Op};
use crate::check::nearest;

/// What is wrong with a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FilterError {
    /// The keys and indices down to it.
    pub path: Vec<String>,
    pub message: String,
    pub fix: Option<String>,
}

const OPERATORS: &[(&str, Op)] = &[
    ("$eq", Op::Eq),
    ("$ne", Op::Ne),
    ("$gt", Op::Gt),
    ("$gte", Op::Gte),
    ("$lt", Op::Lt),
    ("$lte", Op::Lte),
    ("$in", Op::In),
    ("$nin", Op::Nin),
    ("$exists", Op::Exists),
    ("$contains", Op::Contains),
    ("$startsWith", Op::StartsWith),
    ("$endsWith", Op::EndsWith),
];
const COMBINERS: &[&str] = &["$and", "$or", "$not"];

pub(super) fn parse(value: &Value) -> Result<Filter, FilterError> {
    let mut path = Vec::new();
    Ok(Filter { root: map(value, &mut path)? })
}

fn wrong<T>(path: &[String], message: impl Into<String>, fix: Option<String>) -> Result<T, FilterError> {
    Err(FilterError { path: path.to_vec(), message: message.into(), fix })
}

/// Reads `value` with one more key on the path.
fn below<T>(
    path: &mut Vec<String>,
    key: &str,
    read: impl FnOnce(&mut Vec<String>) -> Result<T, FilterError>,
) -> Result<T, FilterError> {
    path.push(key.to_owned());
    let result = read(path);
    path.pop();
    result
}

fn map(value: &Value, path: &mut Vec<String>) -> Result<Condition, FilterError> {
    let Value::Object(entries) = value else {
        return wrong(
            path,
            "a filter is a map of conditions",
            Some("`data.object.amount: { $gt: 0 }`".into()),
        );
    };
    if entries.is_empty() && path.is_empty() {
        return wrong(
            path,
            "the filter has no condition",
            Some("leave `filter` out to take everything".into()),
        );
    }
    let mut parts = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        parts.push(below(path, key, |path| condition(key, value, path))?);
    }
    Ok(Condition::All(parts))
}

fn condition(key: &str, value: &Value, path: &mut Vec<String>) -> Result<Condition, FilterError> {
    match key {
        "$and" => Ok(Condition::All(list(value, path)?)),
        "$or" => Ok(Condition::Any(list(value, path)?)),
        "$not" => Ok(Condition::Not(Box::new(map(value, path)?))),
        _ if key.starts_with('$') => {
            let known = COMBINERS.iter().copied().chain(OPERATORS.iter().map(|(name, _)| *name));
            let fix = nearest(key, known).map(|near| format!("did you mean `{near}`?"));
            let message = match OPERATORS.iter().any(|(name, _)| *name == key) {
                true => format!("`{key}` stands inside a field: `data.object.amount: {{ {key}: … }}`"),
                false => format!("there is no operator `{key}`"),
            };
            wrong(path, message, fix)
        }
        _ => field(key, value, path),
    }
}

fn list(value: &Value, path: &mut Vec<String>) -> Result<Vec<Condition>, FilterError> {
    let items = value.as_array().filter(|items| !items.is_empty());
    let Some(items) = items else {
        return wrong(path, "this takes a list of at least one filter", None);
    };
    let read = |(i, item): (usize, &Value)| below(path, &i.to_string(), |path| map(item, path));
    items.iter().enumerate().map(read).collect()
}

fn field(key: &str, value: &Value, path: &mut Vec<String>) -> Result<Condition, FilterError> {
    if key.split('.').any(str::is_empty) {
        return wrong(path, format!("`{key}` is no path"), Some("write `data.object.id`".into()));
    }
    let make = |op, value: &Value| Condition::Field { path: key.to_owned(), op, value: value.clone() };
    match value {
        Value::Object(ops) if ops.keys().any(|k| k.starts_with('$')) => operators(ops, path, &make),
        _ => Ok(make(Op::Eq, value)),
    }
}

fn operators(
    ops: &Map<String, Value>,
    path: &mut Vec<String>,
    make: &dyn Fn(Op, &Value) -> Condition,
) -> Result<Condition, FilterError> {
    let mut parts = Vec::with_capacity(ops.len());
    for (name, value) in ops {
        let part = below(path, name, |path| {
            if name == "$not" {
                let inner =
                    value.as_object().ok_or(()).or_else(|()| wrong(path, "`$not` takes operators", None))?;
                return Ok(Condition::Not(Box::new(operators(inner, path, make)?)));
            }
            let Some((_, op)) = OPERATORS.iter().find(|(known, _)| known == name) else {
                let near = nearest(name, OPERATORS.iter().map(|(known, _)| *known));
                let fix = near.map(|near| format!("did you mean `{near}`?"));
                return wrong(path, format!("there is no operator `{name}`"), fix);
            };
            operand(*op, name, value, path)?;
            Ok(make(*op, value))
        })?;
        parts.push(part);
    }
    Ok(Condition::All(parts))
}

fn operand(op: Op, name: &str, value: &Value, path: &[String]) -> Result<(), FilterError> {
    let (fits, takes) = match op {
        Op::Eq | Op::Ne | Op::Contains => (true, ""),
        Op::Gt | Op::Gte | Op::Lt | Op::Lte => (value.is_number() || value.is_string(), "a number or a text"),
        Op::In | Op::Nin => (value.is_array(), "a list"),
        Op::Exists => (value.is_boolean(), "true or false"),
        Op::StartsWith | Op::EndsWith => (value.is_string(), "a text"),
    };
    if fits { Ok(()) } else { wrong(path, format!("`{name}` takes {takes}"), None) }
}
