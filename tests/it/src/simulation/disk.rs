//! The store as one incarnation sees it: every commit is two boundaries and a half.

use std::{sync::Arc, time::Duration};

use futures_util::poll;
use store::{Backend, Begun, BoxFuture, CommitError, Effected, Memory, ReadError, Receipt, Unit, Write};
use tokio_util::task::TaskTracker;

use super::{
    gate::{Boundary, Gate},
    planted::Planted,
};

/// A store that dies with its incarnation.
pub struct Disk {
    inner: Arc<Memory>,
    gate: Arc<Gate>,
    planted: Planted,
    tasks: TaskTracker,
}

type Committed = Result<Vec<Effected>, CommitError>;

impl Disk {
    /// This store behind this gate.
    pub fn new(inner: Arc<Memory>, gate: Arc<Gate>, planted: Planted) -> Self {
        Self { inner, gate, planted, tasks: TaskTracker::new() }
    }

    async fn committed(&self, unit: Unit) -> Committed {
        self.gate.pass(Boundary::BeforeCommit).await;
        let mut commit = self.inner.commit(unit);
        if self.gate.reaches(Boundary::DuringCommit) {
            // One turn hands it over; the disk has not synced it.
            let early = poll!(&mut commit);
            debug_assert!(early.is_pending(), "a commit takes at least one turn");
            self.gate.kill(Boundary::DuringCommit);
            self.gate.alive().await;
        }
        let answer = commit.await;
        self.gate.pass(Boundary::AfterCommit).await;
        answer
    }

    /// The planted bug: no trace of an intent gets to the disk.
    async fn without_intents(&self, unit: Unit) -> Committed {
        let of_intent = |write: &Write| {
            matches!(write, Write::BeginIntent(_) | Write::SettleIntent { .. } | Write::ParkIntent { .. })
        };
        let places: Vec<_> = unit.writes.iter().map(of_intent).collect();
        let begun: Vec<_> = unit.writes.iter().map(|w| matches!(w, Write::BeginIntent(_))).collect();
        let writes = unit.writes.into_iter().filter(|write| !of_intent(write)).collect();
        let mut effects = self.committed(Unit { priority: unit.priority, writes }).await?.into_iter();
        let fill = places.into_iter().zip(begun).filter_map(|(dropped, begun)| match (dropped, begun) {
            (false, _) => effects.next(),
            (true, true) => Some(Effected::Begun(Begun::Fresh)),
            (true, false) => Some(Effected::Done),
        });
        Ok(fill.collect())
    }

    /// The planted bug: the receipt is acknowledged first and written later.
    fn acknowledged_early(&self, unit: Unit, receipt: Receipt) -> Committed {
        let (inner, gate) = (self.inner.clone(), self.gate.clone());
        self.tasks.spawn(async move {
            tokio::time::sleep(Duration::from_millis(200)).await;
            gate.alive().await;
            let _ = inner.commit(unit).await;
        });
        Ok(vec![Effected::Received { receipt: Box::new(receipt), fresh: true }])
    }

    fn read<'a, T: Send + 'a>(
        &'a self,
        read: BoxFuture<'a, Result<T, ReadError>>,
    ) -> BoxFuture<'a, Result<T, ReadError>> {
        Box::pin(async move {
            self.gate.alive().await;
            let rows = read.await;
            self.gate.alive().await;
            rows
        })
    }
}

macro_rules! reads {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $rows:ty;)*) => {
        $(fn $name(&self, $($arg: $ty),*) -> BoxFuture<'_, Result<$rows, ReadError>> {
            self.read(self.inner.$name($($arg),*))
        })*
    };
}

impl Backend for Disk {
    fn commit(&self, unit: Unit) -> BoxFuture<'_, Committed> {
        let receipt = match unit.writes.as_slice() {
            [Write::Receive(receipt)] if self.planted == Planted::DispatchBeforeCommit => {
                Some(receipt.clone())
            }
            _ => None,
        };
        Box::pin(async move {
            match receipt {
                Some(receipt) => {
                    self.gate.alive().await;
                    self.acknowledged_early(unit, receipt)
                }
                None if self.planted == Planted::NoIntent => self.without_intents(unit).await,
                None => self.committed(unit).await,
            }
        })
    }

    store::each_read!(reads);
}
