//! A token endpoint in memory that rolls its tokens as Stripe does, and fails on demand.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::{BoxFuture, Carrier, Exchange, Exchanged};

/// What goes wrong with the next exchange.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Trouble {
    /// It does not leave.
    NeverSent,
    /// It does not arrive, and nobody knows.
    LostBefore,
    /// It is acted on, and the answer is lost.
    LostAfter,
    /// 500 without acting.
    Broken,
}

#[derive(Default)]
pub(super) struct Provider {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    codes: HashMap<String, String>,
    /// The refresh token that works, per account.
    refresh: HashMap<String, String>,
    troubles: VecDeque<Trouble>,
    exchanges: Vec<String>,
    tokens: u32,
}

impl Provider {
    /// A code that grants this account.
    pub(super) fn code(&self, account: &str) -> String {
        let mut inner = self.inner.lock().unwrap();
        let code = format!("ac_{}", inner.codes.len());
        inner.codes.insert(code.clone(), account.to_owned());
        code
    }

    pub(super) fn trouble(&self, next: &[Trouble]) {
        self.inner.lock().unwrap().troubles.extend(next);
    }

    /// The account's owner takes the permission back.
    pub(super) fn revoke(&self, account: &str) {
        self.inner.lock().unwrap().refresh.remove(account);
    }

    /// What was exchanged and acted on, in order.
    pub(super) fn exchanges(&self) -> Vec<String> {
        self.inner.lock().unwrap().exchanges.clone()
    }

    fn answer(&self, body: &Bytes) -> (StatusCode, Value) {
        let form: HashMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
        let mut inner = self.inner.lock().unwrap();
        let account = match form["grant_type"].as_str() {
            "authorization_code" => inner.codes.remove(&form["code"]),
            _ => {
                let of = |(account, token): (&String, &String)| {
                    (*token == form["refresh_token"]).then(|| account.clone())
                };
                inner.refresh.iter().find_map(of)
            }
        };
        inner.exchanges.push(form["grant_type"].clone());
        let Some(account) = account else {
            let body = json!({"error": "invalid_grant", "error_description": "it was used or revoked"});
            return (StatusCode::BAD_REQUEST, body);
        };
        inner.tokens += 1;
        let (access, refresh) = (format!("sk_acct_{}", inner.tokens), format!("rt_{}", inner.tokens));
        inner.refresh.insert(account.clone(), refresh.clone());
        let body = json!({
            "access_token": access, "refresh_token": refresh, "scope": "stripe_apps", "livemode": false,
            "token_type": "bearer", "stripe_user_id": account, "stripe_publishable_key": "pk_test_1",
        });
        (StatusCode::OK, body)
    }

    fn exchange_now(&self, exchange: &Exchange) -> Exchanged {
        let trouble = self.inner.lock().unwrap().troubles.pop_front();
        match trouble {
            Some(Trouble::NeverSent) => return Exchanged::NeverSent("refused".to_owned()),
            Some(Trouble::LostBefore) => return Exchanged::Broken("reset".to_owned()),
            Some(Trouble::Broken) => {
                let (headers, body) = (HeaderMap::new(), Bytes::from_static(b"oops"));
                return Exchanged::Answered { status: StatusCode::INTERNAL_SERVER_ERROR, headers, body };
            }
            Some(Trouble::LostAfter) | None => {}
        }
        let (status, body) = self.answer(&exchange.body);
        if trouble == Some(Trouble::LostAfter) {
            return Exchanged::Broken("the connection closed before an answer came".to_owned());
        }
        Exchanged::Answered { status, headers: HeaderMap::new(), body: body.to_string().into() }
    }
}

/// Hands exchanges to a provider, after a pause in which others can come in between.
pub(super) struct To(pub(super) Arc<Provider>);

impl Carrier for To {
    fn exchange(&self, exchange: Exchange) -> BoxFuture<'_, Exchanged> {
        Box::pin(async move {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            self.0.exchange_now(&exchange)
        })
    }
}
