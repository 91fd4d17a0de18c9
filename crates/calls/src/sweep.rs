//! The sweep: finishes writes that nobody waits for any more.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use store::{Intent, Unit};

use crate::{CallError, Settled, caller::Caller};

/// How many are finished side by side.
const AT_ONCE: usize = 16;
/// One that takes longer leaves its place to the others until the next round; being
/// dropped costs it nothing.
const LONGEST: Duration = Duration::from_secs(120);
/// Between two rounds.
const PAUSE: Duration = Duration::from_secs(10);

impl Caller {
    /// Finishes every open intent that no run owns: those of a former process and
    /// those an interactive caller gave up. Runs until dropped.
    pub async fn sweep(&self) {
        loop {
            match self.parts.store.open_intents().await {
                Ok(open) => self.finish_all(open).await,
                Err(error) => tracing::warn!(%error, "open calls cannot be listed; trying again"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn finish_all(&self, open: Vec<Intent>) {
        let left = open.into_iter().filter(|intent| intent.run.is_none());
        let left = left.filter(|intent| !self.flights.is_taken(intent.key.as_str()));
        stream::iter(left)
            .for_each_concurrent(AT_ONCE, |intent| async move {
                let mut nothing_follows = |_: &Settled, _: &mut Unit| {};
                let finish = self.finish_open(&intent.key, &mut nothing_follows);
                match tokio::time::timeout(LONGEST, finish).await {
                    Ok(Ok(ended)) => tracing::info!(call = %ended.call, action = intent.action, "call finished"),
                    Ok(Err(CallError::Unfinished { failure, .. })) => {
                        tracing::warn!(call = %intent.call, code = %failure.code, "call not finished: {failure}");
                    }
                    Ok(Err(error)) => tracing::warn!(call = %intent.call, %error, "call not finished"),
                    Err(_) => tracing::info!(call = %intent.call, "call not finished yet; trying again later"),
                }
            })
            .await;
    }
}
