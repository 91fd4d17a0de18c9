//! Events: the envelope, the object by the event's type, and what it had before.
//!
//! `previous_attributes` is an excerpt of the object: nothing in it must be there, but
//! what is there are fields of the object and of their types, or null for what was absent.

use serde_json::{Map, Value, json};
use stripe::{
    PINNED, Version,
    tables::{self, Field, Type},
};

use super::{
    check::{field, fields, named, strangers, typed},
    findings::{Findings, Place},
};

/// Walks over an event in the version that it says it was made in.
pub(super) fn event(event: &Value) -> Findings {
    let mut found = Findings::new(PINNED);
    let kind = event.get("type").and_then(Value::as_str).unwrap_or("event");
    named(event, "Event", &Place::root(kind), &mut found);
    found
}

/// Walks over an event, which keeps the version that it was made in whoever reads it.
pub(super) fn walk(event: &Map<String, Value>, at: &Place, found: &mut Findings) {
    let made = event.get("api_version").and_then(Value::as_str).and_then(|text| Version::parse(text).ok());
    let mut own = made.map_or_else(|| found.fresh(), Findings::new);
    match own.table("Event") {
        Some(table) => whole(event, table.fields, at, &mut own),
        None => own.deviates(at, "should be an Event, which no table has"),
    }
    found.join(own);
}

/// Its table says nothing of the object in it; the type does.
fn whole(event: &Map<String, Value>, table: &[Field], at: &Place, found: &mut Findings) {
    let outer = event.iter().filter(|(name, _)| *name != "data").map(|(name, v)| (name.clone(), v.clone()));
    let mut envelope: Map<String, Value> = outer.collect();
    envelope.insert("data".into(), json!({ "object": {} }));
    let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
    if !crate::event_types().contains(&kind) {
        found.deviates(
            &at.inside("type"),
            format_args!("is {kind}, which is not listed in events/emitted.rs"),
        );
    }
    fields(&envelope, table, at, found);
    match event.get("data").and_then(Value::as_object) {
        Some(data) => self::data(data, kind, &at.inside("data"), found),
        None => found.deviates(&at.inside("data"), "is missing"),
    }
}

fn data(data: &Map<String, Value>, kind: &str, at: &Place, found: &mut Findings) {
    for name in data.keys().filter(|name| !matches!(name.as_str(), "object" | "previous_attributes")) {
        found.deviates(&at.inside(name), "is in no table");
    }
    let (Some(name), Some(object)) = (fitting(data.get("object"), kind, found), data.get("object")) else {
        return found.deviates(&at.inside("object"), format_args!("is no object that {kind} tells of"));
    };
    named(object, name, &at.inside("object"), found);
    let Some(Value::Object(previous)) = data.get("previous_attributes") else { return };
    match found.table(name) {
        Some(table) => excerpt(previous, table.fields, &at.inside("previous_attributes"), found),
        None => found.deviates(at, format_args!("is about a {name}, which no table has")),
    }
}

/// Which of the objects that an event of this type can tell of this one is, as its
/// `object` field says; a deleted form when it says so.
fn fitting(object: Option<&Value>, kind: &str, found: &Findings) -> Option<&'static str> {
    let object = object?;
    let literal = object.get("object").and_then(Value::as_str);
    let same = |name: &&'static str| found.table(name).is_some_and(|table| table.object == literal);
    tables::event_objects(kind).into_iter().find(same)
}

/// Walks over an excerpt of an object.
fn excerpt(part: &Map<String, Value>, table: &[Field], at: &Place, found: &mut Findings) {
    strangers(part, table, at, found);
    for (name, value) in part {
        let Some(field) = field(table, name).filter(|_| !value.is_null()) else { continue };
        found.fields += 1;
        let at = at.inside(name);
        match (&field.kind, value) {
            (Type::Fields(table), Value::Object(part)) => excerpt(part, table, &at, found),
            (Type::Object(name), Value::Object(part)) if found.table(name).is_some() => {
                excerpt(part, found.table(name).map_or(&[], |t| t.fields), &at, found);
            }
            (Type::Metadata, Value::Object(part)) => {
                if !part.values().all(|v| v.is_null() || v.is_string()) {
                    found.deviates(&at, "holds more than text");
                }
            }
            (Type::List(items), Value::Object(part)) => {
                for item in part.get("data").and_then(Value::as_array).into_iter().flatten() {
                    typed(item, items, &at.inside("data"), found);
                }
            }
            (Type::Map(_) | Type::Union(_), Value::Object(_)) => {}
            (kind, value) => typed(value, kind, &at, found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(previous: Value) -> Value {
        json!({
            "id": "evt_1", "object": "event", "api_version": PINNED.as_str(), "created": 1, "livemode": false,
            "pending_webhooks": 0, "request": null, "type": "customer.deleted",
            "data": {"object": {"object": "customer", "id": "cus_1"}, "previous_attributes": previous},
        })
    }

    fn of_previous(previous: Value) -> Vec<String> {
        let found = event(&told(previous)).wrong;
        found.into_iter().filter(|wrong| wrong.contains("previous_attributes")).collect()
    }

    #[test]
    fn the_object_of_an_event_is_held_against_the_table_of_its_type() {
        let found = event(&told(json!({})));
        assert!(found.wrong.iter().any(|w| w == "customer.deleted.data.object.livemode is missing"));
        assert!(found.objects.contains(&"Event") && found.objects.contains(&"Customer"));
        let mut stranger = told(json!({}));
        stranger["data"]["object"]["object"] = json!("coupon");
        let wrong = event(&stranger).wrong;
        assert_eq!(wrong, ["customer.deleted.data.object is no object that customer.deleted tells of"]);
        let mut unknown = told(json!({}));
        unknown["type"] = json!("customer.vanished");
        assert!(event(&unknown).wrong.len() >= 2);
        let mut short = told(json!({}));
        short.as_object_mut().unwrap().shift_remove("created");
        assert!(event(&short).wrong.contains(&"customer.deleted.created is missing".to_owned()));
    }

    #[test]
    fn an_excerpt_may_lack_fields_and_have_none_of_its_own() {
        for good in [
            json!({}),
            json!({"name": null, "email": "ada@example.com"}),
            json!({"address": {"city": "Rome"}, "metadata": {"a": "1", "b": null}}),
            json!({"invoice_settings": {"footer": null}}),
        ] {
            assert_eq!(of_previous(good.clone()), Vec::<String>::new(), "{good}");
        }
        for bad in [
            json!({"_secret": 1}),
            json!({"email": 1}),
            json!({"invoice_settings": {"foot": null}}),
            json!({"metadata": {"a": 1}}),
        ] {
            assert_eq!(of_previous(bad.clone()).len(), 1, "{bad}");
        }
    }
}
