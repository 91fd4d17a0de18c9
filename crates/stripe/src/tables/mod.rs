//! Stripe's API as facts: operations with their parameters, objects with their fields.
//!
//! The tables own types and enums; inputs of actions, refusals of the sandbox, the
//! workflow checker, help and documentation read them. One line of the data file is
//! one entry; a line is parsed when it is first asked for, so start-up parses nothing.
//! Source: the type declarations of the npm package `stripe` (MIT; notice beside the data).

mod data;
mod older;
mod parse;
mod read;
mod releases;
mod route;
#[cfg(test)]
mod tests;
mod unlisted;

use serde_json::{Map, Value};

use crate::{Method, PINNED, Version};

pub use releases::{
    Releases, object_in, object_on_wire_in, operation_ids_in, operation_in, operation_of_any,
};
pub(crate) use route::SEGMENT;
pub use route::{route, route_in};
pub use unlisted::{unlisted, unlisted_named};

/// One operation of Stripe's API.
#[derive(Debug, PartialEq)]
pub struct Operation {
    /// `invoices.finalizeInvoice`, as in the official Node SDK.
    pub id: &'static str,
    /// The verb.
    pub method: Method,
    /// `/v1/invoices/{invoice}/finalize`.
    pub path: &'static str,
    /// The releases that declare it.
    pub releases: Releases,
    /// Its parameters, path parameters excluded, in the order of the data.
    pub params: &'static [Param],
    /// What it answers.
    pub response: Type,
    /// The host when it is not `api.stripe.com`; a stand-in serves all of them at one address.
    pub host: Option<&'static str>,
}

/// A parameter, or a property of one.
#[derive(Debug, PartialEq)]
pub struct Param {
    /// Stripe's name, snake case.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Type,
    /// Whether Stripe insists on it.
    pub required: bool,
    /// Whether the empty string clears it.
    pub unsettable: bool,
}

/// An object's field.
#[derive(Debug, PartialEq)]
pub struct Field {
    /// Stripe's name.
    pub name: &'static str,
    /// What values it has.
    pub kind: Type,
    /// Whether it can be `null`.
    pub nullable: bool,
    /// Whether it may be missing.
    pub optional: bool,
}

/// A type of the tables, for parameters and fields alike.
#[derive(Debug, PartialEq)]
#[expect(missing_docs, reason = "Stripe's own words; see the module's source")]
pub enum Type {
    String,
    Boolean,
    /// A whole number, unless [`Type::Fraction`].
    Integer,
    /// A number that may have a fraction: percentages, rates, measures. Never money.
    Fraction,
    /// A decimal in a JSON string.
    Decimal,
    Enum(&'static [&'static str]),
    /// A hash with these properties, as a request parameter.
    Hash(&'static [Param]),
    /// A hash with these fields, in an object.
    Fields(&'static [Field]),
    /// Arbitrary keys.
    Map(&'static Type),
    Array(&'static Type),
    /// A string map; an empty value removes a key.
    Metadata,
    /// A number, or `gt`/`gte`/`lt`/`lte`.
    Range,
    /// Stripe's list envelope.
    List(&'static Type),
    SearchResult(&'static Type),
    /// Another object of the tables.
    Object(&'static str),
    /// An id, or when expanded one of these objects.
    Expandable(&'static [&'static str]),
    Union(&'static [Type]),
    File,
    /// No value: a parameter that can only be cleared, an operation without an answer.
    Nothing,
    Any,
}

/// One object of Stripe's API.
#[derive(Debug, PartialEq)]
pub struct Object {
    /// The SDK's type name, `InvoiceItem`.
    pub name: &'static str,
    /// The literal on the wire, `invoiceitem`; `None` when it has none.
    pub object: Option<&'static str>,
    /// The releases that declare it.
    pub releases: Releases,
    /// Its fields.
    pub fields: &'static [Field],
}

/// What is wrong with a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The parameter's place in Stripe's form, `items[0][price]`.
    pub param: String,
    /// What is wrong.
    pub problem: Problem,
}

/// The ways in which a parameter can be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named for what they say")]
pub enum Problem {
    Unknown {
        nearest: Option<String>,
    },
    Missing,
    /// Not of the type that the table gives; the text names that type. With the words
    /// that the type has, and the one that is nearest to a text that was given.
    WrongType {
        expected: String,
        allowed: Vec<&'static str>,
        nearest: Option<&'static str>,
    },
    NotAllowed {
        given: String,
        allowed: Vec<&'static str>,
    },
    /// The empty string where nothing can be cleared.
    Empty,
    /// A fraction or other text where a whole number belongs.
    NotInteger {
        given: String,
    },
    /// Metadata beyond Stripe's limits: 50 keys of 40 characters, values of 500.
    Metadata {
        why: &'static str,
    },
}

/// The operation of this id under the pinned version.
pub fn operation(id: &str) -> Option<&'static Operation> {
    operation_in(id, PINNED)
}

/// The ids of all operations of the pinned version, sorted.
pub fn operation_ids() -> impl Iterator<Item = &'static str> {
    operation_ids_in(PINNED)
}

/// The object of this SDK type name under the pinned version.
pub fn object(name: &str) -> Option<&'static Object> {
    object_in(name, PINNED)
}

/// The object whose `object` field has this value. Deleted forms share the literal
/// of what they were and are found only by their names.
pub fn object_on_wire(literal: &str) -> Option<&'static Object> {
    object_on_wire_in(literal, PINNED)
}

/// The names of all objects of the pinned version, sorted.
pub fn object_names() -> impl Iterator<Item = &'static str> {
    data::objects().iter().filter(|entry| entry.releases.declared_in(PINNED)).map(|entry| entry.name)
}

/// The event types of snapshot events, sorted.
pub fn event_types() -> &'static [&'static str] {
    data::event_types()
}

/// The types that `data.object` of an event of this type can have; empty for an unknown type.
pub fn event_objects(event_type: &str) -> Vec<&'static str> {
    data::event_objects(event_type)
}

/// Every value of `error.code` that Stripe's API declares, sorted.
pub fn error_codes() -> impl Iterator<Item = &'static str> {
    data::ERROR_CODES.lines()
}

impl Operation {
    /// The names in the path template's braces, in order.
    pub fn path_params(&self) -> Vec<&'static str> {
        self.path.split('/').filter_map(route::placeholder).collect()
    }

    /// The concrete path: template with values, each percent-encoded. An empty
    /// value or a wrong number of them is `None`; so are `.` and `..`, which URLs
    /// resolve even when they are encoded.
    pub fn path_with(&self, values: &[&str]) -> Option<String> {
        route::fill(self.path, values)
    }

    /// The parameters under a version. What an older release lacks is not taken
    /// away, since Stripe accepts most additions under older versions too; what
    /// only the older release has is added.
    pub fn params_in(&self, version: Version) -> &'static [Param] {
        older::params(self, version)
    }

    /// Checks typed parameters, JSON as an action's input has them (numbers are
    /// numbers, booleans booleans, `null` clears). Every finding is returned.
    pub fn check(&self, params: &Map<String, Value>, version: Version) -> Vec<Invalid> {
        read::typed(self, params, version)
    }

    /// Turns decoded form text into typed JSON by the parameters' types, or says
    /// what is wrong in the order the parameters came; `""` stays `""` where the
    /// parameter can be cleared. Required parameters are checked too.
    pub fn coerce(
        &self,
        form: Map<String, Value>,
        version: Version,
    ) -> Result<Map<String, Value>, Vec<Invalid>> {
        read::text(self, &form, version)
    }
}
