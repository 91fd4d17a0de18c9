//! `cargo xtask generate docs`: the pages of the actions, `docs/actions/` and
//! `api/actions.md`, from the catalog.
//!
//! The catalog is compiled into the command line's tests, which make the pages; here they
//! are only asked to write what they make, or to compare it with what is committed. So
//! this crate stays small, and `cargo test` compares without being told to.

use std::process::{Command, ExitCode};

use crate::run::root;

/// Writes the pages, or only compares them with the committed ones.
pub(crate) fn docs(check: bool) -> ExitCode {
    let tests = ["test", "--quiet", "--package", "bursar", "--bin", "bursar", "--", "docs::"];
    let mut command = Command::new("cargo");
    command.args(tests).current_dir(root()).env_remove("BURSAR_WRITE_DOCS");
    if !check {
        command.env("BURSAR_WRITE_DOCS", "1");
    }
    println!("$ cargo {}", tests.join(" "));
    match command.status() {
        Ok(status) if status.success() => {
            println!("docs/actions and api/actions.md: {}", if check { "as committed" } else { "written" });
            ExitCode::SUCCESS
        }
        Ok(_) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("`cargo` cannot be started: {e}");
            ExitCode::FAILURE
        }
    }
}
