//! `DELETE /connections/{id}`: gives a connection up and destroys its credential. The
//! row stays, for what used it and for authorizing again; `?remove=true` removes it too.

use std::sync::Arc;

use axum::{extract::State, routing::delete};
use serde::Deserialize;
use serde_json::json;

use super::{find, view};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::{Id, Query},
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Delete, "/connections/{id}", &["connections:write"], || delete(disconnect)).with_query();

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    /// Removes the row as well.
    #[serde(default)]
    remove: bool,
}

async fn disconnect(
    State(app): State<Arc<App>>,
    actor: Actor,
    id: Id,
    Query(params): Query<Params>,
) -> Answered {
    let row = find(&app, &actor, &id).await?;
    let connections = app.connections.audited(Some(actor.key), "connection.disconnected");
    let ended = connections.disconnect(actor.company, row.id).await?;
    let told = ended.provider_told.map(|told| match told {
        Ok(()) => json!({ "told": true }),
        Err(failure) => json!({ "told": false, "why": failure }),
    });
    if params.remove {
        let connections = app.connections.audited(Some(actor.key), "connection.removed");
        connections.remove(actor.company, row.id).await?;
    }
    Ok(Answer::ok(view(&ended.connection)).meta(json!({ "provider": told, "removed": params.remove })))
}
