//! Somebody comes back.

use model::{Code, ConnectionStatus, Failure, Retry};
use store::{Authorization, CommitError, Connection, Refusal, Unit, Write};
use url::Url;

use super::{
    begin::{self, Kept},
    returning,
};
use crate::{
    Connections, OAuthClient, Way, app,
    change::{Change, change},
    connect, failures,
    oauth::{self, Denied, Given, Tokens},
};

/// What is in the query of somebody who comes back. Has no `Debug`: a code is a secret.
#[derive(Clone, Default)]
pub struct Callback {
    /// The state of the link.
    pub state: Option<String>,
    /// What is given for tokens; used once.
    pub code: Option<String>,
    /// Why there is no code: `access_denied` and others.
    pub error: Option<String>,
    /// The same in the provider's words.
    pub error_description: Option<String>,
}

/// How a return ended.
#[derive(Debug, Clone)]
pub struct Returned {
    /// The connection as it is now.
    pub connection: Connection,
    /// Where the person goes, with the outcome in the query.
    pub redirect_url: Option<Url>,
    /// Why it is not active.
    pub failure: Option<Failure>,
}

impl Connections {
    /// Takes a return: uses its state up, exchanges its code, and stores what was
    /// granted. Repeating one finds its state used up and changes nothing.
    ///
    /// # Errors
    /// `validation_error` for a state that was used, has run out, or was never handed
    /// out, `store_unavailable`. Whatever happens after the state is known comes back
    /// as [`Returned::failure`], with the person's way back.
    pub async fn callback(&self, back: Callback) -> Result<Returned, Failure> {
        // A person who closes the page must not take what Stripe just granted along.
        let this = self.clone();
        let taken = self.tasks.spawn(async move { this.returned(back).await });
        taken.await.unwrap_or_else(|_| Err(failures::stopping("to be authorized")))
    }

    async fn returned(&self, back: Callback) -> Result<Returned, Failure> {
        let link = self.take(back.state.as_deref().unwrap_or_default()).await?;
        let (company, id) = begin::of(&link);
        let keyring = self.vault.keyring(company).await?;
        let plain = keyring.open(begin::at(&hex::encode(link.state)), &link.kept)?;
        let kept: Kept = serde_json::from_slice(plain.as_bytes()).map_err(|_| unknown_state())?;
        let row = self.store.connection(company, id).await.map_err(|e| failures::read(&e))?;
        let row = row.ok_or_else(|| failures::gone(&id.to_string()))?;
        let consenting = self.audited(kept.by, "connection.authorized");
        let (connection, failure) = match consenting.consented(row.clone(), &back).await {
            Ok(row) => (row, None),
            Err(failure) => {
                let refused = self.audited(kept.by, "connection.not_authorized");
                (refused.mark(row, &failure).await, Some(failure))
            }
        };
        let status = if failure.is_some() { "failed" } else { connection.status.as_str() };
        let redirect_url = kept.redirect_url.and_then(|url| Url::parse(&url).ok());
        let redirect_url =
            redirect_url.map(|url| returning::with_outcome(url, &connection.id.to_string(), status));
        Ok(Returned { connection, redirect_url, failure })
    }

    /// Uses a state up.
    async fn take(&self, state: &str) -> Result<Authorization, Failure> {
        let hash = begin::hash(state);
        let link = self.store.authorization(hash).await.map_err(|e| failures::read(&e))?;
        let link = link.ok_or_else(unknown_state)?;
        let unit = Unit::interactive(vec![Write::TakeAuthorization(hash)]);
        match self.store.commit(unit).await {
            Ok(_) if self.clock.now() < link.expires_at => Ok(link),
            Ok(_) | Err(CommitError::Refused { why: Refusal::Missing, .. }) => Err(unknown_state()),
            Err(error) => Err(failures::commit(&error)),
        }
    }

    /// Exchanges the code and stores the grant.
    async fn consented(&self, row: Connection, back: &Callback) -> Result<Connection, Failure> {
        if let Some(error) = &back.error {
            return Err(declined(&row, error, back.error_description.as_deref().unwrap_or_default()));
        }
        let code = back.code.as_deref().filter(|code| !code.is_empty()).ok_or_else(|| no_code(&row))?;
        let settings = self.providers();
        let way = Way::parse(&row.kind).ok_or_else(|| failures::unreadable(&row.name))?;
        let client = match way {
            Way::Connect => settings.connect.get(&row.mode),
            _ => settings.app.get(&row.mode),
        };
        let client = client.ok_or_else(|| failures::not_set_up(&row.kind, row.mode))?;
        // No renewal of what the row has now comes in between.
        let _turn = self.renewals.take(row.id).await;
        let tokens = self.exchange(client, way, code).await.map_err(|denied| not_granted(&row, &denied))?;
        self.keep(row, way, tokens).await
    }

    /// Once more with the same code when nobody can know whether it was used: a code
    /// that was used is refused, and one that was not gives tokens.
    async fn exchange(&self, client: &OAuthClient, way: Way, code: &str) -> Result<Tokens, Denied> {
        let first = oauth::exchange(&*self.carrier, client, way, Given::Code(code)).await;
        match first {
            Err(Denied::NeverSent(_) | Denied::Unknown(_)) => {
                oauth::exchange(&*self.carrier, client, way, Given::Code(code)).await
            }
            answered => answered,
        }
    }

    async fn keep(&self, row: Connection, way: Way, tokens: Tokens) -> Result<Connection, Failure> {
        let grant = match way {
            Way::Connect => Some(connect::grant(tokens, row.mode)),
            _ => app::grant(tokens, row.mode, self.clock.now()),
        };
        let grant = grant
            .ok_or_else(|| not_granted(&row, &Denied::Unknown("it gave no refresh token".to_owned())))?;
        self.put_grant(row, grant).await
    }

    /// Notes why a return led to nothing; the connection stays what it was.
    async fn mark(&self, row: Connection, failure: &Failure) -> Connection {
        let noted = |now: Connection| match now.status {
            ConnectionStatus::Active => Err(failure.clone()),
            _ => change(now, Change::Failed(failure.clone()), self.clock.now()),
        };
        self.alter(row.company, row.id, noted).await.unwrap_or(row)
    }
}

fn unknown_state() -> Failure {
    let text = "This link was used already, has run out, or was not handed out here. Nothing was changed. Ask for a \
                new link.";
    Failure::new(Code::ValidationError, text).at("state")
}

fn no_code(row: &Connection) -> Failure {
    let text = format!(
        "Stripe sent nobody's consent along for the connection `{}`. Nothing was changed. Ask for a new link.",
        row.name
    );
    Failure::new(Code::ValidationError, text).at("code")
}

fn declined(row: &Connection, error: &str, description: &str) -> Failure {
    let what = Denied::Refused { error: oauth::said(error), description: oauth::said(description) };
    let text = format!(
        "The connection `{}` was not authorized ({}). Nothing was changed. Ask for a new link and consent there.",
        row.name,
        what.text()
    );
    Failure::new(Code::ConnectionRequired, text)
}

fn not_granted(row: &Connection, denied: &Denied) -> Failure {
    let text = format!(
        "Stripe gave no access for the connection `{}` ({}). Nothing was stored. Ask for a new link: the consent \
         given there is for one use.",
        row.name,
        denied.text()
    );
    let code = if matches!(denied, Denied::Refused { .. }) {
        Code::ConnectionRequired
    } else {
        Code::ConnectionUnreachable
    };
    Failure::new(code, text).retry(Retry::Never)
}
