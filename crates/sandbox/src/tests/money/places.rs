//! Where amounts stand in requests, found in the tables: every parameter whose name says
//! `amount`, however deep, of every operation that the sandbox has.

use serde_json::{Value, json};
use stripe::{
    Method,
    tables::{self, Type},
};

use super::{super::samples, pricing::OTHER};
use crate::registry::{self, Row};

/// An amount parameter.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) row: &'static Row,
    /// Names from the outside in; an element of a list is `0`, one of a map
    /// [`OTHER`].
    pub(super) path: Vec<&'static str>,
    /// Whether it is a decimal in a text, and not a whole number.
    pub(super) decimal: bool,
}

impl Place {
    /// `items[0][price_data][unit_amount]`.
    pub(super) fn param(&self) -> String {
        let inner = self.path[1..].iter().map(|name| format!("[{name}]"));
        format!("{}{}", self.path[0], inner.collect::<String>())
    }

    /// Puts a value there, and around it what the tables require beside it.
    pub(super) fn put(&self, params: &mut Value, value: &str) {
        let operation = tables::operation(self.row.id).unwrap();
        let (first, rest) = self.path.split_first().unwrap();
        let param = operation.params.iter().find(|param| param.name == *first).unwrap();
        let there = params.get(*first).cloned().unwrap_or(Value::Null);
        params[*first] = inside(there, &param.kind, rest, value);
    }
}

/// A value of this type that holds another at the path within it.
fn inside(there: Value, kind: &Type, path: &[&str], value: &str) -> Value {
    let Some((name, rest)) = path.split_first() else { return Value::from(value) };
    match kind {
        Type::Hash(params) => {
            let mut hash = there.as_object().cloned().unwrap_or_else(|| samples::required(params));
            let param = params.iter().find(|param| param.name == *name).unwrap();
            let inner = hash.shift_remove(*name).unwrap_or(Value::Null);
            hash.insert((*name).to_owned(), inside(inner, &param.kind, rest, value));
            Value::Object(hash)
        }
        Type::Array(items) => {
            json!([inside(there.get(0).cloned().unwrap_or(Value::Null), items, rest, value)])
        }
        Type::Map(values) => json!({ *name: inside(Value::Null, values, rest, value) }),
        Type::Union(kinds) => {
            let kind = kinds.iter().find(|kind| has(kind, path)).unwrap();
            inside(there, kind, path, value)
        }
        other => panic!("nothing stands inside {other:?}"),
    }
}

fn has(kind: &Type, path: &[&str]) -> bool {
    match kind {
        Type::Hash(params) => params.iter().any(|param| param.name == path[0]),
        Type::Array(_) => path[0] == "0",
        Type::Map(_) => path[0] == OTHER,
        _ => false,
    }
}

/// All of them.
pub(super) fn all() -> Vec<Place> {
    let mut found = Vec::new();
    for row in registry::RESOURCES.iter().copied().flatten() {
        let operation = tables::operation(row.id).unwrap();
        // What only reads moves no money.
        if operation.method == Method::Get {
            continue;
        }
        for param in operation.params.iter().filter(|param| row.heeds(param.name)) {
            walk(row, &[param.name], &param.kind, &mut found);
        }
    }
    found
}

fn walk(row: &'static Row, path: &[&'static str], kind: &Type, found: &mut Vec<Place>) {
    let inside = |name: &'static str| [path, &[name]].concat();
    match kind {
        Type::Hash(params) => {
            params.iter().for_each(|param| walk(row, &inside(param.name), &param.kind, found));
        }
        Type::Array(items) => walk(row, &inside("0"), items, found),
        Type::Map(values) => walk(row, &inside(OTHER), values, found),
        Type::Union(kinds) => kinds.iter().for_each(|kind| walk(row, path, kind, found)),
        Type::Integer | Type::Decimal
            if path.iter().rev().find(|n| **n != "0").unwrap().contains("amount") =>
        {
            found.push(Place { row, path: path.to_vec(), decimal: matches!(kind, Type::Decimal) });
        }
        _ => {}
    }
}
