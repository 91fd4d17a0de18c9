//! `GET /stream`: everything that happens to a company's runs from now on, as
//! server-sent events `step` and `run`. `lagged` says that some were missed; the runs
//! themselves can be read.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{Response, sse::Event},
    routing::get,
};
use engine::Progress;
use futures_util::stream;
use model::CompanyId;
use serde_json::json;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::{
    Actor, App,
    api::{Route, Verb},
    sse,
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/stream", &["runs:read"], || get(follow)).patient();

async fn follow(State(app): State<Arc<App>>, actor: Actor) -> Response {
    let changes = app.driver.subscribe();
    sse::answer(stream::unfold((changes, actor.company), step), &app.closing)
}

async fn step(
    (mut changes, company): (Receiver<Progress>, CompanyId),
) -> Option<(Event, (Receiver<Progress>, CompanyId))> {
    loop {
        let event = match changes.recv().await {
            Ok(change) if sse::subject(&change).0 == company => sse::progress(&change),
            Ok(_) => continue,
            Err(RecvError::Lagged(missed)) => {
                sse::event("lagged", &json!({ "type": "lagged", "missed": missed }))
            }
            Err(RecvError::Closed) => return None,
        };
        return Some((event, (changes, company)));
    }
}
