//! Stripe without sockets: the same way through, the same faults.

use std::sync::Arc;

use model::AccountId;
use serde_json::Value;
use stripe::{Answer, Attempt, BoxFuture, Credential, Headers, Kind, Method, Request, Transport};

use super::{Heads, Incoming, Outgoing, Reply, handle};
use crate::sandbox::Inner;

/// Keeps its sandbox alive.
pub(crate) struct InProcess(pub(crate) Arc<Inner>);

impl Transport for InProcess {
    fn attempt<'a>(&'a self, request: &'a Request, credential: &'a Credential) -> BoxFuture<'a, Attempt> {
        Box::pin(async move {
            let account = match credential.account_header(request) {
                Ok(account) => account.cloned(),
                Err(why) => return Attempt::NeverSent(why),
            };
            match handle(&self.0.shared, incoming(request, credential, account)).await {
                Outgoing::Answer(reply) => answered(reply),
                Outgoing::Dropped => Attempt::Broken("the connection closed before an answer came".into()),
                Outgoing::Reset => Attempt::Broken("the connection was reset".into()),
            }
        })
    }
}

fn incoming(request: &Request, credential: &Credential, account: Option<AccountId>) -> Incoming {
    let method = request.operation.method;
    let key = match &request.kind {
        Kind::Write(key) => Some(key.as_str().to_owned()),
        Kind::Read | Kind::Delete => None,
    };
    let (query, body) = match method {
        Method::Post => (String::new(), request.form.clone()),
        Method::Get | Method::Delete => {
            (String::from_utf8_lossy(&request.form).into_owned(), Default::default())
        }
    };
    Incoming {
        method: method.as_str().to_owned(),
        path: request.path.clone(),
        query,
        body,
        heads: Heads {
            authorization: Some(format!("Bearer {}", credential.expose())),
            version: Some(request.version.as_str().to_owned()),
            account: account.map(|a| a.as_str().to_owned()),
            key,
            content_type: Some("application/x-www-form-urlencoded".to_owned()),
            user_agent: None,
            accept: None,
        },
        own: false,
    }
}

fn answered(reply: Reply) -> Attempt {
    let header = |name| reply.headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone());
    let headers = Headers {
        request_id: header("request-id"),
        original_request: header("original-request"),
        replayed: header("idempotent-replayed").as_deref() == Some("true"),
        should_retry: header("stripe-should-retry").map(|v| v == "true"),
        retry_after: None,
        rate_limited_reason: header("stripe-rate-limited-reason"),
        version: header("stripe-version"),
    };
    match serde_json::from_str::<Value>(&reply.body) {
        Ok(body) => Attempt::Answered(Answer { status: reply.status, headers, body }),
        Err(_) => Attempt::Broken("the answer is no JSON".into()),
    }
}
