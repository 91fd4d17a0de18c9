//! `bursar workflows`.

use std::path::{Path, PathBuf};

use ::actions::Catalog;
use ::workflows::{Program, Severity, Source};
use model::{Code, Failure};
use serde_json::{Value, json};

use super::{json_argument, runs, segment};
use crate::{
    arguments::Workflows,
    client::{Ask, Client, fresh_key},
    exit::Exit,
    output::{Output, cell, finding},
};

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

fn text(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|e| {
        Failure::new(
            Code::ValidationError,
            format!("{} cannot be read: {e}. Nothing was stored.", file.display()),
        )
    })
}

/// Checks documents here: that needs no data, so it opens no door.
pub(super) fn check(files: &[PathBuf], output: Output) -> Result<Exit, Failure> {
    let mut wrong = false;
    let mut all = Vec::new();
    for file in files {
        let source = Source { text: text(file)?, name: file.display().to_string() };
        let findings = match Program::compile(&source, &Catalog) {
            Ok((_, warnings)) => warnings,
            Err(findings) => findings,
        };
        wrong |= findings.iter().any(|f| f.severity == Severity::Error);
        let findings = serde_json::to_value(findings).unwrap_or_default();
        for found in findings.as_array().into_iter().flatten() {
            output.note(&format!("{}:{}", file.display(), finding(found)));
        }
        if findings.as_array().is_none_or(Vec::is_empty) {
            output.note(&format!("{}: nothing to find fault with", file.display()));
        }
        all.push(json!({ "file": file, "findings": findings }));
    }
    if output.json {
        output.result(Value::Array(all), |_| String::new());
    }
    Ok(if wrong { Exit::Usage } else { Exit::Done })
}

async fn push(files: &[PathBuf], activate: bool, client: &Client, output: Output) -> Result<Exit, Failure> {
    for file in files {
        let pushed = client
            .post("/api/v1/workflows", Ask { body: Some(json!({ "source": text(file)? })), key: None })
            .await?;
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
