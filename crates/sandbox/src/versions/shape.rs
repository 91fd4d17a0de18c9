//! An object of the newest shape as an older release has it.
//!
//! The walk goes by the release's table and never by what a value looks like: metadata
//! may well have a key `object`.

use serde_json::Value;
use stripe::{
    Version,
    tables::{self, Field, Object, Type},
};

use super::{STEPS, is_newest};
use crate::{state::Tx, value, wire::Refusal};

/// The object's table under a version: the release's own, or that of the newest for what
/// came later, which Stripe serves under older versions too.
pub(crate) fn declared(name: &str, version: Version) -> Option<&'static Object> {
    tables::object_in(name, version).or_else(|| tables::object(name))
}

/// The event types of a release.
pub(super) fn event_types(version: Version) -> Option<&'static [&'static str]> {
    let kind = tables::object_in("Event", version)?.fields.iter().find(|field| field.name == "type")?;
    if let Type::Enum(types) = kind.kind { Some(types) } else { None }
}

/// Gives an answer, or an object in one, the shape that a version has.
pub(crate) fn shape(tx: &Tx, shown: &mut Value, version: Version) {
    if is_newest(version) {
        return;
    }
    match value::text(shown, "object") {
        Some("list" | "search_result") => each(shown.get_mut("data"), |item| object(tx, item, version)),
        Some(_) => object(tx, shown, version),
        None => {}
    }
}

/// Gives the objects in an error the shape that a version has.
pub(crate) fn shape_error(tx: &Tx, mut refusal: Refusal, version: Version) -> Refusal {
    refusal.error.values_mut().for_each(|part| shape(tx, part, version));
    refusal
}

/// One object. An event stays as it was made, and what says that something is gone has
/// the same three fields everywhere; only of a discount it says more.
fn object(tx: &Tx, shown: &mut Value, version: Version) {
    let Some(literal) = value::text(shown, "object").map(str::to_owned) else { return };
    let gone = shown["deleted"] == true;
    if literal == "event" || (gone && literal != "discount") {
        return;
    }
    let table = if gone {
        declared("DeletedDiscount", version)
    } else {
        tables::object_on_wire_in(&literal, version)
    };
    let Some(table) = table else { return };
    let mut undone = false;
    for step in STEPS.iter().filter(|step| step.concerns(version)) {
        for change in step.objects.iter().filter(|change| change.object == literal) {
            (change.undo)(tx, shown);
            undone = true;
        }
    }
    fields(tx, shown, table.fields, version);
    if let (true, Value::Object(map)) = (undone, shown) {
        value::in_order(map);
    }
}

/// Removes what the table does not declare, and goes on into the rest. A hash whose
/// table declares nothing is opaque.
fn fields(tx: &Tx, shown: &mut Value, table: &[Field], version: Version) {
    let Value::Object(map) = shown else { return };
    if table.is_empty() {
        return;
    }
    map.retain(|name, _| table.iter().any(|field| field.name == name));
    for field in table {
        if let Some(inner) = map.get_mut(field.name) {
            typed(tx, inner, &field.kind, version);
        }
    }
}

fn typed(tx: &Tx, shown: &mut Value, kind: &Type, version: Version) {
    let whole = shown.get("object").is_some_and(Value::is_string);
    match kind {
        Type::Fields(table) => fields(tx, shown, table, version),
        Type::Array(items) => each(Some(shown), |item| typed(tx, item, items, version)),
        Type::List(items) | Type::SearchResult(items) => {
            each(shown.get_mut("data"), |item| typed(tx, item, items, version));
        }
        Type::Map(values) => {
            let map = shown.as_object_mut().into_iter().flatten();
            map.for_each(|(_, inner)| typed(tx, inner, values, version));
        }
        Type::Object(_) | Type::Expandable(_) if whole => object(tx, shown, version),
        Type::Object(name) => {
            let table = declared(name, version).map_or(&[][..], |table| table.fields);
            fields(tx, shown, table, version);
        }
        Type::Union(kinds) => {
            let fits = |kind: &&Type| matches!(kind, Type::Object(_)) == whole;
            if let Some(kind) = kinds.iter().find(fits) {
                typed(tx, shown, kind, version);
            }
        }
        _ => {}
    }
}

fn each(list: Option<&mut Value>, change: impl FnMut(&mut Value)) {
    list.and_then(Value::as_array_mut).into_iter().flatten().for_each(change);
}
