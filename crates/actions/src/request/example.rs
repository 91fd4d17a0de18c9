//! An input of `stripe.request` for any operation, made from its table.
//!
//! It has what Stripe requires and nothing else, with a name in braces where only the
//! caller knows the value; it shows the shape and is not meant to be sent as it stands.

use serde_json::{Map, Value, json};
use stripe::{
    Version,
    tables::{Operation, Param, Type},
};

use crate::names::camel;

/// The example of an operation under a version.
pub(crate) fn example(operation: &Operation, version: Version) -> Value {
    let ids = operation.path_params().into_iter().map(|name| (camel(name), placeholder(name)));
    let params: Map<String, Value> = ids.chain(required(operation.params_in(version))).collect();
    match params.is_empty() {
        true => json!({ "operation": operation.id }),
        false => json!({ "operation": operation.id, "params": params }),
    }
}

fn required(params: &[Param]) -> impl Iterator<Item = (String, Value)> + '_ {
    let required = params.iter().filter(|param| param.required);
    required.map(|param| (camel(param.name), sample(param.name, &param.kind)))
}

fn placeholder(name: &str) -> Value {
    json!(format!("{{{name}}}"))
}

/// A value that the type takes.
fn sample(name: &str, kind: &Type) -> Value {
    match kind {
        Type::String if name == "currency" || name.ends_with("_currency") => json!("usd"),
        Type::String if name.ends_with("url") => json!("https://example.com/"),
        Type::String if name.ends_with("email") => json!("jenny@example.com"),
        Type::Boolean => json!(true),
        Type::Integer | Type::Range if name.contains("amount") => json!(1000),
        Type::Integer | Type::Range | Type::Fraction => json!(1),
        Type::Decimal => json!("1.5"),
        Type::Enum(values) => json!(values.first()),
        Type::Hash(props) => hash(props),
        Type::Map(inner) => json!({ "key": sample(name, inner) }),
        Type::Array(inner) => json!([sample(name, inner)]),
        Type::Metadata => json!({ "key": "value" }),
        Type::Union(kinds) => kinds.first().map_or(Value::Null, |first| sample(name, first)),
        Type::Nothing => json!(""),
        _ => placeholder(name),
    }
}

/// What is required of a hash; of one that requires nothing the first, because an empty
/// hash does not go out at all.
fn hash(props: &[Param]) -> Value {
    let filled: Map<String, Value> = required(props).collect();
    match (filled.is_empty(), props.first()) {
        (true, Some(first)) => json!({ camel(first.name): sample(first.name, &first.kind) }),
        _ => Value::Object(filled),
    }
}
