//! `bursar runs cancel`, `retry` and `resolve`: what a person decides about a run.
//!
//! No key is made up for a decision: the same words are known as such, and an older copy
//! of them is not taken for a word about a newer attempt.

use model::{Failure, RunStatus};
use serde_json::{Value, json};

use super::show::ways;
use crate::{
    arguments::{Cancel, Resolve, Retry, Said},
    client::{Ask, Client},
    commands::segment,
    output::{Output, cell},
};

pub(super) async fn cancel(cancel: Cancel, client: &Client, output: Output) -> Result<(), Failure> {
    let path = format!("/api/v1/runs/{}/cancel", segment(&cancel.run));
    let body = match cancel.abandon {
        true => Some(json!({ "abandon": true, "note": cancel.note })),
        false => None,
    };
    let success = client.post(&path, Ask { body, key: None }).await?;
    output.success(&success, |run| canceled(run, cancel.abandon));
    Ok(())
}

fn canceled(run: &Value, abandoned: bool) -> String {
    let (id, word) = (cell(&run["runId"]), cell(&run["status"]));
    match word.parse::<RunStatus>() {
        Ok(RunStatus::Canceled) if abandoned => format!("{id} is given up; what it had done stays"),
        Ok(status) if status.is_final() => format!("{id} has ended already ({word}); nothing was changed"),
        Ok(RunStatus::Parked) => {
            format!("{id} is parked and ends once that is decided:\n{}", ways(&run["ways"]))
        }
        _ => format!("{id} is asked to stop (now {word}); follow it with: bursar runs watch {id}"),
    }
}

pub(super) async fn retry(retry: Retry, client: &Client, output: Output) -> Result<(), Failure> {
    let path = format!("/api/v1/runs/{}/retry", segment(&retry.run));
    let body = retry.note.map(|note| json!({ "note": note }));
    let success = client.post(&path, Ask { body, key: retry.key }).await?;
    output.success(&success, goes_on);
    Ok(())
}

pub(super) async fn resolve(resolve: Resolve, client: &Client, output: Output) -> Result<(), Failure> {
    let path = format!("/api/v1/runs/{}/steps/{}/resolve", segment(&resolve.run), segment(&resolve.step));
    let said = match resolve.said {
        Said::Done => "done",
        Said::NotDone => "not_done",
    };
    let mut body = json!({ "as": said, "note": resolve.note });
    if let Some(object) = resolve.object {
        body["objectId"] = json!(object);
    }
    if resolve.skip {
        body["skip"] = json!(true);
    }
    let success = client.post(&path, Ask { body: Some(body), key: resolve.key }).await?;
    output.success(&success, goes_on);
    Ok(())
}

fn goes_on(run: &Value) -> String {
    let (id, word) = (cell(&run["runId"]), cell(&run["status"]));
    match word.parse::<RunStatus>() {
        Ok(status) if status.is_final() || status == RunStatus::Parked => {
            format!("decided; {id} is {word}: bursar runs show {id}")
        }
        _ => format!("decided; {id} goes on (now {word}); follow it with: bursar runs watch {id}"),
    }
}
