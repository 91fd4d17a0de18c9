//! `bursar connections`. No argument takes a key: whoever lists the processes of the
//! machine reads command lines.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

const MODES: [&str; 3] = ["live", "test", "local"];

#[derive(Debug, Args)]
pub(crate) struct Connections {
    #[command(subcommand)]
    pub(crate) command: Option<ConnectionsCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConnectionsCommand {
    /// List the connections
    List,
    /// Show a connection, without its credential
    Show {
        /// Its name or id
        connection: String,
    },
    /// Make a connection: by an API key, or with --via by a link that somebody opens
    Add(AddConnection),
    /// Take over a connection that exists at Nango already
    Import(Import),
    /// Make a link by which somebody authorizes a connection
    AuthUrl(AuthUrl),
    /// Ask Stripe what a connection may do, without writing anything
    Test {
        /// Its name or id
        connection: String,
    },
    /// Take a connection when nobody names one
    Default {
        /// Its name or id
        connection: String,
    },
    /// Give a connection another name; its id stays
    Rename {
        /// Its name or id
        connection: String,
        /// The new name
        name: String,
    },
    /// Give a connection up and destroy its credential
    Remove {
        /// Its name or id
        connection: String,
        /// Forget it altogether; otherwise it can be authorized again
        #[arg(long)]
        forget: bool,
    },
}

/// The key comes from a file, from standard input, or from a prompt.
#[derive(Debug, Args)]
pub(crate) struct AddConnection {
    /// What people and documents call it
    pub(crate) name: String,
    /// The way: an API key, or a link by which somebody authorizes [default: `api_key`]
    #[arg(long, value_parser = ["api_key", "connect", "app", "nango"])]
    pub(crate) via: Option<String>,
    /// The file that holds the API key [default: standard input, or a prompt on a terminal]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) key_file: Option<PathBuf>,
    /// The mode [default: the key's, or test]
    #[arg(long, value_parser = MODES)]
    pub(crate) mode: Option<String>,
    /// The sandbox's address, in mode local
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// What Connect asks for: `read_write` or `read_only` [default: `read_write`]
    #[arg(long)]
    pub(crate) scope: Option<String>,
    /// Nango's integration [default: the server's]
    #[arg(long)]
    pub(crate) integration: Option<String>,
    /// Print the link and end; otherwise wait until somebody has authorized
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// Take it when nobody names a connection; the first one always is
    #[arg(long)]
    pub(crate) default: bool,
    /// The API version of its calls that name none [default: the pinned one]
    #[arg(long, value_name = "VERSION")]
    pub(crate) api_version: Option<String>,
}

/// For whoever runs the server: any connection at Nango may be named.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// What people and documents will call it here
    pub(crate) name: String,
    /// Nango's id of the connection
    #[arg(value_name = "NANGO_ID")]
    pub(crate) nango_connection_id: String,
    /// Nango's integration [default: the server's]
    #[arg(long)]
    pub(crate) integration: Option<String>,
    /// The mode whose Nango has it [default: test]
    #[arg(long, value_parser = MODES)]
    pub(crate) mode: Option<String>,
    /// Take it when nobody names a connection; the first one always is
    #[arg(long)]
    pub(crate) default: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AuthUrl {
    /// Of Nango: print the link that leads to Stripe without Nango's own page
    #[arg(long)]
    pub(crate) headless: bool,
    /// What people and documents will call it
    #[arg(required_unless_present = "reconnect", conflicts_with = "reconnect")]
    pub(crate) name: Option<String>,
    /// Authorize an existing connection again, by name or id
    #[arg(long, value_name = "ID")]
    pub(crate) reconnect: Option<String>,
    /// The way [default: connect, or the existing connection's]
    #[arg(long, value_parser = ["connect", "app", "nango"])]
    pub(crate) via: Option<String>,
    /// The mode [default: test, or the existing connection's]
    #[arg(long, value_parser = MODES)]
    pub(crate) mode: Option<String>,
    /// What Connect asks for: `read_write` or `read_only` [default: `read_write`]
    #[arg(long)]
    pub(crate) scope: Option<String>,
    /// Where the person goes afterwards
    #[arg(long, value_name = "URL")]
    pub(crate) redirect_url: Option<String>,
    /// Nango's integration [default: the server's]
    #[arg(long)]
    pub(crate) integration: Option<String>,
}
