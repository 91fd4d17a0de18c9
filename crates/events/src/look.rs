//! What people see of events, and what they ask for again.

use connections::RowId;
use model::{CompanyId, EventId, Failure, ReceiptId, ReceiptStatus};
use serde_json::Value;
use store::{CommitError, Page, PageOf, Receipt, ReceiptFilter, Refusal, Unit, Write};

use crate::{EventView, Inbox, failures, inbox::Inner};

impl Inbox {
    /// A company's events, newest first, without bodies.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn list(
        &self,
        company: CompanyId,
        filter: ReceiptFilter,
        limit: u32,
        after: Option<ReceiptId>,
    ) -> Result<PageOf<EventView>, Failure> {
        let page = Page { limit: limit.clamp(1, 100), after };
        let found = self.inner.store.receipts(company, filter, page).await.map_err(|e| failures::read(&e))?;
        let mut rows = Vec::with_capacity(found.rows.len());
        for receipt in found.rows {
            rows.push(self.inner.view(receipt, None).await?);
        }
        Ok(PageOf { rows, has_more: found.has_more })
    }

    /// An event by our id or Stripe's, with its body.
    ///
    /// # Errors
    /// `not_found`, `store_unavailable`.
    pub async fn show(&self, company: CompanyId, id: &str) -> Result<EventView, Failure> {
        let receipt = self.inner.find(company, id).await?;
        let event = self.inner.body(&receipt).await?;
        self.inner.view(receipt, Some(event)).await
    }

    /// Has an event dispatched again: finishes what was not done. Runs that exist are
    /// not started again. An event that was dispatched stays as it is. Safe to repeat.
    /// `entry` goes into the unit of the change: it is the entry of the audit log, and an
    /// event that stays as it is has none.
    ///
    /// # Errors
    /// `not_found`, `store_unavailable`.
    pub async fn replay(
        &self,
        company: CompanyId,
        id: &str,
        entry: impl FnOnce(&Receipt) -> Write,
    ) -> Result<EventView, Failure> {
        let receipt = self.inner.find(company, id).await?;
        let undone =
            matches!(receipt.status, ReceiptStatus::Dead | ReceiptStatus::Failed | ReceiptStatus::Ignored);
        if undone {
            let replay = Write::Replay { receipt: receipt.id };
            let unit = Unit::interactive(vec![replay, entry(&receipt)]);
            match self.inner.store.commit(unit).await {
                // The dispatcher was faster.
                Ok(_) | Err(CommitError::Refused { why: Refusal::NotReceived, .. }) => {}
                Err(error) => return Err(failures::commit(&error)),
            }
        }
        (self.inner.arrived)();
        self.show(company, &receipt.id.to_string()).await
    }
}

impl Inner {
    /// The receipt of this id; of several of one event (one per account and mode) the newest.
    async fn find(&self, company: CompanyId, id: &str) -> Result<Receipt, Failure> {
        let found = match id.parse::<ReceiptId>() {
            Ok(id) => self.store.receipt(id).await.map_err(|e| failures::read(&e))?,
            Err(_) => {
                let all = self.store.receipts_of_event(company, &EventId::new(id)).await;
                all.map_err(|e| failures::read(&e))?.into_iter().max_by_key(|receipt| receipt.id)
            }
        };
        found.filter(|receipt| receipt.company == company).ok_or_else(|| failures::not_found(id))
    }

    /// The event; a body that cannot be built as a value is shown as text.
    async fn body(&self, receipt: &Receipt) -> Result<Value, Failure> {
        let keyring = self.vault.keyring(receipt.company).await?;
        let plain = keyring.open(RowId { table: "receipts", id: &receipt.id.to_string() }, &receipt.body)?;
        Ok(serde_json::from_slice(plain.as_bytes())
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(plain.as_bytes()).into_owned())))
    }

    async fn view(&self, receipt: Receipt, event: Option<Value>) -> Result<EventView, Failure> {
        let runs = self.store.runs_of_receipt(receipt.id).await.map_err(|e| failures::read(&e))?;
        Ok(EventView {
            id: receipt.id,
            event_id: receipt.event.to_string(),
            kind: receipt.kind,
            account: receipt.account.to_string(),
            mode: receipt.mode,
            status: receipt.status,
            created_at: receipt.created_at,
            received_at: receipt.received_at,
            objects: receipt.objects,
            tries: receipt.tries,
            next_try_at: receipt.next_try_at,
            error: receipt.error.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text))),
            runs: runs.into_iter().map(|run| run.id).collect(),
            event,
        })
    }
}
