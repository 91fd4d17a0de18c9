//! The `bursar` binary. The only crate that reads the environment.
//!
//! Every command that touches data is a client of the HTTP API: of `--url`, else of
//! the server that the data folder names, else of the same application in-process
//! under the folder's lock.

mod arguments;
mod client;
mod commands;
mod dev;
mod door;
mod exit;
mod flags;
mod lines;
mod node;
mod output;
mod settings;
mod stripe_side;

use clap::Parser as _;

use crate::{arguments::Arguments, exit::Exit, output::Output};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    // One cryptography provider for the whole process; a second one would panic at first use.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let arguments = Arguments::parse_from(commands::json_input(std::env::args_os()));
    let json = arguments.json || std::env::args().any(|word| word == "--json");
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            eprintln!("the runtime cannot start: {e}");
            return Exit::Failed.into();
        }
    };
    let exit = match runtime.block_on(commands::perform(arguments)) {
        Ok(_) if output::Output::lost() => Exit::Failed,
        Ok(exit) => exit,
        Err(failure) => {
            Output::new(json).failure(&failure);
            Exit::of(&failure)
        }
    };
    // Tasks that still read standard input or sleep must not hold the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    exit.into()
}
