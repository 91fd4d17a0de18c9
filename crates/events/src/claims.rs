//! Moves unclaimed events to the companies that have come to have a connection to their
//! account.
//!
//! Claimed events are history: they are stored and shown, and start nothing. The move is
//! one unit, which takes the event and stores its receipts; whoever is second finds it
//! taken. Looked for when a connection becomes active, and again once a minute, so that
//! one that was overtaken on its way in is found too.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use connections::{Connections, is_proven};
use model::{Code, CompanyId, Failure, ReceiptStatus, Timestamp};
use serde_json::Value;
use store::{CommitError, Effected, Receipt, Refusal, Unclaimed, Unit, Write};

use crate::{
    EventHead, Inbox, ending, failures,
    inbox::To,
    unclaimed::{at, too_old},
};

/// Most events of one look.
const BATCH: u32 = 200;
/// The longest time between two looks.
const LOOK: Duration = Duration::from_secs(60);

/// Claims, for one process. Clones share everything.
#[derive(Clone)]
pub struct Claims {
    inner: Arc<Inner>,
}

struct Inner {
    inbox: Inbox,
    connections: Connections,
}

impl Claims {
    /// Over this inbox and these connections.
    pub fn new(inbox: Inbox, connections: Connections) -> Self {
        Self { inner: Arc::new(Inner { inbox, connections }) }
    }

    /// Claims what can be claimed now; says how many events. What is too old goes.
    ///
    /// # Errors
    /// `store_unavailable`. What was claimed so far stays so; what cannot be claimed for
    /// any other reason stays for the next look.
    pub async fn step(&self) -> Result<usize, Failure> {
        let inbox = &self.inner.inbox.inner;
        let before = too_old(inbox.clock.now());
        let found = inbox.store.claimable(BATCH).await.map_err(|e| failures::read(&e))?;
        let mut claimed = 0;
        for row in found {
            match self.inner.claim(&row).await {
                Ok(moved) => claimed += usize::from(moved),
                Err(failure) if failure.code == Code::StoreUnavailable => return Err(failure),
                Err(why) => tracing::warn!(event = %row.event, %why, "an event cannot be claimed yet"),
            }
        }
        let forget = Unit::background(vec![Write::ForgetUnclaimed(before)]);
        let gone = inbox.store.commit(forget).await.map_err(|e| failures::commit(&e))?;
        if let Some(Effected::Forgotten(gone @ 1..)) = gone.first() {
            tracing::info!(gone, "unclaimed events have grown old");
        }
        Ok(claimed)
    }

    /// Claims as connections become active, and once a minute, until dropped.
    pub async fn run(&self) {
        loop {
            match self.step().await {
                Ok(0) => self.rest().await,
                Ok(_) => {}
                Err(why) => {
                    tracing::warn!(%why, "unclaimed events wait for the database");
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
    }

    async fn rest(&self) {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = self.inner.connections.until_authorized() => {}
            () = self.inner.inbox.inner.overtaken.notified() => {}
        }
    }
}

impl Inner {
    /// Moves one event; says whether this call did.
    async fn claim(&self, row: &Unclaimed) -> Result<bool, Failure> {
        let inbox = &self.inbox.inner;
        let mut owners = self.owners(row).await?;
        let id = row.id.to_string();
        let plain = inbox.vault.keyring_of(None).await?.open(at(&id), &row.body)?;
        if row.kind == ending::KIND {
            let event: Value = serde_json::from_slice(plain.as_bytes()).unwrap_or_default();
            let of = (&row.account, row.mode, row.created_at);
            ending::apply(&self.connections, None, of, &event).await?;
        }
        while !owners.is_empty() {
            let mut writes = vec![Write::TakeUnclaimed(row.id)];
            for (company, since) in &owners {
                writes.push(Write::Receive(self.receipt(row, *company, *since, plain.as_bytes()).await?));
            }
            match inbox.store.commit(Unit::background(writes)).await {
                Ok(_) => {
                    (inbox.arrived)();
                    return Ok(true);
                }
                // Somebody else was faster.
                Err(CommitError::Refused { write: 0, why: Refusal::Missing }) => return Ok(false),
                Err(CommitError::Refused { write, why: Refusal::Removed }) => {
                    let gone = owners.keys().nth(write.saturating_sub(1)).copied();
                    gone.map(|company| owners.remove(&company));
                }
                Err(error) => return Err(failures::commit(&error)),
            }
        }
        Ok(false)
    }

    /// The companies that claim it, and since when each has a connection to its account.
    async fn owners(&self, row: &Unclaimed) -> Result<BTreeMap<CompanyId, Option<Timestamp>>, Failure> {
        let rows = self.inbox.inner.store.connections_of_account(&row.account, row.mode).await;
        let mut owners: BTreeMap<CompanyId, Option<Timestamp>> = BTreeMap::new();
        let rows = rows.map_err(|e| failures::read(&e))?.into_iter();
        for connection in rows.filter(|row| is_proven(&row.kind, row.mode, &row.base_url)) {
            let since = owners.entry(connection.company).or_default();
            let known = since.unwrap_or(Timestamp::MAX);
            *since = connection.authorized_at.map(|at| at.min(known)).or(*since);
        }
        Ok(owners)
    }

    /// History, unless the event came when the connection was active already and was only
    /// overtaken by it.
    async fn receipt(
        &self,
        row: &Unclaimed,
        company: CompanyId,
        since: Option<Timestamp>,
        body: &[u8],
    ) -> Result<Receipt, Failure> {
        let head = EventHead {
            id: row.event.clone(),
            kind: row.kind.clone(),
            created: row.created_at,
            livemode: None,
            account: None,
            objects: row.objects.clone(),
        };
        let to = To { company, account: row.account.clone(), mode: row.mode };
        let receipt = self.inbox.inner.receipt(&to, &head, body, row.received_at).await?;
        let overtaken = since.is_some_and(|since| since <= row.received_at);
        let status = if overtaken { ReceiptStatus::Received } else { ReceiptStatus::Ignored };
        let listeners = if overtaken { receipt.listeners } else { 0 };
        Ok(Receipt { status, listeners, ..receipt })
    }
}
