//! Types in words, and what is inside them.

use stripe::tables::{Param, Type};

use super::field::bounds;

/// A union's members, however deep; anything else alone.
pub(super) fn flat(kind: &'static Type) -> Vec<&'static Type> {
    match kind {
        Type::Union(members) => members.iter().flat_map(flat).collect(),
        _ => vec![kind],
    }
}

/// The properties of a hash, or of the hashes in a list.
pub(super) fn params(kind: &'static Type) -> &'static [Param] {
    match kind {
        Type::Hash(params) => params,
        Type::Array(inner) => flat(inner).into_iter().map(params).find(|p| !p.is_empty()).unwrap_or_default(),
        Type::Range => bounds(),
        _ => &[],
    }
}

/// The values of an enumeration, or of the items of a list.
pub(super) fn allowed(kind: &'static Type) -> Option<&'static [&'static str]> {
    match kind {
        Type::Enum(values) => Some(values),
        Type::Array(inner) => flat(inner).into_iter().find_map(allowed),
        _ => None,
    }
}

/// The type in the words of JSON.
pub(super) fn words(kind: &'static Type) -> String {
    let mut words: Vec<String> = Vec::new();
    for kind in flat(kind) {
        let word = word(kind);
        if !word.is_empty() && !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(" or ")
}

fn word(kind: &'static Type) -> String {
    match kind {
        Type::String | Type::Enum(_) => "string".to_owned(),
        Type::Boolean => "boolean".to_owned(),
        Type::Integer => "integer".to_owned(),
        Type::Fraction => "number".to_owned(),
        Type::Decimal => "decimal string".to_owned(),
        Type::File => "file id".to_owned(),
        Type::Range => "integer or range".to_owned(),
        Type::Metadata => "map of string".to_owned(),
        Type::Map(inner) => format!("map of {}", words(inner)),
        Type::Array(inner) => format!("list of {}", words(inner)),
        Type::Hash(_) | Type::Fields(_) => "object".to_owned(),
        Type::Object(name) => (*name).to_owned(),
        Type::List(inner) => format!("page of {}", words(inner)),
        Type::SearchResult(inner) => format!("search page of {}", words(inner)),
        Type::Expandable(names) => format!("id or {}", names.join(" or ")),
        Type::Any => "anything".to_owned(),
        Type::Nothing | Type::Union(_) => String::new(),
    }
}
