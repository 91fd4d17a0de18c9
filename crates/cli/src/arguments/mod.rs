//! The command line, one file for each command that has more than a line of its own.

mod actions;
mod call;
mod connections;
mod events;
mod keys;
mod runs;
mod sandbox;
mod serve;
mod sources;
mod vault;
mod workflows;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint, builder::PossibleValuesParser};

use crate::stripe_limits::StripeLimits;

pub(crate) use actions::{Actions, ActionsCommand};
pub(crate) use call::Call;
pub(crate) use connections::{AddConnection, AuthUrl, Connections, ConnectionsCommand, Import};
pub(crate) use events::Events;
pub(crate) use keys::{Audit, Companies, Keys};
pub(crate) use runs::{Cancel, Resolve, Retry, Runs, Said};
#[cfg(test)]
pub(crate) use sandbox::FAULTS;
pub(crate) use sandbox::{Sandbox, SandboxCommand};
pub(crate) use serve::{Checks, Dev, Serve};
pub(crate) use sources::{AddSource, Sources};
pub(crate) use vault::Vault;
pub(crate) use workflows::Workflows;

/// The heading of what every command takes, so that its own options come first.
const EVERYWHERE: &str = "Options of every command";

/// Bursar: Stripe actions, connections, triggers and durable workflows, with a
/// Stripe stand-in built in.
#[derive(Debug, Parser)]
#[command(name = "bursar", version, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Arguments {
    /// JSON for programs instead of words for people
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) place: Place,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where the data is, or who serves it.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = EVERYWHERE)]
pub(crate) struct Place {
    /// The data folder [default: ./bursar-data]
    #[arg(long, global = true, env = "BURSAR_DATA", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data: Option<PathBuf>,

    /// A running server; without it the one that serves the data folder, else the folder itself
    #[arg(long, global = true, env = "BURSAR_URL", value_name = "URL")]
    pub(crate) url: Option<String>,

    /// The file that holds the API key for --url; the key itself goes into BURSAR_API_KEY only
    #[arg(long, global = true, env = "BURSAR_API_KEY_FILE", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) api_key_file: Option<PathBuf>,

    /// The company to act for, by name or id; for installation keys, of which the data folder's own is one
    #[arg(long, global = true, env = "BURSAR_COMPANY", value_name = "NAME")]
    pub(crate) company: Option<String>,

    /// The settings file [default: ./bursar.yaml, if there is one]
    #[arg(long, global = true, env = "BURSAR_CONFIG", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,

    /// Shows the settings that result from flags, environment and file, secrets hidden, and stops
    #[arg(long, global = true)]
    pub(crate) print_config: bool,

    #[command(flatten)]
    pub(crate) stripe: StripeLimits,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run everything here: server, sandbox, examples; no Stripe account, no network
    Dev(Dev),
    /// Run the server
    Serve(Serve),
    /// Run or steer the Stripe stand-in alone
    Sandbox(Sandbox),
    /// Call a Stripe action: bursar call stripe.createCustomer --email ada@example.com
    Call(Call),
    /// List the Stripe actions, show one, or search all of Stripe's operations
    Actions(Actions),
    /// Check, push, activate and run workflows
    #[command(subcommand)]
    Workflows(Workflows),
    /// See runs, and decide about those that stand still
    #[command(subcommand)]
    Runs(Runs),
    /// See and replay Stripe's events
    #[command(subcommand)]
    Events(Events),
    /// Make, list and give up connections to Stripe accounts
    Connections(Connections),
    /// Say which of Stripe's webhook endpoints point here
    #[command(subcommand)]
    Sources(Sources),
    /// Make, list and revoke API keys
    #[command(subcommand)]
    Keys(Keys),
    /// Make, list and remove companies
    #[command(subcommand)]
    Companies(Companies),
    /// See who changed what
    Audit(Audit),
    /// Rotate the master key
    #[command(subcommand)]
    Vault(Vault),
    /// Look for what is wrong
    Doctor,
    /// Read the documentation of this version: a guide, or the page of an error code
    Docs {
        /// Its name; without one the pages are listed
        page: Option<String>,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// The words of a status, and no other: a misspelt one is answered with the nearest.
fn statuses<S: Copy>(all: &[S], word: fn(S) -> &'static str) -> PossibleValuesParser {
    PossibleValuesParser::new(all.iter().map(|status| word(*status)))
}
