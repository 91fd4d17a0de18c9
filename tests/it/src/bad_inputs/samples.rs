//! Values that the tables take.

use actions::{Action, Catalog};
use serde_json::{Map, Value, json};
use stripe::tables::{Param, Type};

/// An action's example with ids that belong to nobody.
pub fn example(action: &Action) -> Map<String, Value> {
    match Catalog.example_input(action, &|fixture| format!("id_{}", fixture.replace(':', "_"))) {
        Value::Object(example) => example,
        other => panic!("{}: the example is {other}", action.name),
    }
}

/// The least that the type takes under this name.
pub(super) fn sample(name: &str, kind: &Type) -> Value {
    match kind {
        Type::String if name.ends_with("currency") => json!("usd"),
        Type::String => json!("text"),
        Type::Boolean => json!(true),
        Type::Integer | Type::Range => json!(1),
        Type::Fraction => json!(1.5),
        Type::Decimal => json!("1.5"),
        Type::Enum(values) => json!(values[0]),
        Type::Hash(props) => Value::Object(required(props)),
        Type::Map(inner) => json!({ "some_key": sample("", inner) }),
        Type::Array(inner) => json!([sample(name, inner)]),
        Type::Metadata => json!({ "someKey": "text" }),
        Type::Union(kinds) => sample(name, &kinds[0]),
        Type::Nothing => Value::Null,
        other => panic!("`{name}` is {other:?}, which no parameter is"),
    }
}

/// A hash with what has to be in it.
pub(super) fn required(props: &[Param]) -> Map<String, Value> {
    let required = props.iter().filter(|prop| prop.required);
    required.map(|prop| (camel(prop.name), sample(prop.name, &prop.kind))).collect()
}

/// `us_bank_account` as `usBankAccount`.
pub(super) fn camel(stripe: &str) -> String {
    actions::camel(stripe)
}

/// One letter too many in the middle: still nearest to what it was.
pub(super) fn misspelt(name: &str) -> String {
    let mut wrong = name.to_owned();
    wrong.insert(name.len() / 2, 'q');
    wrong
}
