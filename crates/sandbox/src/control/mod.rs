//! `/_sandbox`: commands to the sandbox itself, JSON over HTTP beside the API.
//!
//! Without a key on the loopback; on any other address with the same test keys as
//! the API.

mod authenticate;
mod bank;
mod customer;
mod faults;
mod keys;
mod limits;
mod oauth;
mod pay;
mod settings;
mod snapshot;
mod trigger;

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::{
    OAuthKind,
    core::Shared,
    hosted,
    state::Record,
    value, viewer,
    wire::{Incoming, Refusal, Reply, refusal},
};

pub(crate) use authenticate::authenticate;
pub(crate) use bank::{Outcome, act_as_bank};
pub(crate) use customer::act;
pub(crate) use keys::{restrict, roll};
pub(crate) use limits::limit;
pub(crate) use pay::pay;
pub(crate) use settings::{fail_payments, set};
pub(crate) use snapshot::{restore, snapshot};
pub use trigger::triggers;

/// Answers a request below `/_sandbox`.
pub(crate) async fn handle(shared: &Arc<Shared>, incoming: &Incoming) -> Reply {
    if let Some(page) = hosted::handle(shared, incoming).await {
        return page;
    }
    if let Some(page) = viewer::handle(shared, incoming) {
        return page;
    }
    match answer(shared, incoming).await {
        Ok(body) => reply(200, &body),
        Err(refused) => reply(refused.status, &refused.body()),
    }
}

fn reply(status: u16, body: &Value) -> Reply {
    let mut text = serde_json::to_string_pretty(body).unwrap_or_default();
    text.push('\n');
    Reply { status, headers: vec![("content-type", "application/json".into())], body: text }
}

async fn answer(shared: &Arc<Shared>, incoming: &Incoming) -> Result<Value, Refusal> {
    if !shared.loopback() {
        let core = shared.core();
        let caller = crate::wire::authenticate(&incoming.heads, &core.state, shared.clock.now_ms())?;
        caller.is_owner().then_some(()).ok_or_else(not_the_owner)?;
    }
    let path = incoming.path.trim_start_matches("/_sandbox").trim_matches('/');
    let steps: Vec<&str> = path.split('/').collect();
    match (incoming.method.as_str(), steps.as_slice()) {
        ("GET", [""]) => Ok(about(shared)),
        ("GET", ["journal"]) => Ok(json!({"data": shared.core().journal.iter().collect::<Vec<_>>()})),
        ("GET", ["conformance"]) => conformance(shared),
        ("GET", ["executions"]) => Ok(json!({"data": shared.core().state.executions()})),
        ("GET", ["faults"]) => Ok(faults::list(shared)),
        ("POST", ["faults"]) => faults::arm(shared, &body(incoming)?),
        ("DELETE", ["faults"]) => Ok(faults::clear(shared)),
        ("GET", ["limits"]) => Ok(limits::show(shared)),
        ("POST", ["limits"]) => limits::change(shared, &body(incoming)?),
        ("GET", ["settings"]) => Ok(settings::show(shared)),
        ("POST", ["settings"]) => settings::change(shared, &body(incoming)?).await,
        ("POST", ["payments", "fail_next"]) => settings::fail_next(shared, &body(incoming)?).await,
        ("GET", ["snapshot"]) => snapshot::take(shared),
        ("POST", ["restore"]) => snapshot::put_back(shared, &incoming.body).await,
        ("GET", ["trigger"]) => Ok(trigger::list()),
        ("POST", ["trigger"]) => trigger::trigger(shared, &body(incoming)?).await,
        ("POST", ["clock"]) => advance(shared, &body(incoming)?).await,
        ("POST", ["reset"]) => reset(shared).await,
        ("GET", ["oauth"]) => Ok(oauth::show(shared)),
        ("POST", ["oauth"]) => oauth::set_up(shared, &body(incoming)?).await,
        ("POST", ["oauth", "accounts"]) => oauth::open(shared, &body(incoming)?).await,
        ("POST", ["oauth", "authorize"]) => oauth::authorize(shared, &body(incoming)?).await,
        ("POST", ["oauth", "revoke"]) => oauth::revoke(shared, &body(incoming)?).await,
        ("GET", ["keys"]) => Ok(keys::list(shared)),
        ("POST", ["keys"]) => keys::make(shared, &body(incoming)?).await,
        ("POST", ["keys", "roll"]) => Ok(json!({"secret_key": roll(shared).await?})),
        ("DELETE", ["keys", id]) => keys::delete(shared, id).await,
        ("GET", ["invoices", id]) => pay::hosted(shared, id),
        ("POST", ["invoices", id, "pay"]) => {
            let body = body(incoming)?;
            pay(shared, id, body.get("payment_method").and_then(Value::as_str).unwrap_or("pm_card_visa"))
                .await
        }
        ("GET", ["payment_intents", id, "authenticate"]) => authenticate::page(shared, "payment_intent", id),
        ("GET", ["setup_intents", id, "authenticate"]) => authenticate::page(shared, "setup_intent", id),
        ("POST", ["payment_intents" | "setup_intents", id, "authenticate"]) => {
            authenticate(shared, id, authenticate::completes(&body(incoming)?)?).await
        }
        ("POST", ["disputes"]) => bank::dispute(shared, &body(incoming)?).await,
        ("POST", ["disputes", id, "decide"]) => bank::decide(shared, id, &body(incoming)?).await,
        ("POST", ["refunds", id, "fail"]) => bank::fail_refund(shared, id).await,
        ("POST", ["payouts", id, "fail"]) => bank::fail_payout(shared, id).await,
        (method, _) => Err(refusal::invalid(format!(
            "There is no {method} {}. GET /_sandbox names what there is.",
            incoming.path.chars().take(200).collect::<String>()
        ))
        .with_status(404)),
    }
}

fn not_the_owner() -> Refusal {
    refusal::unauthorized("Only the sandbox's own secret key may steer it. Nothing was changed.")
}

fn body(incoming: &Incoming) -> Result<Map<String, Value>, Refusal> {
    if incoming.body.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_slice(&incoming.body)
        .map_err(|e| refusal::invalid(format!("The body must be a JSON object: {e}. Nothing was changed.")))
}

fn about(shared: &Shared) -> Value {
    let core = shared.core();
    json!({
        "sandbox": env!("CARGO_PKG_VERSION"),
        "api_version": core.state.api_version().as_str(),
        "api_versions": stripe::Version::all().map(stripe::Version::as_str).collect::<Vec<_>>(),
        "url": shared.base(),
        "account": core.state.account,
        "secret_key": core.state.secret_key,
        "client_ids": {
            "connect": core.state.oauth.client_id(OAuthKind::Connect),
            "app": core.state.oauth.client_id(OAuthKind::App),
        },
        "seed": core.state.seed,
        "now_ms": shared.clock.now_ms(),
        "open_deliveries": core.state.deliveries.open(),
        "routes": [
            "GET /_sandbox", "GET /_sandbox/journal", "GET /_sandbox/executions", "GET /_sandbox/conformance",
            "GET /_sandbox/faults", "POST /_sandbox/faults", "DELETE /_sandbox/faults", "POST /_sandbox/clock", "GET /_sandbox/limits", "POST /_sandbox/limits", "GET /_sandbox/settings", "POST /_sandbox/settings", "POST /_sandbox/payments/fail_next", "GET /_sandbox/snapshot", "POST /_sandbox/restore", "GET /_sandbox/trigger", "POST /_sandbox/trigger", "POST /_sandbox/reset", "GET /_sandbox/invoices/{id}",
            "POST /_sandbox/invoices/{id}/pay", "GET /_sandbox/payment_intents/{id}/authenticate",
            "POST /_sandbox/payment_intents/{id}/authenticate", "GET /_sandbox/setup_intents/{id}/authenticate",
            "POST /_sandbox/setup_intents/{id}/authenticate", "POST /_sandbox/disputes",
            "POST /_sandbox/disputes/{id}/decide", "POST /_sandbox/refunds/{id}/fail",
            "POST /_sandbox/payouts/{id}/fail", "GET /_sandbox/oauth", "POST /_sandbox/oauth",
            "POST /_sandbox/oauth/accounts", "POST /_sandbox/oauth/authorize", "POST /_sandbox/oauth/revoke",
            "GET /_sandbox/keys", "POST /_sandbox/keys", "POST /_sandbox/keys/roll", "DELETE /_sandbox/keys/{id}",
        ],
    })
}

/// What was held against the object tables since the start.
fn conformance(shared: &Shared) -> Result<Value, Refusal> {
    let Some(checker) = &shared.checker else {
        return Err(refusal::invalid(
            "This sandbox does not check what it answers. Start it with --check-objects.",
        )
        .with_status(404));
    };
    Ok(json!(checker.so_far()))
}

async fn advance(shared: &Shared, body: &Map<String, Value>) -> Result<Value, Refusal> {
    let ms = body.get("advance_ms").and_then(Value::as_i64).filter(|ms| *ms >= 0).ok_or_else(|| {
        refusal::invalid(
            "`advance_ms` must be a whole number of milliseconds, not negative. Nothing was changed.",
        )
    })?;
    if ms > shared.furthest_ms() {
        return Err(refusal::invalid(
            "`advance_ms` may move the clock by ten years at most, and not beyond the year 2200. Nothing was changed.",
        ));
    }
    shared.advance_ms(ms).await.map_err(|_| closed())?;
    Ok(json!({"now_ms": shared.clock.now_ms()}))
}

async fn reset(shared: &Shared) -> Result<Value, Refusal> {
    shared.reset().await.map_err(|_| closed())?;
    Ok(json!({"reset": true, "account": shared.core().state.account}))
}

fn closed() -> Refusal {
    refusal::broken(
        "The sandbox cannot write its log, so nothing was changed. Free space and start it again.",
    )
}

impl Shared {
    /// Forgets everything but the account, that ids go on, and the webhook endpoints:
    /// whoever listens has no way to learn that it should register again.
    pub(crate) async fn reset(&self) -> Result<(), crate::core::Closed> {
        let puts = self.core().state.endpoints();
        self.commit(Record { reset: true, offset_ms: Some(0), puts, ..Record::default() }).await?;
        let mut core = self.core();
        core.faults.clear();
        core.journal.clear();
        Ok(())
    }
}

/// Shows an id's object as the API would.
pub(crate) fn shown(shared: &Shared, id: &str) -> Option<Value> {
    let core = shared.core();
    let tx = shared.reading_of(&core, core.state.holder(id));
    tx.get(id).map(|object| crate::wire::shown(&tx, object)).filter(|o| value::text(o, "object").is_some())
}
