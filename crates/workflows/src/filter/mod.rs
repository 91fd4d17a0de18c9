//! Filters: conditions on a payload, the same for triggers and waits.
//!
//! Keys are dot paths, values literals (equality) or operators; several keys mean
//! AND. Numbers compare exactly, and something missing equals nothing.

mod compare;
mod parse;

use serde_json::Value;

pub(crate) use parse::FilterError;

/// The paths at which a wait can name its object: what the store indexes of an event.
pub const WAIT_PATHS: &[&str] = &[
    "data.object.id",
    "data.object.customer",
    "data.object.invoice",
    "data.object.payment_intent",
    "data.object.charge",
    "data.object.subscription",
];

/// A checked filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    root: Condition,
}

#[derive(Debug, Clone, PartialEq)]
enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Field { path: String, op: Op, value: Value },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Eq,
    Ne,
    Gt,
    Gte,
    Lt,
    Lte,
    In,
    Nin,
    Exists,
    Contains,
    StartsWith,
    EndsWith,
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// The first thing that is wrong, with the key at which it stands.
    pub fn parse(value: &Value) -> Result<Self, String> {
        parse::parse(value).map_err(|e| format!("{}: {}", e.path.join(" → "), e.message))
    }

    pub(crate) fn read(value: &Value) -> Result<Self, FilterError> {
        parse::parse(value)
    }

    /// Whether a payload passes.
    ///
    /// # Errors
    /// When an order is asked of things that have none, such as a text and a number.
    pub fn matches(&self, payload: &Value) -> Result<bool, String> {
        self.root.holds(payload)
    }

    /// The first equality on an object's id that must hold for the filter to pass: the
    /// path, and the value or template. What a wait is indexed by.
    pub fn id_equality(&self) -> Option<(&str, &Value)> {
        self.root.id_equality()
    }

    /// The same filter with every text put through `fill`.
    pub(crate) fn fill<E>(&self, fill: &mut dyn FnMut(&str, &str) -> Result<Value, E>) -> Result<Self, E> {
        Ok(Self { root: self.root.fill(fill)? })
    }
}

impl Condition {
    fn holds(&self, payload: &Value) -> Result<bool, String> {
        match self {
            Self::All(parts) => {
                for part in parts {
                    if !part.holds(payload)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Any(parts) => {
                for part in parts {
                    if part.holds(payload)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(part) => part.holds(payload).map(|holds| !holds),
            Self::Field { path, op, value } => compare::holds(*op, compare::look_up(payload, path), value)
                .map_err(|why| format!("`{path}`: {why}")),
        }
    }

    fn id_equality(&self) -> Option<(&str, &Value)> {
        match self {
            Self::All(parts) => parts.iter().find_map(Self::id_equality),
            Self::Field { path, op: Op::Eq, value } if WAIT_PATHS.contains(&path.as_str()) => {
                Some((path, value))
            }
            _ => None,
        }
    }

    fn fill<E>(&self, fill: &mut dyn FnMut(&str, &str) -> Result<Value, E>) -> Result<Self, E> {
        let mut all =
            |parts: &[Self]| parts.iter().map(|part| part.fill(fill)).collect::<Result<Vec<_>, E>>();
        Ok(match self {
            Self::All(parts) => Self::All(all(parts)?),
            Self::Any(parts) => Self::Any(all(parts)?),
            Self::Not(part) => Self::Not(Box::new(part.fill(fill)?)),
            Self::Field { path, op, value } => {
                Self::Field { path: path.clone(), op: *op, value: fill_value(value, path, fill)? }
            }
        })
    }
}

fn fill_value<E>(
    value: &Value,
    path: &str,
    fill: &mut dyn FnMut(&str, &str) -> Result<Value, E>,
) -> Result<Value, E> {
    Ok(match value {
        Value::String(text) => fill(text, path)?,
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| fill_value(item, path, fill)).collect::<Result<_, _>>()?)
        }
        other => other.clone(),
    })
}

#[cfg(test)]
mod tests;
