//! Moves unclaimed events to the companies that have come to have a connection to their
//! account.
//!
//! Claimed events are history: they are stored and shown, and start nothing. The move is
//! one unit, which takes the event and stores its receipts; whoever is second finds it
//! taken. Looked for when a connection becomes active, and again once a minute, so that
//! one that was overtaken on its way in is found too.

use std::{sync::Arc, time::Duration};

use connections::Connections;
use model::{Code, CompanyId, Failure, ReceiptId, ReceiptStatus, Timestamp};
use serde_json::Value;
use store::{CommitError, Effected, Receipt, Refusal, Unclaimed, Unit, Write};

use crate::{
    EventHead, Inbox, ending, failures,
    inbox::To,
    unclaimed::{at, too_old},
};

/// Most events read at once, with their bodies.
const BATCH: u32 = 20;
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

    /// Claims what can be claimed now; says how many events. What is too old goes. Every
    /// event that waits is looked at, so that none waits behind those that cannot be moved.
    ///
    /// # Errors
    /// `store_unavailable`. What was claimed so far stays so; what cannot be claimed for
    /// any other reason stays for the next look.
    pub async fn step(&self) -> Result<usize, Failure> {
        let inbox = &self.inner.inbox.inner;
        let before = too_old(inbox.clock.now());
        let (mut claimed, mut after, mut trouble) = (0, None, None);
        loop {
            let found = inbox.store.claimable(BATCH, after).await.map_err(|e| failures::read(&e))?;
            let Some(last) = found.last() else { break };
            after = Some(last.id);
            for row in found {
                match self.inner.claim(&row).await {
                    Ok(moved) => claimed += usize::from(moved),
                    Err(failure) if failure.code == Code::StoreUnavailable => trouble = Some(failure),
                    Err(why) => tracing::warn!(event = %row.event, %why, "an event cannot be claimed yet"),
                }
            }
        }
        let forget = Unit::background(vec![Write::ForgetUnclaimed(before)]);
        let gone = inbox.store.commit(forget).await.map_err(|e| failures::commit(&e))?;
        if let Some(Effected::Forgotten(gone @ 1..)) = gone.first() {
            tracing::info!(gone, "unclaimed events have grown old");
        }
        trouble.map_or(Ok(claimed), Err)
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
    /// Moves one event; says whether this call did. As long as it cannot be made for one
    /// of its companies it also stays where it is, and the others have it.
    async fn claim(&self, row: &Unclaimed) -> Result<bool, Failure> {
        let inbox = &self.inbox.inner;
        let owners = inbox.owners((&row.account, row.mode), &row.kind, row.created_at).await?;
        let id = row.id.to_string();
        let plain = inbox.vault.keyring_of(None).await?.open(at(&id), &row.body)?;
        if row.kind == ending::KIND {
            let event: Value = serde_json::from_slice(plain.as_bytes()).unwrap_or_default();
            let of = (&row.account, row.mode, row.created_at);
            ending::apply(&self.connections, None, of, &event).await?;
        }
        let (mut receipts, mut failed) = (Vec::new(), None);
        for (company, since) in owners {
            match self.receipt(row, company, since, plain.as_bytes()).await {
                Ok(receipt) => receipts.push(receipt),
                Err(why) => failed = Some(why),
            }
        }
        let moved = self.store(row.id, receipts, failed.is_none()).await?;
        failed.map_or(Ok(moved), Err)
    }

    /// Stores an event's receipts and, with them, takes it.
    async fn store(&self, id: ReceiptId, mut receipts: Vec<Receipt>, take: bool) -> Result<bool, Failure> {
        let inbox = &self.inbox.inner;
        while !receipts.is_empty() {
            let taken = take.then_some(Write::TakeUnclaimed(id));
            let writes = taken.into_iter().chain(receipts.iter().cloned().map(Write::Receive)).collect();
            match inbox.store.commit(Unit::background(writes)).await {
                Ok(_) => {
                    (inbox.arrived)();
                    return Ok(take);
                }
                // Somebody else was faster.
                Err(CommitError::Refused { write: 0, why: Refusal::Missing }) if take => return Ok(false),
                Err(CommitError::Refused { write, why: Refusal::Removed })
                    if (usize::from(take)..receipts.len() + usize::from(take)).contains(&write) =>
                {
                    receipts.remove(write - usize::from(take));
                }
                Err(error) => return Err(failures::commit(&error)),
            }
        }
        Ok(false)
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
