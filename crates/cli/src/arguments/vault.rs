//! `bursar vault`.

use std::path::PathBuf;

use clap::{Subcommand, ValueHint};

#[derive(Debug, Subcommand)]
pub(crate) enum Vault {
    /// Say which master key the database needs
    Show,
    /// Wrap everything under a new master key, while the server goes on
    Rotate {
        /// The new key, where the present one comes from the environment or a command
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        new_key_file: Option<PathBuf>,
    },
    /// Make a master key in a new file that only its owner can read
    NewKey {
        /// The file
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
}
