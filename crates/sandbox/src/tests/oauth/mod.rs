//! Both OAuth kinds, from the consent page to the end of the permission.

mod accounts;
mod delivered;
mod page;
mod restarts;
mod tokens;
mod troubles;

use model::AccountId;
use serde_json::Value;

use crate::{
    OAuthKind::{self, App, Connect},
    Sandbox,
    wire::{Heads, Incoming, Outgoing},
};

pub(super) const KINDS: [OAuthKind; 2] = [Connect, App];
pub(super) const HOUR_MS: i64 = 60 * 60 * 1000;

pub(super) fn token_path(kind: OAuthKind) -> &'static str {
    if kind == App { "/v1/oauth/token" } else { "/oauth/token" }
}

pub(super) fn encoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A request as it comes from a socket.
pub(super) async fn ask(
    sandbox: &Sandbox,
    verb: &str,
    path: &str,
    heads: Heads,
    form: &[(&str, &str)],
) -> Outgoing {
    let (query, body) = match verb {
        "POST" => (String::new(), encoded(form)),
        _ => (encoded(form), String::new()),
    };
    let (method, path) = (verb.to_owned(), path.to_owned());
    sandbox.raw(Incoming { method, path, query, body: body.into(), heads, own: false }).await
}

pub(super) fn bearer(key: &str) -> Heads {
    Heads { authorization: Some(format!("Bearer {key}")), ..Heads::default() }
}

pub(super) fn answer(outgoing: Outgoing) -> (u16, Value) {
    match outgoing {
        Outgoing::Answer(reply) => (reply.status, serde_json::from_str(&reply.body).unwrap()),
        other => panic!("no answer: {other:?}"),
    }
}

/// A request to a token endpoint with the client's secret.
pub(super) async fn token(sandbox: &Sandbox, kind: OAuthKind, form: &[(&str, &str)]) -> (u16, Value) {
    answer(ask(sandbox, "POST", token_path(kind), bearer(&sandbox.secret_key()), form).await)
}

fn code_form(code: &str) -> [(&str, &str); 2] {
    [("grant_type", "authorization_code"), ("code", code)]
}

fn refresh_form(token: &str) -> [(&str, &str); 2] {
    [("grant_type", "refresh_token"), ("refresh_token", token)]
}

/// What a code is exchanged for.
pub(super) async fn exchanged(sandbox: &Sandbox, kind: OAuthKind, code: &str) -> Value {
    let (status, body) = token(sandbox, kind, &code_form(code)).await;
    assert_eq!(status, 200, "{body}");
    body
}

/// A new account that consented, and its tokens.
pub(super) async fn connected(sandbox: &Sandbox, kind: OAuthKind) -> (AccountId, Value) {
    let account = sandbox.oauth().open_account("Ada & <Sons>").await;
    let code = sandbox.oauth().authorize(kind, &account).await;
    (account, exchanged(sandbox, kind, &code).await)
}

pub(super) fn of<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap()
}

/// A request to the API under a key, for an account if one is given.
pub(super) async fn api(
    sandbox: &Sandbox,
    key: &str,
    account: Option<&AccountId>,
    verb: &str,
    path: &str,
    form: &[(&str, &str)],
) -> (u16, Value) {
    let account = account.map(|account| account.as_str().to_owned());
    answer(ask(sandbox, verb, path, Heads { account, ..bearer(key) }, form).await)
}

/// Whether a key reaches the API, as the status says.
pub(super) async fn reaches(sandbox: &Sandbox, key: &str, account: Option<&AccountId>) -> (u16, Value) {
    let (status, body) = api(sandbox, key, account, "GET", "/v1/customers", &[]).await;
    (status, body["error"]["code"].clone())
}
