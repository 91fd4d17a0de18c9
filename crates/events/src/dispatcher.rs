//! Starts runs from receipts.

use std::{sync::Arc, time::Duration};

use connections::Vault;
use engine::{Driver, Programs};
use model::{Clock, Failure};
use store::Store;

/// When a failed start is tried again; after the last the receipt is dead.
pub const RETRIES: [Duration; 5] = [
    Duration::from_secs(10),
    Duration::from_secs(60),
    Duration::from_secs(600),
    Duration::from_secs(3_600),
    Duration::from_secs(21_600),
];

/// The dispatcher. One per driver.
#[derive(Clone)]
pub struct Dispatcher {
    // the helper's
    _driver: Driver,
}

impl Dispatcher {
    /// Over these parts.
    pub fn new(
        _store: Store,
        _vault: Vault,
        _programs: Programs,
        _driver: Driver,
        _clock: Arc<dyn Clock>,
    ) -> Self {
        todo!()
    }

    /// Says that something may have arrived.
    pub fn wake(&self) {
        todo!()
    }

    /// Dispatches what is due; says how many receipts.
    ///
    /// # Errors
    /// A database error, which is not a try.
    pub async fn step(&self) -> Result<usize, Failure> {
        todo!()
    }

    /// Dispatches as things arrive and fall due, until dropped.
    pub async fn run(&self) {
        todo!()
    }
}
