//! The receiver of the installation's sources: a Connect platform's, a Stripe App's.
//!
//! One delivery goes to every company that has a connection to its account, in one unit,
//! or is kept as unclaimed. What would surprise: a live endpoint of a platform gets the
//! test events of its connected accounts too (Stripe's documentation of Connect
//! webhooks), so that mode `test` is taken under a live secret where the event names its
//! account; never the other way round.

use bytes::Bytes;
use connections::is_proven;
use model::{AccountId, CompanyId, EventId, Failure, Mode, Timestamp};
use store::{CommitError, Effected, Refusal, Source, Unit, Write};

use crate::{
    EventHead, Inbox, LARGEST_BODY, failures,
    inbox::{Inner, To, verify},
};

/// The answer to a delivery to the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routed {
    /// Stripe's id.
    pub event: EventId,
    /// How many companies have it; none means that it is kept as unclaimed.
    pub companies: usize,
    /// How many active workflows listened for the type when it first came.
    pub listeners: u32,
    /// Whether it had been received before, by all of them.
    pub duplicate: bool,
}

impl Inbox {
    /// Verifies a delivery to the installation and stores it for whoever it concerns: when
    /// this returns, it is on disk. Safe to repeat.
    ///
    /// # Errors
    /// As [`Inbox::receive`]. Nothing was stored.
    pub async fn route(&self, signature: Option<&[u8]>, body: Bytes) -> Result<Routed, Failure> {
        if body.len() > LARGEST_BODY {
            return Err(failures::too_large(body.len(), LARGEST_BODY));
        }
        let inner = &self.inner;
        let now = model::from_micros(model::micros(inner.clock.now()));
        let secrets = inner.sources.secrets(None).await?;
        if secrets.is_empty() {
            return Err(failures::no_installation_source());
        }
        let source = verify(&secrets, signature, &body, now).map_err(|e| failures::signature(&e))?;
        let head = EventHead::read(&body, now)?;
        let mode = mode(source, &head)?;
        let account = head.account.clone().unwrap_or_else(|| source.account.clone());
        let companies = inner.companies(&account, mode).await?;
        let event = Event { account, mode, head, body, now };
        match inner.deliver(&event, companies).await? {
            Some(routed) => Ok(routed),
            None => inner.set_apart(event).await,
        }
    }
}

/// A verified event and whose it is.
pub(crate) struct Event {
    pub(crate) account: AccountId,
    pub(crate) mode: Mode,
    pub(crate) head: EventHead,
    pub(crate) body: Bytes,
    pub(crate) now: Timestamp,
}

/// The mode of an event that this source has signed.
fn mode(source: &Source, head: &EventHead) -> Result<Mode, Failure> {
    match head.livemode {
        Some(livemode) if livemode == source.mode.livemode() => Ok(source.mode),
        None => Ok(source.mode),
        Some(false) if head.account.is_some() => Ok(Mode::Test),
        Some(livemode) => Err(failures::mode(livemode, source.mode)),
    }
}

impl Inner {
    /// The companies that have, or had, a connection to an account, each once.
    pub(crate) async fn companies(&self, account: &AccountId, mode: Mode) -> Result<Vec<CompanyId>, Failure> {
        let rows = self.store.connections_of_account(account, mode).await;
        let rows = rows.map_err(|e| failures::read(&e))?;
        let proven = rows.into_iter().filter(|row| is_proven(&row.kind, row.mode, &row.base_url));
        let mut companies: Vec<CompanyId> = proven.map(|row| row.company).collect();
        companies.sort_unstable();
        companies.dedup();
        Ok(companies)
    }

    /// Stores an event for each of these companies, in one unit; `None` when none of them
    /// is there any more.
    async fn deliver(&self, event: &Event, mut companies: Vec<CompanyId>) -> Result<Option<Routed>, Failure> {
        while !companies.is_empty() {
            let mut writes = Vec::with_capacity(companies.len());
            for company in &companies {
                let to = To { company: *company, account: event.account.clone(), mode: event.mode };
                writes.push(Write::Receive(self.receipt(&to, &event.head, &event.body, event.now).await?));
            }
            match self.store.commit(Unit::interactive(writes)).await {
                Ok(effects) => return Ok(Some(self.routed(event, &effects))),
                Err(CommitError::Refused { write, why: Refusal::Removed }) if write < companies.len() => {
                    companies.remove(write);
                }
                Err(error) => return Err(failures::commit(&error)),
            }
        }
        Ok(None)
    }

    fn routed(&self, event: &Event, effects: &[Effected]) -> Routed {
        let stored = |effect: &Effected| match effect {
            Effected::Received { receipt, fresh } => Some((receipt.listeners, *fresh)),
            _ => None,
        };
        let stored: Vec<(u32, bool)> = effects.iter().filter_map(stored).collect();
        let duplicate = !stored.iter().any(|(_, fresh)| *fresh);
        if !duplicate {
            (self.arrived)();
        }
        Routed {
            event: event.head.id.clone(),
            companies: stored.len(),
            listeners: stored.iter().fold(0, |sum, (n, _)| sum.saturating_add(*n)),
            duplicate,
        }
    }
}
