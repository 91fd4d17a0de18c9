//! A store that remembers what was written through it.

use std::sync::{Mutex, PoisonError};

use store::{Backend, BoxFuture, CommitError, Effected, ReadError, Store, Unit, Write};

pub(super) struct Watching {
    inner: Store,
    written: Mutex<Vec<String>>,
}

impl Watching {
    pub(super) fn new(inner: Store) -> Self {
        Self { inner, written: Mutex::default() }
    }

    /// What was written since the last time this was asked, but for when keys were used.
    pub(super) fn written(&self) -> Vec<String> {
        std::mem::take(&mut self.written.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

macro_rules! reads {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $rows:ty;)*) => {
        $(fn $name(&self, $($arg: $ty),*) -> BoxFuture<'_, Result<$rows, ReadError>> {
            self.inner.$name($($arg),*)
        })*
    };
}

impl Backend for Watching {
    fn commit(&self, unit: Unit) -> BoxFuture<'_, Result<Vec<Effected>, CommitError>> {
        let told = unit.writes.iter().filter(|write| !matches!(write, Write::UseApiKey(..)));
        let told: Vec<_> = told.map(|write| format!("{write:?}")).collect();
        self.written.lock().unwrap_or_else(PoisonError::into_inner).extend(told);
        self.inner.commit(unit)
    }

    store::each_read!(reads);
}
