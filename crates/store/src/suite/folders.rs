//! What only SQLite has: a folder, a file, and a disk that may lie.

use std::{fs, path::Path};

use model::{Code, Sealed};

use super::fixture::*;
use crate::{
    Backend, CommitError, Effected, OpenError, ReadError, Receipt, Sqlite, SqliteOptions, Unit, Write,
    is_data_folder, is_locked,
};

async fn open(folder: &Path) -> Result<Sqlite, OpenError> {
    Sqlite::open(folder, SqliteOptions::default()).await
}

#[tokio::test]
async fn a_folder_has_one_process() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("new/data");
    assert!(!is_data_folder(&folder) && !is_locked(&folder));
    let store = open(&folder).await.unwrap();
    assert!(is_data_folder(&folder) && is_locked(&folder));
    let error = open(&folder).await.err().unwrap();
    assert!(matches!(error, OpenError::FolderInUse(_)), "{error}");
    assert_eq!(error.to_failure().code, Code::FolderInUse);
    assert!(error.to_string().contains("--data"));
    done(&store, vec![Write::Receive(receipt(1))]).await;
    store.close().await;
    assert!(!is_locked(&folder));
    open(&folder).await.unwrap().close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_folder_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("data");
    let store = open(&folder).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("bursar.db")), 0o600);
    store.close().await;
}

#[tokio::test]
async fn a_folder_of_somebody_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.txt"), "mine").unwrap();
    let error = open(folder.path()).await.err().unwrap();
    assert!(matches!(error, OpenError::NotOurs(_)), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_that_cannot_be_written_says_so() {
    // Not even root may write here, which a read-only mode bit would not ensure.
    let error = open(Path::new("/sys/kernel/bursar-data")).await.err().unwrap();
    assert!(matches!(error, OpenError::ReadOnly(_)), "{error}");
    let failure = error.to_failure();
    assert_eq!(failure.code, Code::StoreUnavailable);
    assert!(failure.message.contains("cannot be written") && failure.message.contains("--data"));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await.unwrap().close().await;
    fs::write(folder.path().join("bursar.db"), [7; 8192]).unwrap();
    let error = open(folder.path()).await.err().unwrap();
    assert!(matches!(error, OpenError::Damaged(..)), "{error}");
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await.unwrap().close().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("bursar.db"));
    let mut conn = sqlx::ConnectOptions::connect(&options).await.unwrap();
    let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
               VALUES (9999, 'later', TRUE, x'00', 0)";
    sqlx::query(sql).execute(&mut conn).await.unwrap();
    sqlx::Connection::close(conn).await.unwrap();
    let error = open(folder.path()).await.err().unwrap();
    assert!(matches!(error, OpenError::NewerSchema(_, 9999)), "{error}");
}

#[tokio::test]
async fn reopening_finds_everything() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    done(
        &store,
        vec![
            Write::TakeDriver,
            Write::Receive(receipt(1)),
            Write::StartRun(run(1, 1)),
            Write::BeginIntent(intent(1)),
            settle(1, "outcome"),
        ],
    )
    .await;
    let before = (
        store.receipt(id("rcpt_", 1)).await,
        store.open_runs().await,
        store.intents_of_run(id("run_", 1)).await,
    );
    store.close().await;
    assert!(matches!(store.companies().await, Err(ReadError::Unavailable(_))));
    assert!(store.commit(Unit::interactive(vec![])).await.is_err());
    let store = open(folder.path()).await.unwrap();
    let after = (
        store.receipt(id("rcpt_", 1)).await,
        store.open_runs().await,
        store.intents_of_run(id("run_", 1)).await,
    );
    assert_eq!(before, after);
    assert_eq!(refused(&store, vec![journal(1, 1, "row")]).await, CommitError::Fenced);
    store.close().await;
}

/// Flips one bit of the first place in the database file that holds this text.
fn flip(folder: &Path, text: &str) {
    let path = folder.join("bursar.db");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
    bytes[at + text.len() - 1] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn a_flipped_bit_is_noticed() {
    let marks = ["receipt-body", "journal-row", "intent-request", "intent-outcome"];
    for mark in marks {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await.unwrap();
        let (mut receipt, mut intent) = (receipt(1), intent(1));
        receipt.body = sealed("receipt-body");
        intent.request = sealed("intent-request");
        let begin = Write::BeginIntent(intent.clone());
        done(&store, vec![Write::Receive(receipt), Write::StartRun(called_run(1)), begin]).await;
        done(&store, vec![journal(1, 1, "journal-row"), settle(1, "intent-outcome")]).await;
        store.close().await;
        flip(folder.path(), mark);

        let store = open(folder.path()).await.unwrap();
        let reads = [
            store.receipt(id("rcpt_", 1)).await.err(),
            store.journal(id("run_", 1)).await.err(),
            store.intent(&intent.key).await.err(),
        ];
        let damaged: Vec<_> = reads
            .iter()
            .flatten()
            .map(|error| match error {
                ReadError::Damaged { table, .. } => *table,
                other => panic!("{other}"),
            })
            .collect();
        assert_eq!(damaged.len(), 1, "{mark}: {damaged:?}");
        assert!(mark.starts_with(damaged[0].trim_end_matches('s')), "{mark}: {damaged:?}");
        store.close().await;
    }
}

#[tokio::test]
async fn a_damaged_row_keeps_no_other_from_being_taken_up() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let mut bad = intent(1);
    bad.request = sealed("intent-request");
    done(&store, vec![Write::BeginIntent(bad.clone()), Write::BeginIntent(intent(2))]).await;
    let key = model::WorkflowKey::parse("key-to-damage").unwrap();
    let marked = crate::Run { key, ..called_run(1) };
    done(&store, vec![Write::StartRun(marked), Write::StartRun(called_run(2))]).await;
    store.close().await;
    flip(folder.path(), "intent-request");
    // A run has no checksum; a key in capitals is none.
    let path = folder.path().join("bursar.db");
    let bytes = fs::read(&path).unwrap();
    let at = bytes.windows(13).position(|window| window == b"key-to-damage").unwrap();
    let bytes = [&bytes[..at], b"KEY", &bytes[at + 3..]].concat();
    fs::write(path, bytes).unwrap();

    let store = open(folder.path()).await.unwrap();
    assert_eq!(store.open_intents().await.unwrap(), [intent(2)]);
    assert_eq!(store.open_runs().await.unwrap(), [called_run(2)]);
    assert!(matches!(store.intent(&bad.key).await, Err(ReadError::Damaged { .. })));
    assert!(matches!(store.run(id("run_", 1)).await, Err(ReadError::Damaged { .. })));
    store.close().await;
}

#[tokio::test]
async fn a_damaged_event_is_given_up_and_told_to_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let mut bad = receipt(1);
    bad.body = sealed("receipt-body");
    let wait = begin_wait(1, "w", "in_1", 0);
    done(&store, vec![Write::StartRun(called_run(1)), wait, Write::Receive(bad)]).await;
    store.close().await;
    flip(folder.path(), "receipt-body");

    let store = open(folder.path()).await.unwrap();
    let nobody = Effected::Dispatched { started: vec![], told: vec![] };
    assert_eq!(done(&store, vec![retry(1, None)]).await, [nobody]);
    assert_eq!(store.to_dispatch(at(99), 9).await.unwrap(), []);
    let again = begin_wait(1, "w", "in_1", 0);
    assert_eq!(done(&store, vec![again]).await, [Effected::Waiting { found: 0 }]);
    assert_eq!(store.inputs(id("run_", 1)).await.unwrap(), []);
    store.close().await;
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions { queue: 2, ..SqliteOptions::default() };
    let store = Sqlite::open(folder.path(), options).await.unwrap();
    let commits = (1..=20).map(|n| store.commit(Unit::interactive(vec![Write::Receive(receipt(n))])));
    let answers = futures_util::future::join_all(commits).await;
    let full = answers.iter().filter(|answer| matches!(answer, Err(CommitError::Full(_)))).count();
    assert_eq!((full, answers.iter().filter(|answer| answer.is_ok()).count()), (18, 2));
    done(&store, vec![Write::Receive(receipt(21))]).await;
    store.close().await;
}

#[tokio::test]
async fn background_work_goes_on_under_interactive_load() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let load = (1..=2000).map(|n| store.commit(Unit::interactive(vec![Write::Receive(receipt(n))])));
    let background = async {
        store.commit(Unit::background(vec![Write::StartRun(called_run(1))])).await.unwrap();
        store.counts(None).await.unwrap()[0].1
    };
    let (answers, received_before) = tokio::join!(futures_util::future::join_all(load), background);
    assert!(answers.iter().all(Result::is_ok));
    assert!(received_before < 1000, "it waited behind {received_before} receipts");
    store.close().await;
}

#[tokio::test]
async fn the_log_stays_bounded_under_steady_writing() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions { long_log: 1 << 20, ..SqliteOptions::default() };
    let store = Sqlite::open(folder.path(), options).await.unwrap();
    let (mut longest, mut written, mut n) = (0, 0, 0);
    let begun = tokio::time::Instant::now();
    // On a busy machine the helper comes late, so that more is written before it counts.
    let goes_on = |longest, written| match begun.elapsed().as_secs() {
        0..3 => true,
        3..30 => longest >= written / 2,
        _ => false,
    };
    while goes_on(longest, written) {
        let rows = (0..64).map(|_| {
            n += 1;
            Receipt { body: Sealed::from_ciphertext(vec![7; 8192]), ..receipt(n) }
        });
        let commits = rows.map(|row| store.commit(Unit::interactive(vec![Write::Receive(row)])));
        let answers = futures_util::future::join_all(commits.collect::<Vec<_>>()).await;
        assert!(answers.iter().all(Result::is_ok));
        written += 64 * 8192;
        longest = longest.max(fs::metadata(folder.path().join("bursar.db-wal")).unwrap().len());
    }
    println!("{written} bytes written, the log held {longest} at most");
    // One interval of writing may pass before the length is noticed; without the
    // writer's help the log would hold everything.
    assert!(longest < written / 2, "{written} bytes were written and the log grew to {longest}");
    store.close().await;
    assert!(fs::metadata(folder.path().join("bursar.db-wal")).map_or(0, |meta| meta.len()) == 0);
}
