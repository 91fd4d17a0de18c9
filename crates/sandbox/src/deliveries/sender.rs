//! Sends what is due, signed at the moment of sending.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use stripe::signature;

use super::Delivery;
use crate::{
    OpenError,
    core::{Core, Shared},
    events,
    state::{Asking, Record, Tx},
    value, versions,
    wire::render,
};

/// The most attempts under way to one endpoint.
pub(super) const IN_FLIGHT_MAX: usize = 8;
/// The longest wait for an endpoint's answer.
const TIMEOUT: Duration = Duration::from_secs(30);
const USER_AGENT: &str = "Stripe/1.0 (+https://stripe.com/docs/webhooks)";

/// The client for deliveries: no redirects (a 3xx is a failure), no retries of its own.
pub(crate) fn build_client() -> Result<reqwest::Client, OpenError> {
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .filter_map(|der| reqwest::Certificate::from_der(der).ok());
    reqwest::Client::builder()
        .tls_certs_only(roots)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .user_agent(USER_AGENT)
        .timeout(TIMEOUT)
        .build()
        .map_err(|e| OpenError::Sender(e.to_string()))
}

/// Sends until the sandbox stops.
pub(crate) async fn pump(shared: Arc<Shared>, client: reqwest::Client) {
    while !shared.stop.is_cancelled() {
        let (due, seq, next_ms) = {
            let mut core = shared.core();
            shared.catch_up(&mut core);
            let now_ms = shared.clock.now_ms();
            let due = take_due(&shared, &mut core, Some(IN_FLIGHT_MAX));
            let act = core.state.next_due(i64::MAX).map(|(at, ..)| at.saturating_mul(1000));
            let delivery = core.state.deliveries.next_due_ms(now_ms);
            (due, core.seq, act.into_iter().chain(delivery).min().map(|at| at - now_ms))
        };
        // What is not durable must not be told to anybody.
        if !due.is_empty() && !shared.durable(seq).await {
            return;
        }
        for delivery in due {
            shared.tasks.spawn(send(Arc::clone(&shared), client.clone(), delivery));
        }
        let wait = Duration::from_millis(next_ms.map_or(60_000, |ms| u64::try_from(ms.max(1)).unwrap_or(1)));
        tokio::select! {
            () = shared.stop.cancelled() => {}
            () = shared.wake.notified() => {}
            () = tokio::time::sleep(wait.min(Duration::from_secs(60))) => {}
        }
    }
}

async fn send(shared: Arc<Shared>, client: reqwest::Client, delivery: Delivery) {
    let request = client
        .post(&delivery.url)
        .header("content-type", "application/json; charset=utf-8")
        .header("stripe-signature", &delivery.signature)
        .body(delivery.body);
    let status = tokio::select! {
        () = shared.stop.cancelled() => return,
        answer = request.send() => answer.map_or(0, |a| a.status().as_u16()),
    };
    settle(&shared, delivery.id, status);
}

/// Takes the due deliveries under way, at most so many per endpoint. Those whose
/// endpoint is gone or disabled are over.
pub(crate) fn take_due(shared: &Shared, core: &mut Core, per_endpoint: Option<usize>) -> Vec<Delivery> {
    let mut taken = Vec::new();
    loop {
        let mut over = Vec::new();
        for id in core.state.deliveries.due(shared.clock.now_ms(), per_endpoint) {
            match prepare(shared, core, id) {
                Some(delivery) => {
                    core.state.deliveries.begin(id);
                    taken.push(delivery);
                }
                None => over.push(id),
            }
        }
        let nobody = Record { delivered: over, ..Record::default() };
        if nobody.delivered.is_empty() || core.commit(nobody).is_err() {
            return taken;
        }
    }
}

/// The attempt, signed now; `None` when there is nobody to send it to.
fn prepare(shared: &Shared, core: &Core, id: u64) -> Option<Delivery> {
    let open = core.state.deliveries.get(id)?;
    let account = open.account.as_deref();
    let of = core.state.of(account);
    let endpoint = &of.get(&open.endpoint).or_else(|| core.state.get(&open.endpoint))?.value;
    if value::text(endpoint, "status") != Some("enabled") {
        return None;
    }
    let event = &of.get(&open.event)?.value;
    let secret = signature::Secret::new(value::text(endpoint, "_secret")?)?;
    let event = event_body(shared, core, account, event, endpoint);
    if let Some(checker) = &shared.checker {
        checker.event(&event);
    }
    let body = serde_json::to_string_pretty(&event).ok()?;
    Some(Delivery {
        id,
        url: value::text(endpoint, "url")?.to_owned(),
        signature: signature::sign(&[secret], body.as_bytes(), shared.clock.sending_time()),
        body,
        event: open.event.clone(),
        attempt: open.attempts,
    })
}

/// The event as it was made, in its endpoint's version: every attempt carries the same
/// bytes.
fn event_body(shared: &Shared, core: &Core, account: Option<&str>, event: &Value, endpoint: &Value) -> Value {
    let tx = Tx::new(&core.state, account, shared.clock.now_ms(), Asking::default(), shared.base());
    let mut shown = render(&tx, event);
    value::set(&mut shown, "pending_webhooks", event["pending_webhooks"].clone());
    versions::delivered(event, &mut shown, endpoint);
    if let Some(account) = account.filter(|_| events::listens_to_connected(endpoint)) {
        value::set(&mut shown, "account", account);
    }
    shown
}

/// Records how an attempt ended: any 2xx is the end, everything else is tried again
/// until it has been tried long enough. Status 0: no answer came.
pub(crate) fn settle(shared: &Shared, id: u64, status: u16) {
    let mut core = shared.core();
    let now_ms = shared.clock.now_ms();
    if (200..300).contains(&status) {
        core.state.deliveries.take(id);
    }
    let over = (200..300).contains(&status) || core.state.deliveries.failed(id, now_ms);
    if over {
        // If the log is closed the delivery comes again after the next start.
        let _ = core.commit(Record { delivered: vec![id], ..Record::default() });
    }
    drop(core);
    shared.wake.notify_one();
}
