//! Following a path through the types of Stripe's objects.

use stripe::tables::{self, Field, Type};

use super::did_you_mean;
use crate::document::covers;
use crate::template::syntax::Segment;

/// A path that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Miss {
    pub message: String,
    pub fix: Option<String>,
}

fn miss<T>(message: String, fix: Option<String>) -> Result<T, Miss> {
    Err(Miss { message, fix })
}

/// The fields of an event around its object.
const EVENT: &[&str] = &[
    "id",
    "object",
    "type",
    "created",
    "livemode",
    "account",
    "api_version",
    "context",
    "data",
    "pending_webhooks",
    "request",
    "reason",
];

/// Follows a path into an event of one of these types; no types means any event.
pub(super) fn event(kinds: &[String], path: &[Segment]) -> Result<(), Miss> {
    let Some(Segment::Name(first)) = path.first() else { return Ok(()) };
    if !EVENT.contains(&first.as_str()) {
        let in_object = !kinds.is_empty() && event_object(kinds, path).is_ok();
        let fix = did_you_mean(first, EVENT.iter().copied()).filter(|_| !in_object);
        let fix = fix.unwrap_or_else(|| format!("the object is in `data.object`: `data.object.{first}`"));
        return miss(format!("an event has no field `{first}`"), Some(fix));
    }
    let [_, Segment::Name(second), rest @ ..] = path else { return Ok(()) };
    if first != "data" {
        return Ok(());
    }
    match second.as_str() {
        "object" => event_object(kinds, rest),
        "previous_attributes" => Ok(()),
        _ => miss(
            format!("`data` of an event has no field `{second}`"),
            Some(format!("the object is in `data.object`: `data.object.{second}`")),
        ),
    }
}

fn event_object(kinds: &[String], path: &[Segment]) -> Result<(), Miss> {
    let covered = tables::event_types().iter().filter(|kind| kinds.iter().any(|k| covers(k, kind)));
    let mut names: Vec<&str> = covered.flat_map(|kind| tables::event_objects(kind)).collect();
    names.sort_unstable();
    names.dedup();
    any(names.iter().map(|name| object(name, path, &Walk::default())))
}

/// What is known while a path is followed.
#[derive(Debug, Clone, Default)]
pub(super) struct Walk<'a> {
    /// What the call asked Stripe to expand.
    pub expand: &'a [String],
    /// The path so far.
    pub so_far: String,
}

impl<'a> Walk<'a> {
    fn down(&self, name: &str) -> Self {
        let so_far = if self.so_far.is_empty() { name.to_owned() } else { format!("{}.{name}", self.so_far) };
        Self { expand: self.expand, so_far }
    }

    fn is_expanded(&self) -> bool {
        let below = format!("{}.", self.so_far);
        self.expand.iter().any(|e| *e == self.so_far || e.starts_with(&below))
    }
}

/// Follows a path through a type.
pub(super) fn follow(kind: &'static Type, path: &[Segment], walk: &Walk<'_>) -> Result<(), Miss> {
    let Some((first, rest)) = path.split_first() else { return Ok(()) };
    if *first == Segment::Any {
        return Ok(());
    }
    match kind {
        Type::Any | Type::Metadata | Type::File => Ok(()),
        Type::Map(inner) => follow(inner, rest, &walk.down("*")),
        Type::Object(name) => object(name, path, walk),
        Type::Fields(fields) => in_fields(fields, "this object", path, walk),
        Type::Hash(_) => Ok(()),
        Type::Array(inner) => match first {
            Segment::Name(name) => is_a_list(name, walk),
            _ => follow(inner, rest, walk),
        },
        Type::List(inner) => envelope(inner, &["object", "has_more", "url"], path, walk),
        Type::SearchResult(inner) => {
            envelope(inner, &["object", "has_more", "url", "next_page", "total_count"], path, walk)
        }
        Type::Expandable(names) if walk.is_expanded() => {
            any(names.iter().map(|name| object(name, path, walk)))
        }
        Type::Expandable(_) => {
            let so_far = &walk.so_far;
            miss(
                format!("`{so_far}` is an id, not an object, unless the call expands it"),
                Some(format!("add `expand: [{so_far}]` to the step's config")),
            )
        }
        Type::Union(kinds) => any(kinds.iter().map(|kind| follow(kind, path, walk))),
        Type::String
        | Type::Boolean
        | Type::Integer
        | Type::Fraction
        | Type::Decimal
        | Type::Enum(_)
        | Type::Range
        | Type::Nothing => {
            let what = if walk.so_far.is_empty() { "it" } else { &walk.so_far };
            miss(format!("`{what}` is {} and has nothing inside", describe(kind)), None)
        }
    }
}

fn describe(kind: &Type) -> &'static str {
    match kind {
        Type::Boolean => "true or false",
        Type::Integer | Type::Fraction => "a number",
        Type::Nothing => "nothing",
        _ => "a text",
    }
}

fn object(name: &str, path: &[Segment], walk: &Walk<'_>) -> Result<(), Miss> {
    match tables::object(name) {
        Some(object) => in_fields(object.fields, &format!("Stripe's {name}"), path, walk),
        None => Ok(()),
    }
}

fn in_fields(fields: &'static [Field], whose: &str, path: &[Segment], walk: &Walk<'_>) -> Result<(), Miss> {
    let Some((first, rest)) = path.split_first() else { return Ok(()) };
    let name = match first {
        Segment::Name(name) => name,
        Segment::Any => return Ok(()),
        Segment::Index => return miss(format!("{whose} is an object, not a list"), None),
    };
    if let Some(field) = fields.iter().find(|field| field.name == name) {
        return follow(&field.kind, rest, &walk.down(name));
    }
    let message = format!("{whose} has no field `{name}` at version {}", stripe::PINNED);
    let snake = snake(name);
    if snake != *name && fields.iter().any(|field| field.name == snake) {
        return miss(message, Some(format!("Stripe's objects use `{snake}`")));
    }
    miss(message, did_you_mean(name, fields.iter().map(|field| field.name)))
}

/// Stripe's list envelope.
fn envelope(
    inner: &'static Type,
    fields: &[&'static str],
    path: &[Segment],
    walk: &Walk<'_>,
) -> Result<(), Miss> {
    let Some((first, rest)) = path.split_first() else { return Ok(()) };
    match first {
        Segment::Name(name) if name == "data" => match rest.split_first() {
            None => Ok(()),
            Some((Segment::Name(name), _)) => is_a_list(name, &walk.down("data")),
            Some((_, rest)) => follow(inner, rest, &walk.down("data")),
        },
        Segment::Name(name) if fields.contains(&name.as_str()) => Ok(()),
        Segment::Name(name) => miss(
            format!("this is a list, which has no `{name}`; its objects are in `data`"),
            Some(format!("`data[0].{name}`, or `(… .data | first).{name}`")),
        ),
        Segment::Index => miss("the objects of a list are in `data`".into(), Some("`data[0]`".into())),
        Segment::Any => Ok(()),
    }
}

fn is_a_list(name: &str, walk: &Walk<'_>) -> Result<(), Miss> {
    let so_far = &walk.so_far;
    miss(format!("`{so_far}` is a list and has no `{name}`"), Some(format!("`{so_far}[0].{name}`")))
}

/// One of several types has to have it.
fn any(mut results: impl Iterator<Item = Result<(), Miss>>) -> Result<(), Miss> {
    let Some(first) = results.next() else { return Ok(()) };
    if first.is_ok() || results.any(|result| result.is_ok()) { Ok(()) } else { first }
}

/// `amountPaid` as Stripe writes it.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
