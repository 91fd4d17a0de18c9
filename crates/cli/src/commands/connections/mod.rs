//! `bursar connections`, one file for each command. A key is read before anything is
//! opened, so that nobody waits for the folder's lock while somebody types.

mod add;
mod api_key;
mod auth_url;
mod by_link;
mod default;
mod import;
mod list;
mod remove;
mod rename;
mod show;
mod test;

use model::{Code, Failure};

use super::{over, segment};
use crate::{
    arguments::{AddConnection, Connections, ConnectionsCommand as Command},
    client::Client,
    door::no_folder,
    exit::Exit,
    output::Output,
    settings::Settings,
};

const PATH: &str = "/api/v1/connections";

pub(super) async fn perform(
    command: Connections,
    settings: &Settings,
    output: Output,
) -> Result<Exit, Failure> {
    let command = command.command.unwrap_or(Command::List);
    match command {
        Command::Add(add) => made(add, settings, output).await?,
        command => over(settings, output, async |client| with(command, client, output).await).await?,
    }
    Ok(Exit::Done)
}

/// By a key, or by a link; an option of the other way is refused.
async fn made(add: AddConnection, settings: &Settings, output: Output) -> Result<(), Failure> {
    let via = add.via.clone().unwrap_or_else(|| "api_key".to_owned());
    let by_key = via == "api_key";
    for (option, given, of_keys) in [
        ("key-file", add.key_file.is_some(), true),
        ("base-url", add.base_url.is_some(), true),
        ("api-version", add.api_version.is_some(), true),
        ("scope", add.scope.is_some(), false),
        ("integration", add.integration.is_some(), false),
        ("no-wait", add.no_wait, false),
    ] {
        if given && by_key != of_keys {
            return Err(of_another_way(option, &via));
        }
    }
    if by_key {
        known(settings)?;
        let key = api_key::API_KEY.read(add.key_file.as_deref())?;
        return over(settings, output, async |client| add::perform(add, &key, client, output).await).await;
    }
    over(settings, output, async |client| by_link::perform(add, &via, client, output).await).await
}

/// Nobody types a key for a folder that is not there.
fn known(settings: &Settings) -> Result<(), Failure> {
    let there = settings.url.is_some() || store::is_data_folder(&settings.data);
    if there { Ok(()) } else { Err(no_folder(settings)) }
}

fn of_another_way(option: &str, via: &str) -> Failure {
    let text = format!("--{option} is not for connections by `{via}`. Nothing was sent. Leave it out.");
    Failure::new(Code::ValidationError, text).at(option)
}

async fn with(command: Command, client: &Client, output: Output) -> Result<(), Failure> {
    match command {
        Command::Show { connection } => show::perform(&connection, client, output).await,
        Command::AuthUrl(wanted) => auth_url::perform(wanted, client, output).await,
        Command::Import(import) => import::perform(import, client, output).await,
        Command::Test { connection } => test::perform(&connection, client, output).await,
        Command::Default { connection } => default::perform(&connection, client, output).await,
        Command::Rename { connection, name } => rename::perform(&connection, &name, client, output).await,
        Command::Remove { connection, forget } => remove::perform(&connection, forget, client, output).await,
        Command::List | Command::Add(_) => list::perform(client, output).await,
    }
}

/// The path of a connection, by id or name.
fn path(connection: &str) -> String {
    format!("{PATH}/{}", segment(connection))
}
