//! `GET /actions/{name}`: what an action takes and gives.

use std::sync::Arc;

use ::actions::{Entry, Field};
use axum::{extract::State, routing::get};
use serde_json::{Value, json};

use super::{SCOPES, summary};
use crate::{
    App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    failure::Refused,
    request::Id,
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/actions/{name}", SCOPES, || get(show));

async fn show(State(app): State<Arc<App>>, name: Id) -> Answered {
    let entry = app.catalog.entry(&name.0).map_err(|unfound| Refused::from(unfound.to_failure()))?;
    let mut shown = summary(entry);
    match entry {
        Entry::Action(action) => {
            shown["inputSchema"] = app.catalog.input_schema(action);
            shown["outputSchema"] = app.catalog.output_schema(action);
            shown["example"] = serde_json::from_str(action.example).unwrap_or(Value::Null);
            shown["fields"] = action.fields.iter().map(field).collect();
        }
        // Which parameters and which answer, `/operations/{id}` says of each operation.
        Entry::Request => {
            shown["inputSchema"] = app.catalog.request_schema();
            shown["example"] = json!({ "operation": "refunds.list", "params": { "limit": 3 } });
        }
    }
    Ok(Answer::ok(shown))
}

fn field(field: &Field) -> Value {
    json!({ "name": field.name, "stripe": field.stripe, "required": field.required, "about": field.about })
}
