//! A client of the HTTP API, over a door.

use http::{HeaderValue, Method};
use model::{Code, Failure, Rng as _, SystemRng};
use serde_json::Value;

use crate::{
    door::{Door, Reply, Sent},
    lines::Lines,
    output::Output,
    settings::Settings,
    waiting::Waiting,
};

/// What a request carries besides its path.
#[derive(Debug, Default, Clone)]
pub(crate) struct Ask {
    /// The JSON body.
    pub(crate) body: Option<Value>,
    /// The idempotency key.
    pub(crate) key: Option<String>,
}

/// A success: `data` and `meta` of the envelope.
#[derive(Debug, Clone)]
pub(crate) struct Success {
    pub(crate) data: Value,
    pub(crate) meta: Value,
}

/// What a call came to.
pub(crate) enum Called {
    Whole(Success),
    /// A list, page after page.
    Lines(Lines),
}

/// Asks the API and takes the envelope apart.
pub(crate) struct Client {
    door: Door,
    /// Tells people that there is no answer yet.
    waiting: Waiting,
    /// Where people are told what stands in no answer.
    output: Option<Output>,
    /// The company to act for, if one was named.
    company: Option<String>,
}

impl Client {
    pub(crate) fn new(door: Door, settings: &Settings) -> Self {
        Self { door, waiting: Waiting::silent(), output: None, company: settings.company.clone() }
    }

    /// Says on a terminal what is waited for, and which key was refused.
    pub(crate) fn waiting(self, output: Output) -> Self {
        Self { waiting: Waiting::on(output), output: Some(output), ..self }
    }

    /// Whether no server runs: the application is in this process.
    pub(crate) fn is_here(&self) -> bool {
        matches!(self.door, Door::Here { .. })
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Success, Failure> {
        self.ask(Method::GET, path, Ask::default()).await
    }

    pub(crate) async fn post(&self, path: &str, ask: Ask) -> Result<Success, Failure> {
        self.ask(Method::POST, path, ask).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Result<Success, Failure> {
        self.ask(Method::PUT, path, Ask { body: Some(body), key: None }).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<Success, Failure> {
        self.ask(Method::DELETE, path, Ask::default()).await
    }

    /// Calls an action, which may answer with a stream of lines.
    pub(crate) async fn call(&self, path: &str, ask: Ask) -> Result<Called, Failure> {
        let reply = self.send(Method::POST, path, ask, "application/json, application/x-ndjson").await?;
        match reply.lines {
            true => Ok(Called::Lines(Lines::new(reply))),
            false => self.unwrapped(reply).await.map(Called::Whole),
        }
    }

    async fn ask(&self, method: Method, path: &str, ask: Ask) -> Result<Success, Failure> {
        self.unwrapped(self.send(method, path, ask, "application/json").await?).await
    }

    /// Takes an envelope apart; whoever's key is refused learns which one that was.
    async fn unwrapped(&self, reply: Reply) -> Result<Success, Failure> {
        unwrapped(reply).await.inspect_err(|failure| {
            // Beside the failure, whose words are the same wherever it is shown.
            let hint = self.door.key_hint().filter(|_| failure.code == Code::Unauthorized);
            if let (Some(hint), Some(output)) = (hint, self.output) {
                output.note(hint);
            }
        })
    }

    /// Opens a stream of server-sent events.
    pub(crate) async fn stream(&self, path: &str) -> Result<Reply, Failure> {
        let reply = self.send(Method::GET, path, Ask::default(), "text/event-stream").await?;
        if reply.status.is_success() {
            return Ok(reply);
        }
        let bytes = reply.whole().await?;
        let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        Err(serde_json::from_value(body["error"].clone())
            .unwrap_or_else(|_| Failure::new(Code::InternalError, "The server refused the stream.")))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        ask: Ask,
        accept: &'static str,
    ) -> Result<Reply, Failure> {
        let mut sent =
            Sent { method, path: path.to_owned(), headers: http::HeaderMap::new(), body: Vec::new() };
        sent.headers.insert("accept", HeaderValue::from_static(accept));
        if let Some(company) = &self.company {
            let value = HeaderValue::from_str(company).map_err(|_| {
                let text = "--company has characters that no name has. Nothing was sent.";
                Failure::new(Code::ValidationError, text).at("company")
            })?;
            sent.headers.insert("bursar-company", value);
        }
        if let Some(body) = ask.body {
            sent.headers.insert("content-type", HeaderValue::from_static("application/json"));
            sent.body = body.to_string().into_bytes();
        }
        if let Some(key) = ask.key {
            let value = HeaderValue::from_str(&key).map_err(|_| {
                Failure::new(
                    Code::ValidationError,
                    "The idempotency key has characters that a header cannot hold.",
                )
                .at("key")
            })?;
            sent.headers.insert("idempotency-key", value);
        }
        self.waiting.during(self.door.send(sent)).await
    }

    /// Lets an in-process application finish its commits.
    pub(crate) async fn close(self) {
        self.door.close().await;
    }
}

/// Takes the envelope of an answer apart.
async fn unwrapped(reply: Reply) -> Result<Success, Failure> {
    let status = reply.status;
    let bytes = reply.whole().await?;
    let mut body: Value = serde_json::from_slice(&bytes).map_err(|_| {
        Failure::new(
            Code::InternalError,
            format!(
                "The server answered {status} with something that is not Bursar's: is this Bursar's address?"
            ),
        )
    })?;
    if body["success"] == true {
        return Ok(Success { data: body["data"].take(), meta: body["meta"].take() });
    }
    Err(serde_json::from_value(body["error"].clone()).unwrap_or_else(|_| {
        Failure::new(Code::InternalError, format!("The server answered {status} without saying why."))
    }))
}

/// A fresh idempotency key, for commands whose user gave none.
pub(crate) fn fresh_key(what: &str) -> String {
    format!("{what}-{:016x}", SystemRng.next_u64())
}
