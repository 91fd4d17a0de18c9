//! `PUT /workflows/{id}`: saves a new version of this workflow. The document has to have
//! the workflow's key: its key is part of every idempotency key of its runs, so a
//! workflow cannot change it.

use std::sync::Arc;

use axum::{extract::State, routing::put};
use model::{Code, Failure};
use serde_json::json;
use workflows::Program;

use super::{find, push, pushed};
use crate::{
    Actor, App,
    answer::Answered,
    api::{Route, Verb},
    failure::Refused,
    request::{Document, Id},
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Put, "/workflows/{id}", &["workflows:write"], || put(replace));

async fn replace(State(app): State<Arc<App>>, actor: Actor, id: Id, Document(source): Document) -> Answered {
    let workflow = find(&app, &actor, &id).await?;
    // A document that does not compile is refused by the push, with its findings.
    if let Ok((program, _)) = Program::compile(&source, &app.catalog)
        && *program.key() != workflow.key
    {
        return Err(Refused::from(
            Failure::new(
                Code::ValidationError,
                format!(
                    "The document's key is `{}`, and this workflow's is `{}`. Nothing was saved. Write `key: {}` in \
                     the document, or make a new workflow with `POST /api/v1/workflows`.",
                    program.key(),
                    workflow.key,
                    workflow.key
                ),
            )
            .at("key")
            .with_details(json!({ "given": program.key(), "expected": workflow.key })),
        ));
    }
    Ok(pushed(&push(&app, &actor, source).await?))
}
