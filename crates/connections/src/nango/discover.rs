//! Finding out that somebody has connected at Nango: told by its webhook, or by asking.
//!
//! A webhook of Nango's has no id and no time, and is lost after three tries. It is
//! only a hint to look at once; looking is what counts.

use std::time::Duration;

use model::{AccountId, Code, CompanyId, ConnectionId, ConnectionStatus, Failure, Mode};
use serde_json::{Value, json};
use store::Connection;

use super::{
    Place,
    answer::{Credentials, Shown, Trouble},
    cache::after,
    client::{self, Access, TAG_COMPANY, TAG_CONNECTION},
};
use crate::{
    Connections, Way, api_key,
    api_key::check,
    change::{Change, change},
    failures,
    grant::Grant,
    kept::Secrets,
};

/// How long the links of an earlier process may still work.
const LEFT: Duration = Duration::from_secs(30 * 60);
/// The most connections at Nango that are tried for one of ours.
const TRIED_MAX: usize = 3;

impl Connections {
    /// Looks for connections whose link is out, some at a time, each ever more rarely.
    /// Returns how many became active. Call it every few seconds. The first time it
    /// also takes up the links of an earlier process.
    pub async fn look_for_authorized(&self) -> usize {
        if self.providers().nango.is_empty() {
            return 0;
        }
        if self.waiting.begins() && self.take_up_links().await.is_none() {
            self.waiting.begins_again();
        }
        let mut found = 0;
        for (company, id) in self.waiting.take_due(self.clock.now()) {
            found += usize::from(matches!(self.look(company, id).await, Ok(Some(_))));
        }
        found
    }

    /// Whoever got a link before the restart may have used it meanwhile.
    async fn take_up_links(&self) -> Option<()> {
        let now = self.clock.now();
        for company in self.store.companies().await.ok()? {
            let rows = self.store.connections(company.id).await.ok()?;
            let open = |row: &&Connection| {
                let waits = matches!(row.status, ConnectionStatus::Pending | ConnectionStatus::Expired);
                waits && row.kind == Way::Nango.as_str()
            };
            for row in rows.iter().filter(open) {
                self.waiting.add(company.id, row.id, now, after(now, LEFT));
            }
        }
        Some(())
    }

    /// [`Connections::discover`]; what does not fit is noted on the connection, so that
    /// whoever waits for it sees why.
    pub(super) async fn look(
        &self,
        company: CompanyId,
        id: ConnectionId,
    ) -> Result<Option<Connection>, Failure> {
        let outcome = self.discover(company, id).await;
        if let Err(failure) = &outcome {
            tracing::debug!(connection = %id, why = failure.message, "not authorized yet");
            let worth_telling =
                matches!(failure.code, Code::Conflict | Code::ValidationError | Code::PermissionError);
            if worth_telling {
                let note = |row: Connection| match row.status {
                    _ if is_noted(row.error.as_deref(), failure) => Err(failure.clone()),
                    ConnectionStatus::Active | ConnectionStatus::Disconnected => Err(failure.clone()),
                    _ => change(row, Change::Failed(failure.clone()), self.clock.now()),
                };
                // It is told to whoever looks at the connection; nothing depends on it.
                let _ = self.audited(None, "connection.not_authorized").alter(company, id, note).await;
            }
        }
        outcome
    }

    /// Looks at Nango whether somebody has connected this connection by now, and takes
    /// what is there. `None` when nobody has, or when the connection was given up and no
    /// link is out for it: an old hint does not bring it back. Safe to repeat.
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
        let given_up =
            row.status == ConnectionStatus::Disconnected && !self.waiting.is_out(id, self.clock.now());
        if row.kind != Way::Nango.as_str() || given_up {
            return Ok(None);
        }
        let told = self.audited(None, "connection.authorized");
        let taken = told.taken(&row).await.map_err(|trouble| trouble.to_failure(&row))?;
        if taken.is_some() {
            self.waiting.done(id);
        }
        Ok(taken)
    }

    /// What is there for this row: at its known place, else under its tag.
    async fn taken(&self, row: &Connection) -> Result<Option<Connection>, Trouble> {
        let place = Place::of(row)?;
        if place.connection_id.is_some() {
            match self.take_from_nango(row, place.clone()).await {
                Err(Trouble::Gone) => {}
                outcome => return outcome.map(Some),
            }
        }
        let access = self.nango(row.mode)?;
        let found = client::tagged(&access, &row.id.to_string()).await?;
        let mut first = None;
        for shown in found.into_iter().filter(|shown| is_of(row, shown)).take(TRIED_MAX) {
            let Shown { provider_config_key: integration, connection_id, .. } = shown;
            let place = Place { integration, connection_id: Some(connection_id), imported: false };
            match self.take_from_nango(row, place).await {
                Ok(row) => return Ok(Some(row)),
                // Somebody may have connected the wrong account at another time.
                Err(trouble) => first = first.or(Some(trouble)),
            }
        }
        first.map_or(Ok(None), Err)
    }

    /// Reads the credential, asks Stripe whose it is, and stores the grant.
    pub(super) async fn take_from_nango(
        &self,
        row: &Connection,
        place: Place,
    ) -> Result<Connection, Trouble> {
        let _turn = self.renewals.take(row.id).await;
        let access = self.nango(row.mode)?;
        let read = client::read(&access, &place, false).await?;
        if read.shown.tag(TAG_COMPANY).is_some_and(|tag| tag != row.company.to_string()) {
            return Err(Trouble::Gone);
        }
        let given = read.shown.credentials()?;
        if given.livemode.is_some_and(|live| live != (row.mode == Mode::Live)) {
            return Err(other_mode(row).into());
        }
        if !given.oauth {
            check::key(row.mode, &given.secret)?;
        }
        let account = self.proven(row, &given).await?;
        let unchanged = row.status == ConnectionStatus::Active
            && row.account.as_ref() == Some(&account)
            && Place::of(row).is_ok_and(|known| known == place);
        if unchanged {
            return Ok(row.clone());
        }
        let grant = Grant {
            account,
            mode: row.mode,
            secrets: Secrets::Nango,
            // Nango renews it: it does not run out for us.
            expires_at: None,
            scopes: given.scope.into_iter().collect(),
            details: json!(place),
        };
        let taken = self.put_grant(row.clone(), grant).await;
        self.fetched.forget(row.id);
        Ok(taken?)
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

    /// Deletes what was made at Nango for a connection, also what a link that was used
    /// twice left there; an imported one is left to whoever made it.
    pub(crate) async fn delete_at_nango(&self, row: &Connection) -> Option<Result<(), Failure>> {
        let place = Place::of(row).ok().filter(|place| !place.imported)?;
        let access = self.nango(row.mode).ok()?;
        let deleted = deleted(&access, row, place).await;
        deleted.map_err(|trouble| trouble.to_failure(row)).transpose()
    }
}

async fn deleted(access: &Access<'_>, row: &Connection, place: Place) -> Result<Option<()>, Trouble> {
    let mut any = None;
    if place.connection_id.is_some() {
        client::delete(access, &place).await?;
        any = Some(());
    }
    for shown in client::tagged(access, &row.id.to_string()).await?.iter().filter(|shown| is_of(row, shown)) {
        let (integration, id) = (shown.provider_config_key.clone(), Some(shown.connection_id.clone()));
        client::delete(access, &Place { integration, connection_id: id, imported: false }).await?;
        any = Some(());
    }
    Ok(any)
}

/// Whether a row tells this failure already. Its text may name a request, which is another
/// one at every look.
fn is_noted(error: Option<&str>, failure: &Failure) -> bool {
    let noted: Option<Value> = error.and_then(|text| serde_json::from_str(text).ok());
    let new = failure.body();
    noted.is_some_and(|noted| ["code", "field"].iter().all(|part| noted.get(part) == new.get(part)))
}

fn is_of(row: &Connection, shown: &Shown) -> bool {
    shown.tag(TAG_CONNECTION) == Some(row.id.to_string().as_str())
        && shown.tag(TAG_COMPANY) == Some(row.company.to_string().as_str())
}

fn other_mode(row: &Connection) -> Failure {
    let text = format!(
        "what was connected at Nango is not of mode {}, which the connection `{}` has. Nothing was stored. Connect \
         an account of that mode, or make another connection.",
        row.mode, row.name
    );
    Failure::new(Code::Conflict, text).at("mode")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_that_is_told_by_another_request_is_noted_once() {
        let noted = Failure::new(Code::Conflict, "refused, req_1").at("account").body().to_string();
        let now = |code, field: &str| Failure::new(code, "refused, req_2").at(field);
        assert!(is_noted(Some(&noted), &now(Code::Conflict, "account")));
        assert!(!is_noted(Some(&noted), &now(Code::Conflict, "mode")));
        assert!(!is_noted(Some(&noted), &now(Code::PermissionError, "account")));
        assert!(!is_noted(None, &now(Code::Conflict, "account")));
    }
}
