//! Steering OAuth: who is connected, consenting without a browser, taking it back.

use serde_json::{Map, Value, json};
use url::Url;

use super::closed;
use crate::{
    core::Shared,
    keys,
    oauth::{self, Change, Kind, Settings, Who},
    state::{Record, State},
    wire::{Refusal, refusal},
};

/// The most addresses that can be set up.
const REDIRECTS_MAX: usize = 100;

/// The clients, the accounts, and what was asked of the token endpoints.
pub(super) fn show(shared: &Shared) -> Value {
    let core = shared.core();
    let ledger = &core.state.oauth;
    json!({
        "connect": client(shared, &core.state, Kind::Connect),
        "app": client(shared, &core.state, Kind::App),
        "settings": ledger.settings,
        "accounts": core.state.accounts().map(|one| account(&core.state, one)).collect::<Vec<_>>(),
        "exchanges": ledger.exchanges().collect::<Vec<_>>(),
    })
}

fn client(shared: &Shared, state: &State, kind: Kind) -> Value {
    let base = shared.base();
    let id = state.oauth.client_id(kind);
    match kind {
        Kind::Connect => json!({
            "client_id": id,
            "authorize_url": format!("{base}/oauth/authorize"),
            "token_url": format!("{base}/oauth/token"),
            "deauthorize_url": format!("{base}/oauth/deauthorize"),
        }),
        Kind::App => json!({
            "client_id": id,
            "authorize_url": format!("{base}/oauth/v2/authorize"),
            "token_url": format!("{base}/v1/oauth/token"),
        }),
    }
}

fn account(root: &State, one: &State) -> Value {
    let is = |kind| root.oauth.is_active(&one.account, kind, &[]);
    json!({"id": one.account, "name": one.name, "connect": is(Kind::Connect), "app": is(Kind::App)})
}

/// Sets the clients up; what is left out gets its default back.
pub(super) async fn set_up(shared: &Shared, body: &Map<String, Value>) -> Result<Value, Refusal> {
    let settings: Settings = serde_json::from_value(Value::Object(body.clone()))
        .map_err(|e| refusal::invalid(format!("These are no settings: {e}. Nothing was changed.")))?;
    let is_web = |uri: &String| Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if settings.redirect_uris.len() > REDIRECTS_MAX || !settings.redirect_uris.iter().all(is_web) {
        return Err(refusal::invalid(format!(
            "`redirect_uris` must be at most {REDIRECTS_MAX} addresses that begin with http. Nothing was changed."
        )));
    }
    settings.app_permissions.as_ref().map_or(Ok(()), keys::check)?;
    let shown = json!(settings);
    shared
        .commit(Record { oauth: vec![Change::Settings(settings)], ..Record::default() })
        .await
        .map_err(|_| closed())?;
    Ok(shown)
}

/// Opens an account that can be connected.
pub(super) async fn open(shared: &Shared, body: &Map<String, Value>) -> Result<Value, Refusal> {
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
    let id = oauth::open(shared, name).await.map_err(|why| refusal::invalid(why.description))?;
    let core = shared.core();
    let opened = core.state.of(Some(&id));
    Ok(json!({"id": id, "name": opened.name, "secret_key": opened.secret_key}))
}

/// Consents as an account's owner would on the page.
pub(super) async fn authorize(shared: &Shared, body: &Map<String, Value>) -> Result<Value, Refusal> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let (kind, scope) = match (text("client"), text("scope")) {
        (Some("app"), None) => (Kind::App, "stripe_apps"),
        (None | Some("connect"), None | Some("read_write")) => (Kind::Connect, "read_write"),
        (None | Some("connect"), Some("read_only")) => (Kind::Connect, "read_only"),
        _ => {
            return Err(refusal::invalid(
                "`client` is connect or app; with connect `scope` is read_write or read_only. Nothing was changed.",
            ));
        }
    };
    let who = Who::Known(named(body)?);
    let grant = oauth::consent(shared, kind, scope, who).await;
    let grant = grant.map_err(|why| refusal::invalid(why.description))?;
    Ok(json!({"code": grant.code, "account": grant.account, "scope": grant.scope}))
}

/// Takes back what an account consented to, as its owner would.
pub(super) async fn revoke(shared: &Shared, body: &Map<String, Value>) -> Result<Value, Refusal> {
    let account = named(body)?;
    if !shared.core().state.is_connected(&account) {
        return Err(
            refusal::invalid("There is no such account. GET /_sandbox/oauth lists them.").with_status(404)
        );
    }
    let ended = oauth::revoke_all(shared, &account).await.map_err(|_| closed())?;
    Ok(json!({"account": account, "revoked": ended}))
}

fn named(body: &Map<String, Value>) -> Result<String, Refusal> {
    let account = body.get("account").and_then(Value::as_str);
    account
        .map(str::to_owned)
        .ok_or_else(|| refusal::invalid("Missing `account`, such as acct_…. Nothing was changed."))
}
