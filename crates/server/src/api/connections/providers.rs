//! `GET /connections/providers`: what this server is set up with for each way of
//! connecting, looked at as it is now. Only for whoever runs it: addresses are told, and
//! Nango is asked. No secret is in the answer.

use std::sync::Arc;

use ::connections::{NangoChecked, OAuthClient};
use axum::{extract::State, routing::get};
use model::Mode;
use serde_json::{Value, json};

use crate::{
    App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    auth::INSTALLATION,
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Get, "/connections/providers", &[INSTALLATION], || get(providers));

async fn providers(State(app): State<Arc<App>>) -> Answered {
    let settings = app.connections.providers();
    let modes = |of: &std::collections::HashMap<Mode, OAuthClient>| sorted(of.keys().copied());
    let mut nango = Vec::new();
    for mode in sorted(settings.nango.keys().copied()) {
        let client = &settings.nango[&mode];
        let checks: Vec<Value> = app.connections.check_nango(mode).await?.iter().map(shown).collect();
        nango.push(json!({
            "mode": mode,
            "baseUrl": client.base_url.as_str(),
            "integration": client.integration,
            "checks": checks,
        }));
    }
    Ok(Answer::ok(json!({
        "publicUrl": settings.public_url.as_ref().map(ToString::to_string),
        "callbackUrl": settings.callback_url().map(|url| url.to_string()),
        "connect": modes(&settings.connect),
        "app": modes(&settings.app),
        "nango": nango,
    })))
}

fn shown(checked: &NangoChecked) -> Value {
    json!({ "check": checked.what, "ok": checked.ok, "message": checked.says })
}

fn sorted(modes: impl Iterator<Item = Mode>) -> Vec<Mode> {
    let mut modes: Vec<Mode> = modes.collect();
    modes.sort_by_key(|mode| mode.as_str());
    modes
}
