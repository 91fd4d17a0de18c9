//! The master key: 32 random bytes in a file that only its owner can read.
//!
//! The file is one line, `bursar-master-key:v1:<id>:<key>`. The id is derived from
//! the key, so that a wrong key is told from a damaged file, and a database can say
//! which key it needs without knowing it. What would surprise: a file that others
//! can read is refused, not repaired, because it may have been read already.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use aws_lc_rs::{digest, rand};
use model::{Code, Failure};
use zeroize::Zeroizing;

/// The key that wraps the data keys. Has no `Debug` of its content; wiped when dropped.
pub struct MasterKey {
    bytes: Zeroizing<[u8; 32]>,
    id: String,
}

/// Why there is no master key. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// No file there.
    #[error(
        "there is no master key at {0}; put the key of this data folder there, or start with a fresh folder"
    )]
    Missing(PathBuf),
    /// Others than the owner can read it.
    #[error(
        "the master key at {} can be read by others (mode {mode:03o}) and was not used; \
         run `chmod 600 {}` if nobody has read it, else replace the secrets it protects",
        .path.display(), .path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is no master key.
    #[error("{} is not a master key ({why}); restore the file from where it was kept", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// What was given is no master key.
    #[error("{from} is not a master key ({why}); give the whole line, as `bursar vault new-key` writes it")]
    Given {
        /// Where it comes from.
        from: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The system refuses.
    #[error("the master key at {} cannot be used: {source}; make the file and its folder accessible", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl MasterKeyError {
    /// As every surface shows it.
    pub fn to_failure(&self) -> Failure {
        let text = self.to_string();
        let (what, to_do) = text.split_once("; ").unwrap_or((&text, "look at the file"));
        let text = format!("{}. Nothing was changed. {}.", sentence(what), sentence(to_do));
        Failure::new(Code::VaultKeyMissing, text)
    }
}

/// With a capital letter.
fn sentence(clause: &str) -> String {
    let mut chars = clause.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

const HEAD: &str = "bursar-master-key:v1:";

impl MasterKey {
    /// A fresh key, kept nowhere: for tests, simulations and stores in memory.
    pub fn random() -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(bytes.as_mut_slice()).expect("the operating system gives randomness");
        Self::from_bytes(bytes)
    }

    /// The key in this file; a missing file is made, readable by its owner only and
    /// synced before this returns. Safe to repeat and to race: one key wins.
    ///
    /// # Errors
    /// See [`MasterKeyError`].
    pub fn read_or_create(path: &Path) -> Result<Self, MasterKeyError> {
        match Self::read(path) {
            Err(MasterKeyError::Missing(_)) => {
                let io = |source| MasterKeyError::Io { path: path.to_owned(), source };
                Self::random().write(path).map_err(io)?;
                Self::read(path)
            }
            other => other,
        }
    }

    /// The key in this file.
    ///
    /// # Errors
    /// See [`MasterKeyError`].
    pub fn read(path: &Path) -> Result<Self, MasterKeyError> {
        let io = |source| MasterKeyError::Io { path: path.to_owned(), source };
        match fs::metadata(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(MasterKeyError::Missing(path.to_owned()));
            }
            Err(e) => return Err(io(e)),
            Ok(meta) => refuse_exposed(path, &meta)?,
        }
        let text = Zeroizing::new(fs::read(path).map_err(io)?);
        Self::parse(&text).map_err(|why| MasterKeyError::Malformed { path: path.to_owned(), why })
    }

    /// The key in this text, which is the line of a key file; `from` says where the text
    /// comes from.
    ///
    /// # Errors
    /// [`MasterKeyError::Given`].
    pub fn from_text(text: &str, from: &'static str) -> Result<Self, MasterKeyError> {
        Self::parse(text.as_bytes()).map_err(|why| MasterKeyError::Given { from, why })
    }

    /// Names the key without telling it.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        let mut hash = digest::Context::new(&digest::SHA256);
        hash.update(b"bursar master key id");
        hash.update(bytes.as_slice());
        let id = hex::encode(&hash.finish().as_ref()[..8]);
        Self { bytes, id }
    }

    fn parse(text: &[u8]) -> Result<Self, &'static str> {
        let text = std::str::from_utf8(text).map_err(|_| "not text")?.trim();
        let rest = text.strip_prefix(HEAD).ok_or("it does not begin as one")?;
        let (id, key) = rest.split_once(':').ok_or("the key is missing")?;
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(key, bytes.as_mut_slice())
            .map_err(|_| "the key is not 64 hexadecimal digits")?;
        let key = Self::from_bytes(bytes);
        if key.id == id { Ok(key) } else { Err("id and key do not belong together: it is damaged") }
    }

    /// Writes beside the path and links into place, so that no crash leaves half a
    /// key and an existing key is never replaced.
    fn write(&self, path: &Path) -> io::Result<()> {
        let mut suffix = [0; 8];
        rand::fill(&mut suffix).expect("the operating system gives randomness");
        let beside = path.with_extension(format!("{}.new", hex::encode(suffix)));
        let hex = Zeroizing::new(hex::encode(self.bytes.as_slice()));
        let line = Zeroizing::new(format!("{HEAD}{}:{}\n", self.id, hex.as_str()));
        let written = create_private(&beside).and_then(|mut file| {
            file.write_all(line.as_bytes())?;
            file.sync_all()
        });
        let placed = written.and_then(|()| match fs::hard_link(&beside, path) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            // A file system without links; the data folder has one process.
            Err(_) => fs::rename(&beside, path),
            Ok(()) => Ok(()),
        });
        let _ = fs::remove_file(&beside);
        placed?;
        sync_folder(path)
    }
}

fn create_private(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, meta: &fs::Metadata) -> Result<(), MasterKeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = meta.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(MasterKeyError::Exposed { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn refuse_exposed(_path: &Path, _meta: &fs::Metadata) -> Result<(), MasterKeyError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        assert!(matches!(MasterKey::read(&path), Err(MasterKeyError::Missing(_))));
        let made = MasterKey::read_or_create(&path).unwrap();
        let read = MasterKey::read_or_create(&path).unwrap();
        assert_eq!((made.bytes(), made.id()), (read.bytes(), read.id()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused_with_what_to_do() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        MasterKey::read_or_create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let text = MasterKey::read(&path).err().unwrap().to_string();
        assert!(text.contains("mode 640") && text.contains("chmod 600"), "{text}");
    }

    #[test]
    fn a_damaged_file_is_told_from_a_missing_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        MasterKey::read_or_create(&path).unwrap();
        let good = fs::read(&path).unwrap();
        for damaged in [&b""[..], b"\xff\xfe", b"bursar-master-key:v1:00", &good[..good.len() - 3]] {
            fs::write(&path, damaged).unwrap();
            assert!(matches!(MasterKey::read(&path), Err(MasterKeyError::Malformed { .. })));
        }
        let mut flipped = good.clone();
        let last = flipped.len() - 2;
        flipped[last] = if flipped[last] == b'0' { b'1' } else { b'0' };
        fs::write(&path, flipped).unwrap();
        assert!(MasterKey::read(&path).err().unwrap().to_string().contains("damaged"));
    }
}
