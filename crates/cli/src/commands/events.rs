//! `bursar events`.

use model::Failure;
use serde_json::Value;

use super::{query, segment};
use crate::{
    arguments::Events,
    client::{Ask, Client},
    exit::Exit,
    output::{Output, cell},
};

pub(super) async fn perform(command: Events, client: &Client, output: Output) -> Result<Exit, Failure> {
    match command {
        Events::List { kind, status, limit, cursor } => {
            let query = query(&[
                ("type", kind),
                ("status", status),
                ("limit", Some(limit.to_string())),
                ("cursor", cursor),
            ]);
            let success = client.get(&format!("/api/v1/events{query}")).await?;
            output.success(&success, |data| list(data, &success.meta));
        }
        Events::Show { event } => {
            let success = client.get(&format!("/api/v1/events/{}", segment(&event))).await?;
            output.success(&success, |data| serde_json::to_string_pretty(data).unwrap_or_default());
        }
        Events::Replay { event } => {
            let path = format!("/api/v1/events/{}/replay", segment(&event));
            let success = client.post(&path, Ask::default()).await?;
            output.success(&success, |e| format!("{} is {}", cell(&e["eventId"]), cell(&e["status"])));
        }
    }
    Ok(Exit::Done)
}

fn list(events: &Value, meta: &Value) -> String {
    let columns = ["receivedAt", "type", "status", "eventId", "mode", "id"];
    let rows =
        events.as_array().into_iter().flatten().map(|e| columns.map(|c| cell(&e[c])).to_vec()).collect();
    Output::table(&["received", "type", "status", "event", "mode", "receipt"], rows) + &next_page(meta)
}

/// How to go on, when there is more.
pub(super) fn next_page(meta: &Value) -> String {
    match (meta["hasMore"].as_bool(), meta["cursor"].as_str()) {
        (Some(true), Some(cursor)) => format!("more: --cursor {cursor}\n"),
        _ => String::new(),
    }
}
