//! From text to a tree whose every node knows where it stands.
//!
//! YAML and JSON give the same tree, so everything after this reads one notation.
//! JSON is what begins with `{`. The surprising rules: YAML is read as version 1.2
//! without its traps (`no` is a word, `012` is text), a document has a budget of
//! nodes that aliases count against, and equal keys in one map are an error.

mod json;
mod place;
mod yaml;

pub(crate) use place::{Findings, finding};

use serde_json::{Map, Number, Value};

use crate::{Finding, Format, Source};

/// The longest document.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 256 * 1024;
/// Nodes of a document, aliases expanded.
pub(crate) const NODES_MAX: usize = 20_000;
/// How deep maps and lists nest.
pub(crate) const DEPTH_MAX: usize = 64;

/// One node of a document.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Its first byte in the text.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    pub kind: Kind,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key of a map.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub start: usize,
    pub text: String,
}

/// A text that is no document.
#[derive(Debug)]
pub(crate) struct Unreadable {
    /// Byte offset.
    pub at: usize,
    pub code: &'static str,
    pub message: String,
    pub fix: Option<String>,
}

impl Unreadable {
    fn new(at: usize, code: &'static str, message: impl Into<String>) -> Self {
        Self { at, code, message: message.into(), fix: None }
    }

    fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

/// Reads a document's text.
pub(crate) fn parse(source: &Source) -> Result<Node, Finding> {
    let text = source.text.as_str();
    let read = if text.len() > DOCUMENT_BYTES_MAX {
        let message = format!("the document has {} bytes; at most {DOCUMENT_BYTES_MAX} are read", text.len());
        Err(Unreadable::new(0, "too_large", message).fix("split it into several workflows"))
    } else {
        match source.format() {
            Format::Json => json::read(text),
            Format::Yaml => yaml::read(text),
        }
    };
    read.map_err(|e| place::finding(text, e.at, e.code, String::new(), e.message, e.fix))
}

/// Counts nodes and depth while a tree grows.
struct Budget {
    nodes: usize,
}

impl Budget {
    fn new() -> Self {
        Self { nodes: NODES_MAX }
    }

    fn take(&mut self, nodes: usize, at: usize) -> Result<(), Unreadable> {
        match self.nodes.checked_sub(nodes) {
            Some(left) => {
                self.nodes = left;
                Ok(())
            }
            None => Err(Unreadable::new(
                at,
                "too_large",
                format!("the document has more than {NODES_MAX} values, aliases counted where they are used"),
            )),
        }
    }
}

fn too_deep(at: usize) -> Unreadable {
    Unreadable::new(at, "too_deep", format!("maps and lists nest more than {DEPTH_MAX} deep"))
}

fn twice(key: &Key) -> Unreadable {
    Unreadable::new(key.start, "duplicate_key", format!("`{}` stands twice in one map", cut(&key.text)))
        .fix("keep one of them")
}

impl Node {
    /// The value without places.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(b) => Value::Bool(*b),
            Kind::Number(n) => Value::Number(n.clone()),
            Kind::Text(t) => Value::String(t.clone()),
            Kind::List(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            Kind::Map(_) => Value::Object(self.to_map()),
        }
    }

    /// The map without places; empty for what is no map.
    pub fn to_map(&self) -> Map<String, Value> {
        self.entries().iter().map(|(key, node)| (key.text.clone(), node.to_json())).collect()
    }

    /// The entries of a map; none for what is no map.
    pub fn entries(&self) -> &[(Key, Node)] {
        if let Kind::Map(entries) = &self.kind { entries } else { &[] }
    }

    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(k, _)| k.text == key).map(|(_, node)| node)
    }

    pub fn text(&self) -> Option<&str> {
        if let Kind::Text(text) = &self.kind { Some(text) } else { None }
    }

    pub fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map(_))
    }

    /// What it is, in words.
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "true or false",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }

    fn count(&self) -> usize {
        1 + match &self.kind {
            Kind::List(items) => items.iter().map(Self::count).sum(),
            Kind::Map(entries) => entries.iter().map(|(_, node)| 1 + node.count()).sum(),
            _ => 0,
        }
    }

    fn depth(&self) -> usize {
        1 + match &self.kind {
            Kind::List(items) => items.iter().map(Self::depth).max().unwrap_or(0),
            Kind::Map(entries) => entries.iter().map(|(_, node)| node.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// Where the value at a path written `items[0].price` begins; the nearest thing
    /// above it when there is no such value. For a map's entry it is the key's place.
    pub fn place_of(&self, path: &str) -> usize {
        let mut node = self;
        let mut at = self.start;
        for part in path.split(['.', '[']).map(|part| part.trim_end_matches(']')).filter(|p| !p.is_empty()) {
            match &node.kind {
                Kind::Map(entries) => match entries.iter().find(|(key, _)| key.text == part) {
                    Some((key, next)) => (at, node) = (key.start, next),
                    None => return at,
                },
                Kind::List(items) => match part.parse::<usize>().ok().and_then(|i| items.get(i)) {
                    Some(next) => (at, node) = (next.start, next),
                    None => return at,
                },
                _ => return at,
            }
        }
        at
    }
}

/// A number as both notations write it. `None` when the text is no number; an
/// error when it is a whole number that no program reads exactly.
fn number(text: &str) -> Option<Result<Number, String>> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole_end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(whole_end);
    if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    if rest.is_empty() {
        let exact = text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from));
        return Some(exact.map_err(|_| format!("the number {} has more than 64 bits", cut(text))));
    }
    is_fraction(rest).then(|| {
        let float = text.parse::<f64>().ok().and_then(Number::from_f64);
        float.ok_or_else(|| format!("the number {} is out of range", cut(text)))
    })
}

/// `.25`, `.5e3`, `e-2`.
fn is_fraction(rest: &str) -> bool {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let (fraction, exponent) = match rest.find(['e', 'E']) {
        Some(i) => (&rest[..i], Some(&rest[i + 1..])),
        None => (rest, None),
    };
    let fraction_fits = match fraction.strip_prefix('.') {
        Some(fraction) => digits(fraction),
        None => fraction.is_empty(),
    };
    fraction_fits && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

pub(crate) fn cut(text: &str) -> String {
    if text.chars().count() <= 60 {
        text.to_owned()
    } else {
        text.chars().take(57).chain("...".chars()).collect()
    }
}

#[cfg(test)]
mod tests;
