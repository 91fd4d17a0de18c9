//! What Stripe answers: its object, untouched.

use stripe::tables::{self, Type};

use super::kind;

/// The answer of an operation.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// `Invoice`, `page of Invoice`; empty when Stripe answers nothing to read.
    pub is: String,
    /// The fields of the object, or of each object of the page.
    pub fields: Vec<AnswerField>,
}

/// A field of Stripe's object.
#[derive(Debug, Clone)]
pub struct AnswerField {
    /// Stripe's name.
    pub name: &'static str,
    /// What values it has, in a few words.
    pub is: String,
    /// Whether it can be `null`.
    pub nullable: bool,
    /// Whether it may be missing.
    pub optional: bool,
    /// The values known today; Stripe adds some.
    pub values: &'static [&'static str],
}

impl Answer {
    pub(super) fn of(response: &'static Type) -> Self {
        let object = object(response);
        let fields = object.map_or(&[][..], |object| object.fields);
        Self { is: kind::words(response), fields: fields.iter().map(described).collect() }
    }
}

/// The object that is answered, alone or in a page; of several the first, which is the
/// one that is not a deleted form.
fn object(response: &'static Type) -> Option<&'static tables::Object> {
    kind::flat(response).into_iter().find_map(|kind| match kind {
        Type::Object(name) => tables::object(name),
        Type::List(inner) | Type::SearchResult(inner) => object(inner),
        _ => None,
    })
}

fn described(field: &'static tables::Field) -> AnswerField {
    AnswerField {
        name: field.name,
        is: kind::words(&field.kind),
        nullable: field.nullable,
        optional: field.optional,
        values: kind::flat(&field.kind).into_iter().find_map(kind::allowed).unwrap_or_default(),
    }
}
