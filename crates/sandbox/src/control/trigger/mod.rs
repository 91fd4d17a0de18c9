//! `/_sandbox/trigger`: an event on command, as `stripe trigger` makes one: by a chain of
//! real requests that ends in it.
//!
//! The requests go the whole way, stand in the journal, and tell everything that they
//! tell at Stripe, so more events come than the one that was asked for. Faults and limits
//! are for others. Doing it again makes new objects.

mod chains;
mod run;
mod set;
mod steps;

use std::sync::Arc;

use serde_json::{Map, Value, json};

use self::{
    chains::{CHAINS, Chain},
    run::Run,
};
use crate::{
    core::Shared,
    wire::{Refusal, refusal},
};

/// The events that can be made on command, sorted.
pub fn triggers() -> impl Iterator<Item = &'static str> {
    CHAINS.iter().map(|chain| chain.event)
}

/// `GET /_sandbox/trigger`.
pub(super) fn list() -> Value {
    json!({ "data": triggers().collect::<Vec<_>>() })
}

/// `POST /_sandbox/trigger {"event": "invoice.paid", "set": {"metadata.order": 7}}`.
pub(super) async fn trigger(shared: &Arc<Shared>, body: &Map<String, Value>) -> Result<Value, Refusal> {
    if let Some(name) = body.keys().find(|name| !["event", "set"].contains(&name.as_str())) {
        let name: String = name.chars().take(64).collect();
        return Err(refusal::invalid(format!(
            "`{name}` is nothing that a trigger takes: `event` and `set` are. Nothing was changed."
        ))
        .with_param(&name));
    }
    let event = body.get("event").and_then(Value::as_str).unwrap_or_default();
    let chain = CHAINS.iter().find(|chain| chain.event == event).ok_or_else(|| unknown(event))?;
    let none = Map::new();
    let given = match body.get("set") {
        None | Some(Value::Null) => &none,
        Some(Value::Object(given)) => given,
        Some(_) => {
            return Err(refusal::invalid(
                "`set` must be an object of paths and values, such as {\"metadata.order\": 7}. Nothing was changed.",
            )
            .with_param("set"));
        }
    };
    made(shared, chain, given).await
}

async fn made(shared: &Arc<Shared>, chain: &Chain, given: &Map<String, Value>) -> Result<Value, Refusal> {
    let mut run = Run::new(shared);
    let main = set::main_params(chain, given, run.now())?;
    run.take(chain, &main)?;
    for step in chain.steps {
        run.perform(step, (step.name == chain.main).then_some(&main)).await?;
    }
    let told = run.told(chain.event).ok_or_else(|| {
        refusal::invalid(format!(
            "The requests succeeded, but with what was set they do not end in {}. What they made stays.",
            chain.event
        ))
    })?;
    Ok(json!({
        "event": told["id"],
        "type": chain.event,
        "object": told["data"]["object"]["id"],
        "requests": run.requests,
    }))
}

/// No such trigger; names the nearest.
fn unknown(event: &str) -> Refusal {
    let shown: String = event.chars().take(64).collect();
    let near = triggers().min_by_key(|known| strsim::osa_distance(&shown, known));
    let near = near.map(|near| format!(" The nearest is {near}.")).unwrap_or_default();
    let why = match crate::event_types().contains(&event) {
        true => format!("{shown} comes only with time or from a page, so no request triggers it."),
        false => format!("There is no trigger for `{shown}`."),
    };
    refusal::invalid(format!(
        "{why}{near} `bursar sandbox trigger --list` and GET /_sandbox/trigger name them all. Nothing was changed."
    ))
    .with_param("event")
    .with_status(404)
}
