//! The receiver.
//!
//! The whole path of a delivery is: verify the raw bytes, read the head, seal, commit,
//! answer. Nothing else happens before the answer, so that Stripe never waits.

use std::sync::Arc;

use bytes::Bytes;
use connections::{RowId, Vault};
use engine::Programs;
use model::{AccountId, Clock, CompanyId, EventId, Failure, Mode, ReceiptId, ReceiptStatus, Rng, Timestamp};
use store::{Effected, Receipt, Source, Store, Unit, Write};
use stripe::signature::{self, Secret, SignatureError, TOLERANCE};
use tokio::sync::Notify;

use crate::{EventHead, Sources, failures};

/// The longest body that is taken, in bytes. Stripe's events are far shorter.
pub const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// The answer to a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Our record.
    pub receipt: ReceiptId,
    /// Stripe's id.
    pub event: EventId,
    /// How many active workflows listened for the type when it first came.
    pub listeners: u32,
    /// Whether it had been received before.
    pub duplicate: bool,
}

/// The inbox of all companies. Clones share everything.
#[derive(Clone)]
pub struct Inbox {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) vault: Vault,
    pub(crate) sources: Sources,
    programs: Programs,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) arrived: Arc<dyn Fn() + Send + Sync>,
    /// Told when an unclaimed event may have been claimed while it was stored.
    pub(crate) overtaken: Notify,
}

impl Inbox {
    /// Over these parts. `arrived` is called after each new receipt is on disk.
    pub fn new(
        store: Store,
        vault: Vault,
        sources: Sources,
        programs: Programs,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        arrived: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        let overtaken = Notify::new();
        Self { inner: Arc::new(Inner { store, vault, sources, programs, clock, rng, arrived, overtaken }) }
    }

    /// Verifies a delivery and stores it: when this returns, it is on disk. Safe to
    /// repeat: an event is received once.
    ///
    /// # Errors
    /// `invalid_signature` (missing, malformed, no match, stale by N seconds, mode of
    /// another source), `validation_error` for a body that is no event,
    /// `payload_too_large`, `not_found` for a company without sources,
    /// `store_unavailable`. Nothing was stored.
    pub async fn receive(
        &self,
        to: CompanyId,
        signature: Option<&[u8]>,
        body: Bytes,
    ) -> Result<Received, Failure> {
        if body.len() > LARGEST_BODY {
            return Err(failures::too_large(body.len(), LARGEST_BODY));
        }
        let now = model::from_micros(model::micros(self.inner.clock.now()));
        // Whether there is such a company is told to nobody: without secrets none matches.
        let secrets = self.inner.sources.secrets(to).await?;
        let source = verify(&secrets, signature, &body, now).map_err(|e| failures::signature(&e))?;
        let head = EventHead::read(&body, now)?;
        if let Some(livemode) = head.livemode
            && livemode != source.mode.livemode()
        {
            return Err(failures::mode(livemode, source.mode));
        }
        let account = head.account.clone().unwrap_or_else(|| source.account.clone());
        let to = To { company: to, account, mode: source.mode };
        let receipt = self.inner.receipt(&to, &head, &body, now).await?;
        self.inner.keep(receipt).await
    }
}

/// Whose receipt it is to be.
pub(crate) struct To {
    pub(crate) company: CompanyId,
    pub(crate) account: AccountId,
    pub(crate) mode: Mode,
}

/// The source whose secret signed the body.
pub(crate) fn verify<'a>(
    secrets: &'a [(Source, Secret)],
    header: Option<&[u8]>,
    body: &[u8],
    now: Timestamp,
) -> Result<&'a Source, SignatureError> {
    let live: Vec<&(Source, Secret)> =
        secrets.iter().filter(|(source, _)| source.expires_at.is_none_or(|at| now < at)).collect();
    let keys: Vec<Secret> = live.iter().map(|(_, secret)| secret.clone()).collect();
    let index = signature::verify(header.unwrap_or_default(), body, &keys, now, TOLERANCE)?;
    live.get(index.0).map(|(source, _)| source).ok_or(SignatureError::NoMatch)
}

impl Inner {
    /// What is to be stored of an event.
    pub(crate) async fn receipt(
        &self,
        to: &To,
        head: &EventHead,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Receipt, Failure> {
        let id = ReceiptId::new(self.clock.as_ref(), self.rng.as_ref());
        let keyring = self.vault.keyring(to.company).await?;
        Ok(Receipt {
            id,
            company: to.company,
            account: to.account.clone(),
            mode: to.mode,
            event: head.id.clone(),
            listeners: self.listeners(to.company, &head.kind).await,
            kind: head.kind.clone(),
            created_at: head.created,
            received_at: now,
            objects: head.objects.clone(),
            body: keyring.seal(RowId { table: "receipts", id: &id.to_string() }, body),
            status: ReceiptStatus::Received,
            tries: 0,
            next_try_at: None,
            error: None,
        })
    }

    /// Only part of the answer: a workflow that cannot be read must not cost an event.
    async fn listeners(&self, company: CompanyId, kind: &str) -> u32 {
        match self.programs.active(company).await {
            Ok(active) => {
                let count = active.triggered.iter().filter(|one| one.program.trigger().listens(kind)).count();
                u32::try_from(count).unwrap_or(u32::MAX)
            }
            Err(why) => {
                tracing::warn!(%company, %why, "the active workflows cannot be read; the event is stored all the same");
                0
            }
        }
    }

    async fn keep(&self, receipt: Receipt) -> Result<Received, Failure> {
        let unit = Unit::interactive(vec![Write::Receive(receipt)]);
        let effected = self.store.commit(unit).await.map_err(|e| failures::commit(&e))?;
        let Some(Effected::Received { receipt, fresh }) = effected.into_iter().next() else {
            return Err(failures::unsaid());
        };
        if fresh {
            (self.arrived)();
        }
        Ok(Received {
            receipt: receipt.id,
            event: receipt.event,
            listeners: receipt.listeners,
            duplicate: !fresh,
        })
    }
}
