//! The handle: open, ask, disturb, look.

use std::sync::Arc;

use model::{AccountId, IdempotencyKey};
use serde_json::Value;
use stripe::Transport;
use url::Url;

use crate::{
    Conformance, Delivery, Fault, JournalEntry, Limits, OpenError, Options, control,
    core::Shared,
    deliveries,
    faults::Armed,
    start, value,
    wire::{self, InProcess},
};

/// A running sandbox. Clones share it; it stops when the last one goes, or on
/// [`Sandbox::shutdown`].
#[derive(Clone)]
pub struct Sandbox {
    pub(crate) inner: Arc<Inner>,
}

/// Stops the tasks when it goes.
pub(crate) struct Inner {
    pub(crate) shared: Arc<Shared>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.stop.cancel();
        self.shared.tasks.close();
    }
}

/// A webhook endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// `we_…`
    pub id: String,
    /// What its deliveries are signed with.
    pub secret: String,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sandbox({}, {})", self.account(), self.inner.shared.base())
    }
}

impl Sandbox {
    /// A sandbox of its own: a free port of the loopback, a random seed, no folder.
    ///
    /// # Panics
    /// When no port of the loopback can be bound.
    pub async fn start() -> Self {
        match Self::open(Options::default()).await {
            Ok(sandbox) => sandbox,
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens a sandbox; with a folder it goes on where that one ended, and every
    /// open delivery is due at once.
    ///
    /// # Errors
    /// Says what is in the way and what to do; nothing was changed.
    pub async fn open(options: Options) -> Result<Self, OpenError> {
        let shared = start::start(options).await?;
        Ok(Self { inner: Arc::new(Inner { shared }) })
    }

    /// Stops the server and the deliveries, and frees the folder. Other handles
    /// answer errors from then on.
    pub async fn shutdown(&self) {
        let shared = &self.inner.shared;
        shared.stop.cancel();
        shared.tasks.close();
        shared.tasks.wait().await;
        shared.close();
    }

    /// `http://127.0.0.1:PORT`; `None` without sockets.
    pub fn url(&self) -> Option<String> {
        self.inner.shared.listening().map(str::to_owned)
    }

    /// The account, made from the seed: a fresh seed is another account.
    pub fn account(&self) -> AccountId {
        AccountId::new(self.inner.shared.core().state.account.clone())
    }

    /// The account's test key, made from the seed.
    pub fn secret_key(&self) -> String {
        self.inner.shared.core().state.secret_key.clone()
    }

    /// The seed that this sandbox goes by.
    pub fn seed(&self) -> u64 {
        self.inner.shared.core().state.seed
    }

    /// Stripe without sockets: the same way through, the same faults. A lost answer
    /// is [`stripe::Attempt::Broken`] after everything was done.
    pub fn transport(&self) -> Arc<dyn Transport> {
        Arc::new(InProcess(Arc::clone(&self.inner)))
    }

    /// Makes a webhook endpoint for these event types; `invoice.*` stands for all of
    /// a kind, `*` for all.
    ///
    /// # Panics
    /// When the sandbox has been shut down, has its sixteen endpoints, or a type
    /// names no event: mistakes of a test.
    pub async fn deliver_to(&self, url: Url, types: &[&str]) -> Hook {
        match self.endpoint(&url, types).await {
            Ok(hook) => hook,
            Err(body) => panic!("the sandbox refuses this webhook endpoint: {body}"),
        }
    }

    async fn endpoint(&self, url: &Url, types: &[&str]) -> Result<Hook, Value> {
        let types: Vec<&str> = types.iter().flat_map(|given| of_pattern(given)).collect();
        let params = serde_json::json!({"url": url.as_str(), "enabled_events": types});
        let endpoint = self.ask("POST", "/v1/webhook_endpoints", &params).await?;
        let text = |field| value::text(&endpoint, field).unwrap_or_default().to_owned();
        Ok(Hook { id: text("id"), secret: text("secret") })
    }

    /// One request under the sandbox's own key, in-process and spared
    /// by faults. Returns the body of a 200, else the error body.
    async fn ask(&self, method: &str, path: &str, params: &Value) -> Result<Value, Value> {
        let form = params.as_object().map(stripe::form::encode).transpose();
        let form = form.map_err(|e| Value::String(e.to_string()))?.unwrap_or_default();
        let incoming = wire::Incoming {
            method: method.to_owned(),
            path: path.to_owned(),
            body: form.into(),
            heads: wire::Heads {
                authorization: Some(format!("Bearer {}", self.secret_key())),
                ..wire::Heads::default()
            },
            own: true,
            ..wire::Incoming::default()
        };
        match wire::handle(&self.inner.shared, incoming).await {
            wire::Outgoing::Answer(reply) => {
                let body = serde_json::from_str(&reply.body).unwrap_or_default();
                if reply.status == 200 { Ok(body) } else { Err(body) }
            }
            wire::Outgoing::Dropped | wire::Outgoing::Reset => {
                Err(Value::String("a fault took the answer".into()))
            }
        }
    }

    /// Any request at all, as if from a socket.
    #[cfg(test)]
    pub(crate) async fn raw(&self, incoming: wire::Incoming) -> wire::Outgoing {
        wire::handle(&self.inner.shared, incoming).await
    }

    /// The objects of a kind as they are kept, internal fields and all.
    #[cfg(test)]
    pub(crate) fn stored(&self, kind: &str) -> Vec<Value> {
        self.inner.shared.core().state.of_kind(kind).cloned().collect()
    }

    /// Stores objects as they are, past every rule.
    #[cfg(test)]
    pub(crate) async fn plant(&self, objects: &[Value]) {
        let put = |object: &Value| crate::state::Put {
            id: value::id(object).to_owned(),
            value: Some(object.clone()),
        };
        let puts = objects.iter().map(put).collect();
        let record = crate::state::Record { puts, ..crate::state::Record::default() };
        assert!(self.inner.shared.commit(record).await.is_ok());
    }

    /// The next `next` write requests meet this fault.
    pub fn fault(&self, fault: Fault, next: u32) {
        self.fault_at(fault, next, None, None);
    }

    /// The next `next` requests with this verb and path meet this fault. Without a
    /// verb all writes do; in the path `*` stands for any text.
    pub fn fault_at(&self, fault: Fault, next: u32, method: Option<&str>, path: Option<&str>) {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let armed = Armed { fault, left: next, method: owned(method), path: owned(path) };
        self.inner.shared.core().faults.push(armed);
    }

    /// Lets only so many requests of an account through in a second, until other limits
    /// are set. Not kept across restarts.
    ///
    /// # Errors
    /// The error body for a limit that cannot be, such as 0. Nothing was changed.
    pub fn limit(&self, limits: Limits) -> Result<(), Value> {
        control::limit(&self.inner.shared, limits).map_err(wire::Refusal::body)
    }

    /// How often a request under this key was really executed. Counted where
    /// operations execute, independently of the idempotency layer: the auditor's
    /// count. Survives restarts.
    pub fn executions(&self, key: &IdempotencyKey) -> u32 {
        self.inner.shared.core().state.executed(key.as_str())
    }

    /// What was asked since the start, in order; at most the last 100,000.
    pub fn journal(&self) -> Vec<JournalEntry> {
        self.inner.shared.core().journal.iter().cloned().collect()
    }

    /// Takes every delivery that is due now, earliest first, for a simulation that
    /// carries them itself; each must come back through [`Sandbox::carried`].
    /// Not meant for a sandbox with sockets, which sends them by itself.
    pub fn due_deliveries(&self) -> Vec<Delivery> {
        let shared = &self.inner.shared;
        let mut core = shared.core();
        shared.catch_up(&mut core);
        if !shared.is_durable(core.seq) {
            return Vec::new();
        }
        deliveries::take_due(shared, &mut core, None)
    }

    /// How a delivery ended: 2xx is the end, everything else (0: no answer) is tried
    /// again after 1, 2, 5, 10, then every 30 seconds of the sandbox's clock.
    pub fn carried(&self, id: u64, status: u16) {
        deliveries::settle(&self.inner.shared, id, status);
    }

    /// How many deliveries have not had their 2xx.
    pub fn open_deliveries(&self) -> usize {
        self.inner.shared.core().state.deliveries.open()
    }

    /// Milliseconds until the next delivery that is not due yet will be.
    pub fn next_delivery_in_ms(&self) -> Option<i64> {
        let shared = &self.inner.shared;
        let now_ms = shared.clock.now_ms();
        shared.core().state.deliveries.next_due_ms(now_ms).map(|at| at - now_ms)
    }

    /// Waits until every delivery has had its 2xx or was given up. Only with sockets.
    pub async fn settle(&self) {
        while self.open_deliveries() > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// Pays an invoice as the customer would on its hosted page.
    ///
    /// # Errors
    /// Stripe's error body; a declined attempt stays recorded.
    pub async fn pay_invoice(&self, invoice: &str, payment_method: &str) -> Result<Value, Value> {
        control::pay(&self.inner.shared, invoice, payment_method).await.map_err(wire::Refusal::body)
    }

    /// Ends the 3D Secure of a payment intent or a setup intent as its customer would, well
    /// or not. Answers the intent.
    ///
    /// # Errors
    /// Stripe's error body, when there is no such intent or it waits for nobody.
    pub async fn authenticate(&self, intent: &str, completes: bool) -> Result<Value, Value> {
        control::authenticate(&self.inner.shared, intent, completes).await.map_err(wire::Refusal::body)
    }

    /// Disputes a charge as its cardholder would, for one of Stripe's reasons such as
    /// `fraudulent`. Answers the dispute.
    ///
    /// # Errors
    /// Stripe's error body, when there is no such charge, or it took no money or is
    /// disputed already.
    pub async fn dispute(&self, charge: &str, reason: &str) -> Result<Value, Value> {
        self.as_bank(charge, control::Outcome::Disputed(reason)).await
    }

    /// Asks about a charge as its cardholder's bank would: an inquiry, which moves no money.
    ///
    /// # Errors
    /// As of [`Sandbox::dispute`].
    pub async fn inquire(&self, charge: &str, reason: &str) -> Result<Value, Value> {
        self.as_bank(charge, control::Outcome::AskedAbout(reason)).await
    }

    /// Decides a dispute as the bank would, for the account or against it.
    ///
    /// # Errors
    /// Stripe's error body, when there is none or it is decided.
    pub async fn decide_dispute(&self, dispute: &str, won: bool) -> Result<Value, Value> {
        self.as_bank(dispute, control::Outcome::Decided { won }).await
    }

    /// Lets a refund fail as the bank would: its money comes back.
    ///
    /// # Errors
    /// Stripe's error body, when there is none or it is over.
    pub async fn fail_refund(&self, refund: &str) -> Result<Value, Value> {
        self.as_bank(refund, control::Outcome::RefundFailed).await
    }

    /// Lets a payout fail as the bank would: its money comes back.
    ///
    /// # Errors
    /// Stripe's error body, when there is none or it was canceled.
    pub async fn fail_payout(&self, payout: &str) -> Result<Value, Value> {
        self.as_bank(payout, control::Outcome::PayoutFailed).await
    }

    async fn as_bank(&self, id: &str, outcome: control::Outcome<'_>) -> Result<Value, Value> {
        control::act_as_bank(&self.inner.shared, id, outcome).await.map_err(wire::Refusal::body)
    }

    /// Moves the sandbox's clock forward, by ten years at most and not beyond the year 2200:
    /// what is more than that is as much as that. Nothing happens when it has been shut down.
    pub async fn advance_ms(&self, ms: i64) {
        let ms = ms.clamp(0, self.inner.shared.furthest_ms());
        if self.inner.shared.advance_ms(ms).await.is_err() {
            tracing::warn!("the sandbox is closed; its clock stays");
        }
    }

    /// The object of this id as the API shows it in the account's default version.
    pub fn object(&self, id: &str) -> Option<Value> {
        control::shown(&self.inner.shared, id)
    }

    /// Every live object whose `object` field is this, oldest first, in the account's
    /// default version.
    pub fn objects(&self, kind: &str) -> Vec<Value> {
        let core = self.inner.shared.core();
        let tx = self.inner.shared.reading(&core);
        core.state.of_kind(kind).map(|object| wire::shown(&tx, object)).collect()
    }

    /// What was held against the object tables since the start: nothing, unless
    /// [`Options::check_objects`] was asked for. Suites open a [`Watched`](crate::Watched).
    pub fn conformance(&self) -> Conformance {
        self.inner.shared.checker.as_ref().map(|checker| checker.so_far()).unwrap_or_default()
    }

    /// Every event, oldest first.
    pub fn events(&self) -> Vec<Value> {
        self.objects("event")
    }
}

/// The event types that a pattern stands for; what is none stays, to be refused.
fn of_pattern<'a>(given: &&'a str) -> Vec<&'a str> {
    match given.strip_suffix(".*") {
        None => vec![given],
        Some(kind) => {
            let below = |t: &&&str| t.strip_prefix(kind).is_some_and(|rest| rest.starts_with('.'));
            stripe::tables::event_types().iter().filter(below).copied().collect()
        }
    }
}
