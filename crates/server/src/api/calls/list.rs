//! `GET /calls?key=`: the writes of a key, either the one that went to Stripe or the
//! one that a caller gave. A caller may have used one key for several actions.

use std::sync::Arc;

use axum::{extract::State, routing::get};
use model::{CallerKey, Code, Failure, IdempotencyKey, Origin, StepPath};
use serde::Deserialize;

use super::{SCOPES, view};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    failure::Refused,
    request::Query,
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/calls", SCOPES, || get(list)).with_query();

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    key: Option<String>,
}

async fn list(State(app): State<Arc<App>>, actor: Actor, Query(params): Query<Params>) -> Answered {
    let key = params.key.as_deref().and_then(|key| CallerKey::parse(key).ok()).ok_or_else(missing)?;
    let mut rows = Vec::new();
    for candidate in candidates(&app, &actor, &key) {
        if let Some(intent) = app.store.intent(&candidate).await?
            && intent.binding.company == actor.company
        {
            rows.push(view(&app, &intent).await?);
        }
    }
    Ok(Answer::page(rows, None))
}

/// The key itself, and what it becomes in a direct call of each action.
fn candidates(app: &App, actor: &Actor, key: &CallerKey) -> Vec<IdempotencyKey> {
    let direct = app.catalog.entries().map(|entry| {
        let origin = Origin::Call { action: entry.name().to_owned(), key: key.clone() };
        IdempotencyKey::derive(&actor.company, &origin, &StepPath::direct(), 0)
    });
    std::iter::once(IdempotencyKey::from_text(key.as_str())).chain(direct).collect()
}

fn missing() -> Refused {
    Failure::new(
        Code::ValidationError,
        "`key` is missing or is no idempotency key. Nothing was read. Give the key of a write as `?key=…`.",
    )
    .at("key")
    .into()
}
