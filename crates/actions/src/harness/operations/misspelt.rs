//! Every parameter of every operation, misspelt.

use serde_json::{Map, Value, json};
use stripe::{
    PINNED,
    tables::{Param, Type},
};

use super::{by_path, full, operations, releases, request};
use crate::{Why, names::camel};

#[test]
fn a_misspelt_parameter_of_any_operation_is_answered_with_the_nearest_at_every_depth() {
    let mut tried = 0;
    for version in releases() {
        for operation in operations(version) {
            // Below the top, releases differ little, and a walk through all takes its time.
            for depth in 0..if version.name() == PINNED.name() { usize::MAX } else { 1 } {
                let mut wrong = Vec::new();
                let params = operation.params_in(version);
                let given = misspelt(params, &full(operation, version), depth, "params", &mut wrong);
                if wrong.is_empty() {
                    break;
                }
                let found = request(&by_path(operation, &given, version)).unwrap_err();
                for (place, name) in &wrong {
                    let one = found.iter().find(|one| one.field == *place).expect(place);
                    assert_eq!(one.why, Why::Unknown, "{}: {place}", operation.id);
                    // Of short names others can be as near.
                    assert!(
                        one.nearest.as_ref() == Some(name) || name.len() < 8,
                        "{}: {one:?} is not `{name}`",
                        operation.id
                    );
                }
                tried += wrong.len();
            }
        }
    }
    assert!(tried > 23_000, "only {tried}");
}

/// The parameters with every name at one depth misspelt, and where they stand then.
fn misspelt(
    params: &[Param],
    given: &Map<String, Value>,
    depth: usize,
    at: &str,
    wrong: &mut Vec<(String, String)>,
) -> Map<String, Value> {
    let one = |param: &Param| {
        let name = camel(param.name);
        let value = &given[&name];
        if depth > 0 {
            let value = misspelt_below(&param.kind, value, depth, &format!("{at}.{name}"), wrong);
            return (name, value);
        }
        let mut other = name.clone();
        other.insert(name.len() / 2, 'q');
        wrong.push((format!("{at}.{other}"), name));
        (other, value.clone())
    };
    params.iter().map(one).collect()
}

fn misspelt_below(
    kind: &Type,
    value: &Value,
    depth: usize,
    at: &str,
    wrong: &mut Vec<(String, String)>,
) -> Value {
    match (kind, value) {
        (Type::Hash(props), Value::Object(given)) => {
            Value::Object(misspelt(props, given, depth - 1, at, wrong))
        }
        (Type::Array(inner), Value::Array(items)) => {
            json!([misspelt_below(inner, &items[0], depth, &format!("{at}[0]"), wrong)])
        }
        (Type::Map(inner), Value::Object(entries)) => {
            let below = misspelt_below(inner, &entries["some_key"], depth, &format!("{at}.some_key"), wrong);
            json!({ "some_key": below })
        }
        (Type::Union(kinds), _) => misspelt_below(&kinds[0], value, depth, at, wrong),
        _ => value.clone(),
    }
}
