//! Rules for the fields of every action: bad inputs are made from the tables.

use serde_json::{Map, Value, json};
use stripe::tables::{Param, Type};

use super::{actions, example, field_name, finding, full, planned};
use crate::{Action, Why, names::camel};

#[test]
fn a_missing_required_field_is_named() {
    for (action, _) in actions() {
        for field in action.fields.iter().filter(|field| field.required) {
            let mut input = example(action);
            input.remove(field.name).expect("the example has what is required");
            assert_eq!(finding(action, input.clone(), field.name).why, Why::Missing);
            input.insert(field.name.to_owned(), json!(""));
            assert_eq!(finding(action, input, field.name).why, Why::Value);
        }
    }
}

#[test]
fn a_misspelt_field_is_answered_with_the_nearest_at_every_depth() {
    let mut tried = 0;
    for (action, operation) in actions() {
        let input = full(action, operation);
        for (name, value) in &input {
            let wrong = misspelt(name);
            let mut changed = input.clone();
            let value = value.clone();
            changed.shift_remove(name);
            changed.insert(wrong.clone(), value);
            let found = finding(action, changed, &wrong);
            assert_eq!((found.why, found.nearest.as_deref()), (Why::Unknown, Some(name.as_str())), "{wrong}");
            tried += 1;
        }
        for (place, inner) in hashes(action, operation.params) {
            for prop in inner {
                let wrong = misspelt(&camel(prop.name));
                let mut input = Value::Object(full(action, operation));
                let hash = input.pointer_mut(&place).and_then(Value::as_object_mut).expect(&place);
                hash.insert(wrong.clone(), json!(1));
                let Value::Object(input) = input else { unreachable!() };
                let field = field_of(&place, &wrong);
                let found = finding(action, input, &field);
                assert_eq!(found.nearest, Some(camel(prop.name)), "{field}");
                tried += 1;
            }
        }
    }
    // 120 at the top and the rest below it: a walk that skips a kind of type shows here.
    assert!(tried >= 296, "only {tried} fields were misspelt");
}

/// One letter too many in the middle: still nearest to what it was.
fn misspelt(name: &str) -> String {
    let mut wrong = name.to_owned();
    wrong.insert(name.len() / 2, 'q');
    wrong
}

/// The hashes below an operation's parameters, as JSON pointers into [`full`]'s input.
fn hashes(action: &Action, params: &'static [Param]) -> Vec<(String, &'static [Param])> {
    fn below(at: String, kind: &'static Type, all: &mut Vec<(String, &'static [Param])>) {
        match kind {
            Type::Hash(props) => {
                all.push((at.clone(), props));
                for prop in *props {
                    below(format!("{at}/{}", camel(prop.name)), &prop.kind, all);
                }
            }
            Type::Array(inner) => below(format!("{at}/0"), inner, all),
            Type::Map(inner) => below(format!("{at}/some_key"), inner, all),
            _ => {}
        }
    }
    let mut all = Vec::new();
    for param in params {
        below(format!("/{}", field_name(action, param.name)), &param.kind, &mut all);
    }
    all
}

/// `/items/0` and `price` as `items[0].price`.
fn field_of(pointer: &str, name: &str) -> String {
    let mut field = String::new();
    for part in pointer.split('/').skip(1).chain([name]) {
        match part.parse::<usize>() {
            Ok(index) => field.push_str(&format!("[{index}]")),
            Err(_) if field.is_empty() => field.push_str(part),
            Err(_) => field.push_str(&format!(".{part}")),
        }
    }
    field
}

#[test]
fn a_value_that_an_enum_does_not_have_is_answered_with_those_it_has() {
    let mut tried = 0;
    for (action, operation) in actions() {
        for param in operation.params {
            let Type::Enum(values) = param.kind else { continue };
            let name = field_name(action, param.name);
            let mut input = example(action);
            input.insert(name.clone(), json!(format!("{}x", values[0])));
            let found = finding(action, input, &name);
            assert_eq!((found.why, found.allowed.as_slice()), (Why::Value, values));
            assert_eq!(found.nearest.as_deref(), Some(values[0]), "{name}");
            assert!(values.iter().all(|value| found.message.contains(value)), "{}", found.message);
            tried += 1;
        }
    }
    assert!(tried >= 5, "only {tried} enums");
}

#[test]
fn snake_case_gives_the_same_plan_at_every_depth() {
    for (action, operation) in actions() {
        let input = full(action, operation);
        let snaked = Map::from_iter(input.iter().map(|(name, value)| {
            let stripe = action.fields.iter().find(|field| field.name == name).map(|field| field.stripe);
            let param = operation.params.iter().find(|param| field_name(action, param.name) == *name);
            let value = param.map_or_else(|| value.clone(), |param| snake_below(&param.kind, value));
            (stripe.or(param.map(|param| param.name)).expect(name).to_owned(), value)
        }));
        assert_eq!(planned(action, input), planned(action, snaked), "{}", action.name);
    }
}

fn snake_below(kind: &Type, value: &Value) -> Value {
    match (kind, value) {
        (Type::Hash(props), Value::Object(given)) => Value::Object(
            props
                .iter()
                .filter_map(|prop| {
                    Some((prop.name.to_owned(), snake_below(&prop.kind, given.get(&camel(prop.name))?)))
                })
                .collect(),
        ),
        (Type::Array(inner), Value::Array(items)) => {
            items.iter().map(|item| snake_below(inner, item)).collect()
        }
        (Type::Union(kinds), _) => snake_below(&kinds[0], value),
        _ => value.clone(),
    }
}

#[test]
fn both_names_of_one_parameter_are_refused_and_both_are_named() {
    for (action, _) in actions() {
        for field in action.fields.iter().filter(|field| field.name != field.stripe) {
            let mut input = example(action);
            let value = input.entry(field.name).or_insert_with(|| json!("text")).clone();
            input.insert(field.stripe.to_owned(), value);
            let found = finding(action, input, field.stripe);
            assert_eq!(found.why, Why::Twice);
            assert!(
                found.message.contains(&format!("`{}` and `{}`", field.name, field.stripe)),
                "{}",
                found.message
            );
        }
    }
}
