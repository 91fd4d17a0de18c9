//! `bursar runs`.

use clap::{Args, Subcommand};
use model::RunStatus;

use super::statuses;

#[derive(Debug, Subcommand)]
pub(crate) enum Runs {
    /// List runs, newest first
    List {
        /// Of this workflow, by key or id
        #[arg(long)]
        workflow: Option<String>,
        /// With this status
        #[arg(long, value_parser = statuses(RunStatus::ALL, RunStatus::as_str))]
        status: Option<String>,
        /// At most this many, 1 to 100
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// Go on after a page: the cursor that it ended with
        #[arg(long)]
        cursor: Option<String>,
    },
    /// Show a run and its steps
    Show {
        /// The run, run_…
        run: String,
    },
    /// Follow a run until it ends
    Watch {
        /// The run, run_…
        run: String,
    },
    /// Stop a run; what was sent is settled, completed steps are compensated
    Cancel(Cancel),
    /// Let a run go on that failed, was canceled or is parked; what is done is kept
    Retry(Retry),
    /// Say what became of a parked step that nobody can find out about by machine
    Resolve(Resolve),
}

#[derive(Debug, Args)]
pub(crate) struct Cancel {
    /// The run, run_…
    pub(crate) run: String,
    /// End a run that cannot be driven any more, as it is; nothing is compensated
    #[arg(long, requires = "note")]
    pub(crate) abandon: bool,
    /// With --abandon: why; kept for good
    #[arg(long, value_name = "TEXT", requires = "abandon")]
    pub(crate) note: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Retry {
    /// The run, run_…
    pub(crate) run: String,
    /// Why; kept for good
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// An idempotency key: under the same key it is asked for once
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Resolve {
    /// The run, run_…
    pub(crate) run: String,
    /// The step, as bursar runs show names it
    pub(crate) step: String,
    /// What became of it
    #[arg(long = "as", value_name = "WORD")]
    pub(crate) said: Said,
    /// With done: Stripe's object that the step made, such as in_…
    #[arg(long, value_name = "ID")]
    pub(crate) object: Option<String>,
    /// With not_done, of a compensation: leave it undone
    #[arg(long)]
    pub(crate) skip: bool,
    /// How you know; kept for good
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: String,
    /// An idempotency key: under the same key it is said once
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Said {
    /// It took effect at Stripe
    Done,
    /// It had no effect: it is sent once more, under a new key
    NotDone,
}
