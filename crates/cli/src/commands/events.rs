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
        Events::Unclaimed { limit, cursor } => {
            let query = query(&[("limit", Some(limit.to_string())), ("cursor", cursor)]);
            let success = client.get(&format!("/api/v1/installation/unclaimed{query}")).await?;
            output.success(&success, |data| unclaimed(data, &success.meta));
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

fn unclaimed(events: &Value, meta: &Value) -> String {
    if meta["accounts"].as_array().is_none_or(Vec::is_empty) {
        return "none".to_owned();
    }
    let table = |head: &[&str], columns: &[&str], rows: &Value| {
        let row = |row: &Value| columns.iter().map(|column| cell(&row[*column])).collect();
        Output::table(head, rows.as_array().into_iter().flatten().map(row).collect())
    };
    let columns = ["receivedAt", "type", "account", "mode", "eventId"];
    let accounts = ["account", "mode", "count", "firstAt", "lastAt"];
    table(&["received", "type", "account", "mode", "event"], &columns, events)
        + &next_page(meta)
        + "\n"
        + &table(&["account", "mode", "events", "first", "last"], &accounts, &meta["accounts"])
}

/// How to go on, when there is more.
pub(super) fn next_page(meta: &Value) -> String {
    match (meta["hasMore"].as_bool(), meta["cursor"].as_str()) {
        (Some(true), Some(cursor)) => format!("more: --cursor {cursor}\n"),
        _ => String::new(),
    }
}
