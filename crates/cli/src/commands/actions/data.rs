//! The catalog as data for programs.

use ::actions::{
    Catalog, Effect, Needs, Permission,
    describe::{Answer, Description, Field},
};
use serde_json::{Value, json};
use stripe::PINNED;

use crate::{forms::Forms, target::Target};

/// A line of the list, made without reading a parameter.
pub(super) fn brief(target: Target) -> Value {
    let entry = target.entry();
    let (name, title, about, permission, operation) = match target {
        Target::Action(action) => {
            let permission = Some(action.permission);
            (action.name, action.title.to_owned(), action.about, permission, Some(action.operation.resolve()))
        }
        Target::Operation(operation) => {
            let described = target.described(PINNED);
            (operation.id, described.title, "", described.permission, Some(operation))
        }
        Target::Request => (entry.name(), entry.title().to_owned(), entry.about(), None, None),
    };
    json!({
        "name": name,
        "title": title,
        "about": about,
        "effect": effect(target.effect()),
        "permission": permission.map(|permission| permission.to_string()),
        "needs": permission.and_then(Permission::needs).map(Needs::to_json),
        "operation": operation.map(|operation| {
            json!({ "id": operation.id, "method": operation.method.as_str(), "path": operation.path })
        }),
    })
}

/// The word that the API uses.
pub(super) fn effect(effect: Option<Effect>) -> &'static str {
    match effect {
        Some(Effect::Read) => "read",
        Some(Effect::KeyedWrite) => "keyed_write",
        Some(Effect::Delete) => "delete",
        None => "by_operation",
    }
}

/// Everything that is known of an action or operation.
pub(super) fn shown(target: Target) -> Value {
    let described = target.described(PINNED);
    let mut shown = brief(target);
    let fields = |fields: &[Field]| fields.iter().map(|one| field(one, false)).collect::<Vec<_>>();
    shown["repeating"] = json!(described.repeating());
    shown["lostAnswer"] = json!(described.lost_answer());
    shown["fields"] = json!(fields(&described.fields));
    shown["more"] = json!(fields(&described.more));
    shown["options"] = json!(fields(&described.options));
    shown["hints"] =
        described.hints.iter().map(|hint| json!({ "field": hint.field, "says": hint.says })).collect();
    shown["answer"] = answer(&described.answer());
    shown["errors"] = errors(&described);
    shown["inputSchema"] = match target {
        Target::Action(action) => Catalog.input_schema(action),
        Target::Operation(operation) => Catalog
            .operation(operation.id, PINNED)
            .map_or(Value::Null, |raw| Catalog.operation_schema(raw, PINNED)),
        Target::Request => Catalog.request_schema(),
    };
    let forms = Forms::example(target);
    shown["example"] = forms.config;
    shown["forms"] = json!({ "command": forms.command, "curl": forms.curl, "step": forms.step });
    shown
}

/// A field, with the fields inside it if all are asked for, else with their names.
pub(super) fn field(field: &Field, whole: bool) -> Value {
    let mut shown = json!({
        "name": field.name,
        "stripe": field.stripe,
        "type": field.takes(),
        "required": field.required,
        "clearable": field.clearable,
    });
    if let Some(default) = field.default {
        shown["default"] = serde_json::from_str(default).unwrap_or(Value::Null);
    }
    if !field.about.is_empty() {
        shown["about"] = json!(field.about);
    }
    if !field.allowed().is_empty() {
        shown["allowed"] = json!(field.allowed());
    }
    let inner = field.inner();
    if !inner.is_empty() {
        shown["fields"] = inner
            .iter()
            .map(|inner| if whole { self::field(inner, true) } else { json!(inner.name) })
            .collect();
    }
    shown
}

fn answer(answer: &Answer) -> Value {
    let fields = answer.fields.iter().map(|field| {
        json!({ "name": field.name, "type": field.is, "nullable": field.nullable, "optional": field.optional })
    });
    json!({ "type": answer.is, "fields": fields.collect::<Vec<_>>() })
}

fn errors(described: &Description) -> Value {
    let errors = described.likely_errors();
    errors.iter().map(|error| json!({ "code": error.code, "when": error.when })).collect()
}
