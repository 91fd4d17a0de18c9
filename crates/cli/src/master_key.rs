//! Where the master key comes from: a file of the data folder, the environment, or a
//! command that prints it; and how it is rotated.
//!
//! Of a file, the next key is written and synced beside the one in use before anything is
//! sealed under it, and takes its place afterwards. A process that dies between the two is
//! no trouble: a start takes whichever of the two the database needs.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use connections::MasterKey;
use model::{Code, Failure};
use server::KeepMaster;
use tokio::{io::AsyncReadExt as _, process::Command};
use zeroize::Zeroizing;

use crate::settings::{self, Settings};

/// How long `masterKeyCommand` is waited for: a key service over a network is slower than
/// a file, and a question to somebody who is not there never ends.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes; a master key has a fraction of it.
const LONGEST: u64 = 4096;

/// Where a process has its master key from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    File(PathBuf),
    /// `BURSAR_MASTER_KEY`.
    Environment,
    /// `masterKeyCommand` of the settings.
    Command(String),
}

impl Source {
    /// The environment, else the command, else the file of the data folder.
    pub(crate) fn of(settings: &Settings) -> Self {
        match &settings.master_key_command {
            _ if settings::master_key().is_some() => Self::Environment,
            Some(command) => Self::Command(command.clone()),
            None => Self::File(settings.data.join("master.key")),
        }
    }

    /// The key. `needed` names the one that the database is sealed under; a fresh database
    /// needs none yet, and only for it a file is made.
    ///
    /// # Errors
    /// `vault_key_missing`; nothing was changed.
    pub(crate) async fn open(&self, needed: Option<&str>) -> Result<MasterKey, Failure> {
        match (self, needed) {
            (Self::File(path), Some(needed)) => {
                promote(path, needed)?;
                MasterKey::read(path).map_err(|e| e.to_failure())
            }
            (Self::File(path), None) => MasterKey::read_or_create(path).map_err(|e| e.to_failure()),
            (Self::Environment, _) => {
                let text = settings::master_key().unwrap_or_default();
                MasterKey::from_text(&text, "BURSAR_MASTER_KEY").map_err(|e| e.to_failure())
            }
            (Self::Command(command), _) => {
                let printed = printed(command, PATIENCE).await?;
                MasterKey::from_text(&printed, "What masterKeyCommand prints").map_err(|e| e.to_failure())
            }
        }
    }
}

impl KeepMaster for Source {
    fn prepare(&self, given: Option<&str>) -> Result<MasterKey, Failure> {
        let wrong = |text: &str| Failure::new(Code::ValidationError, text).at("newKey");
        match (self, given) {
            (Self::File(path), None) => MasterKey::read_or_create(&beside(path)).map_err(|e| e.to_failure()),
            (Self::File(_), Some(_)) => Err(wrong(
                "The master key is a file of the data folder, and a new one is made there. Nothing was changed. Leave \
                 `newKey` (--new-key-file) out.",
            )),
            (Self::Environment | Self::Command(_), None) => Err(wrong(
                "The master key is kept outside the data folder, where no new one can be put. Nothing was changed. Make \
                 one with `bursar vault new-key FILE`, keep it, and give it: `bursar vault rotate --new-key-file FILE`.",
            )),
            (Self::Environment | Self::Command(_), Some(text)) => {
                MasterKey::from_text(text, "The new key").map_err(|e| e.to_failure().at("newKey"))
            }
        }
    }

    fn promote(&self, id: &str) -> Result<Option<String>, Failure> {
        Ok(match self {
            Self::File(path) => {
                let old = MasterKey::read(path).ok().filter(|old| old.id() != id);
                promote(path, id)?;
                old.map(|old| {
                    format!(
                        "The old key is kept in {}. Backups from before open with nothing else: move it to where they \
                         are, and remove it from here.",
                        retired(path, old.id()).display()
                    )
                })
            }
            Self::Environment => Some(format!(
                "Set BURSAR_MASTER_KEY to the key {id} before the next start; the old one opens nothing now."
            )),
            Self::Command(_) => Some(format!(
                "Have masterKeyCommand print the key {id} before the next start; the old one opens nothing now."
            )),
        })
    }
}

/// Where the next key waits.
fn beside(path: &Path) -> PathBuf {
    path.with_extension("key.next")
}

/// Puts the next key in place, if it is the one that is needed.
fn promote(path: &Path, needed: &str) -> Result<(), Failure> {
    let next = beside(path);
    match MasterKey::read(&next) {
        Ok(key) if key.id() == needed => {}
        // No next key, or one of a rotation that did not happen.
        _ => return Ok(()),
    }
    retire(path).and_then(|()| fs::rename(&next, path)).and_then(|()| sync_folder(path)).map_err(|why| {
        let text = format!(
            "The database needs the master key in {}, and it cannot be put in place at {} ({why}). No data was changed. \
             Make the folder writable, or rename the file by hand.",
            next.display(),
            path.display()
        );
        Failure::new(Code::VaultKeyMissing, text)
    })
}

/// Where a key rests that was rotated out: backups from before need it.
fn retired(path: &Path, id: &str) -> PathBuf {
    path.with_extension(format!("key.{id}"))
}

/// Keeps the key in use under its own name. Repeating it changes nothing.
fn retire(path: &Path) -> io::Result<()> {
    let Ok(old) = MasterKey::read(path) else { return Ok(()) };
    match fs::hard_link(path, retired(path, old.id())) {
        Err(why) if why.kind() != io::ErrorKind::AlreadyExists => Err(why),
        _ => Ok(()),
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// What a command prints. It is the operator's own, from the settings file; what it says
/// on standard error goes to ours. It ends with us, and when it takes too long.
async fn printed(command: &str, patience: Duration) -> Result<Zeroizing<String>, Failure> {
    let failed = |why: String| {
        let text = format!(
            "masterKeyCommand gave no master key: {why}. Nothing was changed and nothing was started. Run it by hand \
             and see: it has to print one line, the key, and to ask nobody."
        );
        Failure::new(Code::VaultKeyMissing, text).at("masterKeyCommand")
    };
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let mut child = shell.kill_on_drop(true).spawn().map_err(|e| failed(e.to_string()))?;
    let reading = async {
        let mut text = Zeroizing::new(String::new());
        if let Some(stdout) = child.stdout.take() {
            stdout.take(LONGEST + 1).read_to_string(&mut text).await?;
        }
        Ok::<_, io::Error>((text, child.wait().await?))
    };
    let late = |_| failed(format!("it did not end within {} s", patience.as_secs_f32()));
    let read = tokio::time::timeout(patience, reading).await.map_err(late)?;
    match read {
        Ok((text, _)) if text.len() as u64 > LONGEST => {
            Err(failed("it printed much more than a key".to_owned()))
        }
        Ok((text, status)) if status.success() => Ok(text),
        Ok((_, status)) => Err(failed(format!("it ended with {status}"))),
        Err(e) if e.kind() == io::ErrorKind::InvalidData => {
            Err(failed("it printed something that is no text".to_owned()))
        }
        Err(e) => Err(failed(e.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_crash_at_any_point_of_a_rotation_leaves_a_start_that_finds_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let source = Source::File(path.clone());
        let first = source.open(None).await.unwrap().id().to_owned();
        let next = source.prepare(None).unwrap().id().to_owned();
        assert_eq!(source.prepare(None).unwrap().id(), next, "asked again, the same");
        // Before the commit the database needs the first one, and the next one waits on.
        assert_eq!(source.open(Some(&first)).await.unwrap().id(), first);
        assert_eq!(source.prepare(None).unwrap().id(), next);
        // After the commit and before the promotion.
        assert_eq!(source.open(Some(&next)).await.unwrap().id(), next);
        assert!(!beside(&path).exists());
        // After it, the first one is still there for old backups.
        assert_eq!(source.promote(&next).unwrap(), None);
        assert_eq!(MasterKey::read(&retired(&path, &first)).unwrap().id(), first);
        assert_eq!(source.open(Some(&next)).await.unwrap().id(), next);
    }

    #[cfg(unix)]
    #[test]
    fn the_next_key_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let source = Source::File(folder.path().join("master.key"));
        source.prepare(None).unwrap();
        let meta = fs::metadata(folder.path().join("master.key.next")).unwrap();
        assert_eq!(meta.permissions().mode() & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_command_gives_the_key_and_its_failure_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k");
        let id = MasterKey::read_or_create(&path).unwrap().id().to_owned();
        let source = Source::Command(format!("cat '{}'", path.display()));
        assert_eq!(source.open(None).await.unwrap().id(), id);
        assert!(source.promote(&id).unwrap().unwrap().contains("masterKeyCommand"));
        assert_eq!(source.prepare(None).err().unwrap().code, Code::ValidationError);
        for command in ["exit 3", "echo nonsense", "printf '\\377'", "head -c 5000 /dev/zero"] {
            let failure = Source::Command(command.to_owned()).open(None).await.err().unwrap();
            assert_eq!(failure.code, Code::VaultKeyMissing);
            assert!(failure.message.contains("masterKeyCommand"), "{failure}");
        }
    }

    #[tokio::test]
    async fn a_command_that_never_ends_is_told_and_nothing_waits_for_it() {
        let failure = printed("exec sleep 600", Duration::from_millis(100)).await.unwrap_err();
        assert_eq!(
            (failure.code, failure.field.as_deref()),
            (Code::VaultKeyMissing, Some("masterKeyCommand"))
        );
        assert!(failure.message.contains("did not end within"), "{failure}");
    }
}
