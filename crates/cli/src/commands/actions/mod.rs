//! `bursar actions`: the catalog. Needs no data, so it opens no door.

use ::actions::{Action, Catalog, Effect};
use model::Failure;
use serde_json::{Value, json};

use crate::{
    arguments::{Actions, ActionsCommand},
    exit::Exit,
    output::{Output, cell},
};

pub(super) fn perform(arguments: Actions, output: Output) -> Result<Exit, Failure> {
    match arguments.command {
        None => list(output),
        Some(ActionsCommand::Show { action }) => {
            let action = Catalog.get(&action).map_err(|unfound| unfound.to_failure())?;
            output.result(described(action), |_| words(action));
        }
    }
    Ok(Exit::Done)
}

/// Shows an action.
pub(super) fn show(
    name: &str,
    _field: Option<&str>,
    _verbose: bool,
    output: Output,
) -> Result<Exit, Failure> {
    let action = Catalog.get(name).map_err(|unfound| unfound.to_failure())?;
    output.result(described(action), |_| words(action));
    Ok(Exit::Done)
}

fn list(output: Output) {
    let all: Vec<Value> = Catalog.all().iter().map(|action| brief(action)).collect();
    output.result(Value::Array(all), |all| {
        let row = |a: &Value| ["name", "effect", "permission", "title"].map(|c| cell(&a[c])).to_vec();
        Output::table(
            &["name", "effect", "permission", "title"],
            all.as_array().into_iter().flatten().map(row).collect(),
        )
    });
}

fn brief(action: &Action) -> Value {
    json!({
        "name": action.name,
        "title": action.title,
        "effect": effect(action.effect),
        "permission": action.permission.to_string(),
    })
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read",
        Effect::KeyedWrite => "write",
        Effect::Delete => "delete",
    }
}

fn described(action: &Action) -> Value {
    let mut described = brief(action);
    described["about"] = json!(action.about);
    described["operation"] = json!({ "id": action.operation.0, "path": action.operation.resolve().path });
    described["input"] = Catalog.input_schema(action);
    described["example"] = example(action);
    described
}

/// The action for people: fields first, then how to call it in three ways.
fn words(action: &Action) -> String {
    let operation = action.operation.resolve();
    let schema = Catalog.input_schema(action);
    let rows = action.fields.iter().map(|field| {
        let property = &schema["properties"][field.name];
        let required = if field.required { "required" } else { "" };
        vec![field.name.to_owned(), kind(property), required.to_owned(), about(field, property)]
    });
    let more = operation.params.len().saturating_sub(action.fields.len());
    format!(
        "{} — {}\n{}\n\n{}\nplus {more} more parameters of {} {} (see --json), and expand, stripeAccount, apiVersion\n\n\
         effect      {}\npermission  {}\n\nbursar call {} --input '{}'\n",
        action.name,
        action.title,
        action.about,
        Output::table(&["field", "type", "", "meaning"], rows.collect()),
        operation.method.as_str(),
        operation.path,
        effect(action.effect),
        action.permission,
        action.name,
        example(action),
    )
}

/// The example with ids that look like Stripe's.
fn example(action: &Action) -> Value {
    Catalog.example_input(action, &|fixture| match fixture.split(':').next() {
        Some("customer") => "cus_123".to_owned(),
        Some("invoice") => "in_123".to_owned(),
        _ => format!("{fixture}_123"),
    })
}

fn kind(property: &Value) -> String {
    match &property["type"] {
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).filter(|k| *k != "null").collect::<Vec<_>>().join(" or ")
        }
        _ => String::new(),
    }
}

fn about(field: &::actions::Field, property: &Value) -> String {
    let mut about = field.about.to_owned();
    if let Some(allowed) = property["enum"].as_array() {
        let allowed: Vec<_> = allowed.iter().filter_map(Value::as_str).collect();
        about.push_str(&format!(" One of {}.", allowed.join(", ")));
    }
    if let Some(default) = field.default {
        about.push_str(&format!(" Default {default}."));
    }
    about
}
