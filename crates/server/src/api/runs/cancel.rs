//! `POST /runs/{id}/cancel`: asks a run to stop. A write that was sent is settled first;
//! completed steps are compensated. A parked step has to be resolved before, and the
//! answer says how. A run that has ended stays as it is.
//!
//! `{"abandon": true, "note"}` ends a run that cannot be driven any more, as it is.

use std::sync::Arc;

use axum::{extract::State, routing::post};
use model::{Code, Failure, RunStatus};
use serde::Deserialize;
use serde_json::json;

use super::{person, row};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::{Body, Id, Key},
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Post, "/runs/{id}/cancel", &["workflows:execute"], || post(cancel));

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// Ends it as it is.
    #[serde(default)]
    abandon: bool,
    /// Why; needed to abandon.
    note: Option<String>,
}

async fn cancel(
    State(app): State<Arc<App>>,
    actor: Actor,
    id: Id,
    key: Key,
    Body(request): Body<Request>,
) -> Answered {
    let run = id.parse("run")?;
    let person = person(&actor, key, request.note)?;
    if request.abandon {
        if person.note.is_empty() {
            let text = "To give a run up needs a `note` that says why. Nothing was changed. Add one.";
            return Err(Failure::new(Code::ValidationError, text).at("note").into());
        }
        let abandoned = app.driver.abandon(actor.company, run, person).await?;
        return Ok(Answer::ok(row(&abandoned)));
    }
    let run = app.driver.cancel(actor.company, run, actor.key).await?;
    let mut data = row(&run);
    if run.status == RunStatus::Parked {
        data["ways"] = json!(app.driver.show(actor.company, run.id).await?.ways);
    }
    Ok(Answer::ok(data))
}
