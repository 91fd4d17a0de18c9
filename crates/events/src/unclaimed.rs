//! Events of accounts that no company has a connection to: kept apart, sealed for the
//! installation, until somebody connects the account or they grow old.
//!
//! Stripe cannot be told to come again later, and whoever connects an account wants to see
//! what happened just before. Bounded: the newest of an account, and of all, stay.

use std::time::Duration;

use connections::RowId;
use model::{Failure, ReceiptId, Timestamp};
use store::{Bound, Effected, Page, PageOf, Unclaimed, UnclaimedOf, Unit, Write};

use crate::{
    Inbox, failures,
    inbox::Inner,
    installation::{Event, Routed},
};

/// Most unclaimed events of one account and mode; the oldest go first.
pub const UNCLAIMED_OF_ACCOUNT_MAX: u32 = 1_000;
/// Most unclaimed events of all; the oldest go first.
pub const UNCLAIMED_MAX: u32 = 20_000;
/// Most bytes of them, sealed, of one account and mode; the oldest go first.
pub const UNCLAIMED_OF_ACCOUNT_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Most bytes of them, sealed, of all; the oldest go first.
pub const UNCLAIMED_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// How long an unclaimed event is kept: as long as Stripe shows it.
pub const UNCLAIMED_FOR: Duration = Duration::from_secs(30 * 24 * 3_600);

/// Where the body of an unclaimed event is sealed.
pub(crate) fn at(id: &str) -> RowId<'_> {
    RowId { table: "unclaimed", id }
}

/// When those were received that are too old now.
pub(crate) fn too_old(now: Timestamp) -> Timestamp {
    now.checked_sub(UNCLAIMED_FOR).unwrap_or(Timestamp::MIN)
}

impl Inbox {
    /// Unclaimed events, newest first, without their bodies.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn unclaimed(
        &self,
        limit: u32,
        after: Option<ReceiptId>,
    ) -> Result<PageOf<Unclaimed>, Failure> {
        let page = Page { limit: limit.clamp(1, 100), after };
        self.inner.store.unclaimed(page).await.map_err(|e| failures::read(&e))
    }

    /// How many there are, by account and mode.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn unclaimed_accounts(&self) -> Result<Vec<UnclaimedOf>, Failure> {
        self.inner.store.unclaimed_accounts().await.map_err(|e| failures::read(&e))
    }
}

impl Inner {
    /// Keeps an event that nobody claims.
    pub(crate) async fn set_apart(&self, event: Event) -> Result<Routed, Failure> {
        let Event { account, mode, head, body, now } = event;
        let id = ReceiptId::new(self.clock.as_ref(), self.rng.as_ref());
        let keyring = self.vault.keyring_of(None).await?;
        let row = Unclaimed {
            id,
            account: account.clone(),
            mode,
            event: head.id.clone(),
            kind: head.kind,
            created_at: head.created,
            received_at: now,
            objects: head.objects,
            body: keyring.seal(at(&id.to_string()), &body),
        };
        let (kind, created) = (row.kind.clone(), row.created_at);
        let of_account = Bound { count: UNCLAIMED_OF_ACCOUNT_MAX, bytes: UNCLAIMED_OF_ACCOUNT_BYTES_MAX };
        let of_all = Bound { count: UNCLAIMED_MAX, bytes: UNCLAIMED_BYTES_MAX };
        let keep = Write::KeepUnclaimed { event: row, of_account, of_all };
        let effects = self.store.commit(Unit::interactive(vec![keep])).await;
        let effect = effects.map_err(|e| failures::commit(&e))?.into_iter().next();
        let Some(Effected::Kept { fresh, gone }) = effect else { return Err(failures::unsaid()) };
        if gone > 0 {
            tracing::warn!(%account, %mode, gone, "unclaimed events were let go of, because there are too many");
        }
        // Somebody may have connected the account between the look and the commit.
        if !self.owners((&account, mode), &kind, created).await.is_ok_and(|owners| owners.is_empty()) {
            self.overtaken.notify_one();
        }
        Ok(Routed { event: head.id, companies: 0, listeners: 0, duplicate: !fresh })
    }
}
