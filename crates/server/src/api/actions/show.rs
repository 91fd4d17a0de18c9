//! `GET /actions/{name}`: what an action takes and gives.

use std::sync::Arc;

use axum::{extract::State, routing::get};
use serde_json::{Value, json};

use super::summary;
use crate::{
    App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    failure::Refused,
    request::Id,
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Get, "/actions/{name}", &["actions:read", "actions:write"], || get(show));

async fn show(State(app): State<Arc<App>>, name: Id) -> Answered {
    let action = app.catalog.get(&name.0).map_err(|unfound| Refused::from(unfound.to_failure()))?;
    let mut shown = summary(action);
    shown["inputSchema"] = app.catalog.input_schema(action);
    shown["outputSchema"] = app.catalog.output_schema(action);
    shown["example"] = serde_json::from_str(action.example).unwrap_or(Value::Null);
    shown["fields"] = action
        .fields
        .iter()
        .map(|field| json!({ "name": field.name, "stripe": field.stripe, "required": field.required, "about": field.about }))
        .collect();
    Ok(Answer::ok(shown))
}
