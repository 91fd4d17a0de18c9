//! `bursar connections`, one file for each command. A key is read before anything is
//! opened, so that nobody waits for the folder's lock while somebody types.

mod add;
mod api_key;
mod auth_url;
mod default;
mod list;
mod remove;
mod rename;
mod show;

use model::Failure;

use super::{over, segment};
use crate::{
    arguments::{Connections, ConnectionsCommand as Command},
    client::Client,
    door::Folder,
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
    if let Command::Add(add) = command {
        let key = api_key::read(add.key_file.as_deref())?;
        over(settings, Folder::MayBeMade, async |client| add::perform(add, &key, client, output).await)
            .await?;
        return Ok(Exit::Done);
    }
    let makes = matches!(command, Command::AuthUrl(_));
    let folder = if makes { Folder::MayBeMade } else { Folder::MustExist };
    over(settings, folder, async |client| with(command, client, output).await).await?;
    Ok(Exit::Done)
}

async fn with(command: Command, client: &Client, output: Output) -> Result<(), Failure> {
    match command {
        Command::Show { connection } => show::perform(&connection, client, output).await,
        Command::AuthUrl(wanted) => auth_url::perform(wanted, client, output).await,
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
