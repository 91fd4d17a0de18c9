//! The receiver of the installation's sources: a Connect platform's, a Stripe App's.
//!
//! One delivery goes to every company that has a connection to its account, in one unit,
//! or is kept as unclaimed. A company whose keys are damaged keeps no other from it: the
//! others have it stored, and Stripe is told to come again for that one.
//! What would surprise: a live endpoint of a platform gets the
//! test events of its connected accounts too (Stripe's documentation of Connect
//! webhooks), so that mode `test` is taken under a live secret where the event names its
//! account; never the other way round.

use std::collections::BTreeMap;

use bytes::Bytes;
use connections::is_proven;
use model::{AccountId, CompanyId, EventId, Failure, Mode, Timestamp};
use store::{CommitError, Effected, Receipt, Refusal, Source, Unit, Write};

use crate::{
    EventHead, Inbox, LARGEST_BODY, failures,
    inbox::{Inner, To, verify},
    owners::owners,
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
    /// As [`Inbox::receive`], and `internal_error` when it could not be sealed for one of
    /// the companies. Only in that case was it stored, for the others: repeat it.
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
        let owners = inner.owners((&account, mode), &head.kind, head.created).await?;
        let event = Event { account, mode, head, body, now };
        match inner.deliver(&event, owners.into_keys()).await? {
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
    /// The companies that an event of an account goes to, and since when each has a
    /// connection to it, if that is known.
    pub(crate) async fn owners(
        &self,
        (account, mode): (&AccountId, Mode),
        kind: &str,
        created: Timestamp,
    ) -> Result<BTreeMap<CompanyId, Option<Timestamp>>, Failure> {
        let mut holders = self.store.account_holders(account, mode).await.map_err(|e| failures::read(&e))?;
        holders.retain(|holder| is_proven(&holder.kind, mode, &holder.base_url));
        Ok(owners(&holders, kind, created))
    }

    /// Stores an event for each of these companies, in one unit; `None` when none of them
    /// is there any more. When it cannot be made for one of them, the others have it and
    /// the failure is returned.
    async fn deliver(
        &self,
        event: &Event,
        companies: impl Iterator<Item = CompanyId>,
    ) -> Result<Option<Routed>, Failure> {
        let (mut receipts, mut failed) = (Vec::new(), None);
        for company in companies {
            let to = To { company, account: event.account.clone(), mode: event.mode };
            match self.receipt(&to, &event.head, &event.body, event.now).await {
                Ok(receipt) => receipts.push(receipt),
                Err(why) => {
                    tracing::error!(%company, event = %event.head.id, %why, "an event cannot be stored for a company");
                    failed.get_or_insert(why);
                }
            }
        }
        let routed = self.store_for_each(event, receipts).await?;
        failed.map_or(Ok(routed), Err)
    }

    async fn store_for_each(
        &self,
        event: &Event,
        mut receipts: Vec<Receipt>,
    ) -> Result<Option<Routed>, Failure> {
        while !receipts.is_empty() {
            let writes = receipts.iter().cloned().map(Write::Receive).collect();
            match self.store.commit(Unit::interactive(writes)).await {
                Ok(effects) => return Ok(Some(self.routed(event, &effects))),
                Err(CommitError::Refused { write, why: Refusal::Removed }) if write < receipts.len() => {
                    receipts.remove(write);
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
