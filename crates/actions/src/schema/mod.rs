//! JSON Schemas (2020-12) of inputs and outputs, made from descriptor and tables.
//!
//! Inputs are strict and described in our camel case; outputs are tolerant and in
//! Stripe's own names, because objects pass through untouched.

mod answer;

use serde_json::{Map, Value, json};
use stripe::{
    PINNED, Version,
    tables::{Operation, Param, Type},
};

pub(crate) use answer::output;

use crate::{Action, names::camel, options::ALL, paging};

pub(crate) const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// How much of an operation a schema shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Every parameter.
    Everything,
    /// The curated fields; whatever else goes into `extra`.
    Curated,
}

pub(crate) fn input(action: &Action, extent: Extent) -> Value {
    let operation = action.operation.resolve();
    let mut properties = Map::new();
    for field in action.fields {
        properties.insert(field.name.to_owned(), curated(field, operation, PINNED));
    }
    let others = operation.params.iter().filter(|param| action.fields.iter().all(|f| f.stripe != param.name));
    let others: Vec<&Param> = others.collect();
    if extent == Extent::Everything {
        for param in others.iter().filter(|param| param.name != "expand") {
            properties.insert(camel(param.name), top(operation, param, PINNED));
        }
    }
    if paging::is_list(operation) {
        listing(extent, &mut properties);
    }
    options(operation, &mut properties);
    let mut required: Vec<Value> =
        action.fields.iter().filter(|field| field.required).map(|field| json!(field.name)).collect();
    required.extend(others.iter().filter(|param| param.required).map(|param| json!(camel(param.name))));
    json!({
        "$schema": DIALECT, "title": action.title, "description": action.about, "type": "object",
        "properties": properties, "required": required, "additionalProperties": false,
    })
}

/// The parameters of an operation, ids of its path among them, as `stripe.request` takes
/// them under a version.
pub(crate) fn params(action: &Action, version: Version) -> Value {
    let operation = action.operation.resolve();
    let params = operation.params_in(version);
    let ids = action.fields.iter();
    let mut properties: Map<String, Value> =
        ids.map(|field| (field.name.to_owned(), curated(field, operation, version))).collect();
    properties.extend(params.iter().map(|param| (camel(param.name), top(operation, param, version))));
    if paging::is_list(operation) {
        bound_limit(&mut properties);
    }
    let ids = action.fields.iter().map(|field| field.name.to_owned());
    let required: Vec<String> =
        ids.chain(params.iter().filter(|param| param.required).map(|param| camel(param.name))).collect();
    json!({
        "$schema": DIALECT, "title": operation.id, "type": "object",
        "properties": properties, "required": required, "additionalProperties": false,
    })
}

fn curated(field: &crate::Field, operation: &Operation, version: Version) -> Value {
    let param = operation.params.iter().find(|param| param.name == field.stripe);
    // What is no parameter stands in the path: an id.
    let id = || json!({ "type": "string", "minLength": 1 });
    let mut schema = param.map_or_else(id, |param| {
        if field.required { value(&param.kind) } else { top(operation, param, version) }
    });
    schema["description"] = json!(field.about);
    if let Some(default) = field.default.and_then(|json| serde_json::from_str(json).ok()) {
        schema["default"] = default;
    }
    schema
}

/// What lists take besides. A curated form or tool shows one page, never a stream.
fn listing(extent: Extent, properties: &mut Map<String, Value>) {
    bound_limit(properties);
    if extent == Extent::Everything {
        let about = "Lists everything, page after page, as a stream; `limit` is the size of a page then.";
        let schema = json!({ "type": ["boolean", "null"], "default": false, "description": about });
        properties.insert(ALL.to_owned(), schema);
    }
}

fn bound_limit(properties: &mut Map<String, Value>) {
    if let Some(limit) = properties.get_mut(paging::LIMIT) {
        limit["minimum"] = json!(1);
        limit["maximum"] = json!(paging::LIMIT_MAX);
    }
}

fn options(operation: &Operation, properties: &mut Map<String, Value>) {
    if operation.params.iter().any(|param| param.name == "expand") {
        let about =
            "Fields to return as whole objects instead of ids, in Stripe's names, such as `customer`.";
        let schema = json!({ "type": "array", "items": { "type": "string" }, "description": about });
        properties.insert("expand".to_owned(), schema);
    }
    let about = "The connected account to act as.";
    properties.insert(
        "stripeAccount".to_owned(),
        json!({ "type": "string", "minLength": 1, "description": about }),
    );
    let versions: Vec<_> = Version::all().map(Version::as_str).collect();
    let about = "The Stripe API version of this call.";
    properties.insert(
        "apiVersion".to_owned(),
        json!({ "type": "string", "enum": versions, "default": PINNED.as_str(), "description": about }),
    );
    let about = "More parameters of the operation by their names, checked like the fields.";
    properties.insert("extra".to_owned(), json!({ "type": "object", "description": about }));
}

/// A parameter at the top, where the table's own verdict on `null` is asked for: it
/// lets free text be cleared although its types do not say so.
fn top(operation: &Operation, param: &Param, version: Version) -> Value {
    let null = Map::from_iter([(param.name.to_owned(), Value::Null)]);
    let refused = operation.check(&null, version).iter().any(|wrong| wrong.param == param.name);
    if refused { value(&param.kind) } else { clearable(value(&param.kind)) }
}

fn parameter(param: &Param) -> Value {
    let schema = value(&param.kind);
    if param.unsettable { clearable(schema) } else { schema }
}

/// `null` clears.
fn clearable(mut schema: Value) -> Value {
    if schema.get("type").is_none() || schema.get("enum").is_some() {
        return json!({ "anyOf": [schema, { "type": "null" }] });
    }
    let mut types = match schema["type"].take() {
        Value::Array(types) => types,
        one => vec![one],
    };
    if !types.contains(&json!("null")) {
        types.push(json!("null"));
    }
    schema["type"] = Value::Array(types);
    schema
}

/// The schema of a parameter's value.
fn value(kind: &Type) -> Value {
    match kind {
        Type::String | Type::File => json!({ "type": "string" }),
        Type::Boolean => json!({ "type": "boolean" }),
        Type::Integer => json!({ "type": "integer" }),
        Type::Fraction => json!({ "type": "number" }),
        Type::Decimal => json!({ "type": ["string", "integer"], "pattern": r"^-?\d+(\.\d+)?$" }),
        Type::Enum(values) => json!({ "type": "string", "enum": values }),
        Type::Hash(props) => hash(props),
        Type::Map(inner) => json!({ "type": "object", "additionalProperties": value(inner) }),
        Type::Array(inner) => json!({ "type": "array", "items": value(inner) }),
        Type::Metadata => {
            json!({ "type": "object", "additionalProperties": { "type": ["string", "number", "boolean", "null"] } })
        }
        Type::Range => {
            let bounds =
                ["gt", "gte", "lt", "lte"].map(|bound| (bound.to_owned(), json!({ "type": "integer" })));
            let bounds: Map<String, Value> = bounds.into_iter().collect();
            let range = json!({ "type": "object", "properties": bounds, "additionalProperties": false });
            json!({ "anyOf": [{ "type": "integer" }, range] })
        }
        Type::Union(kinds) => json!({ "anyOf": kinds.iter().map(value).collect::<Vec<_>>() }),
        Type::Nothing => json!({ "type": "null" }),
        Type::Fields(_)
        | Type::List(_)
        | Type::SearchResult(_)
        | Type::Object(_)
        | Type::Expandable(_)
        | Type::Any => json!({}),
    }
}

fn hash(props: &[Param]) -> Value {
    let properties: Map<String, Value> =
        props.iter().map(|prop| (camel(prop.name), parameter(prop))).collect();
    let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    let required: Vec<String> =
        props.iter().filter(|prop| prop.required).map(|prop| camel(prop.name)).collect();
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}
