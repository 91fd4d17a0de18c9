//! Rules that hold for every operation of Stripe's, as `stripe.request` performs it.
//!
//! Each test walks all operations of the tables under every release that is spoken, so
//! that what a new table brings is covered the day it is generated.

mod misspelt;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use stripe::{
    Kind, Method, PINNED, Version, form,
    tables::{self, Operation},
};

use super::{actions, example, planned, whole};
use crate::{Catalog, Checked, Effect, Entry, Invalid, Plan, Reconcile, Why, input::names, names::camel};

/// Operations that go to another host than Stripe's API.
const ELSEWHERE: &[&str] = &["files.create", "oauth.deauthorize", "oauth.token", "quotes.pdf"];

/// One version of each release: those of one release share their tables.
fn releases() -> impl Iterator<Item = Version> {
    let mut seen = BTreeSet::new();
    Version::all().filter(move |version| seen.insert(version.name()))
}

/// Every operation of a version that can be requested.
fn operations(version: Version) -> impl Iterator<Item = &'static Operation> {
    let all = tables::operation_ids_in(version).map(move |id| tables::operation_in(id, version).expect(id));
    all.filter(|operation| operation.host.is_none())
}

fn request(input: &Value) -> Result<Plan, Vec<Invalid>> {
    Catalog.plan(Entry::Request, input, PINNED)
}

fn requested(input: &Value) -> Plan {
    request(input).unwrap_or_else(|found| panic!("{input}: {found:#?}"))
}

fn ids(operation: &Operation) -> Vec<String> {
    operation.path_params().iter().map(|name| format!("{name}_1")).collect()
}

/// Every parameter of an operation under a version, without the ids of its path.
fn full(operation: &Operation, version: Version) -> Map<String, Value> {
    let params = operation.params_in(version).iter();
    params.map(|param| (camel(param.name), whole(param.name, &param.kind))).collect()
}

fn with_ids(operation: &Operation, mut params: Map<String, Value>, name: impl Fn(&str) -> String) -> Value {
    for (nth, id) in operation.path_params().iter().zip(ids(operation)) {
        params.insert(name(nth), Value::from(id));
    }
    Value::Object(params)
}

fn by_name(operation: &Operation, params: &Value, version: Version) -> Value {
    json!({ "operation": operation.id, "params": params, "apiVersion": version })
}

fn by_path(operation: &Operation, params: &Map<String, Value>, version: Version) -> Value {
    let ids = ids(operation);
    let path = operation.path_with(&ids.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    json!({ "method": operation.method.as_str(), "path": path, "params": params, "apiVersion": version })
}

#[test]
fn every_parameter_of_every_operation_plans_alike_by_name_and_by_path() {
    let mut planned = 0;
    for version in releases() {
        for operation in operations(version) {
            let params = full(operation, version);
            let named = |name: fn(&str) -> String| {
                let params = with_ids(operation, params.clone(), name);
                requested(&by_name(operation, &params, version))
            };
            let plan = named(camel);
            assert_eq!(plan, requested(&by_path(operation, &params, version)), "{}", operation.id);
            assert_eq!(plan, named(str::to_owned), "{}", operation.id);
            if !operation.path.contains("id}") {
                assert_eq!(plan, named(|name| format!("{}Id", camel(name))), "{}", operation.id);
            }
            assert_eq!((plan.action, plan.operation.id), ("stripe.request", operation.id));
            assert_eq!(plan.checked, Checked::ByTables);
            assert_eq!(plan.params.len(), operation.params_in(version).len(), "{}", operation.id);
            sent(plan, version);
            planned += 1;
        }
    }
    assert!(planned >= 555 * 5, "only {planned} were planned");
}

/// What a plan becomes, and that Stripe's side reads the same out of it.
fn sent(plan: Plan, version: Version) {
    let (operation, locks) = (plan.operation, plan.locks.clone());
    let kind = match plan.effect {
        Effect::Read => Kind::Read,
        Effect::KeyedWrite => Kind::Write(model::IdempotencyKey::from_text("k")),
        Effect::Delete => Kind::Delete,
    };
    let request = plan.into_request(kind).unwrap();
    assert_eq!(request.version, version);
    let decoded = form::decode(&request.form).unwrap();
    if let Err(wrong) = operation.coerce(decoded, version) {
        // An empty hash does not go out, so what holds nothing but such a one is missing.
        let missing = |problem: &tables::Problem| matches!(problem, tables::Problem::Missing);
        assert!(wrong.iter().all(|wrong| missing(&wrong.problem)), "{}: {wrong:?}", operation.id);
    }
    let stored = stripe::Request::from_stored(&request.to_stored()).unwrap();
    assert_eq!(stored, request);
    assert_eq!(crate::locks_of(&stored), locks, "{}", operation.id);
}

#[test]
fn what_every_operation_requires_is_asked_for_and_its_example_has_it() {
    for version in releases() {
        for operation in operations(version) {
            let action = Catalog.operation(operation.id, version).unwrap();
            let mut example = Catalog.operation_example(action, version);
            example["apiVersion"] = json!(version);
            requested(&example);
            let ids = operation.path_params().into_iter();
            let required = operation.params_in(version).iter().filter(|param| param.required);
            let required: BTreeSet<String> = ids
                .chain(required.map(|param| param.name))
                .map(|name| format!("params.{}", camel(name)))
                .collect();
            let found = request(&by_name(operation, &json!({}), version)).err().unwrap_or_default();
            assert!(found.iter().all(|one| one.why == Why::Missing), "{}: {found:?}", operation.id);
            let missed: BTreeSet<String> = found.into_iter().map(|one| one.field).collect();
            assert_eq!(missed, required, "{}", operation.id);
        }
    }
}

#[test]
fn a_misspelt_operation_is_answered_with_the_nearest() {
    // Each is compared with all others: a part of them tells as much in less time.
    for operation in operations(PINNED).step_by(4) {
        let mut wrong = operation.id.to_owned();
        wrong.remove(wrong.len() - 3);
        let found = request(&json!({ "operation": wrong })).unwrap_err();
        assert_eq!((found.len(), found[0].field.as_str()), (1, "operation"));
        let near = found[0].nearest.as_deref().unwrap_or_else(|| panic!("{wrong}: nothing near"));
        assert!(found[0].message.contains(operation.id) || near.len() == operation.id.len(), "{found:?}");
    }
}

#[test]
fn no_name_in_a_path_is_also_a_parameter_and_no_two_names_mean_the_same() {
    for version in releases() {
        for operation in operations(version) {
            let path = operation.path_params();
            let params = operation.params_in(version).iter().map(|param| param.name);
            let all: Vec<&str> = path.iter().copied().chain(params).collect();
            for (nth, name) in all.iter().enumerate() {
                let mut others = all.iter().enumerate().filter(|(other, _)| *other != nth);
                let taken = others.find(|(_, other)| names(other, name) || names(&camel(other), name));
                assert_eq!(taken, None, "{}: `{name}`", operation.id);
            }
            // `customerId` for `{customer}` is no parameter of its own.
            for name in path {
                let id = format!("{name}_id");
                assert!(all.iter().all(|other| !names(other, &id)), "{}: `{id}`", operation.id);
            }
        }
    }
}

#[test]
fn what_goes_to_another_host_is_refused_by_name_and_by_path() {
    let elsewhere: Vec<&str> =
        tables::operation_ids().filter(|id| tables::operation(id).unwrap().host.is_some()).collect();
    assert_eq!(elsewhere, ELSEWHERE);
    for id in ELSEWHERE {
        let operation = tables::operation(id).unwrap();
        let found = request(&json!({ "operation": id })).unwrap_err();
        assert!(found[0].message.contains(operation.host.unwrap()), "{found:?}");
        let found = request(&by_path(operation, &Map::new(), PINNED)).unwrap_err();
        assert_eq!((found.len(), found[0].field.as_str()), (1, "path"), "{found:?}");
    }
}

#[test]
fn every_operation_has_an_effect_and_a_reconciler_that_fit_its_verb() {
    for version in releases() {
        for operation in operations(version) {
            let action = Catalog.operation(operation.id, version).unwrap();
            let effect = match operation.method {
                Method::Get => Effect::Read,
                Method::Post => Effect::KeyedWrite,
                Method::Delete => Effect::Delete,
            };
            assert_eq!((action.name, action.effect), ("stripe.request", effect), "{}", operation.id);
            assert_eq!(action.permission.write, effect != Effect::Read, "{}", operation.id);
            let name = action.permission.resource;
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit()),
                "{name}"
            );
            assert_eq!(effect == Effect::Read, action.reconcile == Reconcile::NotNeeded, "{}", operation.id);
            if let Reconcile::ByAbsence { operation: read } = action.reconcile {
                let read = read.resolve();
                assert_eq!((effect, read.method), (Effect::Delete, Method::Get), "{}", operation.id);
                assert_eq!(read.path, operation.path);
            }
            let kept = Catalog.performing("stripe.request", operation).unwrap();
            assert!(std::ptr::eq(kept, action), "{} is made once", operation.id);
        }
    }
}

#[test]
fn an_operation_with_an_action_is_reconciled_like_the_action() {
    let mut performed = BTreeSet::new();
    for (action, operation) in actions() {
        assert!(performed.insert(operation.id), "two actions perform {}", operation.id);
        let raw = Catalog.operation(operation.id, PINNED).unwrap();
        assert_eq!((raw.reconcile, raw.permission), (action.reconcile, action.permission), "{}", action.name);
    }
}

#[test]
fn an_action_and_its_operation_send_the_same_bytes() {
    for (action, operation) in actions() {
        let plan = planned(action, example(action));
        let params = Value::Object(plan.params.clone());
        let input = json!({ "method": operation.method.as_str(), "path": plan.path, "params": params });
        assert_eq!(requested(&input), Plan { action: "stripe.request", ..plan }, "{}", action.name);
    }
}

#[test]
fn the_schema_of_every_operation_takes_what_a_plan_takes() {
    for operation in operations(PINNED) {
        let action = Catalog.operation(operation.id, PINNED).unwrap();
        let schema = Catalog.operation_schema(action, PINNED);
        jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{}: {error}", operation.id));
        let validator = jsonschema::validator_for(&schema).unwrap();
        let params = with_ids(operation, full(operation, PINNED), camel);
        let wrong: Vec<String> = validator.iter_errors(&params).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", operation.id);
        assert!(!validator.is_valid(&json!({ "qq": 1 })), "{}", operation.id);
        let example = Catalog.operation_example(action, PINNED);
        let given = example.get("params").cloned().unwrap_or_else(|| json!({}));
        assert!(validator.is_valid(&given), "{}: {given}", operation.id);
        let whole = jsonschema::validator_for(&Catalog.request_schema()).unwrap();
        assert!(whole.is_valid(&example), "{example}");
    }
}
