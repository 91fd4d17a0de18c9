//! `bursar events`.

use clap::Subcommand;
use model::ReceiptStatus;

use super::statuses;

#[derive(Debug, Subcommand)]
pub(crate) enum Events {
    /// List received events, newest first
    List {
        /// Of this type, such as invoice.paid
        #[arg(long = "type")]
        kind: Option<String>,
        /// With this status
        #[arg(long, value_parser = statuses(ReceiptStatus::ALL, ReceiptStatus::as_str))]
        status: Option<String>,
        /// At most this many, 1 to 100
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// Go on after a page: the cursor that it ended with
        #[arg(long)]
        cursor: Option<String>,
    },
    /// Show an event
    Show {
        /// The event, evt_… or rcpt_…
        event: String,
    },
    /// List events of accounts that no company has a connection to, newest first
    Unclaimed {
        /// At most this many, 1 to 100
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// Go on after a page: the cursor that it ended with
        #[arg(long)]
        cursor: Option<String>,
    },
    /// Finish what an event should have started
    Replay {
        /// The event, evt_… or rcpt_…
        event: String,
    },
}
