//! Receipts, dispatch, retries, replay.

use model::{EventId, ReceiptStatus, RunStatus};

use super::{cases, fixture::*};
use crate::{Backend, CommitError, Effected, Epoch, Page, Receipt, ReceiptFilter, Refusal, Unit, Write};

cases!(
    a_company_with_very_many_events_keeps_no_other_waiting,
    an_event_is_stored_once,
    a_dispatch_makes_each_run_once,
    a_receipt_is_dispatched_once,
    a_receipt_nobody_wants_is_ignored_and_can_be_replayed,
    a_failed_start_is_due_at_its_time_and_dies_without_one,
    a_receipt_is_done_when_all_its_runs_have_ended,
    receipts_are_paged_newest_first,
    two_hundred_deliveries_of_one_event_store_one,
);

fn refused_at(write: usize, why: Refusal) -> CommitError {
    CommitError::Refused { write, why }
}

async fn an_event_is_stored_once(store: &dyn Backend) {
    let first = done(store, vec![Write::Receive(receipt(1))]).await;
    assert_eq!(first, [Effected::Received { receipt: Box::new(receipt(1)), fresh: true }]);
    let mut again = receipt(1);
    again.id = id("rcpt_", 2);
    again.body = sealed("other bytes");
    let second = done(store, vec![Write::Receive(again)]).await;
    assert_eq!(second, [Effected::Received { receipt: Box::new(receipt(1)), fresh: false }]);
    let mut elsewhere = receipt(3);
    elsewhere.event = EventId::new("evt_1");
    elsewhere.account = model::AccountId::new("acct_2");
    done(store, vec![Write::Receive(elsewhere.clone())]).await;
    let all = store.receipts_of_event(id("co_", 1), &EventId::new("evt_1")).await.unwrap();
    assert_eq!(all, [receipt(1), elsewhere]);
    assert_eq!(store.receipt(id("rcpt_", 1)).await.unwrap(), Some(receipt(1)));
    assert_eq!(store.receipt(id("rcpt_", 2)).await.unwrap(), None);
}

async fn a_dispatch_makes_each_run_once(store: &dyn Backend) {
    done(store, vec![Write::Receive(receipt(1)), Write::StartRun(run(1, 1))]).await;
    let mut same_cause = run(1, 1);
    same_cause.id = id("run_", 7);
    let mut other = run(1, 2);
    other.id = id("run_", 8);
    let effects = done(store, vec![dispatch(1, vec![same_cause, other.clone()])]).await;
    assert_eq!(effects, [Effected::Dispatched { started: vec![other.id], told: vec![] }]);
    assert_eq!(store.runs_of_receipt(id("rcpt_", 1)).await.unwrap(), [run(1, 1), other]);
    assert_eq!(store.receipt(id("rcpt_", 1)).await.unwrap().unwrap().status, ReceiptStatus::Dispatched);
    let again = done(store, vec![Write::StartRun(run(1, 1))]).await;
    assert_eq!(again, [Effected::Started { run: id("run_", 1), existed: true }]);
}

async fn a_receipt_is_dispatched_once(store: &dyn Backend) {
    assert_eq!(refused(store, vec![dispatch(1, vec![])]).await, refused_at(0, Refusal::Missing));
    done(store, vec![Write::Receive(receipt(1))]).await;
    done(store, vec![dispatch(1, vec![run(1, 1)])]).await;
    let late = refused(store, vec![Write::StartRun(called_run(5)), dispatch(1, vec![run(1, 2)])]).await;
    assert_eq!(late, refused_at(1, Refusal::NotReceived));
    assert_eq!(store.run(id("run_", 5)).await.unwrap(), None);
    assert_eq!(refused(store, vec![retry(1, None)]).await, refused_at(0, Refusal::NotReceived));
    let replay = Write::Replay { receipt: id("rcpt_", 1) };
    assert_eq!(refused(store, vec![replay]).await, refused_at(0, Refusal::NotReceived));
}

async fn a_receipt_nobody_wants_is_ignored_and_can_be_replayed(store: &dyn Backend) {
    done(store, vec![Write::Receive(receipt(1)), dispatch(1, vec![])]).await;
    assert_eq!(store.receipt(id("rcpt_", 1)).await.unwrap().unwrap().status, ReceiptStatus::Ignored);
    assert_eq!(store.to_dispatch(at(99), 10).await.unwrap(), []);
    for _ in 0..2 {
        done(store, vec![Write::Replay { receipt: id("rcpt_", 1) }]).await;
    }
    assert_eq!(store.to_dispatch(at(0), 10).await.unwrap(), [receipt(1)]);
    let unknown = refused(store, vec![Write::Replay { receipt: id("rcpt_", 2) }]).await;
    assert_eq!(unknown, refused_at(0, Refusal::Missing));
}

async fn a_failed_start_is_due_at_its_time_and_dies_without_one(store: &dyn Backend) {
    done(store, vec![Write::Receive(receipt(2)), Write::Receive(receipt(1))]).await;
    done(store, vec![retry(1, Some(20))]).await;
    assert_eq!(store.next_dispatch().await.unwrap(), Some(at(20)));
    assert_eq!(store.to_dispatch(at(19), 10).await.unwrap(), [receipt(2)]);
    let due = store.to_dispatch(at(20), 10).await.unwrap();
    assert_eq!(
        due.iter().map(|r| (r.id, r.tries, r.status)).collect::<Vec<_>>(),
        [(id("rcpt_", 1), 1, ReceiptStatus::Failed), (id("rcpt_", 2), 0, ReceiptStatus::Received),]
    );
    assert_eq!(due[0].error.as_deref(), Some("why"));
    assert_eq!(store.to_dispatch(at(20), 1).await.unwrap().len(), 1);
    done(store, vec![retry(1, None)]).await;
    assert_eq!(store.next_dispatch().await.unwrap(), None);
    assert_eq!(store.receipt(id("rcpt_", 1)).await.unwrap().unwrap().status, ReceiptStatus::Dead);
    done(store, vec![Write::Replay { receipt: id("rcpt_", 1) }]).await;
    assert_eq!(store.receipt(id("rcpt_", 1)).await.unwrap(), Some(receipt(1)));
}

async fn a_receipt_is_done_when_all_its_runs_have_ended(store: &dyn Backend) {
    let mut other = run(1, 2);
    other.id = id("run_", 2);
    done(store, vec![Write::Receive(receipt(1)), dispatch(1, vec![run(1, 1), other])]).await;
    let status = async || store.receipt(id("rcpt_", 1)).await.unwrap().unwrap().status;
    done(store, vec![set_run(1, RunStatus::Completed)]).await;
    assert_eq!(status().await, ReceiptStatus::Dispatched);
    done(store, vec![set_run(2, RunStatus::Parked)]).await;
    assert_eq!(status().await, ReceiptStatus::Dispatched);
    done(store, vec![set_run(2, RunStatus::Failed)]).await;
    assert_eq!(status().await, ReceiptStatus::Done);
}

async fn receipts_are_paged_newest_first(store: &dyn Backend) {
    for n in [3, 1, 5, 2, 4] {
        done(store, vec![Write::Receive(receipt(n))]).await;
    }
    let mut foreign = receipt(6);
    foreign.company = id("co_", 2);
    done(store, vec![Write::Receive(foreign), dispatch(2, vec![])]).await;
    let page = async |filter: ReceiptFilter, limit, after: Option<u64>| {
        let page = Page { limit, after: after.map(|n| id("rcpt_", n)) };
        let got = store.receipts(id("co_", 1), filter, page).await.unwrap();
        let events = got.rows.iter().map(|r| r.event.as_str()[4..].to_owned()).collect::<Vec<_>>().join(" ");
        (events, got.has_more)
    };
    let all = ReceiptFilter::default();
    assert_eq!(page(all.clone(), 2, None).await, ("5 4".into(), true));
    assert_eq!(page(all.clone(), 2, Some(4)).await, ("3 2".into(), true));
    assert_eq!(page(all.clone(), 2, Some(2)).await, ("1".into(), false));
    assert_eq!(page(all, 5, None).await, ("5 4 3 2 1".into(), false));
    let by = |kind: Option<&str>, status, object: Option<&str>| ReceiptFilter {
        kind: kind.map(Into::into),
        status,
        object: object.map(Into::into),
    };
    assert_eq!(page(by(Some("invoice.paid"), None, None), 3, None).await, ("5 4 3".into(), true));
    assert_eq!(page(by(Some("x"), None, None), 3, None).await, (String::new(), false));
    assert_eq!(page(by(None, Some(ReceiptStatus::Ignored), None), 3, None).await, ("2".into(), false));
    assert_eq!(
        page(by(None, Some(ReceiptStatus::Received), Some("cus_1")), 3, None).await,
        ("5 4 3".into(), true)
    );
    assert_eq!(page(by(None, None, Some("in_4")), 3, None).await, ("4".into(), false));
    assert_eq!(page(by(None, Some(ReceiptStatus::Done), None), 3, None).await, (String::new(), false));
}

async fn two_hundred_deliveries_of_one_event_store_one(store: &dyn Backend) {
    let deliveries = (0..200).map(|n| {
        let mut copy = receipt(1);
        copy.id = id("rcpt_", 1000 + n);
        store.commit(Unit::interactive(vec![Write::Receive(copy)]))
    });
    let mut stored = Vec::new();
    let mut fresh = 0;
    for answer in futures_util::future::join_all(deliveries).await {
        for effect in answer.unwrap() {
            let Effected::Received { receipt, fresh: is_fresh } = effect else { panic!("{effect:?}") };
            stored.push(receipt.id);
            fresh += u32::from(is_fresh);
        }
    }
    stored.dedup();
    assert_eq!((stored.len(), fresh), (1, 1));
}

async fn a_company_with_very_many_events_keeps_no_other_waiting(store: &dyn Backend) {
    let of = |company: u64, n: u64| Write::Receive(Receipt { company: id("co_", company), ..receipt(n) });
    done(store, (1..=40).map(|n| of(1, n)).collect()).await;
    let oldest = |due: Vec<Receipt>| due.iter().map(|r| r.id).collect::<Vec<_>>();
    let due = store.to_dispatch(at(0), 4).await.unwrap();
    assert_eq!(oldest(due), [1, 2, 3, 4].map(|n| id("rcpt_", n)), "alone it has everything");
    done(store, vec![of(2, 41), of(2, 42), of(3, 43), retry(43, Some(50))]).await;
    let due = store.to_dispatch(at(0), 4).await.unwrap();
    assert_eq!(due[0].id, id("rcpt_", 1), "in its turn each has its oldest");
    assert_eq!(due[1].id, id("rcpt_", 41));
    assert!(due.len() <= 4 && due.iter().all(|r| r.company != id("co_", 3)), "not before its time");
    let due = store.to_dispatch(at(50), 4).await.unwrap();
    let first: Vec<_> = due.iter().take(3).map(|r| r.company).collect();
    assert_eq!(first, [id("co_", 1), id("co_", 2), id("co_", 3)]);
    // One batch after the other, nobody is left out.
    for _ in 0..200 {
        let due = store.to_dispatch(at(50), 4).await.unwrap();
        if due.is_empty() {
            break;
        }
        for row in due {
            let dispatch = Write::Dispatch { receipt: row.id, runs: Vec::new(), epoch: Epoch(0) };
            done(store, vec![dispatch]).await;
        }
    }
    assert_eq!(store.to_dispatch(at(50), 4).await.unwrap(), []);
}
