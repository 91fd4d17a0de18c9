//! Opening a data folder, and why it may not open.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use model::{Code, Failure};
use sqlx::{
    ConnectOptions, Row, SqliteConnection,
    migrate::{MigrateError, Migrator},
    query,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::stop;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// Why a data folder does not open. Nothing in it was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process uses it.
    #[error(
        "The data folder {} is in use by another Bursar. Nothing was changed. Talk to that one with --url, stop it, \
         or choose another folder with --data.", .0.display()
    )]
    FolderInUse(PathBuf),
    /// It holds files and none of them says that it is Bursar's.
    #[error(
        "{} is not empty and not a Bursar data folder. Nothing was written there. \
         Choose an empty or a new folder with --data.", .0.display()
    )]
    NotOurs(PathBuf),
    /// It cannot be written.
    #[error(
        "The data folder {} cannot be written. Nothing was changed. Give its owner write permission \
         or choose another folder with --data.", .0.display()
    )]
    ReadOnly(PathBuf),
    /// A newer Bursar has written it.
    #[error(
        "The database in {} was written by a newer Bursar (schema {}). Nothing was changed. \
         Start that version again or restore a backup of this one.", .0.display(), .1
    )]
    NewerSchema(PathBuf, i64),
    /// The file is no database or its schema is not what it should be.
    #[error(
        "The database in {} is damaged ({}). Nothing was changed. Keep the folder as it is \
         and restore a backup into another one.", .0.display(), .1
    )]
    Damaged(PathBuf, String),
    /// Anything else that the operating system or SQLite said.
    #[error(
        "The data folder {} does not open: {}. Nothing was changed. Check the disk and the path, then start again.",
        .0.display(), .1
    )]
    Io(PathBuf, String),
}

impl OpenError {
    /// The same as every surface shows it.
    pub fn to_failure(&self) -> Failure {
        let code = match self {
            Self::FolderInUse(_) => Code::FolderInUse,
            _ => Code::StoreUnavailable,
        };
        Failure::new(code, self.to_string())
    }

    pub(super) fn from_io(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::ReadOnly(path.to_owned())
            }
            _ => Self::Io(path.to_owned(), error.to_string()),
        }
    }

    pub(super) fn from_sqlite(path: &Path, error: &sqlx::Error) -> Self {
        let path = path.to_owned();
        match stop::code(error).map(|code| code & 0xff) {
            // READONLY, CANTOPEN.
            Some(8 | 14) => Self::ReadOnly(path),
            // CORRUPT, NOTADB.
            Some(11 | 26) => Self::Damaged(path, error.to_string()),
            _ => Self::Io(path, error.to_string()),
        }
    }
}

/// What both kinds of connections share.
fn options(folder: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(super::folder::database(folder))
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(true)
        .statement_cache_capacity(256)
}

/// A connection that writes, fully durable.
pub(super) fn writing(folder: &Path) -> SqliteConnectOptions {
    options(folder)
        .create_if_missing(true)
        // Pages of 8 KiB log 44 % more for each received event of 3.3 KB (28 instead of
        // 19 KB in groups of 16) and save no room: most pages that a group touches are of
        // indexes, and a usual event fills 4 KiB.
        .page_size(4096)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("fullfsync", "ON")
        .pragma("wal_autocheckpoint", "0")
        // What a statement of many rows may have to undo is kept in memory: in a file it
        // would be as much again as goes into the log.
        .pragma("temp_store", "MEMORY")
        .pragma("journal_size_limit", "67108864")
}

/// A connection that can only read.
pub(super) fn reading(folder: &Path) -> SqliteConnectOptions {
    options(folder).read_only(true)
}

/// Opens the writer: the file belongs to its owner alone, the schema is current,
/// and SQLite really does what it was asked to.
pub(super) async fn writer(folder: &Path) -> Result<SqliteConnection, OpenError> {
    own_file(folder).map_err(|error| OpenError::from_io(folder, &error))?;
    let sqlite = |error: sqlx::Error| OpenError::from_sqlite(folder, &error);
    let mut conn = writing(folder).connect().await.map_err(sqlite)?;
    assert_pragmas(&mut conn, folder).await?;
    MIGRATIONS.run(&mut conn).await.map_err(|error| migration(folder, error))?;
    Ok(conn)
}

/// Makes the database file before SQLite does, so that nobody else can read it.
#[cfg(unix)]
fn own_file(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let path = super::folder::database(folder);
    std::fs::OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    Ok(())
}

#[cfg(not(unix))]
fn own_file(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Durability rests on these three; SQLite ignores what it cannot do without a word.
async fn assert_pragmas(conn: &mut SqliteConnection, folder: &Path) -> Result<(), OpenError> {
    let sqlite = |error: sqlx::Error| OpenError::from_sqlite(folder, &error);
    let row = query(
        "SELECT (SELECT synchronous FROM pragma_synchronous), (SELECT journal_mode FROM pragma_journal_mode), \
         (SELECT foreign_keys FROM pragma_foreign_keys)",
    )
    .fetch_one(conn)
    .await
    .map_err(sqlite)?;
    let got: (i64, String, i64) =
        (row.try_get(0).map_err(sqlite)?, row.try_get(1).map_err(sqlite)?, row.try_get(2).map_err(sqlite)?);
    if got == (2, "wal".into(), 1) {
        return Ok(());
    }
    Err(OpenError::Io(
        folder.to_owned(),
        format!("the file system does not support a durable database ({got:?})"),
    ))
}

fn migration(folder: &Path, error: MigrateError) -> OpenError {
    match error {
        MigrateError::VersionMissing(version) => OpenError::NewerSchema(folder.to_owned(), version),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            OpenError::from_sqlite(folder, &error)
        }
        other => OpenError::Damaged(folder.to_owned(), other.to_string()),
    }
}
