//! How a sandbox is opened, and why that can fail.

use std::{fmt, net::SocketAddr, path::PathBuf, sync::Arc};

use model::{Clock, Rng, SystemClock, SystemRng};
use stripe::{PINNED, Version};

/// How to open a sandbox.
#[derive(Clone)]
pub struct Options {
    /// Where to listen; port 0 picks a free one. `None` opens no socket at all: no
    /// server and no deliveries of its own, for the simulation.
    pub listen: Option<SocketAddr>,
    /// A folder for the log that a restart goes on from; `None` keeps everything in
    /// memory. One process per folder.
    pub data: Option<PathBuf>,
    /// What account, key and ids are made from; equal seeds and equal requests give
    /// equal answers. Nothing else is random. A folder that has a seed keeps its own.
    pub seed: u64,
    /// The real time: objects live on it plus the sandbox's own offset, signatures
    /// on it alone.
    pub clock: Arc<dyn Clock>,
    /// The account's default version: that of requests which name none, and of events
    /// for endpoints which name none. Events that were made keep theirs.
    pub api_version: Version,
    /// Whether everything that the sandbox says is held against the object tables: an
    /// answer that deviates becomes a 500 that says how, and [`Sandbox::conformance`]
    /// counts. For suites; it reads every body again.
    ///
    /// [`Sandbox::conformance`]: crate::Sandbox::conformance
    pub check_objects: bool,
}

impl Default for Options {
    /// A free port of the loopback, no folder, a random seed, the machine's clock, the
    /// newest version, no checks.
    fn default() -> Self {
        Self {
            listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
            data: None,
            seed: SystemRng.next_u64(),
            clock: Arc::new(SystemClock),
            api_version: PINNED,
            check_objects: false,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listen, data, seed, api_version, check_objects, .. } = self;
        write!(
            f,
            "Options {{ listen: {listen:?}, data: {data:?}, seed: {seed}, api_version: {api_version}, check_objects: {check_objects} }}"
        )
    }
}

/// Why a sandbox did not open. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is in use or not ours.
    #[error(
        "the sandbox cannot listen on {at}: {source}; nothing was started. Stop what uses the port, or choose another (port 0 picks a free one)"
    )]
    Listen {
        /// The address asked for.
        at: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another process has the folder.
    #[error(
        "another sandbox is using {}; nothing was changed. Stop it, or give this one a folder of its own",
        .folder.display()
    )]
    InUse {
        /// The folder asked for.
        folder: PathBuf,
    },
    /// The folder cannot be read or written.
    #[error(
        "the sandbox cannot use {}: {source}; nothing was changed. Make the folder writable, or choose another",
        .folder.display()
    )]
    Folder {
        /// The folder asked for.
        folder: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A record in the middle of the log is damaged.
    #[error(
        "the log {} is damaged at line {line}, and what follows cannot be trusted; nothing was changed. Restore the file, or start with an empty folder",
        .file.display()
    )]
    Corrupt {
        /// The log.
        file: PathBuf,
        /// The first bad line, from 1.
        line: usize,
    },
    /// The sender of deliveries could not be built.
    #[error(
        "the sandbox cannot send deliveries: {0}; nothing was started. Check the TLS set-up of this build"
    )]
    Sender(String),
}
