//! What companies own.

use model::{AccountId, Mode, WorkflowStatus};

use super::{cases, fixture::*};
use crate::{ApiKey, Backend, CommitError, Company, DataKey, Effected, Refusal, Secret, Source, Write};

cases!(
    companies_and_their_keys_are_kept,
    a_data_key_keeps_its_first_value,
    a_row_never_moves_to_another_company,
    data_keys_are_wrapped_anew_all_or_none,
    sources_and_secrets_are_replaced_and_removed,
    versions_of_a_workflow_follow_each_other,
    a_workflow_key_belongs_to_one_workflow,
    a_workflow_keeps_its_time_of_activation_while_paused,
);

const CONFLICT: CommitError = CommitError::Refused { write: 0, why: Refusal::Conflict };

fn api_key(n: u64, hash: u8) -> ApiKey {
    ApiKey {
        id: id("key_", n),
        company: id("co_", 1),
        name: format!("key {n}"),
        hash: [hash; 32],
        scopes: vec!["actions:read".into(), "admin".into()],
        bound: true,
        created_at: at(1),
        expires_at: None,
        used_at: None,
    }
}

fn source(n: u64) -> Source {
    Source {
        id: id("src_", n),
        company: Some(id("co_", 1)),
        account: AccountId::new("acct_1"),
        mode: Mode::Local,
        endpoint: "we_1".into(),
        url: "http://127.0.0.1/webhooks".into(),
        secret: sealed("whsec"),
        created_at: at(1),
        expires_at: None,
    }
}

async fn companies_and_their_keys_are_kept(store: &dyn Backend) {
    let company = |n, name: &str| Company { id: id("co_", n), name: name.into(), created_at: at(1) };
    let put = |c: &Company| Write::PutCompany(c.clone());
    done(store, vec![put(&company(2, "b")), put(&company(1, "a")), put(&company(1, "A"))]).await;
    assert_eq!(store.companies().await.unwrap(), [company(1, "A"), company(2, "b")]);

    done(store, vec![Write::PutApiKey(api_key(2, 2)), Write::PutApiKey(api_key(1, 1))]).await;
    assert_eq!(store.api_keys(id("co_", 1)).await.unwrap(), [api_key(1, 1), api_key(2, 2)]);
    assert_eq!(store.api_key([2; 32]).await.unwrap(), Some(api_key(2, 2)));
    assert_eq!(refused(store, vec![Write::PutApiKey(api_key(3, 2))]).await, CONFLICT);
    done(store, vec![Write::PutApiKey(api_key(2, 9)), Write::RemoveApiKey(id("key_", 1))]).await;
    assert_eq!(store.api_keys(id("co_", 1)).await.unwrap(), [api_key(2, 9)]);
    assert_eq!(store.api_key([2; 32]).await.unwrap(), None);
    let gone = refused(store, vec![Write::RemoveApiKey(id("key_", 1))]).await;
    assert_eq!(gone, CommitError::Refused { write: 0, why: Refusal::Missing });
}

async fn a_data_key_keeps_its_first_value(store: &dyn Backend) {
    let key =
        |wrapped: &str| DataKey { id: "co_1/receipts".into(), wrapped: sealed(wrapped), master: "m1".into() };
    for wrapped in ["first", "second"] {
        let effect = done(store, vec![Write::PutDataKey(key(wrapped))]).await;
        assert_eq!(effect, [Effected::DataKey(key("first"))]);
    }
    assert_eq!(store.data_key("co_1/receipts").await.unwrap(), Some(key("first")));
    assert_eq!(store.data_keys().await.unwrap(), [key("first")]);
}

async fn data_keys_are_wrapped_anew_all_or_none(store: &dyn Backend) {
    let key =
        |id: &str, master: &str| DataKey { id: id.into(), wrapped: sealed(master), master: master.into() };
    let put = |id: &str, master: &str| Write::PutDataKey(key(id, master));
    done(store, vec![put("a", "m1"), put("b", "m1")]).await;
    let rewrap = |from: &str, ids: &[&str]| {
        let keys = ids.iter().map(|id| key(id, "m2")).collect();
        vec![Write::RewrapDataKeys { from: from.into(), keys }]
    };
    let changed = CommitError::Refused { write: 0, why: Refusal::Changed };
    for wrong in [rewrap("m1", &["a"]), rewrap("m1", &["a", "b", "c"]), rewrap("m0", &["a", "b"])] {
        assert_eq!(refused(store, wrong).await, changed);
    }
    assert_eq!(store.data_keys().await.unwrap(), [key("a", "m1"), key("b", "m1")]);
    done(store, rewrap("m1", &["a", "b"])).await;
    assert_eq!(store.data_keys().await.unwrap(), [key("a", "m2"), key("b", "m2")]);
}

async fn a_row_never_moves_to_another_company(store: &dyn Backend) {
    let (mine, version) = workflow(1, "w", 1);
    let version = Some(version);
    done(
        store,
        vec![
            Write::PutConnection(connection(1, "main")),
            Write::PutSource(source(1)),
            Write::PutApiKey(api_key(1, 1)),
            Write::SaveWorkflow { workflow: mine.clone(), version },
        ],
    )
    .await;
    let mut theirs = (connection(1, "main"), source(1), api_key(1, 1), mine);
    (theirs.0.company, theirs.1.company) = (id("co_", 2), Some(id("co_", 2)));
    theirs.0.revision = 2;
    (theirs.2.company, theirs.3.company) = (id("co_", 2), id("co_", 2));
    let changed = CommitError::Refused { write: 0, why: Refusal::Changed };
    assert_eq!(refused(store, vec![Write::PutConnection(theirs.0)]).await, changed);
    assert_eq!(refused(store, vec![Write::PutSource(theirs.1)]).await, CONFLICT);
    assert_eq!(refused(store, vec![Write::PutApiKey(theirs.2)]).await, CONFLICT);
    assert_eq!(
        refused(store, vec![Write::SaveWorkflow { workflow: theirs.3, version: None }]).await,
        CONFLICT
    );
}

async fn sources_and_secrets_are_replaced_and_removed(store: &dyn Backend) {
    let rotated = Source { expires_at: Some(at(9)), ..source(1) };
    done(
        store,
        vec![Write::PutSource(source(2)), Write::PutSource(source(1)), Write::PutSource(rotated.clone())],
    )
    .await;
    assert_eq!(store.sources(Some(id("co_", 1))).await.unwrap(), [rotated, source(2)]);
    // The installation's own belong to nobody, and no company's removal takes one.
    let ours = Source { company: None, ..source(3) };
    done(store, vec![Write::PutSource(ours.clone()), Write::RemoveSource(Some(id("co_", 1)), ours.id)]).await;
    assert_eq!(store.sources(None).await.unwrap(), std::slice::from_ref(&ours));
    assert_eq!(refused(store, vec![Write::PutSource(Source { company: None, ..source(2) })]).await, CONFLICT);
    done(store, vec![Write::RemoveSource(None, ours.id), Write::RemoveSource(None, source(2).id)]).await;
    assert_eq!(store.sources(None).await.unwrap(), []);
    done(store, vec![Write::RemoveSource(Some(id("co_", 1)), id("src_", 1))]).await;
    assert_eq!(store.sources(Some(id("co_", 1))).await.unwrap(), [source(2)]);

    let secret = |value: &str| Secret {
        company: id("co_", 1),
        name: "smtp".into(),
        value: sealed(value),
        updated_at: at(1),
    };
    done(store, vec![Write::PutSecret(secret("a")), Write::PutSecret(secret("b"))]).await;
    assert_eq!(store.secret(id("co_", 1), "smtp").await.unwrap(), Some(secret("b")));
    assert_eq!(store.secret(id("co_", 2), "smtp").await.unwrap(), None);
}

async fn versions_of_a_workflow_follow_each_other(store: &dyn Backend) {
    let save = |n| {
        let (workflow, version) = workflow(1, "w", n);
        Write::SaveWorkflow { workflow, version: Some(version) }
    };
    assert_eq!(refused(store, vec![save(2)]).await, CONFLICT);
    done(store, vec![save(1), save(2)]).await;
    assert_eq!(refused(store, vec![save(2)]).await, CONFLICT);
    assert_eq!(refused(store, vec![save(4)]).await, CONFLICT);
    let versions = store.workflow_versions(id("wf_", 1)).await.unwrap();
    assert_eq!(versions, [workflow(1, "w", 2).1, workflow(1, "w", 1).1]);
    assert_eq!(store.workflow_version(id("wf_", 1), 1).await.unwrap(), Some(workflow(1, "w", 1).1));
    assert_eq!(store.workflow_version(id("wf_", 1), 3).await.unwrap(), None);
    assert_eq!(store.workflow(id("co_", 1), id("wf_", 1)).await.unwrap(), Some(workflow(1, "w", 2).0));
}

async fn a_workflow_key_belongs_to_one_workflow(store: &dyn Backend) {
    let save = |n, key: &str| Write::SaveWorkflow { workflow: workflow(n, key, 1).0, version: None };
    done(store, vec![save(1, "a"), save(2, "b")]).await;
    assert_eq!(refused(store, vec![save(3, "a")]).await, CONFLICT);
    assert_eq!(refused(store, vec![save(2, "a")]).await, CONFLICT);
    done(store, vec![save(1, "c"), save(2, "a")]).await;
    let found = store.workflow_by_key(id("co_", 1), &model::WorkflowKey::parse("a").unwrap()).await.unwrap();
    assert_eq!(found.map(|w| w.id), Some(id("wf_", 2)));
    assert_eq!(store.workflows(id("co_", 1)).await.unwrap(), [workflow(1, "c", 1).0, workflow(2, "a", 1).0]);
}

async fn a_workflow_keeps_its_time_of_activation_while_paused(store: &dyn Backend) {
    let set = |status, activated_at| Write::SetWorkflow {
        workflow: id("wf_", 1),
        status,
        activated_at,
        version: 3,
        at: at(20),
    };
    let missing = refused(store, vec![set(WorkflowStatus::Active, None)]).await;
    assert_eq!(missing, CommitError::Refused { write: 0, why: Refusal::Missing });
    done(store, vec![Write::SaveWorkflow { workflow: workflow(1, "a", 1).0, version: None }]).await;
    done(store, vec![set(WorkflowStatus::Active, Some(at(10))), set(WorkflowStatus::Paused, None)]).await;
    let stored = store.workflow(id("co_", 1), id("wf_", 1)).await.unwrap().unwrap();
    assert_eq!(
        (stored.status, stored.activated_at, stored.version),
        (WorkflowStatus::Paused, Some(at(10)), 3)
    );
    assert_eq!(stored.updated_at, at(20));
}
