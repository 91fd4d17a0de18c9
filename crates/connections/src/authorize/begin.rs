//! Handing a link out.

use std::{collections::HashMap, time::Duration};

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::{Code, CompanyId, ConnectionId, Failure, KeyId, Mode, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Authorization, CommitError, Connection, Refusal, Unit, Write};
use url::Url;

use super::{link, returning};
use crate::{
    Connections, OAuthClient, RowId, Way,
    connections::{name, name_taken, taken_by},
    failures,
};

/// How long a link works.
const LIFE: Duration = Duration::from_secs(30 * 60);

/// What a link is asked for.
#[derive(Debug, Clone)]
pub struct Authorize {
    /// [`Way::Connect`], [`Way::App`] or [`Way::Nango`].
    pub via: Way,
    /// A new connection's name, or a `reconnect`'s new one.
    pub name: Option<String>,
    /// Live, test or local.
    pub mode: Mode,
    /// Connect's scope: `read_write` unless told otherwise, or `read_only`.
    pub scope: Option<String>,
    /// Nango's integration; the server's own unless named.
    pub integration: Option<String>,
    /// Where the person is sent afterwards; Nango sends nobody back.
    pub redirect_url: Option<String>,
    /// An existing connection, by name or id; it keeps its id.
    pub reconnect: Option<String>,
}

/// A link that was handed out. Its address is in no `Debug`:
/// whoever has it can use it.
#[derive(Clone)]
pub struct Begun {
    /// The connection that it authorizes.
    pub connection: Connection,
    /// Where to send the person. It authorizes whoever opens it: give it to one only.
    pub url: Url,
    /// The same without Nango's own page, where there is such a way.
    pub headless_url: Option<Url>,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for Begun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Begun({}, until {})", self.connection.id, self.expires_at)
    }
}

/// What is kept of a link, sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) redirect_url: Option<String>,
    /// Whose link it is.
    #[serde(default)]
    pub(super) by: Option<KeyId>,
}

const TABLE: &str = "authorizations";

impl Connections {
    /// Makes a connection that waits to be authorized, or takes an existing one, and a
    /// link by which somebody authorizes it. Each call hands out another link; earlier
    /// ones keep working until they run out.
    ///
    /// # Errors
    /// `validation_error` naming the field, `not_found` for an unknown `reconnect`,
    /// `conflict` for a name that is taken, `connection_required` when the server has
    /// no settings for this way.
    pub async fn authorize(&self, company: CompanyId, asked: Authorize) -> Result<Begun, Failure> {
        check_scope(asked.scope.as_deref())?;
        if asked.via == Way::Nango {
            return self.authorize_by_nango(company, &asked).await;
        }
        let settings = self.providers();
        let client = match asked.via {
            Way::Connect => settings.connect.get(&asked.mode),
            Way::App => settings.app.get(&asked.mode),
            Way::ApiKey | Way::Nango => return Err(wrong_way(asked.via)),
        };
        let there = |clients: &HashMap<Mode, OAuthClient>| clients.keys().copied().collect::<Vec<_>>();
        let others = if asked.via == Way::Connect { there(&settings.connect) } else { there(&settings.app) };
        let client = client
            .ok_or_else(|| failures::not_set_up_but(asked.via.as_str(), asked.mode, others.into_iter()))?;
        let public = settings.public_url.as_ref().ok_or_else(no_public_address)?;
        let back = asked.redirect_url.as_deref().map(|url| returning::checked(&settings, url)).transpose()?;
        let state = self.state();
        let url = link::consent(client, asked.via, &state, asked.scope.as_deref(), public);
        let (connection, fresh) = self.to_authorize(company, &asked, client).await?;
        let expires_at = self.clock.now().checked_add(LIFE).unwrap_or(Timestamp::MAX);
        let kept = Kept { redirect_url: back.map(String::from), by: self.asking() };
        let row = self.link(&connection, &state, kept, expires_at).await?;
        let mut unit = Unit::interactive(vec![Write::PutAuthorization(row)]);
        if fresh {
            unit.writes.insert(0, Write::PutConnection(connection.clone()));
        }
        unit.writes.extend(self.entry(&connection));
        match self.store.commit(unit).await {
            Ok(_) => Ok(Begun { connection, url, headless_url: None, expires_at }),
            Err(CommitError::Refused { why: Refusal::Conflict, .. }) => Err(name_taken(&connection.name)),
            Err(error) => Err(failures::commit(&error)),
        }
    }

    /// The connection that the link is for, and whether it has to be stored.
    async fn to_authorize(
        &self,
        company: CompanyId,
        asked: &Authorize,
        client: &OAuthClient,
    ) -> Result<(Connection, bool), Failure> {
        let all = self.list(company).await?;
        if let Some(known) = &asked.reconnect {
            let row = all.into_iter().find(|row| row.name == *known || row.id.to_string() == *known);
            let row = row.ok_or_else(|| unknown(known))?;
            let same = row.kind == asked.via.as_str() && row.mode == asked.mode;
            return if same { Ok((row, false)) } else { Err(other_way(&row)) };
        }
        let name = name(asked.name.as_deref().unwrap_or_default())?;
        // Somebody who asks for a link again gets it for the connection that still waits.
        if let Some(row) = all.into_iter().find(|row| row.name == name) {
            let waits = row.account.is_none() && row.kind == asked.via.as_str() && row.mode == asked.mode;
            return if waits { Ok((row, false)) } else { Err(taken_by(&row)) };
        }
        let row = self.pending(company, &name, asked.mode, asked.via, &client.base_url);
        Ok((Connection { revision: 1, ..row }, true))
    }

    async fn link(
        &self,
        of: &Connection,
        state: &str,
        kept: Kept,
        expires_at: Timestamp,
    ) -> Result<Authorization, Failure> {
        let hash = hash(state);
        let plain = serde_json::to_vec(&kept).map_err(|_| failures::unwritable())?;
        let keyring = self.vault.keyring(of.company).await?;
        let kept = keyring.seal(at(&hex::encode(hash)), &plain);
        let created_at = self.clock.now();
        Ok(Authorization {
            state: hash,
            company: of.company,
            connection: of.id,
            kept,
            created_at,
            expires_at,
        })
    }

    /// 256 random bits.
    fn state(&self) -> String {
        let mut bytes = [0; 32];
        self.rng.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// Where a link's content is sealed.
pub(super) fn at(id: &str) -> RowId<'_> {
    RowId { table: TABLE, id }
}

pub(super) fn hash(state: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, state.as_bytes()).as_ref());
    out
}

fn check_scope(scope: Option<&str>) -> Result<(), Failure> {
    match scope {
        None | Some("read_write" | "read_only") => Ok(()),
        Some(_) => {
            let text =
                "`scope` is `read_write` or `read_only`. Nothing was stored and nothing was sent to Stripe.";
            Err(Failure::new(Code::ValidationError, text).at("scope"))
        }
    }
}

fn wrong_way(way: Way) -> Failure {
    let text = format!(
        "a connection of the kind `{}` is not authorized by a link. Nothing was stored. Use `connect`, `app` or \
         `nango`.",
        way.as_str()
    );
    Failure::new(Code::ValidationError, text).at("via")
}

fn unknown(known: &str) -> Failure {
    let known: String = known.chars().take(100).collect();
    let text = format!("There is no connection `{known}` to authorize again. Nothing was stored.");
    Failure::new(Code::NotFound, text).at("reconnect")
}

/// A connection is only authorized again the way it was.
pub(crate) fn other_way(row: &Connection) -> Failure {
    let text = format!(
        "The connection `{}` is of the kind `{}` in mode {}, and stays so. Nothing was changed. Authorize it \
         that way, or add another connection.",
        row.name, row.kind, row.mode
    );
    Failure::new(Code::Conflict, text).at("reconnect")
}

fn no_public_address() -> Failure {
    let text = "This server does not know where others reach it, so Stripe could not send anybody back. Nothing \
                was stored. Start it with `--public-url`.";
    Failure::new(Code::ConnectionRequired, text).at("publicUrl")
}

/// A row by the id in a link.
pub(super) fn of(authorization: &Authorization) -> (CompanyId, ConnectionId) {
    (authorization.company, authorization.connection)
}
