//! What is known of a step that waits for a person's word: the write as it was sent,
//! without secrets, and what looking at Stripe has shown.

use calls::Settled;
use model::{AccountId, CallId, ConnectionId, Mode, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use store::Intent;
use workflows::{Asked, Doubt, Undecided};

use crate::{Parts, session::Session, trouble::Trouble};

/// What is known of a step whose outcome is in doubt.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Known {
    /// `outcome` (nobody knows whether it took effect), `left_behind` (Stripe refused and
    /// kept something) or `undone` (a compensation that Stripe refused).
    pub doubt: &'static str,
    /// The request, secrets by name; nothing when it could not be put together.
    pub request: Option<Value>,
    /// The record of the write; nothing when none was made.
    pub call: Option<KnownCall>,
    /// What looking at Stripe has shown: candidates, states.
    pub seen: Option<Value>,
}

/// A write on record.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "named for what they hold")]
pub struct KnownCall {
    pub id: CallId,
    pub idempotency_key: String,
    /// Which deliberate attempt, from 0.
    pub generation: u32,
    pub first_attempt_at: Timestamp,
    pub connection_id: ConnectionId,
    pub account: AccountId,
    pub mode: Mode,
    pub stripe_request_id: Option<String>,
}

/// Reads only. `intents` are the run's, oldest first.
pub(crate) async fn known(
    parts: &Parts,
    session: &Session,
    undecided: &Undecided,
    intents: &[Intent],
) -> Result<Known, Trouble> {
    let wanted = undecided.asked.as_ref().map(|asked| asked.generation);
    let intent = intents.iter().rev().find(|intent| {
        intent.path == undecided.path && wanted.is_none_or(|generation| intent.generation == generation)
    });
    let seen = match intent {
        Some(intent) => match parts.caller.recall(session.run.company, intent).await? {
            Some(Settled::Parked(known)) => Some(known.seen),
            _ => None,
        },
        None => None,
    };
    Ok(Known {
        doubt: match undecided.doubt {
            Doubt::Outcome => "outcome",
            Doubt::LeftBehind => "left_behind",
            Doubt::Undone => "undone",
        },
        request: undecided.asked.as_ref().map(|asked| request(parts, asked)),
        call: intent.map(call),
        seen: seen.filter(|seen| !seen.is_null()),
    })
}

/// The request as the catalog makes it of what was asked for, names in the place of
/// secrets. Where they do not fit there, the input alone.
fn request(parts: &Parts, asked: &Asked) -> Value {
    let mut config = asked.config.clone();
    // Every name is given, so nothing can be missing.
    let _ = workflows::fill_secrets(&mut config, &mut |name| Some(format!("(secret {name})")));
    let planned = parts
        .catalog
        .entry(&asked.action)
        .ok()
        .and_then(|entry| parts.catalog.plan(entry, &config, stripe::PINNED).ok());
    match planned {
        Some(plan) => json!({
            "action": asked.action, "method": plan.operation.method.as_str(), "path": plan.path,
            "params": plan.params,
        }),
        None => json!({ "action": asked.action, "config": config }),
    }
}

fn call(intent: &Intent) -> KnownCall {
    KnownCall {
        id: intent.call,
        idempotency_key: intent.key.as_str().to_owned(),
        generation: intent.generation,
        first_attempt_at: intent.first_attempt,
        connection_id: intent.binding.connection,
        account: intent.binding.account.clone(),
        mode: intent.binding.mode,
        stripe_request_id: intent.stripe_request_id.clone(),
    }
}
