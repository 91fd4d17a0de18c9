//! Reading parameters by their types: typed JSON is checked, form text is coerced.
//!
//! Both walk the tables the same way and differ only in what a leaf may look like,
//! so an input that passes the check on our side is one that the sandbox accepts.
//! Surprising: free text that is not required may be empty, because Stripe takes
//! `description=` as a clear although its types do not say so; a currency or a
//! reference to another object may not, unless the types say so.

mod leaf;

use serde_json::{Map, Value};

use super::{Invalid, Operation, Param, Problem, Type, object};
use crate::Version;

/// See [`Operation::check`].
pub(super) fn typed(operation: &Operation, params: &Map<String, Value>, version: Version) -> Vec<Invalid> {
    let mut reader = Reader { operation, text: false, found: Vec::new() };
    reader.hash("", operation.params_in(version), params);
    reader.found
}

/// See [`Operation::coerce`].
pub(super) fn text(
    operation: &Operation,
    form: &Map<String, Value>,
    version: Version,
) -> Result<Map<String, Value>, Vec<Invalid>> {
    let mut reader = Reader { operation, text: true, found: Vec::new() };
    let read = reader.hash("", operation.params_in(version), form);
    if reader.found.is_empty() { Ok(read) } else { Err(reader.found) }
}

struct Reader<'a> {
    operation: &'a Operation,
    /// Whether leaves are form text.
    text: bool,
    found: Vec<Invalid>,
}

impl Reader<'_> {
    fn refuse(&mut self, at: &str, problem: Problem) -> Value {
        self.found.push(Invalid { param: at.to_owned(), problem });
        Value::Null
    }

    fn wrong(&mut self, at: &str, kind: &Type) -> Value {
        self.refuse(at, leaf::wrong(kind))
    }

    fn hash(&mut self, at: &str, params: &[Param], given: &Map<String, Value>) -> Map<String, Value> {
        let mut read = Map::with_capacity(given.len());
        for (name, value) in given {
            let place = inside(at, name);
            let value = match params.iter().find(|param| param.name == name) {
                Some(param) => self.param(&place, at.is_empty(), param, value),
                None => self.refuse(&place, Problem::Unknown { nearest: nearest(name, params) }),
            };
            read.insert(name.clone(), value);
        }
        for param in params.iter().filter(|param| param.required && !given.contains_key(param.name)) {
            self.refuse(&inside(at, param.name), Problem::Missing);
        }
        read
    }

    fn param(&mut self, at: &str, top: bool, param: &Param, value: &Value) -> Value {
        if !is_empty(value) {
            return self.value(at, &param.kind, value);
        }
        if param.unsettable || self.may_be_empty(top, param) {
            return Value::from("");
        }
        self.refuse(at, Problem::Empty)
    }

    /// Whether the empty string passes where the types do not mention it.
    fn may_be_empty(&self, top: bool, param: &Param) -> bool {
        let is_currency = param.name == "currency" || param.name.ends_with("_currency");
        let free_text = matches!(param.kind, Type::String) && !param.required && !is_currency;
        free_text && !(top && self.is_reference(param.name))
    }

    /// Whether the operation's object holds a reference under this name.
    fn is_reference(&self, name: &str) -> bool {
        let Type::Object(answered) = self.operation.response else { return false };
        let fields = object(answered).map_or(&[][..], |object| object.fields);
        fields.iter().any(|field| field.name == name && matches!(field.kind, Type::Expandable(_)))
    }

    fn value(&mut self, at: &str, kind: &Type, value: &Value) -> Value {
        match kind {
            Type::Hash(params) => match value {
                Value::Object(given) => Value::Object(self.hash(at, params, given)),
                _ => self.wrong(at, kind),
            },
            Type::Array(items) => self.list(at, kind, items, value),
            Type::Map(inner) => self.map(at, kind, inner, value),
            Type::Metadata => self.metadata(at, value),
            Type::Range => self.range(at, value),
            Type::Union(kinds) => self.union(at, kind, kinds, value),
            // What follows never stands in a request, or is not ours to judge.
            Type::Any
            | Type::Fields(_)
            | Type::List(_)
            | Type::SearchResult(_)
            | Type::Object(_)
            | Type::Expandable(_) => value.clone(),
            leaf => match leaf::read(leaf, value, self.text) {
                Ok(read) => read,
                Err(problem) => self.refuse(at, problem),
            },
        }
    }

    fn list(&mut self, at: &str, kind: &Type, items: &Type, value: &Value) -> Value {
        let Some(elements) = self.elements(value) else { return self.wrong(at, kind) };
        let mut read = Vec::with_capacity(elements.len());
        for (index, element) in elements {
            let place = inside(at, &index);
            let one = if is_empty(element) {
                self.refuse(&place, Problem::Empty)
            } else {
                self.value(&place, items, element)
            };
            read.push(one);
        }
        Value::Array(read)
    }

    /// A list's elements in order. A form with gaps between its indices arrives as
    /// a hash of numbers.
    fn elements<'v>(&self, value: &'v Value) -> Option<Vec<(String, &'v Value)>> {
        match value {
            Value::Array(list) => Some(list.iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect()),
            Value::Object(given) if self.text => {
                let mut all = Vec::with_capacity(given.len());
                for (index, element) in given {
                    all.push((index.parse::<u64>().ok()?, element));
                }
                all.sort_by_key(|(index, _)| *index);
                Some(all.into_iter().map(|(index, element)| (index.to_string(), element)).collect())
            }
            _ => None,
        }
    }

    /// A map's entries. A form whose keys are 0, 1, 2… arrives as a list.
    fn entries<'v>(&self, value: &'v Value) -> Option<Vec<(String, &'v Value)>> {
        match value {
            Value::Object(given) => Some(given.iter().map(|(key, v)| (key.clone(), v)).collect()),
            Value::Array(_) if self.text => self.elements(value),
            _ => None,
        }
    }

    fn map(&mut self, at: &str, kind: &Type, inner: &Type, value: &Value) -> Value {
        let Some(entries) = self.entries(value) else { return self.wrong(at, kind) };
        let mut read = Map::new();
        for (key, value) in entries {
            let place = inside(at, &key);
            let value = if is_empty(value) { Value::from("") } else { self.value(&place, inner, value) };
            read.insert(key, value);
        }
        Value::Object(read)
    }

    fn metadata(&mut self, at: &str, value: &Value) -> Value {
        let Some(entries) = self.entries(value) else { return self.wrong(at, &Type::Metadata) };
        if entries.iter().filter(|(_, value)| !is_empty(value)).count() > leaf::METADATA_KEYS {
            return self.refuse(at, Problem::Metadata { why: "more than 50 keys" });
        }
        let mut read = Map::new();
        for (key, value) in entries {
            match leaf::metadata(&key, value) {
                Ok(text) => {
                    read.insert(key, Value::String(text));
                }
                Err(why) => {
                    self.refuse(&inside(at, &key), Problem::Metadata { why });
                }
            }
        }
        Value::Object(read)
    }

    fn range(&mut self, at: &str, value: &Value) -> Value {
        const BOUNDS: &[&str] = &["gt", "gte", "lt", "lte"];
        let Value::Object(given) = value else { return self.value(at, &Type::Integer, value) };
        let mut read = Map::new();
        for (bound, value) in given {
            let place = inside(at, bound);
            let value = if BOUNDS.contains(&bound.as_str()) {
                self.value(&place, &Type::Integer, value)
            } else {
                let nearest = nearest_of(bound, BOUNDS.iter().copied()).map(str::to_owned);
                self.refuse(&place, Problem::Unknown { nearest })
            };
            read.insert(bound.clone(), value);
        }
        Value::Object(read)
    }

    /// The first alternative that takes the value. When none does, a hash is
    /// refused for the reasons of the alternative that came closest.
    fn union(&mut self, at: &str, kind: &Type, kinds: &[Type], value: &Value) -> Value {
        let mut closest: Option<Vec<Invalid>> = None;
        for alternative in kinds {
            let mut attempt = Reader { operation: self.operation, text: self.text, found: Vec::new() };
            let read = attempt.value(at, alternative, value);
            if attempt.found.is_empty() {
                return read;
            }
            let hash = matches!(alternative, Type::Hash(_));
            if hash && closest.as_ref().is_none_or(|found| attempt.found.len() < found.len()) {
                closest = Some(attempt.found);
            }
        }
        match (value, closest) {
            (Value::Object(_), Some(found)) => {
                self.found.extend(found);
                Value::Null
            }
            (Value::String(given), _) if self.text && kinds.contains(&Type::Integer) => {
                self.refuse(at, Problem::NotInteger { given: given.clone() })
            }
            (Value::String(given), _) => {
                let words = leaf::words(kind);
                let nearest = nearest_of(given, words.iter().copied());
                let expected = leaf::describe(kind);
                self.refuse(at, Problem::WrongType { expected, allowed: words, nearest })
            }
            _ => self.wrong(at, kind),
        }
    }
}

/// `null` and `""` both clear.
fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// `items[0][price]`.
fn inside(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}[{name}]") }
}

fn nearest(name: &str, params: &[Param]) -> Option<String> {
    nearest_of(name, params.iter().map(|param| param.name)).map(str::to_owned)
}

/// The known name that is at most a third of its letters away.
fn nearest_of<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    // Longer than any name there is: comparing would only cost time.
    if name.len() > 100 {
        return None;
    }
    let near = known.map(|known| (strsim::osa_distance(name, known), known));
    let (distance, known) = near.min_by_key(|(distance, _)| *distance)?;
    (distance <= (known.len() / 3).max(1)).then_some(known)
}
