//! Events that nobody claims: kept once, bounded, and taken by whoever connects.

use model::{AccountId, EventId, Mode, ReceiptId};

use super::{cases, fixture::*};
use crate::{
    Backend, CommitError, Connection, Effected, Page, Receipt, Refusal, Unclaimed, UnclaimedOf, Write,
};

cases!(
    an_unclaimed_event_is_kept_once,
    what_is_beyond_the_limits_goes_oldest_first,
    an_account_that_somebody_connects_is_claimable,
    an_unclaimed_event_is_taken_once_and_with_its_receipts_or_not_at_all,
    old_unclaimed_events_are_forgotten,
);

const ALL: Page<ReceiptId> = Page { limit: 100, after: None };

fn unclaimed(n: u64, account: &str) -> Unclaimed {
    Unclaimed {
        id: id("rcpt_", n),
        account: AccountId::new(account),
        mode: Mode::Test,
        event: EventId::new(format!("evt_{n}")),
        kind: "invoice.paid".into(),
        created_at: at(n as i64 - 1),
        received_at: at(n as i64),
        objects: vec![format!("in_{n}")],
        body: sealed(&format!("body {n}")),
    }
}

fn keep(event: Unclaimed) -> Write {
    Write::KeepUnclaimed { event, of_account: 3, of_all: 5 }
}

async fn ids(store: &dyn Backend) -> Vec<ReceiptId> {
    store.unclaimed(ALL).await.unwrap().rows.into_iter().map(|row| row.id).collect()
}

async fn an_unclaimed_event_is_kept_once(store: &dyn Backend) {
    let first = unclaimed(1, "acct_2");
    let again = Unclaimed { id: id("rcpt_", 9), ..first.clone() };
    let live = Unclaimed { id: id("rcpt_", 2), mode: Mode::Live, ..first.clone() };
    let effects = done(store, vec![keep(first.clone()), keep(again), keep(live.clone())]).await;
    let kept = |fresh| Effected::Kept { fresh, gone: 0 };
    assert_eq!(effects, [kept(true), kept(false), kept(true)]);
    assert_eq!(store.unclaimed(ALL).await.unwrap().rows, [live, first.clone()]);
    let page = store.unclaimed(Page { limit: 1, after: Some(id("rcpt_", 2)) }).await.unwrap();
    assert_eq!((page.rows, page.has_more), (vec![first], false));
    let of = |mode, n| UnclaimedOf {
        account: AccountId::new("acct_2"),
        mode,
        count: 1,
        first_at: at(n),
        last_at: at(n),
    };
    assert_eq!(store.unclaimed_accounts().await.unwrap(), [of(Mode::Live, 1), of(Mode::Test, 1)]);
}

async fn what_is_beyond_the_limits_goes_oldest_first(store: &dyn Backend) {
    for n in 1..=4 {
        let effects = done(store, vec![keep(unclaimed(n, "acct_2"))]).await;
        assert_eq!(effects, [Effected::Kept { fresh: true, gone: u64::from(n == 4) }]);
    }
    for n in 5..=7 {
        done(store, vec![keep(unclaimed(n, "acct_3"))]).await;
    }
    assert_eq!(ids(store).await, [7, 6, 5, 4, 3].map(|n| id("rcpt_", n)));
    let counts = store.unclaimed_accounts().await.unwrap();
    assert_eq!(counts.iter().map(|of| of.count).collect::<Vec<_>>(), [2, 3]);
}

async fn an_account_that_somebody_connects_is_claimable(store: &dyn Backend) {
    done(store, vec![keep(unclaimed(1, "acct_2")), keep(unclaimed(2, "acct_3"))]).await;
    let live =
        Connection { account: Some(AccountId::new("acct_2")), mode: Mode::Live, ..connection(1, "live") };
    let pending = Connection { account: None, ..connection(2, "pending") };
    done(store, vec![Write::PutConnection(live.clone()), Write::PutConnection(pending)]).await;
    assert_eq!(store.claimable(9).await.unwrap(), []);
    let test = Connection { id: id("conn_", 3), name: "test".into(), mode: Mode::Test, ..live };
    done(store, vec![Write::PutConnection(test)]).await;
    assert_eq!(store.claimable(9).await.unwrap(), [unclaimed(1, "acct_2")]);
    assert_eq!(store.claimable(0).await.unwrap(), []);
}

async fn an_unclaimed_event_is_taken_once_and_with_its_receipts_or_not_at_all(store: &dyn Backend) {
    done(store, vec![keep(unclaimed(1, "acct_2")), keep(unclaimed(2, "acct_2"))]).await;
    let take = |n| Write::TakeUnclaimed(id("rcpt_", n));
    let missing = CommitError::Refused { write: 0, why: Refusal::Missing };
    done(store, vec![take(1), Write::Receive(receipt(5))]).await;
    assert_eq!(refused(store, vec![take(1), Write::Receive(receipt(6))]).await, missing);
    let late = CommitError::Refused { write: 1, why: Refusal::Missing };
    assert_eq!(refused(store, vec![Write::Receive(receipt(7)), take(9)]).await, late);
    let there = |n| async move { store.receipt(id("rcpt_", n)).await.unwrap().is_some() };
    assert!(there(5).await && !there(6).await && !there(7).await);
    // A receipt that cannot be made leaves the event where it is.
    let taken = Receipt { event: EventId::new("evt_other"), ..receipt(5) };
    refused(store, vec![take(2), Write::Receive(taken)]).await;
    assert_eq!(ids(store).await, [id("rcpt_", 2)]);
}

async fn old_unclaimed_events_are_forgotten(store: &dyn Backend) {
    done(store, vec![keep(unclaimed(1, "acct_2")), keep(unclaimed(2, "acct_2"))]).await;
    assert_eq!(done(store, vec![Write::ForgetUnclaimed(at(2))]).await, [Effected::Forgotten(1)]);
    assert_eq!(done(store, vec![Write::ForgetUnclaimed(at(2))]).await, [Effected::Forgotten(0)]);
    assert_eq!(ids(store).await, [id("rcpt_", 2)]);
}
