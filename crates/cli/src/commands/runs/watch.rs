//! `bursar runs watch`: follows a run until it ends or stands still.

use futures_util::StreamExt as _;
use model::{Failure, RunStatus};
use serde_json::Value;

use crate::{
    client::Client,
    commands::segment,
    exit::Exit,
    output::{Output, cell},
};

/// Follows a run's stream until it ends; the exit says how.
pub(crate) async fn watch(run: &str, client: &Client, output: Output) -> Result<Exit, Failure> {
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
    if status == Some(RunStatus::Parked) {
        output.note(&format!("what is known and what to type: bursar runs show {}", cell(&run["runId"])));
    }
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
