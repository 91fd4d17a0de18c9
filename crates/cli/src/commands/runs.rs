//! `bursar runs`.

use futures_util::StreamExt as _;
use model::{Failure, RunStatus};
use serde_json::Value;

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
            output.success(&success, |data| list(data) + &next_page(&success.meta));
        }
        Runs::Show { run } => {
            let success = client.get(&format!("/api/v1/runs/{}", segment(&run))).await?;
            output.success(&success, words);
        }
        Runs::Watch { run } => return watch(&run, client, output).await,
        Runs::Cancel { run } => {
            let success =
                client.post(&format!("/api/v1/runs/{}/cancel", segment(&run)), Ask::default()).await?;
            output.success(&success, |run| {
                let (id, word) = (cell(&run["runId"]), cell(&run["status"]));
                match word.parse::<RunStatus>() {
                    Ok(status) if status.is_final() => {
                        return format!("{id} has ended already ({word}); nothing was changed");
                    }
                    Ok(RunStatus::Parked) => {
                        return format!(
                            "{id} is parked: it does nothing more; bursar runs show {id} tells what is known"
                        );
                    }
                    _ => {}
                }
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
    'following: while let Some(Ok(chunk)) = reply.body.next().await {
        pending.push_str(&String::from_utf8_lossy(&chunk));
        while let Some((event, rest)) = pending.split_once("\n\n") {
            let told = data(event).and_then(|text| serde_json::from_str(&text).ok());
            if told.is_some_and(|told| show(&told, output)) {
                break 'following;
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

/// Shows a change; says whether nothing more will come.
fn show(progress: &Value, output: Output) -> bool {
    let status = match progress["type"].as_str() {
        Some("snapshot") => cell(&progress["run"]["status"]),
        Some("run") => cell(&progress["status"]),
        _ => String::new(),
    };
    let over = status.parse().is_ok_and(|s: RunStatus| s.is_final() || s == RunStatus::Parked);
    if output.json {
        output.line(&progress.to_string());
        return over;
    }
    match progress["type"].as_str() {
        Some("step") => {
            let why = progress["why"].as_str().map(|why| format!("  {why}")).unwrap_or_default();
            output.line(&format!("{:<14} {}{why}", cell(&progress["step"]), cell(&progress["status"])));
        }
        Some("snapshot") if !over => {
            let steps = progress["run"]["steps"].as_array().into_iter().flatten();
            for step in steps.filter(|step| step["status"] != "pending") {
                output.line(&format!("{:<14} {}", cell(&step["step"]), cell(&step["status"])));
            }
        }
        Some("run") => output.line(&format!("{:<14} {}", "run", cell(&progress["status"]))),
        _ => {}
    }
    over
}
