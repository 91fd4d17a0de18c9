//! `GET /operations/{id}`: what an operation takes and gives.

use std::sync::Arc;

use ::actions::{Needs, describe::Description};
use axum::{extract::State, routing::get};
use model::{Code, Failure};
use serde::Deserialize;
use serde_json::json;
use stripe::{PINNED, Version};

use super::SCOPES;
use crate::{
    App,
    answer::{Answer, Answered},
    api::{Route, Verb, actions::effect},
    failure::Refused,
    request::{Id, Query},
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/operations/{id}", SCOPES, || get(show)).with_query();

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Params {
    /// The version whose parameters are shown; the pinned one unless given.
    api_version: Option<String>,
}

async fn show(State(app): State<Arc<App>>, id: Id, Query(params): Query<Params>) -> Answered {
    let version = version(params.api_version.as_deref())?;
    let action =
        app.catalog.operation(&id.0, version).map_err(|unfound| Refused::from(unfound.to_failure()))?;
    let operation = action.operation.resolve();
    // What goes to another host cannot be requested.
    let example = operation.host.is_none().then(|| app.catalog.operation_example(action, version));
    Ok(Answer::ok(json!({
        "id": operation.id,
        "method": operation.method.as_str(),
        "path": operation.path,
        "host": operation.host,
        "releases": operation.releases.to_string(),
        "apiVersion": version,
        "effect": effect(action.effect),
        "permission": action.permission.to_string(),
        // `null`: Stripe has a permission for it whose name is not known here.
        "needs": action.permission.needs().map(Needs::to_json),
        "action": app.catalog.action_for(operation).map(|action| action.name),
        "paramsSchema": app.catalog.operation_schema(action, version),
        "response": Description::of_operation(operation, version).answer().is,
        "outputSchema": app.catalog.output_schema(action),
        "example": example.map(|config| json!({ "action": "stripe.request", "config": config })),
    })))
}

fn version(given: Option<&str>) -> Result<Version, Refused> {
    let Some(given) = given else { return Ok(PINNED) };
    Version::parse(given).map_err(|error| {
        Failure::new(Code::ValidationError, format!("{error}. Nothing was read.")).at("apiVersion").into()
    })
}
