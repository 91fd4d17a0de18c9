//! Completion for shells.
//!
//! The script that a shell loads asks this binary what may stand at the cursor: clap's
//! own engine answers, over a command line to which the flags of the chosen action have
//! been added. So names, flags and values are those of the binary that is asked.

mod call;
mod names;

#[cfg(test)]
mod tests;

use std::{ffi::OsString, io::Write as _, path::Path};

use clap::{Command, CommandFactory as _};
use clap_complete::{CompleteEnv, Shell, env::Shells};
use model::{Code, Failure};

use crate::{arguments::Arguments, exit::Exit};

pub(crate) use names::{called, operations};

/// The variable by which a shell's script asks.
const VARIABLE: &str = "BURSAR_COMPLETE";

/// Answers a shell that asks for completions; `false` when none does.
///
/// # Errors
/// When the shell is unknown or cannot be answered.
pub(crate) fn answer(words: Vec<OsString>) -> Result<bool, clap::Error> {
    let asked: Vec<OsString> = words.iter().skip_while(|word| *word != "--").skip(1).cloned().collect();
    let current = std::env::current_dir().ok();
    CompleteEnv::with_factory(|| command(&asked)).var(VARIABLE).try_complete(words, current.as_deref())
}

/// The command line, with the flags of what these words call.
fn command(words: &[OsString]) -> Command {
    let command = Arguments::command();
    let Some(after) = call::words_after(words) else { return command };
    let taken: Vec<String> =
        command.get_arguments().filter_map(|arg| arg.get_long()).map(str::to_owned).collect();
    command.mut_subcommand("call", |call| call::with_flags(call, &after, taken))
}

/// Prints the script that a shell loads.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn script(shell: Shell, binary: &Path) -> Result<Exit, Failure> {
    let unwritten = |why: &dyn std::fmt::Display| {
        Failure::new(Code::InternalError, format!("No script was written: {why}."))
    };
    let name = shell.to_string();
    let shells = Shells::builtins();
    let completer = shells.completer(&name).ok_or_else(|| unwritten(&format!("{name} is not known")))?;
    // Found on the path it may be moved; named by a path it has to be found again from anywhere.
    let binary = if binary.components().count() > 1 {
        std::path::absolute(binary).unwrap_or_else(|_| binary.to_path_buf())
    } else {
        binary.to_path_buf()
    };
    let mut script = Vec::new();
    completer
        .write_registration(VARIABLE, "bursar", "bursar", &binary.to_string_lossy(), &mut script)
        .map_err(|e| unwritten(&e))?;
    // A field with fields inside ends in a dot, behind which no space belongs.
    let script = String::from_utf8_lossy(&script).replace("=~ [=/:]$", "=~ [=/:.]$");
    std::io::stdout().write_all(script.as_bytes()).map_err(|e| unwritten(&e))?;
    Ok(Exit::Done)
}
