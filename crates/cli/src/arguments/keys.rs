//! `bursar keys`, `bursar companies` and `bursar audit`.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Make an API key and print it, this once
    Add {
        /// What people call it
        name: String,
        /// What it may do, such as runs:read; once more for each
        #[arg(long = "scope", value_name = "SCOPE", required = true)]
        scopes: Vec<String>,
        /// When it runs out, such as 90d or 12h [default: never]
        #[arg(long, value_name = "DURATION")]
        expires: Option<String>,
    },
    /// List the keys, without their texts
    List,
    /// Revoke a key; the next request with it is refused
    Revoke {
        /// Its name or id
        key: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Companies {
    /// Make a company
    Add {
        /// Its name
        name: String,
    },
    /// List the companies
    List,
    /// Remove a company and everything of it
    Remove {
        /// Its name or id
        company: String,
        /// Although runs have not ended or writes are open; nobody finishes or undoes them
        #[arg(long)]
        force: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// At most this many, 1 to 100
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: u32,
    /// Go on after a page: the cursor that it ended with
    #[arg(long)]
    pub(crate) cursor: Option<String>,
}
