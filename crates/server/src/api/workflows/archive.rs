//! `DELETE /workflows/{id}`: archives a workflow for good. Its versions and runs stay
//! readable, and open runs go on.

use std::sync::Arc;

use axum::{extract::State, routing::delete};

use super::{find, view};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::Id,
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Delete, "/workflows/{id}", &["workflows:write"], || delete(archive));

async fn archive(State(app): State<Arc<App>>, actor: Actor, id: Id) -> Answered {
    let workflow = find(&app, &actor, &id).await?;
    Ok(Answer::ok(view(&app.lifecycle.audited(actor.key).archive(actor.company, workflow.id).await?)))
}
