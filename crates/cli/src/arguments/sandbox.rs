//! `bursar sandbox`.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand, ValueHint};

use super::Checks;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Sandbox {
    #[command(subcommand)]
    pub(crate) command: Option<SandboxCommand>,
    /// Where to listen; port 0 picks one
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:12111")]
    pub(crate) listen: SocketAddr,
    /// Keep objects, keys and pending deliveries in this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) keep: Option<PathBuf>,
    /// Makes ids and everything random repeatable
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// The account's default API version [default: the newest]
    #[arg(long, value_name = "VERSION", value_parser = stripe::Version::parse)]
    pub(crate) api_version: Option<stripe::Version>,
    /// Let 25 reads and 25 writes of an account through in a second, as Stripe does, else 429
    #[arg(long)]
    pub(crate) rate_limits: bool,
    #[command(flatten)]
    pub(crate) checks: Checks,
}

/// What can go wrong on command; the sandbox says the same.
pub(crate) const FAULTS: [&str; 8] =
    ["lost_answer", "reset", "stored_500", "stored_500_after_commit", "429", "409", "lock_timeout", "slow"];

#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Pay an open invoice as its customer would
    Pay {
        /// The invoice, in_…
        invoice: String,
        /// A test card
        #[arg(long, default_value = "pm_card_visa")]
        with: String,
        /// The sandbox [default: the one of the data folder's server, else http://127.0.0.1:12111]
        #[arg(long, value_name = "URL")]
        at: Option<String>,
    },
    /// Move the sandbox's clock forward
    Advance {
        /// How far, such as 14d, 2h, 30s
        by: String,
        /// The sandbox [default: the one of the data folder's server, else http://127.0.0.1:12111]
        #[arg(long, value_name = "URL")]
        at: Option<String>,
    },
    /// Make the next writes fail
    FailNext {
        /// How
        #[arg(value_parser = FAULTS)]
        fault: String,
        /// With slow: how many milliseconds
        #[arg(long, default_value_t = 1000)]
        ms: u64,
        /// How many
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        times: u32,
        /// The sandbox [default: the one of the data folder's server, else http://127.0.0.1:12111]
        #[arg(long, value_name = "URL")]
        at: Option<String>,
    },
    /// Show the faults that wait for their writes, or take them back
    Faults {
        /// clear: none waits any more
        #[arg(value_parser = ["clear"])]
        what: Option<String>,
        /// The sandbox [default: the one of the data folder's server, else http://127.0.0.1:12111]
        #[arg(long, value_name = "URL")]
        at: Option<String>,
    },
    /// Make an event by the requests that end in it
    Trigger {
        /// Such as invoice.paid
        #[arg(required_unless_present = "list")]
        event: Option<String>,
        /// Set a parameter of the request that makes the main object, such as metadata.order=7
        #[arg(long, value_name = "PATH=VALUE", value_parser = assignment)]
        set: Vec<(String, String)>,
        /// Show the events that can be made
        #[arg(long, conflicts_with_all = ["event", "set"])]
        list: bool,
        /// The sandbox [default: the one of the data folder's server, else http://127.0.0.1:12111]
        #[arg(long, value_name = "URL")]
        at: Option<String>,
    },
    /// Keep everything that there is in a file
    Snapshot {
        /// Where to; a file that is there is replaced
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// The sandbox [default: the one of the data folder's server, else http://127.0.0.1:12111]
        #[arg(long, value_name = "URL")]
        at: Option<String>,
    },
    /// Go back to a snapshot
    Restore {
        /// What `snapshot` wrote
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// The sandbox [default: the one of the data folder's server, else http://127.0.0.1:12111]
        #[arg(long, value_name = "URL")]
        at: Option<String>,
    },
    /// Forget every object
    Reset {
        /// The sandbox [default: the one of the data folder's server, else http://127.0.0.1:12111]
        #[arg(long, value_name = "URL")]
        at: Option<String>,
    },
}

/// `metadata.order=7` as a path and a value.
fn assignment(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(path, _)| !path.is_empty());
    let (path, value) = parts.ok_or("this is not PATH=VALUE, such as metadata.order=7")?;
    Ok((path.to_owned(), value.to_owned()))
}
