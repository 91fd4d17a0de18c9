//! `POST /workflows`: saves a document under its key. 201 and a draft when it is new;
//! else a new version of the workflow with that key, if the document differs.

use std::sync::Arc;

use axum::{extract::State, routing::post};
use http::StatusCode;

use super::{push, pushed};
use crate::{
    Actor, App,
    answer::Answered,
    api::{Route, Verb},
    request::Document,
};

pub(crate) const ROUTE: Route = Route::new(Verb::Post, "/workflows", &["workflows:write"], || post(create));

async fn create(State(app): State<Arc<App>>, actor: Actor, Document(source): Document) -> Answered {
    let push = push(&app, &actor, source).await?;
    let status = if push.created { StatusCode::CREATED } else { StatusCode::OK };
    Ok(pushed(&push).status(status))
}
