//! Reading names below the top of an input: properties of hashes, at any depth.
//!
//! Only hashes have names to read. Keys of maps and of `metadata` are data and stay.

use std::collections::HashMap;

use model::Currency;
use serde_json::{Map, Value};
use stripe::tables::{Param, Type};

use crate::{
    Invalid, Why,
    input::{names, suggest, twice},
    names::{camel, nearest, shown},
};

/// Reads names below the top.
pub(crate) struct Names<'a> {
    pub(crate) spelled: &'a mut HashMap<String, String>,
    pub(crate) found: &'a mut Vec<Invalid>,
}

impl Names<'_> {
    /// A value that may be of any of these types, under Stripe's `name`; `at` is its
    /// place in Stripe's form, `place` its place in the input.
    pub(crate) fn value(
        &mut self,
        name: &str,
        kinds: &[&'static Type],
        value: &Value,
        at: &str,
        place: &str,
    ) -> Value {
        let kinds = flatten(kinds);
        match value {
            Value::Object(given) if kinds.contains(&&Type::Metadata) => self.metadata(given, at, place),
            Value::Object(given) => {
                let props = kinds.iter().filter_map(|kind| match kind {
                    Type::Hash(props) => Some(*props),
                    _ => None,
                });
                let props: Vec<&'static Param> = props.flatten().collect();
                let is_hash = kinds.iter().any(|kind| matches!(kind, Type::Hash(_)));
                if is_hash {
                    self.hash(&props, given, at, place)
                } else {
                    self.map(name, &kinds, given, at, place)
                }
            }
            Value::Array(items) => {
                let inner = kinds.iter().filter_map(|kind| match kind {
                    Type::Array(inner) => Some(*inner),
                    _ => None,
                });
                let inner: Vec<&'static Type> = inner.collect();
                let read = items.iter().enumerate().map(|(i, item)| {
                    let (at, place) = (format!("{at}[{i}]"), format!("{place}[{i}]"));
                    self.spelled.insert(at.clone(), place.clone());
                    self.value(name, &inner, item, &at, &place)
                });
                Value::Array(read.collect())
            }
            Value::String(text) if is_currency(name) && kinds.contains(&&Type::String) => {
                self.currency(text, place)
            }
            _ => value.clone(),
        }
    }

    fn hash(&mut self, props: &[&'static Param], given: &Map<String, Value>, at: &str, place: &str) -> Value {
        let mut read = Map::with_capacity(given.len());
        for (key, value) in given {
            let place = format!("{place}.{}", shown(key));
            let mut matching = props.iter().filter(|prop| names(key, prop.name)).peekable();
            let Some(prop) = matching.peek().copied() else {
                let nearest = nearest(key, props.iter().map(|prop| camel(prop.name)));
                let what = format!("`{place}` is not known here");
                self.found.push(suggest(Invalid::new(Why::Unknown, place, what), nearest));
                continue;
            };
            let at = format!("{at}[{}]", prop.name);
            if let Some(before) = self.spelled.get(&at) {
                self.found.push(twice(before, &place));
                continue;
            }
            self.spelled.insert(at.clone(), place.clone());
            let kinds: Vec<&'static Type> = matching.map(|prop| &prop.kind).collect();
            read.insert(prop.name.to_owned(), self.value(prop.name, &kinds, value, &at, &place));
        }
        Value::Object(read)
    }

    /// A map's keys are data; its values may still hold names.
    fn map(
        &mut self,
        name: &str,
        kinds: &[&'static Type],
        given: &Map<String, Value>,
        at: &str,
        place: &str,
    ) -> Value {
        let inner = kinds.iter().filter_map(|kind| match kind {
            Type::Map(inner) => Some(*inner),
            _ => None,
        });
        let inner: Vec<&'static Type> = inner.collect();
        let read = given.iter().map(|(key, value)| {
            let (at, place) = (format!("{at}[{key}]"), format!("{place}.{}", shown(key)));
            self.spelled.insert(at.clone(), place.clone());
            (key.clone(), self.value(name, &inner, value, &at, &place))
        });
        Value::Object(read.collect())
    }

    /// Stripe keeps metadata as text, so a number or a boolean becomes its text here,
    /// where it is known which text the caller meant.
    fn metadata(&mut self, given: &Map<String, Value>, at: &str, place: &str) -> Value {
        let read = given.iter().map(|(key, value)| {
            self.spelled.insert(format!("{at}[{key}]"), format!("{place}.{}", shown(key)));
            let value = match value {
                Value::Number(_) | Value::Bool(_) => Value::String(value.to_string()),
                _ => value.clone(),
            };
            (key.clone(), value)
        });
        Value::Object(read.collect())
    }

    fn currency(&mut self, text: &str, place: &str) -> Value {
        match Currency::parse(text) {
            Ok(currency) => Value::from(currency.as_str()),
            Err(error) => {
                let message = format!("`{place}`: {error}.");
                self.found.push(Invalid::new(Why::Value, place, message));
                Value::from(text)
            }
        }
    }
}

fn is_currency(name: &str) -> bool {
    name == "currency" || name.ends_with("_currency")
}

/// A union's members, however deep.
fn flatten(kinds: &[&'static Type]) -> Vec<&'static Type> {
    let mut flat = Vec::with_capacity(kinds.len());
    for kind in kinds {
        match kind {
            Type::Union(members) => flat.extend(flatten(&members.iter().collect::<Vec<_>>())),
            _ => flat.push(*kind),
        }
    }
    flat
}
