//! JSON Schemas of what Stripe answers: its objects with the fields of the tables, one
//! level deep, and tolerant, because Stripe adds fields.

use serde_json::{Map, Value, json};
use stripe::tables::{self, Field, Type};

use super::{DIALECT, clearable};
use crate::Action;

pub(crate) fn output(action: &Action) -> Value {
    let mut schema = answer(&action.operation.resolve().response);
    schema["$schema"] = json!(DIALECT);
    schema
}

/// The schema of a whole answer: its objects with their fields.
fn answer(kind: &Type) -> Value {
    match kind {
        Type::Object(name) => tables::object(name).map_or_else(|| json!({ "type": "object" }), object),
        Type::Union(kinds) => json!({ "anyOf": kinds.iter().map(answer).collect::<Vec<_>>() }),
        Type::List(inner) => envelope("list", answer(inner)),
        Type::SearchResult(inner) => envelope("search_result", answer(inner)),
        other => shallow(other),
    }
}

fn object(object: &tables::Object) -> Value {
    let mut schema = fields(object.fields);
    schema["title"] = json!(object.name);
    if let Some(literal) = object.object {
        schema["properties"]["object"] = json!({ "type": "string", "const": literal });
    }
    schema
}

fn fields(fields: &[Field]) -> Value {
    let properties = fields.iter().map(|field| {
        let schema = shallow(&field.kind);
        (field.name.to_owned(), if field.nullable { clearable(schema) } else { schema })
    });
    let properties: Map<String, Value> = properties.collect();
    let required: Vec<&str> = fields.iter().filter(|field| !field.optional).map(|field| field.name).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

fn envelope(literal: &str, item: Value) -> Value {
    json!({
        "type": "object",
        "properties": {
            "object": { "type": "string", "const": literal }, "url": { "type": "string" },
            "has_more": { "type": "boolean" }, "data": { "type": "array", "items": item },
        },
        "required": ["object", "data", "has_more"],
    })
}

/// A field's type without what is inside. Enums are named in words and not enforced:
/// Stripe adds values.
fn shallow(kind: &Type) -> Value {
    match kind {
        Type::String | Type::File | Type::Decimal => json!({ "type": "string" }),
        Type::Enum(values) => {
            json!({ "type": "string", "description": format!("One of {}.", values.join(", ")) })
        }
        Type::Boolean => json!({ "type": "boolean" }),
        Type::Integer => json!({ "type": "integer" }),
        Type::Fraction => json!({ "type": "number" }),
        Type::Array(_) => json!({ "type": "array" }),
        Type::Expandable(names) => {
            json!({ "type": ["string", "object"], "description": format!("An id, or when expanded {}.", names.join(" or ")) })
        }
        Type::Object(name) => json!({ "type": "object", "description": format!("{name}.") }),
        Type::List(_) | Type::SearchResult(_) => envelope("list", json!({ "type": "object" })),
        Type::Hash(_) | Type::Fields(_) | Type::Map(_) | Type::Metadata => json!({ "type": "object" }),
        Type::Union(kinds) => json!({ "anyOf": kinds.iter().map(shallow).collect::<Vec<_>>() }),
        Type::Range | Type::Nothing | Type::Any => json!({}),
    }
}
