//! A database that an earlier version has left, opened by this one.

use model::{AccountId, ConnectionStatus, Mode, RunStatus};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, raw_sql};

use super::{Sqlite, SqliteOptions, apply::apply, open};
use crate::{Backend as _, CommitError, Page, Refusal, RunFilter, suite::fixture::*, unit::Write};

/// What the third schema has of a company, of one that was removed, and of a renewed App.
const ROWS: &str = "
    INSERT INTO companies (id, name, created_at) VALUES ('CO1', 'ants', 1);
    INSERT INTO connections (id, company, name, account, mode, kind, status, credential, expires_at, base_url,
      version, scopes, details, error, is_default, revision, created_at, updated_at, used_at)
    VALUES ('CONN1', 'CO1', 'app', 'acct_1', 'test', 'app', 'active', x'01', 900, 'https://api.stripe.com',
      NULL, '[]', '{}', NULL, TRUE, 7, 100, 800, 850),
      ('CONN2', 'CO2', 'left', 'acct_1', 'test', 'connect', 'active', x'02', NULL, 'https://api.stripe.com',
      NULL, '[]', '{}', NULL, TRUE, 1, 100, 100, NULL);
    INSERT INTO sources (id, company, account, mode, endpoint, url, secret, created_at, expires_at)
    VALUES ('SRC1', 'CO1', 'acct_1', 'test', 'we_1', 'https://a.test', x'03', 5, 9);
    UPDATE runs SET status = 'cancelled', ended_at = 6 WHERE id = 'RUN1';";

fn rows() -> String {
    let names = [("CONN", "conn_"), ("SRC", "src_"), ("RUN", "run_"), ("CO", "co_")];
    let mut text = ROWS.to_owned();
    for n in 1..=2_u64 {
        for (short, prefix) in names {
            text = text.replace(&format!("'{short}{n}'"), &format!("'{prefix}0189000000007000800{n:013x}'"));
        }
    }
    text
}

async fn third_schema(folder: &std::path::Path) {
    let mut conn: SqliteConnection = open::writing(folder).connect().await.unwrap();
    open::MIGRATIONS.run_to(3, &mut conn).await.unwrap();
    // Receipts and runs are as they were then.
    for write in [Write::Receive(receipt(1)), Write::StartRun(run(1, 1)), Write::StartRun(run(2, 2))] {
        apply(&mut conn, &write).await.unwrap();
    }
    raw_sql(sqlx::AssertSqlSafe(rows())).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

#[tokio::test]
async fn a_database_of_the_third_schema_is_read_whole() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("data");
    // Makes the folder one of ours.
    Sqlite::open(&folder, SqliteOptions::default()).await.unwrap().close().await;
    for file in ["bursar.db", "bursar.db-wal", "bursar.db-shm"] {
        let _ = std::fs::remove_file(folder.join(file));
    }
    third_schema(&folder).await;
    let store = Sqlite::open(&folder, SqliteOptions::default()).await.unwrap();
    let (ours, gone) = (id("co_", 1), id("co_", 2));

    let rows = store.connections(ours).await.unwrap();
    let stamps = (model::micros(rows[0].created_at), model::micros(rows[0].updated_at));
    assert_eq!((rows.len(), rows[0].revision, rows[0].status), (1, 7, ConnectionStatus::Active));
    assert_eq!((stamps, rows[0].authorized_at), ((100, 800), None), "nobody knows when it was authorized");
    let source = store.sources(Some(ours)).await.unwrap().remove(0);
    assert_eq!((source.endpoint.as_str(), source.account.as_str()), ("we_1", "acct_1"));
    assert_eq!(store.sources(None).await.unwrap(), []);
    assert_eq!(store.receipt(id("rcpt_", 1)).await.unwrap(), Some(receipt(1)));

    let canceled = store.run(id("run_", 1)).await.unwrap().unwrap();
    assert_eq!(canceled.status, RunStatus::Canceled);
    let open: Vec<_> = store.open_runs().await.unwrap().into_iter().map(|run| run.id).collect();
    assert_eq!(open, [id("run_", 2)]);
    let filter = RunFilter { status: Some(RunStatus::Canceled), ..RunFilter::default() };
    let found = store.runs(ours, filter, Page { limit: 9, after: None }).await.unwrap().rows;
    assert_eq!(found, [canceled]);

    // Nothing of the removed company comes back, and no event goes to it.
    let holders = store.account_holders(&AccountId::new("acct_1"), Mode::Test).await.unwrap();
    assert_eq!(holders.into_iter().map(|holder| holder.company).collect::<Vec<_>>(), [ours]);
    let late = crate::Connection { company: gone, ..connection(9, "late") };
    let removed = CommitError::Refused { write: 0, why: Refusal::Removed };
    assert_eq!(refused(&store, vec![Write::PutConnection(late)]).await, removed);
    done(&store, vec![Write::Receive(receipt(2)), Write::PutConnection(connection(9, "new"))]).await;
    store.close().await;
}

#[tokio::test]
async fn a_damaged_connection_keeps_no_other_of_its_account_from_being_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path(), SqliteOptions::default()).await.unwrap();
    let theirs = crate::Connection { company: id("co_", 2), ..connection(2, "main") };
    done(&store, vec![Write::PutConnection(connection(1, "main")), Write::PutConnection(theirs.clone())])
        .await;
    let mut conn = open::writing(folder.path()).connect().await.unwrap();
    let damage = "UPDATE connections SET scopes = 'x', status = 'x' WHERE name = 'main' AND is_default";
    raw_sql(damage).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    let account = AccountId::new("acct_1");
    assert_eq!(store.connections_of_account(&account, Mode::Test).await.unwrap(), [theirs]);
    let holders = store.account_holders(&account, Mode::Test).await.unwrap();
    let found: Vec<_> = holders.iter().map(|holder| (holder.company, holder.status)).collect();
    assert_eq!(found, [(id("co_", 1), None), (id("co_", 2), Some(ConnectionStatus::Active))]);
    store.close().await;
}
