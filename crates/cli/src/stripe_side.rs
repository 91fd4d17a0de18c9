//! The other side in mode `local`: makes the connection to a sandbox and the source
//! through which its events come. Safe to repeat at every start.

use std::time::Duration;

use bytes::Bytes;
use connections::{NewConnection, OAuthClient};
use events::NewSource;
use model::{AccountId, Code, Failure, IdempotencyKey, Mode};
use serde_json::{Map, Value, json};
use stripe::{
    Answer, Attempt, Credential, Headers, HttpClient, HttpOptions, Kind, PINNED, Request, StripeError,
    Transport as _, form, signature::Secret, tables,
};
use url::Url;

use crate::{client::fresh_key, door::http_client, node::Node};

/// The pauses between attempts at the sandbox.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
];

/// The sandbox that a node is connected to.
#[derive(Debug, Clone)]
pub(crate) struct LocalStripe {
    pub(crate) url: String,
    pub(crate) account: AccountId,
    credential: Credential,
    /// The sandbox's OAuth clients, of Connect and of Stripe Apps.
    clients: [String; 2],
}

impl LocalStripe {
    /// Asks a sandbox who it is.
    ///
    /// # Errors
    /// `connection_unreachable` when nothing answers there, `validation_error` when
    /// it is something else.
    pub(crate) async fn at(url: &str) -> Result<Self, Failure> {
        let url = url.trim_end_matches('/').to_owned();
        let info: Value = control(&url, "", None).await?;
        let text = |name: &str| info[name].as_str().map(str::to_owned);
        let (Some(account), Some(key)) = (text("account"), text("secret_key")) else {
            return Err(Failure::new(
                Code::ValidationError,
                format!("What answers at {url} is not a Bursar sandbox."),
            ));
        };
        let clients = ["connect", "app"].map(|kind| info["client_ids"][kind].as_str().unwrap_or_default());
        let clients = clients.map(str::to_owned);
        let account = AccountId::new(account);
        Ok(Self { credential: Credential::new(account.clone(), Mode::Local, key), url, account, clients })
    }

    /// Makes the connection `local` and the source that points at `our_url`, or brings
    /// them up to date.
    pub(crate) async fn connect(&self, node: &Node, our_url: &str) -> Result<(), Failure> {
        let new = NewConnection {
            name: "local".into(),
            account: self.account.clone(),
            mode: Mode::Local,
            base_url: self.url.clone(),
            is_default: true,
            credential: self.credential.clone(),
        };
        node.app.connections.put(node.company, new).await?;
        self.set_providers(node, our_url)?;
        self.ensure_source(node, our_url).await
    }

    /// Lets every way of connecting be tried in mode `local`.
    fn set_providers(&self, node: &Node, our_url: &str) -> Result<(), Failure> {
        let broken = |e| Failure::new(Code::ValidationError, format!("{} is no address: {e}.", self.url));
        let at = |path: &str| Url::parse(&format!("{}{path}", self.url)).map_err(broken);
        let mut settings = (*node.app.connections.providers()).clone();
        settings.public_url = settings.public_url.or(Url::parse(our_url).ok());
        let [connect, app] = self.clients.clone();
        let client = |client_id, authorize_url, token_url| OAuthClient {
            client_id,
            secret_key: self.credential.expose().to_owned().into(),
            authorize_url,
            token_url,
            deauthorize_url: None,
            base_url: self.url.clone(),
        };
        let connect = client(connect, at("/oauth/authorize")?, at("/oauth/token")?);
        let connect = OAuthClient { deauthorize_url: Some(at("/oauth/deauthorize")?), ..connect };
        settings.connect.insert(Mode::Local, connect);
        let app = client(app, at("/oauth/v2/authorize")?, at("/v1/oauth/token")?);
        settings.app.insert(Mode::Local, app);
        if let Some(nango) = settings.nango.get_mut(&Mode::Local) {
            nango.stripe_url.clone_from(&self.url);
        }
        node.app.connections.set_providers(settings);
        Ok(())
    }

    /// The source keeps its endpoint, and with it secret and pending deliveries, as
    /// long as the sandbox knows it; only its address moves with ours.
    async fn ensure_source(&self, node: &Node, our_url: &str) -> Result<(), Failure> {
        let url = format!("{our_url}/webhooks/stripe/{}", node.company);
        let known = node.app.sources.secrets(node.company).await?;
        let ours = known.iter().find(|(s, _)| s.account == self.account && s.mode == Mode::Local);
        if let Some((source, secret)) = ours {
            let endpoint = [source.endpoint.as_str()];
            if self.ask("webhookEndpoints.update", &endpoint, json!({ "url": url })).await?.is_some() {
                return self.note(node, source.endpoint.clone(), url, secret.clone()).await;
            }
        }
        self.make_source(node, url).await
    }

    async fn make_source(&self, node: &Node, url: String) -> Result<(), Failure> {
        let made = self
            .ask("webhookEndpoints.create", &[], json!({ "url": url, "enabled_events": ["*"] }))
            .await?
            .ok_or_else(|| Failure::new(Code::ApiError, "The sandbox did not make a webhook endpoint."))?;
        let text = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
        let secret = Secret::new(&text("secret"))
            .ok_or_else(|| Failure::new(Code::ApiError, "The sandbox gave no signing secret."))?;
        self.note(node, text("id"), url, secret).await
    }

    async fn note(&self, node: &Node, endpoint: String, url: String, secret: Secret) -> Result<(), Failure> {
        let source = NewSource { account: self.account.clone(), mode: Mode::Local, endpoint, url, secret };
        node.app.sources.put(node.company, source).await.map(drop)
    }

    /// One request to the sandbox; `None` when the object is not there.
    async fn ask(&self, operation: &str, ids: &[&str], params: Value) -> Result<Option<Value>, Failure> {
        let client =
            HttpClient::new(HttpOptions::new(&self.url)).map_err(|e| Failure::new(Code::InternalError, e))?;
        let request = request(operation, ids, &params)?;
        let mut attempt = client.attempt(&request, &self.credential).await;
        for pause in PAUSES {
            if !passing(&attempt) {
                break;
            }
            tokio::time::sleep(pause).await;
            // The same bytes under the same key: what was done already is not done again.
            attempt = client.attempt(&request, &self.credential).await;
        }
        match attempt {
            Attempt::Answered(Answer { status: 200..=299, body, .. }) => Ok(Some(body)),
            Attempt::Answered(Answer { status: 404, .. }) => Ok(None),
            Attempt::Answered(Answer { status, body, .. }) => {
                let why = body["error"]["message"].as_str().unwrap_or("no reason given").to_owned();
                Err(Failure::new(
                    Code::ApiError,
                    format!("The sandbox refused {operation} ({status}): {why}"),
                ))
            }
            Attempt::NeverSent(why) | Attempt::Broken(why) => Err(unreachable(&self.url, &why)),
        }
    }

    /// Pays an invoice as its customer would on the hosted page.
    pub(crate) async fn pay(&self, invoice: &str) -> Result<Value, Failure> {
        control(
            &self.url,
            &format!("/invoices/{invoice}/pay"),
            Some(json!({ "payment_method": "pm_card_visa" })),
        )
        .await
    }
}

/// Whether another attempt may fare better: a limit, a lock, or an answer that was lost.
fn passing(attempt: &Attempt) -> bool {
    match attempt {
        Attempt::Answered(answer) => matches!(answer.status, 409 | 429 | 500..),
        Attempt::Broken(_) => true,
        Attempt::NeverSent(_) => false,
    }
}

fn request(operation: &str, ids: &[&str], params: &Value) -> Result<Request, Failure> {
    let broken =
        |what: &str| Failure::new(Code::InternalError, format!("{operation} cannot be asked: {what}."));
    let operation = tables::operation(operation).ok_or_else(|| broken("no such operation"))?;
    let empty = Map::new();
    let form = form::encode(params.as_object().unwrap_or(&empty)).map_err(|e| broken(&e.to_string()))?;
    let kind = match operation.method {
        stripe::Method::Post => Kind::Write(IdempotencyKey::from_text(fresh_key("source"))),
        _ => Kind::Read,
    };
    Ok(Request {
        operation,
        path: operation.path_with(ids).ok_or_else(|| broken("an id is missing"))?,
        form: Bytes::from(form),
        version: PINNED,
        account: None,
        kind,
    })
}

/// Asks a sandbox's control surface, or with a body tells it to do something.
pub(crate) async fn control(url: &str, path: &str, body: Option<Value>) -> Result<Value, Failure> {
    let method = if body.is_some() { http::Method::POST } else { http::Method::GET };
    steer(url, method, path, body).await
}

/// One request to a sandbox's control surface.
pub(crate) async fn steer(
    url: &str,
    method: http::Method,
    path: &str,
    body: Option<Value>,
) -> Result<Value, Failure> {
    let url = url.trim_end_matches('/');
    let reads = method == http::Method::GET;
    let mut request = http_client()?.request(method, format!("{url}/_sandbox{path}"));
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.map_err(|e| match e.is_connect() || reads {
        true => unreachable(url, &stripe::reason(e)),
        false => Failure::new(
            Code::OutcomeUnknown,
            format!(
                "The sandbox at {url} broke off: {}. Whether it was done is not known here.",
                stripe::reason(e)
            ),
        ),
    })?;
    let status = answer.status();
    let body: Value = answer.json().await.map_err(|_| {
        Failure::new(
            Code::ValidationError,
            format!("What answers at {url} ({status}) is not a Bursar sandbox."),
        )
    })?;
    if status.is_success() {
        return Ok(body);
    }
    Err(refused(status.as_u16(), body))
}

/// What a sandbox refused, under the code that the same refusal has anywhere.
fn refused(status: u16, body: Value) -> Failure {
    let error = StripeError::new(status, Headers::default(), body);
    let why = error.message().unwrap_or("no reason given");
    let text = format!("The sandbox refused ({status}): {why}");
    Failure::new(error.our_code(), text).with_stripe(error.body["error"].clone())
}

fn unreachable(url: &str, why: &str) -> Failure {
    Failure::new(
        Code::ConnectionUnreachable,
        format!(
            "The sandbox at {url} cannot be reached: {why}. Nothing was changed. Start one with `bursar sandbox`."
        ),
    )
}

/// Fails when the sandbox was told to watch itself and something deviated.
///
/// # Errors
/// `internal_error` with the first deviations.
pub(crate) fn conforms(stripe: &sandbox::Sandbox) -> Result<(), Failure> {
    let checked = stripe.conformance();
    if checked.deviating == 0 {
        return Ok(());
    }
    Err(Failure::new(
        Code::InternalError,
        format!(
            "The sandbox deviated {} times from Stripe's tables, first: {}. Please report this.",
            checked.deviating,
            checked.deviations.iter().take(5).map(String::as_str).collect::<Vec<_>>().join("; ")
        ),
    ))
}

/// A sandbox that does not open, as every surface shows it.
pub(crate) fn not_opened(error: &sandbox::OpenError) -> Failure {
    use sandbox::OpenError;
    let code = match error {
        OpenError::Listen { .. } => Code::PortInUse,
        OpenError::InUse { .. } => Code::FolderInUse,
        OpenError::Folder { .. } | OpenError::Corrupt { .. } => Code::StoreUnavailable,
        OpenError::Sender(_) => Code::InternalError,
    };
    Failure::new(code, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn what_the_sandbox_refuses_ends_as_the_same_refusal_of_stripe() {
        let of = |status, error: Value| Exit::of(&refused(status, json!({ "error": error })));
        let missing = json!({ "type": "invalid_request_error", "code": "resource_missing", "message": "No" });
        assert_eq!(of(404, missing), Exit::NotFound);
        assert_eq!(of(402, json!({ "type": "card_error", "code": "card_declined" })), Exit::Failed);
        assert_eq!(of(400, json!({ "type": "invalid_request_error" })), Exit::Usage);
        assert_eq!(of(401, json!({ "type": "invalid_request_error" })), Exit::Forbidden);
    }
}
