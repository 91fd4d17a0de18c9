//! `bursar sources`, one file for each command. A secret is read before anything is opened,
//! so that nobody waits for the folder's lock while somebody types.

mod add;
mod ensure;
mod list;
mod remove;

use model::Failure;

use super::{over, secret::Wanted, segment};
use crate::{arguments::Sources as Command, client::Client, exit::Exit, output::Output, settings::Settings};

const SECRET: Wanted = Wanted { what: "signing secret", flag: "secret-file" };

pub(super) async fn perform(command: Command, settings: &Settings, output: Output) -> Result<Exit, Failure> {
    match command {
        Command::Add(add) => {
            let secret = SECRET.read(add.secret_file.as_deref())?;
            let body = add::body(&add, &secret)?;
            let to = path(add.installation);
            over(settings, output, async |client| add::perform(to, body, client, output).await).await?;
        }
        other => over(settings, output, async |client| with(other, client, output).await).await?,
    }
    Ok(Exit::Done)
}

async fn with(command: Command, client: &Client, output: Output) -> Result<(), Failure> {
    match command {
        Command::Remove { source, installation } => {
            let path = format!("{}/{}", path(installation), segment(&source));
            remove::perform(&path, client, output).await
        }
        Command::Ensure { connection, installation } => {
            ensure::perform(connection, installation, client, output).await
        }
        Command::List { installation } => list::perform(path(installation), client, output).await,
        Command::Add(_) => Ok(()),
    }
}

/// Where sources are, whoever's they are.
fn path(installation: bool) -> &'static str {
    if installation { "/api/v1/installation/sources" } else { "/api/v1/sources" }
}
