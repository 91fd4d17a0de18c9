//! From a line's JSON to the tables' types.
//!
//! Strings are borrowed from the data file, and lists are leaked: an entry is read
//! once and lives as long as the process. Surprising: the declarations say `number`
//! for whole numbers and fractions alike, so the few names that may carry a fraction
//! are listed here, and everything else is whole.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    Field, Object, Operation, Param, Type,
    data::{Entry, ObjectEntry},
};

/// A type as the data writes it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Raw<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: &'a str,
    #[serde(default)]
    pub(super) required: bool,
    #[serde(default)]
    pub(super) unsettable: bool,
    #[serde(default)]
    pub(super) nullable: bool,
    #[serde(default)]
    pub(super) optional: bool,
    #[serde(default, borrow)]
    pub(super) props: BTreeMap<&'a str, Raw<'a>>,
    #[serde(default, borrow)]
    pub(super) items: Option<Box<Raw<'a>>>,
    #[serde(default, borrow)]
    pub(super) of: Option<Of<'a>>,
    #[serde(default, borrow)]
    pub(super) values: Option<Values<'a>>,
    #[serde(default, borrow)]
    name: Option<&'a str>,
}

/// Names for an expandable, types for a union.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Of<'a> {
    Names(#[serde(borrow)] Vec<&'a str>),
    Types(#[serde(borrow)] Vec<Raw<'a>>),
}

/// Texts for an enum, a type for a map.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Values<'a> {
    Texts(#[serde(borrow)] Vec<&'a str>),
    Type(#[serde(borrow)] Box<Raw<'a>>),
}

/// The JSON of an operation's line.
#[derive(Deserialize)]
pub(super) struct RawOperation<'a> {
    #[serde(borrow)]
    pub(super) params: BTreeMap<&'a str, Raw<'a>>,
    #[serde(borrow)]
    response: Raw<'a>,
    #[serde(default, borrow)]
    host: Option<&'a str>,
}

/// Names that may carry a fraction; so may those that end in `_score` or hold `_rate`.
const FRACTIONS: &[&str] = &[
    "aggregated_value",
    "amount_percent",
    "application_fee_percent",
    "effective_percentage",
    "exchange_rate",
    "height",
    "latitude",
    "length",
    "longitude",
    "percent",
    "percent_off",
    "percent_ownership",
    "percentage",
    "percentages",
    "rates",
    "score",
    "weight",
    "width",
];

pub(super) fn operation(entry: &Entry) -> Option<Operation> {
    let raw: RawOperation<'static> = serde_json::from_str(entry.json).ok()?;
    Some(Operation {
        id: entry.id,
        method: entry.method,
        path: entry.path,
        releases: entry.releases,
        params: params(&raw.params)?,
        response: kind(&raw.response, "", Side::Object)?,
        host: raw.host,
    })
}

pub(super) fn object(entry: &ObjectEntry) -> Option<Object> {
    object_of(entry, &serde_json::from_str(entry.json).ok()?)
}

/// The object of an entry with these fields, which an older release may have otherwise.
pub(super) fn object_of(entry: &ObjectEntry, raw: &BTreeMap<&'static str, Raw<'static>>) -> Option<Object> {
    let object = (!entry.literal.is_empty()).then_some(entry.literal);
    Some(Object { name: entry.name, object, releases: entry.releases, fields: fields(raw)? })
}

/// Whether a hash holds parameters or fields.
#[derive(Clone, Copy)]
enum Side {
    Request,
    Object,
}

pub(super) fn params(raw: &BTreeMap<&'static str, Raw<'static>>) -> Option<&'static [Param]> {
    let one = |(name, raw): (&&'static str, &Raw<'static>)| {
        let (required, unsettable) = (raw.required, raw.unsettable);
        Some(Param { name, kind: kind(raw, name, Side::Request)?, required, unsettable })
    };
    raw.iter().map(one).collect::<Option<Vec<_>>>().map(|list| &*list.leak())
}

fn fields(raw: &BTreeMap<&'static str, Raw<'static>>) -> Option<&'static [Field]> {
    let one = |(name, raw): (&&'static str, &Raw<'static>)| {
        let (nullable, optional) = (raw.nullable, raw.optional);
        Some(Field { name, kind: kind(raw, name, Side::Object)?, nullable, optional })
    };
    raw.iter().map(one).collect::<Option<Vec<_>>>().map(|list| &*list.leak())
}

/// The type, given the name that it stands under: the name tells fractions apart.
fn kind(raw: &Raw<'static>, name: &str, side: Side) -> Option<Type> {
    let items = || Some(&*Box::leak(Box::new(kind(raw.items.as_ref()?, name, side)?)));
    Some(match raw.kind {
        "string" => Type::String,
        "boolean" => Type::Boolean,
        "number" if may_be_fraction(name) => Type::Fraction,
        "number" => Type::Integer,
        "decimal-string" => Type::Decimal,
        "metadata" => Type::Metadata,
        "range" => Type::Range,
        "file" | "binary" => Type::File,
        "none" => Type::Nothing,
        "any" => Type::Any,
        "object" => match side {
            Side::Request => Type::Hash(params(&raw.props)?),
            Side::Object => Type::Fields(fields(&raw.props)?),
        },
        "array" => Type::Array(items()?),
        "list" => Type::List(items()?),
        "search_result" => Type::SearchResult(items()?),
        "ref" => Type::Object(raw.name?),
        "enum" | "map" => values(raw.values.as_ref()?, name, side)?,
        "expandable" | "union" => alternatives(raw.of.as_ref()?, name, side)?,
        _ => return None,
    })
}

fn values(raw: &Values<'static>, name: &str, side: Side) -> Option<Type> {
    Some(match raw {
        Values::Texts(texts) => Type::Enum(texts.clone().leak()),
        Values::Type(inner) => Type::Map(Box::leak(Box::new(kind(inner, name, side)?))),
    })
}

fn alternatives(raw: &Of<'static>, name: &str, side: Side) -> Option<Type> {
    Some(match raw {
        Of::Names(names) => Type::Expandable(names.clone().leak()),
        Of::Types(types) => {
            let types: Option<Vec<Type>> = types.iter().map(|one| kind(one, name, side)).collect();
            Type::Union(types?.leak())
        }
    })
}

fn may_be_fraction(name: &str) -> bool {
    FRACTIONS.contains(&name) || name.ends_with("_score") || name.contains("_rate")
}
