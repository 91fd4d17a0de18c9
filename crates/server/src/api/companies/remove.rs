//! `DELETE /companies/{id}`: removes a company and everything of it, by its id or name.
//!
//! Refused while it has runs that have not ended or writes whose outcome is unknown: they
//! could not be finished any more. `?force=true` removes it all the same. Repeating goes
//! on where a removal stopped.

use std::sync::Arc;

use axum::{extract::State, routing::delete};
use model::{Code, CompanyId, Failure};
use serde::Deserialize;
use serde_json::json;
use store::IntentState;

use super::{SCOPES, purge, view};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    audit,
    failure::{Refused, not_found},
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
        nothing_open(&app, company.id).await?;
    }
    let entry = |removed: Option<&purge::Removed>| {
        let what = if removed.is_some() { "company.removed" } else { "company.removing" };
        let details = json!({ "name": company.name, "removed": removed, "force": params.force });
        audit::entry(&app, &actor, actor.home, what, &company.id.to_string(), &details)
    };
    let removed = json!(purge::everything(&app, company.id, entry).await?);
    Ok(Answer::ok(view(&company)).meta(json!({ "removed": removed })))
}

/// Refuses while something of the company is under way.
async fn nothing_open(app: &App, company: CompanyId) -> Result<(), Refused> {
    let runs = app.store.open_runs().await?.iter().filter(|run| run.company == company).count();
    let intents = app.store.open_intents().await?;
    let open =
        |intent: &&store::Intent| intent.binding.company == company && intent.state == IntentState::Open;
    let writes = intents.iter().filter(open).count();
    if runs + writes == 0 {
        return Ok(());
    }
    let text = format!(
        "The company has {runs} runs that have not ended and {writes} writes whose outcome is not known yet. Nothing was \
         removed. Cancel the runs and wait for the writes, or repeat with `?force=true`: then what they did at Stripe \
         stays there, and nobody finishes or undoes it."
    );
    Err(Failure::new(Code::Conflict, text)
        .with_details(json!({ "openRuns": runs, "openWrites": writes }))
        .into())
}
