//! A sandbox in the hands of a test: it watches itself to its end.
//!
//! Suites open theirs in this way, so that none can forget to ask what was found.

use std::{ops::Deref, sync::Arc, thread};

use crate::{OpenError, Options, Sandbox};

/// A sandbox that fails its test when the last handle goes and something that it said
/// deviated from the object tables, or was not checked.
#[derive(Debug, Clone)]
pub struct Watched(Arc<Last>);

/// The one that looks.
#[derive(Debug)]
struct Last(Sandbox);

impl Watched {
    /// Opens a sandbox with these options, and with [`Options::check_objects`].
    ///
    /// # Errors
    /// Those of [`Sandbox::open`].
    pub async fn open(options: Options) -> Result<Self, OpenError> {
        Sandbox::open(Options { check_objects: true, ..options })
            .await
            .map(|sandbox| Self(Arc::new(Last(sandbox))))
    }
}

impl Deref for Watched {
    type Target = Sandbox;
    fn deref(&self) -> &Sandbox {
        &self.0.0
    }
}

impl Drop for Last {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        let checked = self.0.conformance();
        assert!(checked.deviating == 0, "the sandbox deviates from the tables: {:#?}", checked.deviations);
        let answered = self.0.journal().iter().filter(|entry| entry.status != 0).count();
        assert!(checked.answers >= answered as u64, "{} of {answered} answers were checked", checked.answers);
    }
}
