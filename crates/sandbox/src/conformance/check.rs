//! The walk over one value beside its type.

use std::borrow::Borrow;

use serde_json::{Map, Value};
use stripe::{
    PINNED, Version,
    tables::{self, Field, Operation, Type},
};

use super::{
    events,
    findings::{Findings, Place},
};
use crate::value;

/// Codes that Stripe's changelog names (2026-09-30.endive) and its SDKs do not declare.
const UNDECLARED_CODES: &[&str] =
    &["payment_method_types_no_longer_supported", stripe::error::NOT_IN_SANDBOX];

/// Walks over the body of a 200.
pub(crate) fn answer(operation: &Operation, body: &Value, version: Version) -> Findings {
    let mut found = Findings::new(version);
    typed(body, &operation.response, &Place::root(operation.id), &mut found);
    found
}

/// Walks over any other body: Stripe's error, and the objects that it embeds. Its fields
/// are those of the last error of a payment intent; codes are the same in every version.
pub(super) fn error(body: &Value, version: Version) -> Findings {
    let mut found = Findings::new(version);
    let at = Place::root("error");
    let of_intent = tables::object("PaymentIntent").and_then(|t| field(t.fields, "last_payment_error"));
    match (body.get("error").and_then(Value::as_object), of_intent.map(|field| &field.kind)) {
        (Some(error), Some(Type::Fields(table))) => {
            let mut error = error.clone();
            let code = error.get("code").and_then(Value::as_str).unwrap_or_default();
            if UNDECLARED_CODES.contains(&code) {
                error.shift_remove("code");
            }
            fields(&error, table, &at, &mut found);
        }
        _ => found.deviates(&at, "is no error envelope"),
    }
    found
}

/// Walks over an error of OAuth: two texts and nothing else.
pub(super) fn flat(body: &Value) -> Findings {
    let mut found = Findings::new(PINNED);
    let texts =
        ["error", "error_description"].iter().filter(|name| value::text(body, name).is_some()).count();
    found.fields += texts as u64;
    if texts != 2 || body.as_object().is_none_or(|map| map.len() != 2) {
        found.deviates(&Place::root("error"), "is no error of OAuth");
    }
    found
}

/// Walks over an object of this SDK type name.
pub(super) fn named(value: &Value, name: &str, at: &Place, found: &mut Findings) {
    let Some(table) = found.table(name) else {
        return found.deviates(at, format_args!("should be a {name}, which no table has"));
    };
    let Some(map) = value.as_object() else { return found.deviates(at, format_args!("is no {name}")) };
    if table.object.is_some() && value::text(value, "object") != table.object {
        return found.deviates(at, format_args!("is no {name}"));
    }
    found.objects.push(table.name);
    if name == "Event" {
        return events::walk(map, at, found);
    }
    fields(map, table.fields, at, found);
}

/// Walks over a hash that has these fields and no others.
pub(super) fn fields(map: &Map<String, Value>, table: &[Field], at: &Place, found: &mut Findings) {
    for field in table.iter().filter(|field| !field.optional && !map.contains_key(field.name)) {
        found.deviates(&at.inside(field.name), "is missing");
    }
    present(map, table, at, found);
    strangers(map, table, at, found);
}

/// Walks over those of the fields that are there.
fn present(map: &Map<String, Value>, table: &[Field], at: &Place, found: &mut Findings) {
    for field in table {
        let Some(value) = map.get(field.name) else { continue };
        found.fields += 1;
        match value {
            Value::Null if field.nullable => {}
            Value::Null => found.deviates(&at.inside(field.name), "is null"),
            inner => typed(inner, &field.kind, &at.inside(field.name), found),
        }
    }
}

/// Fields that no table has.
pub(super) fn strangers(map: &Map<String, Value>, table: &[Field], at: &Place, found: &mut Findings) {
    for name in map.keys().filter(|name| field(table, name).is_none()) {
        found.deviates(&at.inside(name), "is in no table");
    }
}

pub(super) fn field<'t>(table: &'t [Field], name: &str) -> Option<&'t Field> {
    table.iter().find(|field| field.name == name)
}

/// Walks over a value of this type.
pub(super) fn typed(value: &Value, kind: &Type, at: &Place, found: &mut Findings) {
    let fits = match kind {
        Type::String => value.is_string(),
        Type::Boolean => value.is_boolean(),
        Type::Integer => value.is_i64() || value.is_u64(),
        Type::Fraction => value.is_number(),
        Type::Decimal => value.as_str().is_some_and(is_decimal),
        Type::Enum(values) => value.as_str().is_some_and(|s| values.contains(&s)),
        Type::Metadata => value.as_object().is_some_and(|m| m.values().all(Value::is_string)),
        Type::Any => true,
        Type::Expandable(_) if value.is_string() => true,
        Type::Expandable(names) => return best(value, names.iter().map(|n| Type::Object(n)), at, found),
        Type::Union(kinds) => return best(value, kinds.iter(), at, found),
        other => return nested(value, other, at, found),
    };
    if !fits {
        found.deviates(at, format_args!("is {value}, which is no {kind:?}"));
    }
}

/// Walks over a value that holds others.
fn nested(value: &Value, kind: &Type, at: &Place, found: &mut Findings) {
    match (kind, value) {
        (Type::Object(name), _) => named(value, name, at, found),
        (Type::Fields(table), Value::Object(map)) => fields(map, table, at, found),
        (Type::Map(values), Value::Object(map)) => {
            map.iter().for_each(|(key, value)| typed(value, values, &at.inside(key), found));
        }
        (Type::Array(items), _) => each(value, items, at, found),
        (Type::List(items), _) => page(value, "list", items, at, found),
        (Type::SearchResult(items), _) => page(value, "search_result", items, at, found),
        (other, _) => found.deviates(at, format_args!("is {value}, which is no {other:?}")),
    }
}

fn each(value: &Value, items: &Type, at: &Place, found: &mut Findings) {
    match value.as_array() {
        Some(all) => all.iter().for_each(|item| typed(item, items, &at.inside("[]"), found)),
        None => found.deviates(at, "is no array"),
    }
}

/// Walks over one of Stripe's two envelopes.
fn page(value: &Value, envelope: &str, items: &Type, at: &Place, found: &mut Findings) {
    const MORE: &[&str] = &["next_page", "total_count"];
    let fits = value["object"] == envelope && value["url"].is_string() && value["has_more"].is_boolean();
    let known = |name: &str| {
        matches!(name, "object" | "url" | "has_more" | "data")
            || (envelope == "search_result" && MORE.contains(&name))
    };
    if !fits || value.as_object().is_none_or(|map| !map.keys().all(|name| known(name))) {
        found.deviates(at, format_args!("is no {envelope} envelope"));
    }
    each(&value["data"], items, &at.inside("data"), found);
}

/// The alternative that fits best must fit.
fn best<T: Borrow<Type>>(value: &Value, kinds: impl Iterator<Item = T>, at: &Place, found: &mut Findings) {
    let tried = kinds.map(|kind| {
        let mut one = found.fresh();
        typed(value, kind.borrow(), at, &mut one);
        one
    });
    match tried.min_by_key(|one| one.wrong.len()) {
        Some(least) => found.join(least),
        None => found.deviates(at, "may not be here"),
    }
}

/// Digits with at most one point among them, and a sign in front or not.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(places)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use stripe::{PINNED, tables::operation};

    use super::*;

    fn wrong(id: &str, body: &Value) -> Vec<String> {
        answer(operation(id).unwrap(), body, PINNED).wrong
    }

    #[test]
    fn it_finds_what_is_missing_too_much_or_wrong() {
        let stub = json!({"id": "cus_1", "object": "customer", "deleted": true});
        assert_eq!(wrong("customers.del", &stub), Vec::<String>::new());
        for (field, bad) in [("id", Value::Null), ("deleted", json!("yes")), ("more", json!(1))] {
            let mut deviating = stub.clone();
            deviating[field] = bad;
            let found = wrong("customers.del", &deviating);
            assert_eq!(found.len(), 1, "{field}: {found:?}");
            assert!(found[0].starts_with(&format!("customers.del.{field} is ")), "{found:?}");
        }
        let mut short = stub.clone();
        short.as_object_mut().unwrap().shift_remove("id");
        assert_eq!(wrong("customers.del", &short), ["customers.del.id is missing"]);
        assert_eq!(wrong("customers.del", &json!({"object": "coupon"})).len(), 1);
    }

    #[test]
    fn it_counts_what_it_looked_at() {
        let list = json!({"object": "list", "url": "/v1/customers", "has_more": false, "data": []});
        let found = answer(operation("customers.list").unwrap(), &list, PINNED);
        assert_eq!((found.objects.len(), found.fields, found.wrong.len()), (0, 0, 0));
        let mut more = list.clone();
        more["data"] = json!([{"id": "cus_1", "object": "customer"}]);
        let found = answer(operation("customers.list").unwrap(), &more, PINNED);
        assert_eq!((found.objects, found.fields), (vec!["Customer"], 2));
        assert!(
            found.wrong.iter().any(|w| w == "customers.list.data.[].livemode is missing"),
            "{:?}",
            found.wrong
        );
        let mut envelope = list;
        envelope["total"] = json!(1);
        assert_eq!(wrong("customers.list", &envelope), ["customers.list is no list envelope"]);
    }

    #[test]
    fn an_error_has_stripes_fields_and_codes_and_whole_objects() {
        let of = |error: Value| error_of(&json!({ "error": error }));
        assert_eq!(of(json!({"type": "invalid_request_error", "message": "No"})), Vec::<String>::new());
        assert_eq!(of(json!({"type": "invalid_request_error", "code": "no_such_code"})).len(), 1);
        assert_eq!(of(json!({"type": "invalid_request_error", "hint": "x"})).len(), 1);
        assert!(of(json!({"type": "card_error", "payment_intent": {"object": "payment_intent"}})).len() > 10);
        assert_eq!(error_of(&json!({"message": "No"})).len(), 1);
    }

    fn error_of(body: &Value) -> Vec<String> {
        error(body, PINNED).wrong
    }

    #[test]
    fn decimals_are_digits() {
        for good in ["0", "-1", "12.5", "0.000000000001", "99999999999999999999999"] {
            assert!(is_decimal(good), "{good}");
        }
        for bad in ["", "-", ".5", "1.", "1e3", "1,5", "NaN", "inf", "+1", "1.2.3"] {
            assert!(!is_decimal(bad), "{bad}");
        }
    }
}
