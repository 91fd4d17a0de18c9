//! `GET /triggers`: the types of triggers, and Stripe's event types with the objects
//! that they carry, what they need, and whether the sandbox tells them, so that one knows
//! what can be tried here.

use actions::{Needs, Permission};
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};
use stripe::tables;

use crate::{
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::Query,
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Get, "/triggers", &["workflows:read", "workflows:write"], || get(list)).with_query();

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    /// Part of an event type.
    search: Option<String>,
}

async fn list(Query(params): Query<Params>) -> Answered {
    let sought = params.search.unwrap_or_default().to_lowercase();
    let events: Vec<_> = tables::event_types()
        .iter()
        .filter(|kind| kind.contains(&sought))
        .map(|kind| {
            let here = sandbox::event_types().contains(kind);
            json!({
                "type": kind, "objects": tables::event_objects(kind), "sandbox": here, "needs": needs(kind),
            })
        })
        .collect();
    Ok(Answer::ok(json!([
        { "type": "api", "about": "Somebody asks: `POST /api/v1/workflows/{id}/run`.", "needs": null },
        { "type": "webhook", "provider": "stripe", "about": "A Stripe event arrives.", "events": events },
    ])))
}

/// What an event needs of whoever fetches it when it was missed, reads the object that it
/// carries, or is told of it as a Stripe App. An endpoint of an account needs no key at all.
fn needs(kind: &str) -> Value {
    let needed: Vec<Needs> = Permission::of_event(kind).into_iter().filter_map(Permission::needs).collect();
    json!({
        "restrictedKey": needed.iter().map(|needs| needs.restricted_key()).collect::<Vec<_>>(),
        "connectScope": "read_only",
        "appPermissions": needed.iter().map(|needs| needs.app()).collect::<Vec<_>>(),
    })
}
