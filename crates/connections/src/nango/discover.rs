//! Finding out that somebody has connected at Nango: told by its webhook, or by asking.
//!
//! A webhook of Nango's has no id and no time, and is lost after three tries. It is
//! only a hint to look at once; looking is what counts.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use model::{AccountId, Code, CompanyId, ConnectionId, ConnectionStatus, Failure, Mode, Timestamp};
use serde_json::json;
use store::{CommitError, Connection, Refusal};

use super::{
    Place,
    answer::{Credentials, Shown, Trouble},
    client::{self, TAG_COMPANY},
};
use crate::{
    Connections, Way, api_key,
    connections::{name, name_taken},
    failures,
    grant::Grant,
    kept::Secrets,
};

/// Connections whose link is out, and until when it works.
#[derive(Default)]
pub(crate) struct Waiting {
    links: Mutex<HashMap<ConnectionId, (CompanyId, Timestamp)>>,
}

impl Waiting {
    pub(super) fn add(&self, company: CompanyId, id: ConnectionId, until: Timestamp) {
        self.links.lock().unwrap_or_else(PoisonError::into_inner).insert(id, (company, until));
    }

    fn take_due(&self, now: Timestamp) -> Vec<(CompanyId, ConnectionId)> {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.retain(|_, (_, until)| now < *until);
        links.iter().map(|(id, (company, _))| (*company, *id)).collect()
    }

    fn done(&self, id: ConnectionId) {
        self.links.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

/// A connection that exists at Nango already.
#[derive(Debug, Clone)]
pub struct AddNango {
    /// What people and documents call it here.
    pub name: String,
    /// Live, test or local.
    pub mode: Mode,
    /// Nango's id of it.
    pub connection_id: String,
    /// Its integration; the server's own unless named.
    pub integration: Option<String>,
    /// Whether it is taken when nobody names one.
    pub is_default: bool,
}

impl Connections {
    /// Looks once for every connection whose link is out. Returns how many became
    /// active. Call it every few seconds.
    pub async fn look_for_authorized(&self) -> usize {
        let mut found = 0;
        for (company, id) in self.waiting.take_due(self.clock.now()) {
            match self.discover(company, id).await {
                Ok(Some(_)) => found += 1,
                Ok(None) => {}
                Err(failure) => {
                    tracing::debug!(connection = %id, why = failure.message, "not authorized yet")
                }
            }
        }
        found
    }

    /// Looks at Nango whether somebody has connected this connection by now, and takes
    /// what is there. `None` when nobody has. Safe to repeat.
    ///
    /// # Errors
    /// `conflict` for another account or mode than before, `not_found`, and what
    /// Nango's or Stripe's trouble means.
    pub async fn discover(
        &self,
        company: CompanyId,
        id: ConnectionId,
    ) -> Result<Option<Connection>, Failure> {
        let row = self.store.connection(company, id).await.map_err(|e| failures::read(&e))?;
        let row = row.ok_or_else(|| failures::gone(&id.to_string()))?;
        if row.kind != Way::Nango.as_str() {
            return Ok(None);
        }
        let (client, mut place) = (self.nango(row.mode)?, Place::of(&row)?);
        if place.connection_id.is_none() {
            let found = client::tagged(&*self.carrier, &client, &id.to_string()).await;
            let found = found.map_err(|trouble| trouble.to_failure(&row.name))?;
            let Some(newest) = found.into_iter().find(|shown| self.is_ours(&row, shown)) else {
                return Ok(None);
            };
            place = Place {
                integration: newest.provider_config_key,
                connection_id: Some(newest.connection_id),
                imported: false,
            };
        }
        let taken = self.take_from_nango(row, place).await?;
        self.waiting.done(id);
        Ok(Some(taken))
    }

    /// Makes a connection of one that exists at Nango. Whoever may name any of
    /// Nango's connections may use it: only for those who run the server.
    ///
    /// # Errors
    /// `conflict` when it belongs to another company or the name is taken, and what
    /// Nango's or Stripe's trouble means.
    pub async fn add_nango(&self, company: CompanyId, add: AddNango) -> Result<Connection, Failure> {
        let (name, client) = (name(&add.name)?, self.nango(add.mode)?);
        let all = self.list(company).await?;
        if all.iter().any(|row| row.name == name) {
            return Err(name_taken(&name));
        }
        let integration = add.integration.unwrap_or_else(|| client.integration.clone());
        let place = Place { integration, connection_id: Some(add.connection_id), imported: true };
        let row = self.pending(company, &name, add.mode, Way::Nango, &client.stripe_url);
        let row = Connection { is_default: add.is_default || all.is_empty(), ..row };
        self.take_from_nango(row, place).await
    }

    fn is_ours(&self, row: &Connection, shown: &Shown) -> bool {
        shown.tag(client::TAG_CONNECTION) == Some(row.id.to_string().as_str())
    }

    /// Reads the credential, asks Stripe whose it is, and stores the grant.
    async fn take_from_nango(&self, row: Connection, place: Place) -> Result<Connection, Failure> {
        let client = self.nango(row.mode)?;
        let told = |trouble: Trouble| trouble.to_failure(&row.name);
        let shown = client::read(&*self.carrier, &client, &place, false).await.map_err(told)?;
        if shown.tag(TAG_COMPANY).is_some_and(|tag| tag != row.company.to_string()) {
            return Err(told(Trouble::Gone));
        }
        let given = shown.credentials().map_err(told)?;
        if given.livemode.is_some_and(|live| live != (row.mode == Mode::Live)) {
            return Err(other_mode(&row));
        }
        let account = self.proven(&row, &given).await?;
        let Credentials { expires_at: _, scope, .. } = given;
        let grant = Grant {
            account,
            mode: row.mode,
            secrets: Secrets::Nango,
            // Nango renews it: it does not run out for us.
            expires_at: None,
            scopes: scope.into_iter().collect(),
            details: json!(place),
        };
        let unchanged =
            row.status == ConnectionStatus::Active && Place::of(&row).is_ok_and(|known| known == place);
        if unchanged {
            return Ok(row);
        }
        let next = self.granted(row, grant).await?;
        let others = self.list(next.company).await?;
        let first = !others.iter().any(|row| row.id != next.id && row.status == ConnectionStatus::Active);
        let next = Connection { is_default: next.is_default || first, ..next };
        self.fetched.forget(next.id);
        match self.commit(&next, &others).await {
            Ok(()) => Ok(next),
            Err(CommitError::Refused { why: Refusal::Conflict, .. }) => Err(name_taken(&next.name)),
            Err(CommitError::Refused { .. }) => Err(failures::contended(&next.id.to_string())),
            Err(error) => Err(failures::commit(&error)),
        }
    }

    /// Whose account the credential reaches, by Stripe's word; what Nango says has to
    /// agree.
    async fn proven(&self, row: &Connection, given: &Credentials) -> Result<AccountId, Failure> {
        let account = api_key::account_of(self, &given.secret, row.mode, &row.base_url).await?;
        if given.account.as_deref().is_some_and(|claimed| claimed != account.as_str()) {
            let text = format!(
                "Nango says that the credential of `{}` is of another account than Stripe says. Nothing was stored.",
                row.name
            );
            return Err(Failure::new(Code::Conflict, text).at("account"));
        }
        Ok(account)
    }
}

fn other_mode(row: &Connection) -> Failure {
    let text = format!(
        "what was connected at Nango is not of mode {}, which the connection `{}` has. Nothing was stored. Connect \
         an account of that mode, or make another connection.",
        row.mode, row.name
    );
    Failure::new(Code::Conflict, text).at("mode")
}
