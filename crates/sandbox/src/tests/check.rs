//! Holds what the sandbox answers against the object tables, field by field: no
//! field missing, none too many, type, null and enum as the table says. The test
//! client runs it on every answer, so it cannot be skipped.

use serde_json::Value;
use stripe::tables::{self, Field, Object, Type};

/// Every way in which a value deviates from its type.
pub(super) fn deviations(value: &Value, kind: &Type) -> Vec<String> {
    let mut found = Vec::new();
    typed(value, kind, "", &mut found);
    found
}

/// Every way in which an event deviates, its object and that object's type included.
pub(super) fn event_deviations(event: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let table = tables::object("Event").unwrap();
    fields(event, table.fields, "event", &mut found);
    let kind = event["type"].as_str().unwrap_or_default();
    if !tables::event_types().contains(&kind) {
        found.push(format!("{kind} is no event type"));
    }
    let names = tables::event_objects(kind);
    let object = &event["data"]["object"];
    let fits = |name: &&'static str| {
        let mut wrong = Vec::new();
        named(object, name, &format!("{kind} data.object"), &mut wrong);
        wrong
    };
    if let Some(least) = names.iter().map(fits).min_by_key(Vec::len) {
        found.extend(least);
    } else {
        found.push(format!("{kind} has no object in the tables"));
    }
    found
}

fn named(value: &Value, name: &str, at: &str, found: &mut Vec<String>) {
    match tables::object(name) {
        Some(Object { fields: table, object, .. }) => {
            if object.is_some() && value["object"].as_str() != *object {
                found.push(format!("{at}: is no {name}"));
            } else {
                fields(value, table, at, found);
            }
        }
        None => found.push(format!("{at}: the tables have no {name}")),
    }
}

fn fields(value: &Value, table: &[Field], at: &str, found: &mut Vec<String>) {
    let Some(map) = value.as_object() else {
        found.push(format!("{at}: is no object"));
        return;
    };
    for field in table {
        match map.get(field.name) {
            None if field.optional => {}
            None => found.push(format!("{at}.{}: is missing", field.name)),
            Some(Value::Null) if field.nullable => {}
            Some(Value::Null) => found.push(format!("{at}.{}: is null", field.name)),
            Some(inner) => typed(inner, &field.kind, &format!("{at}.{}", field.name), found),
        }
    }
    // An event's object is any object; it is checked by its event's type.
    if at.ends_with(".data.object") || at.contains(".previous_attributes") || at.ends_with("use_stripe_sdk") {
        return;
    }
    for name in map.keys().filter(|name| !table.iter().any(|f| f.name == name.as_str())) {
        found.push(format!("{at}.{name}: is not in the table"));
    }
}

fn typed(value: &Value, kind: &Type, at: &str, found: &mut Vec<String>) {
    let fits = match kind {
        Type::String => value.is_string(),
        Type::Boolean => value.is_boolean(),
        Type::Integer => value.is_i64() || value.is_u64(),
        Type::Fraction => value.is_number(),
        Type::Decimal => value.as_str().is_some_and(|s| s.parse::<f64>().is_ok()),
        Type::Enum(values) => value.as_str().is_some_and(|s| values.contains(&s)),
        Type::Metadata => value.as_object().is_some_and(|m| m.values().all(Value::is_string)),
        Type::Any => true,
        Type::Fields(table) => return fields(value, table, at, found),
        Type::Object(name) => return named(value, name, at, found),
        Type::Array(items) => return each(value, items, at, found),
        Type::List(items) => return list(value, items, at, found),
        Type::Map(values) => {
            let Some(map) = value.as_object() else { return found.push(format!("{at}: is no map")) };
            return map.iter().for_each(|(k, v)| typed(v, values, &format!("{at}.{k}"), found));
        }
        Type::Expandable(_) if value.is_string() => true,
        Type::Expandable(names) => return best(value, names.iter().map(|n| Type::Object(n)), at, found),
        Type::Union(kinds) => return best(value, kinds.iter(), at, found),
        other => {
            found.push(format!("{at}: {other:?} belongs into no answer"));
            return;
        }
    };
    if !fits {
        found.push(format!("{at}: {value} is no {kind:?}"));
    }
}

fn each(value: &Value, items: &Type, at: &str, found: &mut Vec<String>) {
    match value.as_array() {
        Some(all) => all.iter().for_each(|item| typed(item, items, &format!("{at}[]"), found)),
        None => found.push(format!("{at}: is no array")),
    }
}

fn list(value: &Value, items: &Type, at: &str, found: &mut Vec<String>) {
    let envelope = value["object"] == "list" && value["url"].is_string() && value["has_more"].is_boolean();
    if !envelope || value.as_object().is_none_or(|map| map.len() != 4) {
        found.push(format!("{at}: is no list envelope"));
    }
    each(&value["data"], items, &format!("{at}.data"), found);
}

/// The alternative that fits best must fit.
fn best<T: std::borrow::Borrow<Type>>(
    value: &Value,
    kinds: impl Iterator<Item = T>,
    at: &str,
    found: &mut Vec<String>,
) {
    let tried = kinds.map(|kind| {
        let mut wrong = Vec::new();
        typed(value, kind.borrow(), at, &mut wrong);
        wrong
    });
    match tried.min_by_key(Vec::len) {
        Some(least) => found.extend(least),
        None => found.push(format!("{at}: nothing may be here")),
    }
}

#[test]
fn the_check_finds_what_is_missing_too_much_or_wrong() {
    let kind = &tables::operation("customers.del").unwrap().response;
    let stub = serde_json::json!({"id": "cus_1", "object": "customer", "deleted": true});
    assert_eq!(deviations(&stub, kind), Vec::<String>::new());
    for (field, wrong) in [("id", Value::Null), ("deleted", Value::from("yes")), ("more", Value::from(1))] {
        let mut bad = stub.clone();
        bad[field] = wrong;
        assert_eq!(deviations(&bad, kind).len(), 1, "{field}");
    }
    let mut short = stub.clone();
    short.as_object_mut().unwrap().shift_remove("id");
    assert_eq!(deviations(&short, kind).len(), 1);
}
