//! `bursar workflows`.

use std::path::PathBuf;

use clap::{Subcommand, ValueHint};

#[derive(Debug, Subcommand)]
pub(crate) enum Workflows {
    /// Check documents without storing them
    Check {
        /// YAML or JSON documents, folders of them, or - for standard input
        #[arg(required = true, value_hint = ValueHint::FilePath)]
        files: Vec<PathBuf>,
    },
    /// Store documents under their keys, as drafts or as new versions
    Push {
        /// YAML or JSON documents, folders of them, or - for standard input
        #[arg(required = true, value_hint = ValueHint::FilePath)]
        files: Vec<PathBuf>,
        /// Activate them too
        #[arg(long)]
        activate: bool,
    },
    /// Let a workflow start runs
    Activate {
        /// Its key or id
        workflow: String,
    },
    /// Keep a workflow from starting runs
    Pause {
        /// Its key or id
        workflow: String,
    },
    /// Start a run
    Run {
        /// Its key or id
        workflow: String,
        /// The input as JSON; @FILE reads a file, - standard input
        #[arg(long, value_name = "JSON", default_value = "{}")]
        input: String,
        /// The idempotency key; one is made and shown without it
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        /// The connection, by name or id
        #[arg(long, value_name = "NAME")]
        connection: Option<String>,
        /// Watch it until it ends
        #[arg(long)]
        watch: bool,
    },
    /// List the workflows
    List,
    /// Show a workflow and its document
    Show {
        /// Its key or id
        workflow: String,
    },
}
