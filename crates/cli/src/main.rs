//! The `bursar` binary. The only crate that reads the environment.
//!
//! Every command that touches data is a client of the HTTP API: of `--url`, else of
//! the server that the data folder names, else of the same application in-process
//! under the folder's lock.

mod arguments;
mod asked;
mod client;
mod commands;
mod completion;
mod dev;
#[cfg(test)]
mod docs;
mod door;
mod exit;
mod flags;
mod forms;
mod layout;
mod lines;
mod master_key;
mod node;
mod output;
mod providers;
mod settings;
mod stripe_limits;
mod stripe_side;
mod table;
mod target;
mod waiting;

use std::ffi::OsString;

use clap::Parser as _;
use model::{Code, Failure};

use crate::{arguments::Arguments, exit::Exit, output::Output};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    match completion::answer(std::env::args_os().collect()) {
        Ok(false) => {}
        Ok(true) => return Exit::Done.into(),
        Err(e) => e.exit(),
    }
    let words: Vec<OsString> = std::env::args_os().collect();
    let json = words.iter().any(|word| word == "--json");
    let arguments = match commands::arranged(words).map(Arguments::try_parse_from) {
        Ok(Ok(arguments)) => arguments,
        Ok(Err(e)) => return misread(&e, json),
        Err(failure) => {
            Output::new(json).failure(&failure);
            return Exit::of(&failure).into();
        }
    };
    let result = match commands::perform_at_once(arguments) {
        Ok(result) => result,
        Err(arguments) => perform(*arguments),
    };
    let exit = match result {
        Ok(_) if Output::lost() => Exit::Failed,
        Ok(exit) => exit,
        Err(failure) => {
            Output::new(json).failure(&failure);
            Exit::of(&failure)
        }
    };
    exit.into()
}

/// A command line that clap cannot read, or that asks for help.
fn misread(error: &clap::Error, json: bool) -> std::process::ExitCode {
    if !json || !error.use_stderr() {
        error.exit();
    }
    let text = error.render().to_string();
    let text = text.split("\n\nUsage:").next().unwrap_or(&text).trim_start_matches("error: ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let message = format!("The command line cannot be read: {}. Nothing was sent.", words.join(" "));
    let failure = Failure::new(Code::ValidationError, message);
    Output::new(true).failure(&failure);
    Exit::of(&failure).into()
}

/// Performs a command within a runtime.
fn perform(arguments: Arguments) -> Result<Exit, Failure> {
    // One cryptography provider for the whole process; a second one would panic at first use.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::new(Code::InternalError, format!("The runtime cannot start: {e}.")))?;
    let result = runtime.block_on(commands::perform(arguments));
    // Tasks that still read standard input or sleep must not hold the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    result
}
