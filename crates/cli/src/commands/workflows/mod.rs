//! `bursar workflows`.

mod check;
mod documents;

use std::path::PathBuf;

use model::Failure;
use serde_json::{Value, json};

use super::{json_argument, runs, segment};
use crate::{
    arguments::Workflows,
    client::{Ask, Client, fresh_key},
    exit::Exit,
    output::{Output, cell},
};

pub(crate) use check::check;

pub(super) async fn perform(command: Workflows, client: &Client, output: Output) -> Result<Exit, Failure> {
    match command {
        Workflows::Check { files } => check(&files, output),
        Workflows::Push { files, activate } => push(&files, activate, client, output).await,
        Workflows::Activate { workflow } => turn(&workflow, "activate", client, output).await,
        Workflows::Pause { workflow } => turn(&workflow, "pause", client, output).await,
        Workflows::Run { workflow, input, key, connection, watch } => {
            run(&workflow, &input, key, connection, watch, client, output).await
        }
        Workflows::List => {
            let success = client.get("/api/v1/workflows").await?;
            output.success(&success, list);
            Ok(Exit::Done)
        }
        Workflows::Show { workflow } => {
            let success = client.get(&format!("/api/v1/workflows/{}", segment(&workflow))).await?;
            output.success(&success, |w| {
                format!(
                    "{} {} (version {}, {})\n\n{}",
                    cell(&w["id"]),
                    cell(&w["key"]),
                    w["version"],
                    cell(&w["status"]),
                    cell(&w["source"])
                )
            });
            Ok(Exit::Done)
        }
    }
}

async fn push(files: &[PathBuf], activate: bool, client: &Client, output: Output) -> Result<Exit, Failure> {
    let mut stored = Vec::new();
    for document in documents::read(files, documents::standard_input)? {
        let body = json!({ "source": document.text });
        let pushed = client.post("/api/v1/workflows", Ask { body: Some(body), key: None }).await;
        let pushed = pushed.map_err(|failure| in_file(failure, &document.name, &stored))?;
        stored.push(document.name);
        let mut workflow = pushed.data;
        if activate {
            let path = format!(
                "/api/v1/workflows/{}/activate",
                segment(workflow["id"].as_str().unwrap_or_default())
            );
            workflow = client.post(&path, Ask::default()).await?.data;
        }
        output.result(workflow, |w| {
            let hint = if w["status"] == "draft" {
                format!("; let it start runs with: bursar workflows activate {}", cell(&w["key"]))
            } else {
                String::new()
            };
            format!("{} version {} is {}{hint}", cell(&w["key"]), w["version"], cell(&w["status"]))
        });
    }
    Ok(Exit::Done)
}

/// A refusal that says which file it is about, and which went before it.
fn in_file(mut failure: Failure, file: &str, stored: &[String]) -> Failure {
    failure.message = format!("{file}: {}", failure.message);
    if !stored.is_empty() {
        failure.message = format!("{} Before it {} was stored.", failure.message, stored.join(", "));
    }
    let mut details = failure.details.take().filter(Value::is_object).unwrap_or_else(|| json!({}));
    details["file"] = file.into();
    failure.with_details(details)
}

async fn turn(workflow: &str, verb: &str, client: &Client, output: Output) -> Result<Exit, Failure> {
    let success =
        client.post(&format!("/api/v1/workflows/{}/{verb}", segment(workflow)), Ask::default()).await?;
    output.success(&success, |w| format!("{} is {}", cell(&w["key"]), cell(&w["status"])));
    Ok(Exit::Done)
}

async fn run(
    workflow: &str,
    input: &str,
    key: Option<String>,
    connection: Option<String>,
    watch: bool,
    client: &Client,
    output: Output,
) -> Result<Exit, Failure> {
    let key = key.unwrap_or_else(|| fresh_key("cli"));
    output.note(&format!("idempotency key {key}: the same key never starts a second run"));
    let mut body = json!({ "input": json_argument(input, "input")? });
    if let Some(connection) = connection {
        body["connectionId"] = json!(connection);
    }
    let path = format!("/api/v1/workflows/{}/run", segment(workflow));
    let success = client.post(&path, Ask { body: Some(body), key: Some(key) }).await?;
    let id = cell(&success.data["runId"]);
    output.success(&success, |run| format!("{id} is {}", cell(&run["status"])));
    if watch { runs::watch(&id, client, output).await } else { Ok(Exit::Done) }
}

fn list(workflows: &Value) -> String {
    let columns = ["key", "status", "version", "name", "id"];
    let rows =
        workflows.as_array().into_iter().flatten().map(|w| columns.map(|c| cell(&w[c])).to_vec()).collect();
    Output::table(&columns, rows)
}
