//! The receiver.

use std::sync::Arc;

use bytes::Bytes;
use connections::Vault;
use engine::Programs;
use model::{Clock, CompanyId, EventId, Failure, ReceiptId, Rng};
use store::{PageOf, ReceiptFilter, Store};

use crate::{EventView, Sources};

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

/// The inbox of all companies.
#[derive(Clone)]
pub struct Inbox {
    // the helper's
    _store: Store,
}

impl Inbox {
    /// Over these parts. `arrived` is called after each new receipt is on disk.
    pub fn new(
        _store: Store,
        _vault: Vault,
        _sources: Sources,
        _programs: Programs,
        _clock: Arc<dyn Clock>,
        _rng: Arc<dyn Rng>,
        _arrived: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        todo!()
    }

    /// Verifies a delivery and stores it: when this returns, it is on disk. Safe to
    /// repeat: an event is received once.
    ///
    /// # Errors
    /// `invalid_signature` (missing, malformed, no match, stale by N seconds, mode of
    /// another source), `validation_error` for a body that is no event,
    /// `not_found` for a company without sources, `store_unavailable`. Nothing was stored.
    pub async fn receive(
        &self,
        _to: CompanyId,
        _signature: Option<&[u8]>,
        _body: Bytes,
    ) -> Result<Received, Failure> {
        todo!()
    }

    /// A company's events, newest first, without bodies.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn list(
        &self,
        _company: CompanyId,
        _filter: ReceiptFilter,
        _limit: u32,
        _after: Option<ReceiptId>,
    ) -> Result<PageOf<EventView>, Failure> {
        todo!()
    }

    /// An event by our id or Stripe's, with its body.
    ///
    /// # Errors
    /// `not_found`, `store_unavailable`.
    pub async fn show(&self, _company: CompanyId, _id: &str) -> Result<EventView, Failure> {
        todo!()
    }

    /// Has an event dispatched again: finishes what was not done. Runs that exist are
    /// not started again. An event that was dispatched stays as it is.
    ///
    /// # Errors
    /// `not_found`, `store_unavailable`.
    pub async fn replay(&self, _company: CompanyId, _id: &str) -> Result<EventView, Failure> {
        todo!()
    }
}
