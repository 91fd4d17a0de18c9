//! Rules that hold for every action: a new one is covered the day it is listed.
//!
//! Each test walks the whole catalog against Stripe's tables and derives its bad
//! inputs from the descriptor, so an action without a reconciler, with a field that is
//! no parameter, or with an example that does not plan fails here and nowhere later.

mod fields;
mod operations;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use stripe::{
    Kind, Method, PINNED, Version,
    tables::{self, Operation, Type},
};

use crate::{
    Action, Catalog, Effect, Invalid, Plan, Reconcile, input,
    names::{camel, snake},
};

fn actions() -> impl Iterator<Item = (&'static Action, &'static Operation)> {
    Catalog.all().iter().map(|action| (*action, action.operation.resolve()))
}

fn id_of(fixture: &str) -> String {
    format!("id_{}", fixture.replace(':', "_"))
}

fn example(action: &Action) -> Map<String, Value> {
    match Catalog.example_input(action, &id_of) {
        Value::Object(example) => example,
        other => panic!("{}: the example is {other}", action.name),
    }
}

fn plan(action: &'static Action, input: Map<String, Value>) -> Result<Plan, Vec<Invalid>> {
    Catalog.plan(action, &Value::Object(input), PINNED)
}

fn planned(action: &'static Action, input: Map<String, Value>) -> Plan {
    plan(action, input.clone()).unwrap_or_else(|found| panic!("{} {input:?}: {found:#?}", action.name))
}

/// The finding at a field; fails when there is none.
fn finding(action: &'static Action, input: Map<String, Value>, field: &str) -> Invalid {
    let found = plan(action, input).expect_err("the input is wrong");
    let at = found.iter().find(|one| one.field == field);
    at.unwrap_or_else(|| panic!("{}: nothing about `{field}` in {found:#?}", action.name)).clone()
}

/// A value that the type takes.
fn sample(name: &str, kind: &Type) -> Value {
    match kind {
        Type::String if name.ends_with("currency") => json!("usd"),
        Type::String | Type::File => json!("text"),
        Type::Boolean => json!(true),
        Type::Integer | Type::Range => json!(1),
        Type::Fraction => json!(1.5),
        Type::Decimal => json!("1.5"),
        Type::Enum(values) => json!(values[0]),
        Type::Hash(props) => {
            let required = props.iter().filter(|prop| prop.required);
            Value::Object(required.map(|prop| (camel(prop.name), sample(prop.name, &prop.kind))).collect())
        }
        Type::Map(inner) => json!({ "some_key": sample("", inner) }),
        Type::Array(inner) => json!([sample(name, inner)]),
        Type::Metadata => json!({ "someKey": "text" }),
        Type::Nothing => Value::Null,
        Type::Union(kinds) => sample(name, &kinds[0]),
        other => panic!("`{name}` is {other:?}, which no parameter is"),
    }
}

/// An input with every parameter of the operation, camel case at every depth.
fn full(action: &Action, operation: &Operation) -> Map<String, Value> {
    let mut input = example(action);
    for param in operation.params {
        let name = field_name(action, param.name);
        let whole = whole(param.name, &param.kind);
        match input.get_mut(&name) {
            Some(given) => complete(given, &whole),
            None => drop(input.insert(name, whole)),
        }
    }
    input
}

/// Adds what an example leaves out below one of its parameters.
fn complete(given: &mut Value, whole: &Value) {
    match (given, whole) {
        (Value::Object(given), Value::Object(whole)) => {
            for (name, value) in whole {
                match given.get_mut(name) {
                    Some(inner) => complete(inner, value),
                    None => drop(given.insert(name.clone(), value.clone())),
                }
            }
        }
        (Value::Array(given), Value::Array(whole)) => {
            for (inner, value) in given.iter_mut().zip(whole) {
                complete(inner, value);
            }
        }
        _ => {}
    }
}

/// As [`sample`], with every property and not just the required ones.
fn whole(name: &str, kind: &Type) -> Value {
    match kind {
        Type::Hash(props) => {
            Value::Object(props.iter().map(|prop| (camel(prop.name), whole(prop.name, &prop.kind))).collect())
        }
        Type::Array(inner) => json!([whole(name, inner)]),
        Type::Map(inner) => json!({ "some_key": whole(name, inner) }),
        Type::Union(kinds) => whole(name, &kinds[0]),
        other => sample(name, other),
    }
}

fn field_name(action: &Action, stripe: &str) -> String {
    let field = action.fields.iter().find(|field| field.stripe == stripe);
    field.map_or_else(|| camel(stripe), |field| field.name.to_owned())
}

#[test]
fn every_action_has_a_name_of_its_own_that_says_stripe_and_what_it_does() {
    let mut names = BTreeSet::new();
    for (action, _) in actions() {
        let bare = action.name.strip_prefix("stripe.").expect(action.name);
        assert!(bare.chars().all(|c| c.is_ascii_alphanumeric()), "{}", action.name);
        assert!(bare.starts_with(|c: char| c.is_ascii_lowercase()), "{}", action.name);
        assert!(names.insert(action.name), "{} twice", action.name);
        assert!(!action.title.is_empty() && action.about.ends_with('.'), "{}", action.name);
        assert_eq!(Catalog.get(bare).unwrap().name, action.name);
        assert_eq!(Catalog.get(action.name).unwrap().name, action.name);
    }
    assert!(names.len() >= 10);
}

#[test]
fn a_misspelt_action_is_answered_with_the_nearest() {
    for (action, _) in actions() {
        let mut wrong = action.name.to_owned();
        wrong.remove(wrong.len() - 3);
        assert_eq!(Catalog.get(&wrong).unwrap_err().nearest, Some(action.name));
    }
    let unfound = Catalog.get("stripe.createInvoce").unwrap_err();
    let failure = unfound.to_failure();
    assert!(failure.message.contains("did you mean `stripe.createInvoice`?"), "{}", failure.message);
    assert!(failure.message.contains("Nothing was sent to Stripe."));
    assert_eq!(Catalog.get("mailchimp").unwrap_err().nearest, None);
}

#[test]
fn the_verb_the_effect_and_the_permission_agree() {
    for (action, operation) in actions() {
        let effect = match operation.method {
            Method::Get => Effect::Read,
            Method::Post => Effect::KeyedWrite,
            Method::Delete => Effect::Delete,
        };
        assert_eq!(action.effect, effect, "{}", action.name);
        assert_eq!(action.permission.write, effect != Effect::Read, "{}", action.name);
        assert!(!action.permission.resource.is_empty(), "{}", action.name);
        let resource = operation.path.trim_start_matches("/v1/").replace('/', "_");
        let known = resource.starts_with(action.permission.resource.trim_end_matches('s'));
        assert!(known, "{}: {} of {resource}", action.name, action.permission);
    }
}

#[test]
fn every_write_says_truly_how_it_is_reconciled() {
    for (action, operation) in actions() {
        let name = action.name;
        match action.reconcile {
            Reconcile::NotNeeded => assert_eq!(action.effect, Effect::Read, "{name}"),
            Reconcile::ByList { operation: list, by } => {
                let Type::List(item) = list.resolve().response else { panic!("{name}: no list") };
                assert_eq!(*item, operation.response, "{name}: the list has other objects");
                assert!(!by.is_empty(), "{name}");
                for filter in by {
                    for params in [operation.params, list.resolve().params] {
                        assert!(params.iter().any(|param| param.name == *filter), "{name}: {filter}");
                    }
                }
            }
            Reconcile::ByState { operation: read, field, done, not_done } => {
                same_object(action, operation, read.resolve());
                let values = state_values(operation, field);
                for value in done.iter().chain(not_done) {
                    assert!(values.contains(value), "{name}: `{value}` of {values:?}");
                }
                assert!(done.iter().all(|value| !not_done.contains(value)), "{name}");
                assert!(!done.is_empty() || !not_done.is_empty(), "{name}: nothing can tell; say Park");
            }
            Reconcile::ByValues { operation: read } => same_object(action, operation, read.resolve()),
            Reconcile::ByAbsence { operation: read } => {
                assert_eq!(action.effect, Effect::Delete, "{name}: only a delete leaves nothing");
                same_object(action, operation, read.resolve());
            }
            Reconcile::BySamePath => panic!("{name}: only for paths that no table knows"),
            Reconcile::NothingChanges => {
                assert_eq!(action.effect, Effect::KeyedWrite, "{name}: whatever else reads is a read");
                assert!(
                    operation.id.to_lowercase().ends_with("preview"),
                    "{name}: {} leaves something",
                    operation.id
                );
            }
            Reconcile::Park => assert_ne!(action.effect, Effect::Read, "{name}"),
        }
        assert!(action.effect == Effect::Read || action.reconcile != Reconcile::NotNeeded, "{name}");
    }
}

fn same_object(action: &Action, write: &Operation, read: &Operation) {
    assert_eq!(read.method, Method::Get, "{}", action.name);
    assert_eq!(read.path_params(), write.path_params(), "{}", action.name);
}

fn state_values(operation: &Operation, field: &str) -> &'static [&'static str] {
    let Type::Object(name) = operation.response else { panic!("{} answers no object", operation.id) };
    let found = tables::object(name).unwrap().fields.iter().find(|known| known.name == field);
    match found.unwrap_or_else(|| panic!("{name} has no {field}")).kind {
        Type::Enum(values) => values,
        ref other => panic!("{name}.{field} is {other:?}"),
    }
}

#[test]
fn every_curated_field_is_a_parameter_or_a_name_of_the_path() {
    for (action, operation) in actions() {
        let mut seen = BTreeSet::new();
        for field in action.fields {
            let in_path = operation.path_params().contains(&field.stripe);
            let in_table = operation.params.iter().any(|param| param.name == field.stripe);
            assert!(in_path != in_table, "{}: {}", action.name, field.stripe);
            assert!(!field.about.is_empty(), "{}: {} says nothing", action.name, field.name);
            assert!(seen.insert(field.name) && seen.insert(field.stripe) || field.name == field.stripe);
            assert!(!in_path || field.required, "{}: {} is in the path", action.name, field.name);
            let id = field.name.ends_with("Id") || !in_path;
            assert!(id, "{}: {} names an id and should say so", action.name, field.name);
        }
        for name in operation.path_params() {
            assert!(action.fields.iter().any(|field| field.stripe == name), "{}: {name}", action.name);
        }
    }
}

#[test]
fn no_two_names_of_an_input_mean_different_things() {
    for (action, operation) in actions() {
        let mut meaning: BTreeMap<String, &str> = BTreeMap::new();
        let fields = action.fields.iter().flat_map(|f| {
            [(f.name.to_owned(), f.stripe), (snake(f.name), f.stripe), (camel(f.stripe), f.stripe)]
        });
        let params =
            operation.params.iter().flat_map(|p| [(p.name.to_owned(), p.name), (camel(p.name), p.name)]);
        let options = input::OPTIONS.iter().map(|name| ((*name).to_owned(), *name));
        for (name, stripe) in fields.chain(params).chain(options) {
            let before = *meaning.entry(name.clone()).or_insert(stripe);
            assert_eq!(before, stripe, "{}: `{name}` is two things", action.name);
        }
        for hint in action.hints {
            assert!(!meaning.contains_key(hint.field), "{}: {} is a field", action.name, hint.field);
        }
    }
}

#[test]
fn every_example_plans_and_becomes_a_request() {
    for (action, operation) in actions() {
        let plan = planned(action, example(action));
        assert_eq!(plan.operation.id, operation.id);
        assert!(!plan.path.contains('{'), "{}", plan.path);
        let kind = match action.effect {
            Effect::Read => Kind::Read,
            Effect::KeyedWrite => Kind::Write(model::IdempotencyKey::from_text("k")),
            Effect::Delete => Kind::Delete,
        };
        let path = plan.path.clone();
        let request = plan.into_request(kind).unwrap();
        assert_eq!((request.path.as_str(), request.version), (path.as_str(), PINNED));
        let given = tables::route(operation.method, &request.path).expect("the path leads back");
        assert_eq!(given.0.id, operation.id);
    }
}

#[test]
fn a_write_without_a_key_cannot_be_made() {
    for (action, operation) in actions().filter(|(_, operation)| operation.method == Method::Post) {
        let failure = planned(action, example(action)).into_request(Kind::Read).unwrap_err();
        assert!(failure.message.contains("Nothing was sent to Stripe."), "{}", operation.id);
    }
}

#[test]
fn the_schema_describes_every_field_and_takes_the_example() {
    for (action, operation) in actions() {
        let schema = Catalog.input_schema(action);
        let properties = schema["properties"].as_object().unwrap();
        for param in operation.params {
            assert!(
                properties.contains_key(&field_name(action, param.name)),
                "{}: {}",
                action.name,
                param.name
            );
        }
        for field in action.fields {
            assert_eq!(properties[field.name]["description"], field.about);
            let required = schema["required"].as_array().unwrap().contains(&json!(field.name));
            assert!(required || !field.required, "{}", field.name);
        }
        assert_eq!(schema["additionalProperties"], json!(false));
        assert!(example(action).keys().all(|name| properties.contains_key(name)), "{}", action.name);
        let curated = Catalog.curated_schema(action);
        assert!(curated["properties"]["extra"].is_object());
        assert!(curated["properties"].as_object().unwrap().len() <= action.fields.len() + 4);
        let answer = Catalog.output_schema(action);
        assert!(answer["properties"]["object"].is_object() || answer["anyOf"].is_array(), "{}", action.name);
    }
}

#[test]
fn what_the_schema_takes_is_what_a_plan_takes() {
    for (action, operation) in actions() {
        let schema = Catalog.input_schema(action);
        jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{}: {error}", action.name));
        let validator = jsonschema::validator_for(&schema).unwrap();
        let curated = jsonschema::validator_for(&Catalog.curated_schema(action)).unwrap();
        let answer = Catalog.output_schema(action);
        jsonschema::meta::validate(&answer).unwrap_or_else(|error| panic!("{}: {error}", action.name));
        let agree = |input: Value| {
            let taken = plan(action, input.as_object().unwrap().clone());
            let valid = validator.iter_errors(&input).map(|error| error.to_string()).collect::<Vec<_>>();
            assert_eq!(valid.is_empty(), taken.is_ok(), "{} {input}: {valid:?}, {taken:?}", action.name);
        };
        assert!(curated.is_valid(&Value::Object(example(action))), "{}", action.name);
        agree(Value::Object(full(action, operation)));
        agree(json!({}));
        for param in operation.params {
            for value in
                [Value::Null, json!(true), json!(1), json!(1.5), json!({}), json!([]), json!({ "qq": 1 })]
            {
                let mut input = example(action);
                input.insert(field_name(action, param.name), value);
                agree(Value::Object(input));
            }
        }
    }
}

/// Any JSON, its keys often names that the catalog knows.
fn any_input() -> impl Strategy<Value = Value> {
    let known: Vec<String> = actions()
        .flat_map(|(action, operation)| {
            let fields =
                action.fields.iter().flat_map(|field| [field.name.to_owned(), field.stripe.to_owned()]);
            fields.chain(operation.params.iter().map(|param| camel(param.name))).collect::<Vec<_>>()
        })
        .chain(["extra", "apiVersion", "stripe_account", "", "a[b]"].map(str::to_owned))
        .collect();
    let key = prop_oneof![4 => prop::sample::select(known), 1 => ".{0,12}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(json!("usd")),
    ];
    leaf.prop_recursive(4, 40, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn planning_never_panics_and_says_the_same_twice(input in any_input(), nth in 0..64usize) {
        let (action, _) = actions().nth(nth % Catalog.all().len()).unwrap();
        for version in Version::all() {
            let first = Catalog.plan(action, &input, version);
            prop_assert_eq!(&first, &Catalog.plan(action, &input, version));
            match first {
                Err(found) => prop_assert!(!found.is_empty() && found.iter().all(|one| !one.message.is_empty())),
                Ok(plan) => {
                    let kind = match action.effect {
                        Effect::Read => Kind::Read,
                        _ => Kind::Write(model::IdempotencyKey::from_text("k")),
                    };
                    prop_assert!(plan.into_request(kind).is_ok());
                }
            }
        }
    }
}
