//! `bursar sources`. No argument takes a signing secret: whoever lists the processes of the
//! machine reads command lines.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

#[derive(Debug, Subcommand)]
pub(crate) enum Sources {
    /// List the sources, without their signing secrets
    List {
        /// The installation's own, whose events go by their account
        #[arg(long)]
        installation: bool,
    },
    /// Note an endpoint and its signing secret, or give a known one its new secret
    Add(AddSource),
    /// Make the endpoint at Stripe that points here, unless there is one
    Ensure {
        /// The connection of the account whose endpoint it is [default: the default one]
        #[arg(long, value_name = "NAME")]
        connection: Option<String>,
        /// For all accounts that are connected to that one, a platform's
        #[arg(long)]
        installation: bool,
    },
    /// Forget an endpoint's secret; its deliveries are refused from then on
    Remove {
        /// Its id, src_…
        source: String,
        /// One of the installation's own
        #[arg(long)]
        installation: bool,
    },
}

/// The secret comes from a file, from standard input, or from a prompt.
#[derive(Debug, Args)]
pub(crate) struct AddSource {
    /// Stripe's endpoint, we_… or ed_…
    pub(crate) endpoint: String,
    /// The file that holds the signing secret [default: standard input, or a prompt on a terminal]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) secret_file: Option<PathBuf>,
    /// The connection of the account whose endpoint it is [default: the default one]
    #[arg(long, value_name = "NAME", conflicts_with = "installation")]
    pub(crate) connection: Option<String>,
    /// An endpoint for connected accounts: each event goes to whoever has a connection to its account
    #[arg(long, requires = "mode")]
    pub(crate) installation: bool,
    /// The mode of the installation's endpoint
    #[arg(long, value_parser = ["live", "test", "local"], requires = "installation")]
    pub(crate) mode: Option<String>,
    /// The account of the installation's endpoint [default: Stripe is asked]
    #[arg(long, value_name = "ACCT", requires = "installation")]
    pub(crate) account: Option<String>,
    /// How long the endpoint's secret before is accepted, such as 2h [default: 24h]
    #[arg(long, value_name = "DURATION")]
    pub(crate) keep_old: Option<String>,
}
