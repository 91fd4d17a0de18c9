//! `bursar runs`.

use futures_util::StreamExt as _;
use model::{Failure, RunStatus};
use serde_json::{Value, json};

use super::{events::next_page, query, segment};
use crate::{
    arguments::Runs,
    client::{Ask, Client},
    exit::Exit,
    output::{Output, cell},
};

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
            let shown = json!({ "data": success.data, "meta": success.meta });
            output.result(&shown, |shown| list(&shown["data"]) + &next_page(&shown["meta"]));
        }
        Runs::Show { run } => {
            let success = client.get(&format!("/api/v1/runs/{}", segment(&run))).await?;
            output.result(&success.data, words);
        }
        Runs::Watch { run } => return watch(&run, client, output).await,
        Runs::Cancel { run } => {
            let success =
                client.post(&format!("/api/v1/runs/{}/cancel", segment(&run)), Ask::default()).await?;
            output.result(&success.data, |run| {
                format!(
                    "{} is asked to stop (now {}); follow it with: bursar runs watch {0}",
                    cell(&run["runId"]),
                    cell(&run["status"])
                )
            });
        }
    }
    Ok(Exit::Done)
}

fn list(runs: &Value) -> String {
    let columns = ["createdAt", "workflow", "status", "runId", "cause"];
    let rows =
        runs.as_array().into_iter().flatten().map(|run| columns.map(|c| cell(&run[c])).to_vec()).collect();
    Output::table(&["created", "workflow", "status", "run", "cause"], rows)
}

/// A run for people: its head, then a line for each step.
fn words(run: &Value) -> String {
    let steps = run["steps"].as_array().into_iter().flatten().map(|step| {
        let object = cell(&step["output"]["id"]);
        let why = step["error"]["message"].as_str().or(step["note"].as_str()).unwrap_or_default();
        vec![cell(&step["step"]), cell(&step["kind"]), cell(&step["status"]), object, why.to_owned()]
    });
    let error = run["error"]["message"].as_str().map(|e| format!("error     {e}\n")).unwrap_or_default();
    format!(
        "run       {}\nworkflow  {} (version {})\nstatus    {}\ncause     {}\nmode      {}\n{error}\n{}",
        cell(&run["runId"]),
        cell(&run["workflow"]),
        run["workflowVersion"],
        cell(&run["status"]),
        cell(&run["cause"]),
        cell(&run["mode"]),
        Output::table(&["step", "type", "status", "object", ""], steps.collect()),
    )
}

/// Follows a run's stream until it ends; the exit says how.
pub(super) async fn watch(run: &str, client: &Client, output: Output) -> Result<Exit, Failure> {
    let mut reply = client.stream(&format!("/api/v1/runs/{}/stream", segment(run))).await?;
    let mut pending = String::new();
    while let Some(Ok(chunk)) = reply.body.next().await {
        pending.push_str(&String::from_utf8_lossy(&chunk));
        while let Some((event, rest)) = pending.split_once("\n\n") {
            if let Some(text) = data(event) {
                show(&text, output);
            }
            pending = rest.to_owned();
        }
    }
    let run = client.get(&format!("/api/v1/runs/{}", segment(run))).await?.data;
    let status: Option<RunStatus> = run["status"].as_str().and_then(|s| s.parse().ok());
    output.note(&format!("{} {}", cell(&run["runId"]), cell(&run["status"])));
    Ok(match status {
        Some(RunStatus::Completed) => Exit::Done,
        Some(RunStatus::Parked) => Exit::Unknown,
        _ => Exit::Failed,
    })
}

/// The data of a server-sent event, its lines joined.
fn data(event: &str) -> Option<String> {
    let lines: Vec<&str> =
        event.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim_start).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn show(text: &str, output: Output) {
    let Ok(progress) = serde_json::from_str::<Value>(text) else { return };
    if output.json {
        output.line(&progress.to_string());
        return;
    }
    match progress["type"].as_str() {
        Some("step") => {
            let why = progress["why"].as_str().map(|why| format!("  {why}")).unwrap_or_default();
            output.line(&format!("{:<14} {}{why}", cell(&progress["step"]), cell(&progress["status"])));
        }
        Some("run") => output.line(&format!("{:<14} {}", "run", cell(&progress["status"]))),
        _ => {}
    }
}
