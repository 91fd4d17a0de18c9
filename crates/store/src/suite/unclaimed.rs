//! Events that nobody claims: kept once, bounded, and taken by whoever connects.

use model::{AccountId, ConnectionStatus, EventId, Mode, ReceiptId};

use super::{cases, fixture::*};
use crate::{
    Backend, Bound, CommitError, Connection, Effected, Page, PurgePart, Receipt, Refusal, Unclaimed,
    UnclaimedOf, Write,
};

cases!(
    an_unclaimed_event_is_kept_once,
    what_is_beyond_the_limits_goes_oldest_first,
    the_bytes_of_bodies_count_and_the_event_that_comes_stays,
    with_the_clock_set_back_the_event_that_comes_stays,
    who_was_revoked_or_removed_claims_nothing,
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
    let bound = |count| Bound { count, bytes: 1_000 };
    Write::KeepUnclaimed { event, of_account: bound(3), of_all: bound(5) }
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
    let listed = |row: &Unclaimed| Unclaimed { body: sealed(""), ..row.clone() };
    assert_eq!(store.unclaimed(ALL).await.unwrap().rows, [listed(&live), listed(&first)]);
    let page = store.unclaimed(Page { limit: 1, after: Some(id("rcpt_", 2)) }).await.unwrap();
    assert_eq!((page.rows, page.has_more), (vec![listed(&first)], false));
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
    assert_eq!(store.claimable(9, None).await.unwrap(), []);
    let test = Connection { id: id("conn_", 3), name: "test".into(), mode: Mode::Test, ..live };
    done(store, vec![Write::PutConnection(test)]).await;
    assert_eq!(store.claimable(9, None).await.unwrap(), [unclaimed(1, "acct_2")]);
    assert_eq!(store.claimable(0, None).await.unwrap(), []);
    done(store, vec![keep(unclaimed(3, "acct_2")), keep(unclaimed(4, "acct_2"))]).await;
    let after = async |limit, n| store.claimable(limit, Some(id("rcpt_", n))).await.unwrap();
    assert_eq!(after(1, 1).await, [unclaimed(3, "acct_2")]);
    assert_eq!(after(9, 1).await, [unclaimed(3, "acct_2"), unclaimed(4, "acct_2")]);
    assert_eq!(after(9, 4).await, []);
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

async fn the_bytes_of_bodies_count_and_the_event_that_comes_stays(store: &dyn Backend) {
    let keep = |n, account, bytes: usize| {
        let event = Unclaimed { body: sealed(&"x".repeat(bytes)), ..unclaimed(n, account) };
        let bound = |bytes| Bound { count: 9, bytes };
        vec![Write::KeepUnclaimed { event, of_account: bound(100), of_all: bound(150) }]
    };
    let gone = |n| [Effected::Kept { fresh: true, gone: n }];
    assert_eq!(done(store, keep(1, "acct_2", 60)).await, gone(0));
    assert_eq!(done(store, keep(2, "acct_2", 40)).await, gone(0), "just full");
    assert_eq!(done(store, keep(3, "acct_2", 1)).await, gone(1), "its account's oldest");
    assert_eq!(done(store, keep(4, "acct_3", 100)).await, gone(0));
    assert_eq!(done(store, keep(5, "acct_4", 30)).await, gone(1), "the oldest of all");
    assert_eq!(done(store, keep(6, "acct_5", 900)).await, gone(3), "longer than the bound");
    assert_eq!(ids(store).await, [id("rcpt_", 6)]);
}

async fn with_the_clock_set_back_the_event_that_comes_stays(store: &dyn Backend) {
    for n in [10, 11, 12] {
        done(store, vec![keep(unclaimed(n, "acct_2"))]).await;
    }
    let effects = done(store, vec![keep(unclaimed(1, "acct_2"))]).await;
    assert_eq!(effects, [Effected::Kept { fresh: true, gone: 1 }]);
    assert_eq!(ids(store).await, [12, 11, 1].map(|n| id("rcpt_", n)));
}

async fn who_was_revoked_or_removed_claims_nothing(store: &dyn Backend) {
    let account = AccountId::new("acct_2");
    done(store, vec![keep(unclaimed(1, "acct_2"))]).await;
    let of = |n, company, status| Connection {
        account: Some(account.clone()),
        company: id("co_", company),
        status,
        ..connection(n, "main")
    };
    done(store, vec![Write::PutConnection(of(1, 1, ConnectionStatus::Revoked))]).await;
    assert_eq!(store.claimable(9, None).await.unwrap(), []);
    done(store, vec![Write::PutConnection(of(2, 2, ConnectionStatus::Expired))]).await;
    assert_eq!(store.claimable(9, None).await.unwrap().len(), 1);
    let companies = async || {
        let holders = store.account_holders(&account, Mode::Test).await.unwrap();
        holders.into_iter().map(|holder| (holder.company, holder.status.unwrap())).collect::<Vec<_>>()
    };
    let (revoked, expired) =
        ((id("co_", 1), ConnectionStatus::Revoked), (id("co_", 2), ConnectionStatus::Expired));
    assert_eq!(companies().await, [revoked, expired]);
    done(store, vec![Write::Purge { company: id("co_", 2), part: PurgePart::ApiKeys, limit: 9 }]).await;
    assert_eq!(store.claimable(9, None).await.unwrap(), []);
    assert_eq!(companies().await, [revoked]);
}
