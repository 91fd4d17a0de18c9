//! `bursar runs`.

mod decide;
mod show;
mod watch;

use model::Failure;
use serde_json::Value;

use super::{events::next_page, query, segment};
use crate::{
    arguments::Runs,
    client::Client,
    exit::Exit,
    output::{Output, cell},
};

pub(super) use watch::watch;

pub(super) async fn perform(command: Runs, client: &Client, output: Output) -> Result<Exit, Failure> {
    match command {
        Runs::List { workflow, status, limit, cursor } => {
            let query = query(&[
                ("workflow", workflow),
                ("status", status),
                ("limit", Some(limit.to_string())),
                ("cursor", cursor),
            ]);
            let success = client.get(&format!("/api/v1/runs{query}")).await?;
            output.success(&success, |data| list(data) + &next_page(&success.meta));
        }
        Runs::Show { run } => {
            let success = client.get(&format!("/api/v1/runs/{}", segment(&run))).await?;
            output.success(&success, show::words);
        }
        Runs::Watch { run } => return watch(&run, client, output).await,
        Runs::Cancel(cancel) => decide::cancel(cancel, client, output).await?,
        Runs::Retry(retry) => decide::retry(retry, client, output).await?,
        Runs::Resolve(resolve) => decide::resolve(resolve, client, output).await?,
    }
    Ok(Exit::Done)
}

fn list(runs: &Value) -> String {
    let columns = ["createdAt", "workflow", "status", "runId", "cause"];
    let rows =
        runs.as_array().into_iter().flatten().map(|run| columns.map(|c| cell(&run[c])).to_vec()).collect();
    Output::table(&["created", "workflow", "status", "run", "cause"], rows)
}
