//! The log of a data folder: one checksummed record a line, appended in order.
//!
//! A line is `<16 hex digits> <json>`. An unfinished or damaged *last* line is what
//! a crash leaves and is cut off; a damaged line with a good one after it is not,
//! and the sandbox refuses to open. Syncs are grouped by whoever waits for them
//! (`sandbox::durable`).

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::Record;
use crate::OpenError;

const LOG: &str = "sandbox.log";
const LOCK: &str = "sandbox.lock";

/// An open log. Dropping it frees the folder.
#[derive(Debug)]
pub(crate) struct Log {
    file: Arc<File>,
    _lock: File,
}

impl Log {
    /// Opens the folder, making it when it is not there, and reads its records.
    pub(crate) fn open(folder: &Path) -> Result<(Self, Vec<Record>), OpenError> {
        let refused = |source| OpenError::Folder { folder: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(refused)?;
        let open = |name| {
            let mut how = OpenOptions::new();
            how.read(true).write(true).create(true).truncate(false).open(folder.join(name))
        };
        let lock = open(LOCK).map_err(refused)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse { folder: folder.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(refused(source)),
        }
        let mut file = open(LOG).map_err(refused)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(refused)?;
        let (records, good) = read(&bytes, &folder.join(LOG))?;
        if good < bytes.len() {
            tracing::warn!(cut = bytes.len() - good, "the sandbox's log ended in an unfinished record");
            file.set_len(good as u64).map_err(refused)?;
        }
        file.seek(SeekFrom::End(0)).map_err(refused)?;
        file.sync_all().map_err(refused)?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(refused)?;
        Ok((Self { file: Arc::new(file), _lock: lock }, records))
    }

    /// Appends a record; it is durable only after the next sync of [`Log::file`].
    pub(crate) fn append(&self, record: &Record) -> std::io::Result<()> {
        let json = serde_json::to_string(record).map_err(std::io::Error::other)?;
        let line = format!("{:016x} {json}\n", checksum(json.as_bytes()));
        (&*self.file).write_all(line.as_bytes())
    }

    /// The file to sync.
    pub(crate) fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }
}

/// The records, and how many bytes of the file they fill.
fn read(bytes: &[u8], file: &Path) -> Result<(Vec<Record>, usize), OpenError> {
    let (mut records, mut good) = (Vec::new(), 0);
    let mut bad = None;
    for (number, line) in bytes.split_inclusive(|b| *b == b'\n').enumerate() {
        match (parse(line), bad) {
            (Some(_), Some(line)) => return Err(OpenError::Corrupt { file: PathBuf::from(file), line }),
            (Some(record), None) => {
                records.push(record);
                good += line.len();
            }
            (None, None) => bad = Some(number + 1),
            (None, Some(_)) => {}
        }
    }
    Ok((records, good))
}

fn parse(line: &[u8]) -> Option<Record> {
    let line = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let (sum, json) = line.split_at_checked(16)?;
    let json = json.strip_prefix(' ')?;
    (u64::from_str_radix(sum, 16).ok()? == checksum(json.as_bytes())).then_some(())?;
    serde_json::from_str(json).ok()
}

/// FNV-1a: finds what a crash tears. It is no protection against a person.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
}
