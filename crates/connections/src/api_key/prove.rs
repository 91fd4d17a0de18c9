//! Asking Stripe whose key this is.

use bytes::Bytes;
use model::{AccountId, Code, Failure, Mode, Retry};
use serde_json::Value;
use stripe::{Answer, Attempt, Credential, Kind, PINNED, Request, tables};

use crate::Connections;

/// Reads the account of a key. Changes nothing; one attempt.
///
/// # Errors
/// As [`Connections::add_key`].
pub(crate) async fn account(
    connections: &Connections,
    key: &str,
    mode: Mode,
    base_url: &str,
) -> Result<AccountId, Failure> {
    // Nobody's yet: the account is what is asked for.
    let credential = Credential::new(AccountId::new(""), mode, key);
    match ask(connections, &credential, base_url).await? {
        Answer { status: 200, body, .. } => owner(&body, mode, base_url),
        Answer { status: 401, body, .. } => Err(unknown(&body)),
        Answer { status: 403, body, .. } => Err(not_allowed(&body)),
        Answer { status, .. } => Err(unreachable(base_url, &format!("it answered {status}"))),
    }
}

/// Whether Stripe still lets a credential act for its account: `false` only when it says
/// that the access is gone. A token that was taken back is refused by itself (401), a
/// platform's key for its account (403 `account_invalid`). Any other 403 is a permission
/// that the key lacks.
///
/// # Errors
/// `connection_unreachable` when Stripe does not say; so when it refuses a platform's own
/// key, which tells nothing of the account.
pub(crate) async fn lets_in(
    connections: &Connections,
    credential: &Credential,
    base_url: &str,
) -> Result<bool, Failure> {
    let answer = ask(connections, credential, base_url).await?;
    match answer.status {
        200 => Ok(true),
        403 => Ok(answer.body["error"]["code"] != "account_invalid"),
        401 if credential.acting_for.is_none() => Ok(false),
        401 => Err(unreachable(base_url, "it refused the platform's own key (401)")),
        status => Err(unreachable(base_url, &format!("it answered {status}"))),
    }
}

/// One read of the account that a credential is for.
async fn ask(connections: &Connections, credential: &Credential, base_url: &str) -> Result<Answer, Failure> {
    let transports = connections.transports.as_ref().ok_or_else(|| unreachable(base_url, "no transport"))?;
    let transport = transports(base_url)?;
    let operation = tables::operation("accounts.retrieveCurrent");
    let operation = operation.ok_or_else(|| unreachable(base_url, "the tables lack the operation"))?;
    let path = operation.path.to_owned();
    let request =
        Request { operation, path, form: Bytes::new(), version: PINNED, account: None, kind: Kind::Read };
    match transport.attempt(&request, credential).await {
        Attempt::Answered(answer) => Ok(answer),
        Attempt::NeverSent(why) | Attempt::Broken(why) => Err(unreachable(base_url, &why)),
    }
}

fn owner(body: &Value, mode: Mode, base_url: &str) -> Result<AccountId, Failure> {
    let is_account = body["object"] == "account";
    let id = body["id"].as_str().filter(|id| is_account && id.starts_with("acct_"));
    let id = id.ok_or_else(|| unreachable(base_url, "what answered is no account of Stripe's"))?;
    // Stripe's accounts have no `livemode`; where one is told, it has to agree.
    match body["livemode"].as_bool() {
        Some(live) if live != (mode == Mode::Live) => {
            let text = format!("Stripe says that this key is not of mode {mode}. Nothing was stored.");
            Err(Failure::new(Code::ValidationError, text).at("mode"))
        }
        _ => Ok(AccountId::new(id)),
    }
}

fn unknown(body: &Value) -> Failure {
    let text = "Stripe does not know this key: it is mistyped, rolled or deleted. Nothing was stored. Copy a key \
                from Stripe's dashboard, Developers, API keys.";
    Failure::new(Code::ValidationError, text).at("credential").with_stripe(body["error"].clone())
}

fn not_allowed(body: &Value) -> Failure {
    let text = "This restricted key may not read its own account, so nobody can tell whose it is. Nothing was \
                stored. Grant it read permission on the account in Stripe's dashboard, and add it again.";
    Failure::new(Code::PermissionError, text).at("credential").with_stripe(body["error"].clone())
}

fn unreachable(base_url: &str, why: &str) -> Failure {
    let text = format!(
        "Stripe at {base_url} could not be asked whose key this is ({why}). Nothing was stored and nothing changed \
         at Stripe. Try again."
    );
    Failure::new(Code::ConnectionUnreachable, text).retry(Retry::SameKey)
}
