//! `/v1/payment_pages/{session}`: what Stripe's own page asks, and the Stripe CLI's
//! triggers with it. It is in no table; the answers are the session.

use serde_json::{Map, Value};

use super::{
    KIND,
    complete::{Entered, complete},
};
use crate::{
    control,
    core::Shared,
    value,
    wire::{self, Incoming, Outgoing, Refusal, Reply, pretty, refusal},
};

/// Answers a request of a page; none for any other.
pub(crate) async fn handle(shared: &Shared, incoming: &Incoming) -> Option<Outgoing> {
    let rest = incoming.path.strip_prefix("/v1/payment_pages/")?;
    let steps: Vec<&str> = rest.split('/').collect();
    let answer = match (incoming.method.as_str(), steps.as_slice()) {
        ("GET", [id]) => admitted(shared, incoming).and_then(|()| shown(shared, id)),
        ("POST", [id, "confirm"]) => match admitted(shared, incoming) {
            Ok(()) => confirm(shared, id, incoming).await,
            Err(refused) => Err(refused),
        },
        _ => return None,
    };
    let (status, body) = match answer {
        Ok(body) => (200, body),
        Err(refused) => (refused.status, refused.body()),
    };
    let headers = vec![("content-type", "application/json".to_owned())];
    Some(Outgoing::Answer(Reply { status, headers, body: pretty(&body) }))
}

fn admitted(shared: &Shared, incoming: &Incoming) -> Result<(), Refusal> {
    let core = shared.core();
    wire::authenticate(&incoming.heads, &core.state, shared.clock.now_ms()).map(drop)
}

fn shown(shared: &Shared, id: &str) -> Result<Value, Refusal> {
    control::shown(shared, id)
        .filter(|object| value::text(object, "object") == Some(KIND))
        .ok_or_else(|| refusal::missing(KIND, id, "id").with_status(404))
}

/// Completes a session by the payment method of the form.
async fn confirm(shared: &Shared, id: &str, incoming: &Incoming) -> Result<Value, Refusal> {
    let form: Map<String, Value> = stripe::form::decode(&incoming.body)
        .map_err(|e| refusal::invalid(format!("Invalid request: {e}")))?;
    let method = form.get("payment_method").and_then(Value::as_str).unwrap_or_default().to_owned();
    let expected = form.get("expected_amount").and_then(Value::as_str);
    let session = shown(shared, id)?;
    if expected.is_some_and(|expected| expected.parse() != Ok(value::int(&session, "amount_total"))) {
        return Err(refusal::invalid("The amount of this session is not the one that was expected.")
            .with_param("expected_amount"));
    }
    control::act(shared, id, |tx| {
        let billed = tx.get(&method).map(|method| method["billing_details"].clone()).unwrap_or_default();
        let text = |field| value::text(&billed, field).map(str::to_owned);
        complete(
            tx,
            id,
            &Entered { email: text("email"), name: text("name"), payment_method: method.clone() },
        )
    })
    .await
}
