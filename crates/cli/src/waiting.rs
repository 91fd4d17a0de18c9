//! What people see while an answer takes its time. Calls are repeated for up to twenty
//! seconds when Stripe does not answer, and silence for so long looks like a hang.

use std::{future::Future, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};

use crate::output::Output;

/// Answers that come sooner need no words.
const QUIET: Duration = Duration::from_secs(2);
const TICK: Duration = Duration::from_millis(200);
const SAYS: &str =
    "{spinner} no answer yet after {elapsed}; what does not answer is asked again, which is safe";

/// Whether to say anything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting {
    says: bool,
}

impl Waiting {
    pub(crate) fn silent() -> Self {
        Self { says: false }
    }

    /// On a terminal; programs get nothing of it.
    pub(crate) fn on(output: Output) -> Self {
        Self { says: !output.json && console::Term::stderr().is_term() }
    }

    /// Waits for a future. The line goes away when it is there.
    pub(crate) async fn during<T>(self, future: impl Future<Output = T>) -> T {
        let mut future = std::pin::pin!(future);
        if !self.says {
            return future.await;
        }
        if let Ok(done) = tokio::time::timeout(QUIET, &mut future).await {
            return done;
        }
        let style = ProgressStyle::with_template(SAYS).unwrap_or_else(|_| ProgressStyle::default_spinner());
        let line = ProgressBar::new_spinner().with_style(style).with_elapsed(QUIET);
        line.enable_steady_tick(TICK);
        let done = future.await;
        line.finish_and_clear();
        done
    }
}
