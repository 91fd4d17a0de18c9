//! Some value for every type of the tables, for the harnesses that go over them.

use serde_json::{Map, Value, json};
use stripe::tables::{Param, Type};

/// A value of this type, as a form has it.
pub(super) fn of_type(kind: &Type) -> Value {
    match kind {
        Type::Boolean => json!("true"),
        Type::Integer | Type::Fraction | Type::Decimal | Type::Range => json!("1"),
        Type::Enum(values) => json!(values[0]),
        Type::Hash(params) => Value::Object(hash(params)),
        Type::Array(items) => json!([of_type(items)]),
        Type::Map(values) => json!({ "key": of_type(values) }),
        Type::Metadata => json!({"key": "value"}),
        Type::Union(kinds) => of_type(&kinds[0]),
        _ => json!("text"),
    }
}

/// What is required, or where nothing is, the first property: an empty hash is not sent.
fn hash(params: &[Param]) -> Map<String, Value> {
    let mut all = required(params);
    if let (true, Some(first)) = (all.is_empty(), params.first()) {
        all.insert(first.name.to_owned(), of_type(&first.kind));
    }
    all
}

/// The properties that are required.
pub(super) fn required(params: &[Param]) -> Map<String, Value> {
    let all = params.iter().filter(|param| param.required);
    all.map(|param| (param.name.to_owned(), of_type(&param.kind))).collect()
}
