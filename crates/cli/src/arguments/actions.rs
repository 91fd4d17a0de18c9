//! `bursar actions`.

use clap::{Args, Subcommand};
use clap_complete::engine::ArgValueCompleter;

use crate::completion;

#[derive(Debug, Args)]
pub(crate) struct Actions {
    #[command(subcommand)]
    pub(crate) command: Option<ActionsCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ActionsCommand {
    /// Show an action or an operation: fields, permission, what repeating does, examples
    Show {
        /// The action, such as stripe.createInvoice, or an operation, such as refunds.create
        #[arg(add = ArgValueCompleter::new(completion::called))]
        action: String,
        /// Show one field and what is inside it, such as items.price_data
        #[arg(long, value_name = "NAME")]
        field: Option<String>,
        /// Show every field, those inside others too
        #[arg(long, short, conflicts_with = "field")]
        verbose: bool,
    },
    /// Find actions and operations that have all of these words
    Search {
        /// Words, such as: cancel subscription
        #[arg(required = true)]
        words: Vec<String>,
        /// At most this many
        #[arg(long, default_value_t = 10)]
        limit: usize,
    },
}
