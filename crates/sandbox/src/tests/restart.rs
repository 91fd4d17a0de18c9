//! The log: what a restart restores, and what a crash may leave.

use std::path::Path;

use model::IdempotencyKey;
use serde_json::json;

use super::client::*;
use crate::{OpenError, Options, Watched};

async fn open_at(folder: &Path) -> Result<Watched, OpenError> {
    Watched::open(Options { listen: None, data: Some(folder.to_owned()), seed: 7, ..Options::default() })
        .await
}

#[tokio::test]
async fn a_restart_keeps_objects_keys_counts_and_open_deliveries() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = open_at(folder.path()).await.unwrap();
    let hook = sandbox.deliver_to("http://127.0.0.1:1/".parse().unwrap(), &["invoice.*"]).await;
    let (_, invoice) = open(&sandbox).await;
    keyed(&sandbox, "/v1/customers", json!({}), "once").await.ok();
    sandbox.advance_ms(5_000).await;
    let done = sandbox.due_deliveries();
    sandbox.carried(done[0].id, 200);
    let before = (sandbox.object(&invoice), sandbox.events(), sandbox.account(), sandbox.open_deliveries());
    assert!(before.3 > 0);
    sandbox.shutdown().await;
    drop(sandbox);
    let again = open_at(folder.path()).await.unwrap();
    let after = (again.object(&invoice), again.events(), again.account(), again.open_deliveries());
    assert_eq!(before, after);
    assert!(keyed(&again, "/v1/customers", json!({}), "once").await.headers.replayed);
    assert_eq!(again.executions(&IdempotencyKey::from_text("once")), 1);
    assert_eq!(again.due_deliveries().len(), before.3, "everything open is due at once");
    let fresh = id(&keyed(&again, "/v1/customers", json!({}), "new").await.ok());
    assert!(before.1.iter().all(|event| event["data"]["object"]["id"] != fresh.as_str()));
    assert!(again.object(&hook.id).is_some());
}

#[tokio::test]
async fn a_log_cut_at_any_byte_opens_with_what_was_whole() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = open_at(folder.path()).await.unwrap();
    for n in 0..6 {
        keyed(&sandbox, "/v1/customers", json!({"name": format!("Ada {n}")}), &format!("key-{n}")).await.ok();
    }
    sandbox.shutdown().await;
    let whole = std::fs::read(folder.path().join("sandbox.log")).unwrap();
    let mut rng = fastrand::Rng::with_seed(11);
    for _ in 0..60 {
        let cut = rng.usize(..=whole.len());
        let lines = whole[..cut].iter().filter(|b| **b == b'\n').count();
        let torn = tempfile::tempdir().unwrap();
        std::fs::write(torn.path().join("sandbox.log"), &whole[..cut]).unwrap();
        let sandbox = open_at(torn.path()).await.unwrap();
        let kept = lines.saturating_sub(1);
        assert_eq!((sandbox.objects("customer").len(), sandbox.events().len()), (kept, kept), "cut at {cut}");
        for n in 0..6 {
            let params = json!({"name": format!("Ada {n}")});
            let got = keyed(&sandbox, "/v1/customers", params, &format!("key-{n}")).await;
            assert_eq!(got.headers.replayed, n < kept, "cut at {cut}");
        }
        sandbox.shutdown().await;
        drop(sandbox);
        let again = open_at(torn.path()).await.unwrap();
        assert_eq!(again.objects("customer").len(), 6, "cut at {cut}");
    }
}

#[tokio::test]
async fn damage_before_the_end_is_refused_and_nothing_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = open_at(folder.path()).await.unwrap();
    for _ in 0..3 {
        post(&sandbox, "/v1/customers", json!({"name": "Ada"})).await.ok();
    }
    sandbox.shutdown().await;
    let file = folder.path().join("sandbox.log");
    let mut bytes = std::fs::read(&file).unwrap();
    let place = bytes.len() / 2;
    bytes[place] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    let error = open_at(folder.path()).await.unwrap_err();
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
}

#[tokio::test]
async fn one_folder_has_one_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let first = open_at(folder.path()).await.unwrap();
    assert!(matches!(open_at(folder.path()).await.unwrap_err(), OpenError::InUse { .. }));
    first.shutdown().await;
    open_at(folder.path()).await.unwrap();
}

#[tokio::test]
async fn a_folder_that_cannot_be_is_an_error_that_says_so() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = open_at(file.path()).await.unwrap_err();
    assert!(error.to_string().contains("choose another"), "{error}");
}

#[tokio::test]
async fn a_folder_keeps_its_seed() {
    let folder = tempfile::tempdir().unwrap();
    let first = open_at(folder.path()).await.unwrap();
    first.shutdown().await;
    let other = Options { listen: None, data: Some(folder.path().to_owned()), seed: 8, ..Options::default() };
    assert_eq!(Watched::open(other).await.unwrap().account(), first.account());
}

#[tokio::test]
async fn after_shutdown_nothing_is_promised() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = open_at(folder.path()).await.unwrap();
    sandbox.shutdown().await;
    post(&sandbox, "/v1/customers", json!({})).await.error(500);
    assert!(open_at(folder.path()).await.unwrap().objects("customer").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_writes_share_syncs_and_all_survive() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = open_at(folder.path()).await.unwrap();
    let one = |n: usize| {
        let sandbox = sandbox.clone();
        async move { keyed(&sandbox, "/v1/customers", json!({}), &format!("key-{n}")).await.ok() }
    };
    futures_util::future::join_all((0..200).map(one)).await;
    sandbox.shutdown().await;
    assert_eq!(open_at(folder.path()).await.unwrap().objects("customer").len(), 200);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_a_folder() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let sandbox = open_at(&kept).await.unwrap();
    sandbox.shutdown().await;
    drop(sandbox);
    // The second time the log is written anew.
    let _again = open_at(&kept).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&kept), mode(&kept.join("sandbox.log"))), (0o700, 0o600));
}
