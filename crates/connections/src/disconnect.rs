//! Ending a connection, by us or by the account's owner.

use model::{Binding, Code, CompanyId, ConnectionId, ConnectionStatus, Failure};
use store::{Connection, Unit, Write};

use crate::{
    Connections, Way, api_key,
    change::{Change, change},
    connect::deauthorize,
    failures,
};

/// What became of a connection that was given up.
#[derive(Debug, Clone)]
pub struct Disconnected {
    /// The row as it was last.
    pub connection: Connection,
    /// Whether the provider was told, where it has to be: `None` when there is nothing
    /// to tell.
    pub provider_told: Option<Result<(), Failure>>,
}

impl Connections {
    /// Gives a connection up: destroys its credential, and tells a Connect platform's
    /// account. The row stays, so that runs that used it can be read and it can be
    /// authorized again. Safe to repeat. The credential is destroyed even when the
    /// provider cannot be told; the answer says so.
    ///
    /// # Errors
    /// `not_found`, `store_unavailable`.
    pub async fn disconnect(&self, company: CompanyId, id: ConnectionId) -> Result<Disconnected, Failure> {
        let row = self.store.connection(company, id).await.map_err(|e| failures::read(&e))?;
        let row = row.ok_or_else(|| failures::gone(&id.to_string()))?;
        let live = is_live(&row) && !self.is_shared(&row).await?;
        let provider_told = match (&row.account, Way::parse(&row.kind)) {
            (Some(account), Some(Way::Connect)) if live => {
                Some(deauthorize::tell(self, account, row.mode).await)
            }
            (_, Some(Way::Nango)) => self.delete_at_nango(&row).await,
            _ => None,
        };
        self.waiting.done(id);
        // Whoever fetches its credential at this moment has it forgotten afterwards.
        let _turn = self.renewals.take(id).await;
        let end = |row| change(row, Change::Disconnected, self.clock.now());
        let row = self.store.connection(company, id).await.map_err(|e| failures::read(&e))?;
        let connection = match row.filter(is_given_up) {
            Some(row) => row,
            None => self.alter(company, id, end).await?,
        };
        self.fetched.forget(id);
        Ok(Disconnected { connection, provider_told })
    }

    /// Removes a connection that was given up, with its name and its links.
    ///
    /// # Errors
    /// `conflict` while it could still be used, `not_found`, `store_unavailable`.
    pub async fn remove(&self, company: CompanyId, id: ConnectionId) -> Result<Connection, Failure> {
        let row = self.store.connection(company, id).await.map_err(|e| failures::read(&e))?;
        let row = row.ok_or_else(|| failures::gone(&id.to_string()))?;
        if !matches!(row.status, ConnectionStatus::Disconnected | ConnectionStatus::Pending) {
            return Err(still_there(&row));
        }
        // Of two that remove it at once, the second finds its revision gone.
        let last = Connection { revision: row.revision + 1, updated_at: self.clock.now(), ..row.clone() };
        let mut unit =
            Unit::interactive(vec![Write::PutConnection(last), Write::RemoveConnection(company, id)]);
        unit.writes.extend(self.entry(&row));
        self.store.commit(unit).await.map_err(|e| failures::commit(&e))?;
        self.waiting.done(id);
        self.forget(id);
        Ok(row)
    }

    /// Whether another connection, of whatever company, lives by the same consent:
    /// Stripe knows one per platform and account.
    async fn is_shared(&self, row: &Connection) -> Result<bool, Failure> {
        let Some(account) = &row.account else { return Ok(false) };
        let rows = self.store.connections_of_account(account, row.mode).await;
        let rows = rows.map_err(|e| failures::read(&e))?;
        let same = |other: &Connection| other.id != row.id && other.kind == row.kind && is_live(other);
        Ok(rows.iter().any(same))
    }

    /// Stripe refused a request for want of access to an account (403). When it is the
    /// binding's own account that cannot be reached any more, its owner took the
    /// permission back: every connection by the platform that lived by it, in whatever
    /// company, is revoked. Otherwise the request named another account, and nothing
    /// happens. Safe to repeat. Other ways are consents of their own.
    ///
    /// # Errors
    /// The first one: `store_unavailable`, `connection_unreachable` when Stripe does not say.
    pub async fn taken_back(&self, of: &Binding) -> Result<Vec<Connection>, Failure> {
        // Read before Stripe is asked: what is authorized meanwhile is not what it speaks of.
        let rows = self.store.connections_of_account(&of.account, of.mode).await;
        let mut rows = rows.map_err(|e| failures::read(&e))?;
        rows.retain(|row| row.kind == Way::Connect.as_str() && is_live(row));
        let Some(row) = rows.iter().find(|row| (row.company, row.id) == (of.company, of.connection)) else {
            return Ok(Vec::new());
        };
        let (credential, _) = self.credential(of).await?;
        if api_key::lets_in(self, &credential, &row.base_url).await? {
            return Ok(Vec::new());
        }
        let (mut ended, mut trouble) = (Vec::new(), None);
        for row in &rows {
            match self.end(row).await {
                Ok(row) => ended.extend(row),
                Err(failure) => trouble = trouble.or(Some(failure)),
            }
        }
        trouble.map_or(Ok(ended), Err)
    }

    /// Revokes a connection, unless it has ended or was authorized anew since it was read.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub(crate) async fn end(&self, read: &Connection) -> Result<Option<Connection>, Failure> {
        let why = taken_back(read);
        let end = |row: Connection| match is_live(&row) && row.authorized_at == read.authorized_at {
            true => change(row, Change::Revoked(why.clone()), self.clock.now()),
            false => Err(why.clone()),
        };
        match self.audited(None, "connection.revoked").alter(read.company, read.id, end).await {
            Ok(row) => {
                self.fetched.forget(row.id);
                tracing::warn!(connection = %row.id, company = %row.company, "the access was taken back");
                Ok(Some(row))
            }
            Err(failure) if failure.code == Code::StoreUnavailable => Err(failure),
            // It had ended before, or lives by another consent.
            Err(_) => Ok(None),
        }
    }
}

/// Whether giving it up changes nothing any more.
fn is_given_up(row: &Connection) -> bool {
    row.status == ConnectionStatus::Disconnected && row.credential.is_none() && !row.is_default
}

/// Whether it has a credential that may still work.
pub(crate) fn is_live(row: &Connection) -> bool {
    matches!(row.status, ConnectionStatus::Active | ConnectionStatus::Error | ConnectionStatus::Expired)
}

fn still_there(row: &Connection) -> Failure {
    let text = format!(
        "The connection `{}` is {} and has a credential. Nothing was removed. Disconnect it first.",
        row.name, row.status
    );
    Failure::new(Code::Conflict, text)
}

fn taken_back(row: &Connection) -> Failure {
    let text = format!(
        "The owner of the account took the permission of the connection `{}` back. Nothing more is sent to Stripe. \
         Ask the owner, then authorize it again with `bursar connections auth-url --reconnect {}`; its id stays.",
        row.name, row.id
    );
    Failure::new(Code::ConnectionRequired, text)
}
