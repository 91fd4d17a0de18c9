//! The log of a data folder: one checksummed record a line, appended in order.
//!
//! A line is `<16 hex digits> <json>`. An unfinished or damaged *last* line is what
//! a crash leaves and is cut off; a damaged line with a good one after it is not,
//! and the sandbox refuses to open. Syncs are grouped by whoever waits for them
//! (`sandbox::durable`). A log that has grown is written anew beside itself when it is
//! opened, and takes the old one's place by its name: a crash leaves one or the other.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::Record;
use crate::OpenError;

const LOG: &str = "sandbox.log";
const LOCK: &str = "sandbox.lock";
/// A log on its way to become the log.
const ANEW: &str = "sandbox.log.new";

/// From how many bytes on a log is made shorter.
const LONG: u64 = if cfg!(test) { 1 } else { 8 * 1024 * 1024 };

/// An open log. Dropping it frees the folder.
#[derive(Debug)]
pub(crate) struct Log {
    file: Arc<File>,
    folder: PathBuf,
    /// How many bytes it had when it was opened.
    length: u64,
    _lock: File,
}

impl Log {
    /// Opens the folder, making it when it is not there, and reads its records.
    pub(crate) fn open(folder: &Path) -> Result<(Self, Vec<Record>), OpenError> {
        let refused = |source| OpenError::Folder { folder: folder.to_owned(), source };
        make_folder(folder).map_err(refused)?;
        let open = |name| ours().create(true).truncate(false).open(folder.join(name));
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
        sync_folder(folder).map_err(refused)?;
        let log = Self { file: Arc::new(file), folder: folder.to_owned(), length: good as u64, _lock: lock };
        Ok((log, records))
    }

    /// Whether it is worth being made shorter.
    pub(crate) fn is_long(&self) -> bool {
        self.length >= LONG
    }

    /// Puts these records in the place of all, if they are at least a quarter shorter.
    /// Nothing else may have been appended yet.
    ///
    /// # Errors
    /// The folder cannot be written; the old log stays.
    pub(crate) fn rewrite(&mut self, records: &[Record]) -> Result<(), OpenError> {
        let refused = |source| OpenError::Folder { folder: self.folder.clone(), source };
        let lines: Result<Vec<String>, _> = records.iter().map(line).collect();
        let text = lines.map_err(refused)?.concat();
        if text.len() as u64 > self.length / 4 * 3 {
            return Ok(());
        }
        let (anew, log) = (self.folder.join(ANEW), self.folder.join(LOG));
        let mut file = ours().create(true).truncate(true).open(&anew).map_err(refused)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(refused)?;
        std::fs::rename(&anew, &log).map_err(refused)?;
        sync_folder(&self.folder).map_err(refused)?;
        (self.file, self.length) = (Arc::new(file), text.len() as u64);
        Ok(())
    }

    /// Appends a record; it is durable only after the next sync of [`Log::file`].
    pub(crate) fn append(&self, record: &Record) -> std::io::Result<()> {
        (&*self.file).write_all(line(record)?.as_bytes())
    }

    /// The file to sync.
    pub(crate) fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }
}

/// Makes a folder that only its owner can look into: the log has keys in it. One that is
/// there stays as it is.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut how = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut how, 0o700);
    how.recursive(true).create(folder)
}

/// How files are opened that only their owner can read.
fn ours() -> OpenOptions {
    let mut how = OpenOptions::new();
    how.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    how
}

/// What stands in the folder under which name is durable.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

fn line(record: &Record) -> std::io::Result<String> {
    let json = serde_json::to_string(record).map_err(std::io::Error::other)?;
    Ok(format!("{:016x} {json}\n", checksum(json.as_bytes())))
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
