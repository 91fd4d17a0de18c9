//! The data folder: ours or not, in use or not.
//!
//! The marker file says that a folder is Bursar's, so that nothing of anybody
//! else is ever written over or deleted. The lock says that a process uses it;
//! the operating system releases it when that process dies, however it dies.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use super::open::OpenError;

const MARKER: &str = "bursar-data.json";
const LOCK: &str = "bursar.lock";
/// The database file.
pub(super) const DATABASE: &str = "bursar.db";

/// Proof that this process alone uses the folder.
pub(super) struct Lock {
    _file: File,
}

/// Whether a folder holds Bursar's marker file.
pub fn is_data_folder(path: &Path) -> bool {
    path.join(MARKER).is_file()
}

/// Whether a process uses the folder at this moment.
pub fn is_locked(path: &Path) -> bool {
    let Ok(file) = File::open(path.join(LOCK)) else { return false };
    matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

/// How long a folder that is in use is waited for: a process that was killed just now, or
/// one that only looks whether the folder is in use, lets go of it in a moment.
const PATIENCE: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_millis(20);

/// Makes the folder if needed, checks that it is ours, and locks it as soon as nobody
/// else uses it.
pub(super) async fn take_patiently(path: &Path) -> Result<Lock, OpenError> {
    let looks = PATIENCE.as_millis() / LOOK.as_millis();
    for _ in 1..looks {
        match take(path) {
            Err(OpenError::FolderInUse(_)) => tokio::time::sleep(LOOK).await,
            taken => return taken,
        }
    }
    take(path)
}

fn take(path: &Path) -> Result<Lock, OpenError> {
    if !is_data_folder(path) {
        create(path)?;
    }
    let lock = path.join(LOCK);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock)
        .map_err(|error| OpenError::from_io(path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(OpenError::FolderInUse(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(OpenError::from_io(path, &error)),
    }
}

fn create(path: &Path) -> Result<(), OpenError> {
    let io = |error: io::Error| OpenError::from_io(path, &error);
    match fs::read_dir(path) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(OpenError::NotOurs(path.to_owned()));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => private_folder(path).map_err(io)?,
        Err(error) => return Err(io(error)),
    }
    // Written aside and renamed: a crash in between leaves no marker that is half there.
    let aside = path.join("bursar-data.json.new");
    let mut file = File::create(&aside).map_err(io)?;
    file.write_all(b"{\"bursar\":1}\n").and_then(|()| file.sync_all()).map_err(io)?;
    fs::rename(&aside, path.join(MARKER)).map_err(io)?;
    sync_folder(path).map_err(io)
}

#[cfg(unix)]
fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Makes the names in a folder durable.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Where the database is.
pub(super) fn database(path: &Path) -> PathBuf {
    path.join(DATABASE)
}
