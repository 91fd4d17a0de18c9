//! `DELETE /companies/{id}`: removes a company and everything of it, by its id or name.
//!
//! Refused while it has runs that have not ended or writes whose outcome is unknown: they
//! could not be finished any more. `?force=true` removes it all the same. Repeating goes
//! on where a removal stopped. What would surprise: a write or run that begins while the
//! removal does stops it, and leaves a company that takes nothing new.

use std::sync::Arc;

use axum::{extract::State, routing::delete};
use model::{Code, Failure};
use serde::Deserialize;
use serde_json::json;

use super::{SCOPES, open, purge, view};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    audit,
    failure::not_found,
    request::{Id, Query},
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Delete, "/companies/{id}", SCOPES, || delete(remove)).with_query().patient();

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    /// Although something is under way.
    #[serde(default)]
    force: bool,
}

async fn remove(State(app): State<Arc<App>>, actor: Actor, id: Id, Query(params): Query<Params>) -> Answered {
    let company = app.store.company(&id.0).await?.ok_or_else(|| not_found("company", &id.0))?;
    if company.id == actor.home {
        let text = format!(
            "`{}` is the company that this API key itself belongs to. Nothing was removed. Use another \
             installation's key.",
            company.name
        );
        return Err(Failure::new(Code::Conflict, text).into());
    }
    if !params.force {
        open::refuse(&app, company.id, open::When::Before).await?;
    }
    let entry = |removed: Option<&purge::Removed>| {
        let what = if removed.is_some() { "company.removed" } else { "company.removing" };
        let details = json!({ "name": company.name, "removed": removed, "force": params.force });
        audit::entry(&app, &actor, actor.home, what, &company.id.to_string(), &details)
    };
    let removed = json!(purge::everything(&app, company.id, params.force, entry).await?);
    Ok(Answer::ok(view(&company)).meta(json!({ "removed": removed })))
}
