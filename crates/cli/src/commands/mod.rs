//! The commands, one file each.

mod actions;
mod call;
mod companies;
mod connections;
mod docs;
mod doctor;
mod events;
mod keys;
mod runs;
mod sandbox;
mod secret;
mod serve;
mod sources;
mod vault;
mod workflows;

use std::path::Path;

use model::{Code, Failure};
use serde_json::Value;

use crate::{
    arguments::{Arguments, Command, Vault, Workflows},
    client::Client,
    completion,
    door::Door,
    exit::Exit,
    output::Output,
    settings::{self, Settings},
};

#[cfg(test)]
pub(crate) use actions::word as effect_word;
pub(crate) use call::{arranged, call_words};
pub(crate) use serve::{DEFAULT as DEFAULT_ADDRESS, listen, start_logging, stop_signal, write_server_file};

/// Performs a command that needs no data and no network, and so no runtime either;
/// gives back any other.
pub(crate) fn perform_at_once(arguments: Arguments) -> Result<Result<Exit, Failure>, Box<Arguments>> {
    let output = Output::new(arguments.json);
    if arguments.place.print_config {
        return Err(Box::new(arguments));
    }
    match arguments.command {
        Command::Actions(actions) => Ok(actions::perform(actions, output)),
        Command::Workflows(Workflows::Check { files }) => Ok(workflows::check(&files, output)),
        Command::Vault(Vault::NewKey { file }) => Ok(vault::new_key(&file, output)),
        Command::Docs { page } => Ok(docs::perform(page.as_deref(), output)),
        Command::Completions { shell } => {
            let binary = std::env::args_os().next().unwrap_or_else(|| "bursar".into());
            Ok(completion::script(shell, Path::new(&binary)))
        }
        _ => Err(Box::new(arguments)),
    }
}

/// Performs what the command line says.
///
/// # Errors
/// The failure to show.
pub(crate) async fn perform(arguments: Arguments) -> Result<Exit, Failure> {
    let output = Output::new(arguments.json);
    let settings = Settings::read(&arguments.place)?;
    if arguments.place.print_config {
        let shown = serde_json::to_value(&settings).unwrap_or_default();
        output.line(&serde_json::to_string_pretty(&shown).unwrap_or_default());
        return Ok(Exit::Done);
    }
    start_logging(settings::log_filter().as_deref());
    match arguments.command {
        Command::Dev(dev) => crate::dev::perform(dev, &settings, output).await,
        Command::Serve(serve) => serve::perform(serve, &settings, output).await,
        Command::Sandbox(sandbox) => sandbox::perform(sandbox, &settings, output).await,
        Command::Call(call) => call::perform(call, &settings, output).await,
        Command::Connections(command) => connections::perform(command, &settings, output).await,
        Command::Sources(command) => sources::perform(command, &settings, output).await,
        Command::Doctor => doctor::perform(&settings, output).await,
        other => over_the_door(other, &settings, output).await,
    }
}

/// Commands that are clients of the HTTP API.
async fn over_the_door(command: Command, settings: &Settings, output: Output) -> Result<Exit, Failure> {
    over(settings, output, async |client| match command {
        Command::Workflows(command) => workflows::perform(command, client, output).await,
        Command::Runs(command) => runs::perform(command, client, output).await,
        Command::Events(command) => events::perform(command, client, output).await,
        Command::Keys(command) => keys::perform(command, client, output).await,
        Command::Companies(command) => companies::perform(command, client, output).await,
        Command::Audit(command) => keys::audit(command, client, output).await,
        Command::Vault(command) => vault::perform(command, client, output).await,
        _ => Err(Failure::new(Code::InternalError, "This command is not a client's.")),
    })
    .await
}

/// Opens the door, lets a command use it, and closes it whatever came of that.
async fn over<T>(
    settings: &Settings,
    output: Output,
    uses: impl AsyncFnOnce(&Client) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let client = Client::new(Door::open(settings).await?, settings).waiting(output);
    let result = uses(&client).await;
    client.close().await;
    result
}

/// JSON from the command line: itself, `@FILE`, or `-` for standard input.
pub(crate) fn json_argument(text: &str, name: &str) -> Result<Value, Failure> {
    let wrong = |why: String| Failure::new(Code::ValidationError, why).at(name);
    let text = match text.strip_prefix('@') {
        Some(file) => {
            std::fs::read_to_string(file).map_err(|e| wrong(format!("{file} cannot be read: {e}.")))?
        }
        None if text == "-" => std::io::read_to_string(std::io::stdin())
            .map_err(|e| wrong(format!("Standard input cannot be read: {e}.")))?,
        None => text.to_owned(),
    };
    serde_json::from_str(&text).map_err(|e| wrong(format!("--{name} is not JSON: {e}. Nothing was sent.")))
}

/// A path segment, percent-encoded.
pub(crate) fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// `?a=b&c=d` of the pairs that have a value.
pub(crate) fn query(pairs: &[(&str, Option<String>)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let query = query.finish();
    if query.is_empty() { query } else { format!("?{query}") }
}
