//! Companies: how they are found, what goes with them, and the log of who changed what.

use super::{cases, fixture::*};
use crate::{
    ApiKey, Audited, Backend, CommitError, Company, DataKey, Effected, Epoch, Page, PurgePart, Refusal,
    RunFilter, Secret, Write,
};

cases!(
    a_company_is_found_by_id_or_name_and_names_are_unique,
    the_use_of_a_key_is_noted_and_kept,
    the_audit_log_is_read_newest_first_and_by_company,
    a_purge_takes_everything_of_one_company_in_bounded_units,
    nothing_of_a_company_comes_back_once_its_purge_has_begun,
    a_purge_that_is_refused_removes_nobody,
);

const CONFLICT: CommitError = CommitError::Refused { write: 0, why: Refusal::Conflict };

fn company(n: u64, name: &str) -> Company {
    Company { id: id("co_", n), name: name.into(), created_at: at(1) }
}

fn key(n: u64, of: u64) -> ApiKey {
    ApiKey {
        id: id("key_", n),
        company: id("co_", of),
        name: "k".into(),
        hash: [n as u8; 32],
        scopes: vec!["admin".into()],
        bound: false,
        created_at: at(1),
        expires_at: Some(at(9)),
        used_at: None,
    }
}

fn entry(n: u64, of: u64) -> Audited {
    Audited {
        id: id("aud_", n),
        company: id("co_", of),
        at: at(n as i64),
        // Of every second one nobody's key is known.
        actor: (n % 2 == 1).then(|| id("key_", 1)),
        what: "key.created".into(),
        target: format!("key {n}"),
        details: "{}".into(),
    }
}

async fn a_company_is_found_by_id_or_name_and_names_are_unique(store: &dyn Backend) {
    let a = company(1, "a");
    // Named as the other one's id: the id wins.
    let b = company(2, &a.id.to_string());
    done(store, vec![Write::PutCompany(a.clone()), Write::PutCompany(b.clone())]).await;
    assert_eq!(store.company("a").await.unwrap(), Some(a.clone()));
    assert_eq!(store.company(&a.id.to_string()).await.unwrap(), Some(a));
    assert_eq!(store.company(&b.id.to_string()).await.unwrap(), Some(b));
    assert_eq!(store.company("A").await.unwrap(), None);
    assert_eq!(refused(store, vec![Write::PutCompany(company(3, "a"))]).await, CONFLICT);
}

async fn the_use_of_a_key_is_noted_and_kept(store: &dyn Backend) {
    done(store, vec![Write::PutApiKey(key(1, 1)), Write::UseApiKey(id("key_", 1), at(5))]).await;
    done(store, vec![Write::UseApiKey(id("key_", 1), at(3)), Write::UseApiKey(id("key_", 9), at(3))]).await;
    done(store, vec![Write::PutApiKey(ApiKey { name: "new".into(), ..key(1, 1) })]).await;
    let stored = store.api_key([1; 32]).await.unwrap().unwrap();
    assert_eq!(stored, ApiKey { name: "new".into(), used_at: Some(at(5)), ..key(1, 1) });
}

async fn the_audit_log_is_read_newest_first_and_by_company(store: &dyn Backend) {
    let all = [entry(1, 1), entry(2, 2), entry(3, 1), entry(4, 1)];
    done(store, all.iter().cloned().map(Write::Audit).collect()).await;
    assert_eq!(refused(store, vec![Write::Audit(entry(3, 1))]).await, CONFLICT);
    let page = |limit, after: Option<u64>| Page { limit, after: after.map(|n| id("aud_", n)) };
    let first = store.audit(id("co_", 1), page(2, None)).await.unwrap();
    assert_eq!((first.rows, first.has_more), (vec![entry(4, 1), entry(3, 1)], true));
    let rest = store.audit(id("co_", 1), page(2, Some(3))).await.unwrap();
    assert_eq!((rest.rows, rest.has_more), (vec![entry(1, 1)], false));
}

/// Fills a company's tables with rows of the fixture, which belong to company 1.
async fn fill(store: &dyn Backend) {
    let data_key = |id: String| Write::PutDataKey(DataKey { id, wrapped: sealed("w"), master: "m".into() });
    let secret = Secret { company: id("co_", 1), name: "s".into(), value: sealed("v"), updated_at: at(1) };
    let epoch = Epoch(0);
    let mut writes = vec![
        Write::PutCompany(company(1, "a")),
        Write::PutCompany(company(2, "b")),
        Write::PutApiKey(key(1, 1)),
        Write::PutApiKey(key(2, 2)),
        Write::PutConnection(connection(1, "main")),
        Write::PutAuthorization(authorization(1, 1)),
        Write::PutSecret(secret),
        Write::Audit(entry(1, 1)),
        Write::Audit(entry(2, 2)),
        data_key(format!("{}/receipts", company(1, "a").id)),
        data_key(format!("{}/receipts", company(2, "b").id)),
        data_key("check".into()),
        Write::BeginIntent(intent(1)),
    ];
    writes.extend((1..=3).map(|n| Write::Receive(receipt(n))));
    writes.extend((1..=3).map(|n| Write::StartRun(run(n, 1))));
    writes.push(Write::Journal { run: id("run_", 1), seq: 1, row: sealed("row"), epoch });
    writes.push(Write::SetTimer { run: id("run_", 2), path: path("t"), at: at(9), epoch });
    done(store, writes).await;
}

async fn purge(store: &dyn Backend, part: PurgePart) -> Vec<(&'static str, u64)> {
    let write = Write::Purge { company: id("co_", 1), part, limit: 2 };
    match done(store, vec![write]).await.remove(0) {
        Effected::Purged(gone) => gone,
        other => panic!("{other:?}"),
    }
}

async fn a_purge_takes_everything_of_one_company_in_bounded_units(store: &dyn Backend) {
    fill(store).await;
    assert_eq!(purge(store, PurgePart::Runs).await[0], ("runs", 2));
    assert_eq!(purge(store, PurgePart::Runs).await[0], ("runs", 1));
    assert_eq!(store.journal(id("run_", 1)).await.unwrap(), []);
    assert_eq!(store.next_timer().await.unwrap(), None);
    let mut receipts = purge(store, PurgePart::Receipts).await;
    receipts.sort_unstable();
    assert_eq!(receipts, [("receipt_objects", 4), ("receipts", 2)]);
    for part in PurgePart::ALL {
        while purge(store, part).await[0].1 == 2 {}
    }
    let one = id("co_", 1);
    assert_eq!(store.companies().await.unwrap(), [company(2, "b")]);
    assert_eq!(store.api_keys(one).await.unwrap(), []);
    assert_eq!(store.connections(one).await.unwrap(), []);
    assert_eq!(store.authorization([1; 32]).await.unwrap(), None);
    assert_eq!(store.secret(one, "s").await.unwrap(), None);
    assert_eq!(store.intent(&intent(1).key).await.unwrap(), None);
    let page = Page { limit: 9, after: None };
    assert_eq!(store.runs(one, RunFilter::default(), page).await.unwrap().rows, []);
    let log = Page { limit: 9, after: None };
    assert_eq!(store.audit(one, log).await.unwrap().rows, []);
    assert_eq!(store.audit(id("co_", 2), log).await.unwrap().rows, [entry(2, 2)]);
    assert_eq!(store.api_keys(id("co_", 2)).await.unwrap(), [key(2, 2)]);
    let left: Vec<_> = store.data_keys().await.unwrap().into_iter().map(|key| key.id).collect();
    assert_eq!(left, ["check".to_owned(), format!("{}/receipts", company(2, "b").id)]);
    let others = vec![Write::Audit(Audited { id: id("aud_", 9), ..entry(2, 2) })];
    done(store, others).await;
    assert!(purge(store, PurgePart::DataKeys).await.iter().all(|(_, rows)| *rows == 0), "repeating is safe");
}

/// Whoever still works for a company that goes, a run or a delivery, makes nothing of it.
async fn nothing_of_a_company_comes_back_once_its_purge_has_begun(store: &dyn Backend) {
    fill(store).await;
    purge(store, PurgePart::ApiKeys).await;
    let removed = |write| CommitError::Refused { write, why: Refusal::Removed };
    let data_key =
        DataKey { id: format!("{}/runs", company(1, "a").id), wrapped: sealed("w"), master: "m".into() };
    let secret = Secret { company: id("co_", 1), name: "t".into(), value: sealed("v"), updated_at: at(1) };
    let (mut flow, _) = workflow(9, "w9", 1);
    flow.name = "late".into();
    for write in [
        Write::Receive(receipt(7)),
        Write::StartRun(run(7, 1)),
        dispatch(1, vec![run(1, 2)]),
        Write::BeginIntent(intent(7)),
        Write::SaveWorkflow { workflow: flow, version: None },
        Write::PutCompany(company(1, "a")),
        Write::PutApiKey(key(1, 1)),
        Write::PutDataKey(data_key),
        Write::PutConnection(connection(2, "late")),
        Write::PutAuthorization(authorization(2, 1)),
        Write::PutSecret(secret),
        Write::Audit(entry(7, 1)),
    ] {
        assert_eq!(refused(store, vec![write.clone()]).await, removed(0), "{write:?}");
        // Nor does what comes with it, before or after.
        let other = Write::PutApiKey(key(3, 2));
        assert_eq!(refused(store, vec![other.clone(), write, other]).await, removed(1));
    }
    assert_eq!(store.api_keys(id("co_", 2)).await.unwrap(), [key(2, 2)]);
    for part in PurgePart::ALL {
        while purge(store, part).await[0].1 == 2 {}
    }
    // Of a run that is gone, a driver that did not notice makes nothing either.
    let (run, epoch) = (id("run_", 1), Epoch(0));
    let missing = CommitError::Refused { write: 0, why: Refusal::Missing };
    for write in [
        journal(1, 2, "row"),
        set_run(1, model::RunStatus::Completed),
        Write::SetTimer { run, path: path("t"), at: at(9), epoch },
        begin_wait(1, "w", "cus_1", 0),
        Write::Tell { run, kind: crate::InputKind::Cancel },
        settle(1, "late"),
    ] {
        assert_eq!(refused(store, vec![write.clone()]).await, missing, "{write:?}");
    }
    assert_eq!(refused(store, vec![Write::Receive(receipt(7))]).await, removed(0));
    let theirs = crate::Receipt { company: id("co_", 2), ..receipt(8) };
    done(store, vec![Write::Receive(theirs)]).await;
    assert_eq!(store.companies().await.unwrap(), [company(2, "b")]);
}

async fn a_purge_that_is_refused_removes_nobody(store: &dyn Backend) {
    let purge = Write::Purge { company: id("co_", 1), part: PurgePart::ApiKeys, limit: 2 };
    let missing = CommitError::Refused { write: 1, why: Refusal::Missing };
    let unit = vec![purge, Write::TakeUnclaimed(id("rcpt_", 9))];
    assert_eq!(refused(store, unit).await, missing);
    done(store, vec![Write::PutCompany(company(1, "a")), Write::Receive(receipt(1))]).await;
    assert_eq!(store.companies().await.unwrap(), [company(1, "a")]);
}
