//! The way to Stripe as one incarnation sees it. Stripe's side of a request goes on
//! whatever becomes of the incarnation, as it does in the world.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use model::IdempotencyKey;
use serde_json::json;
use stripe::{Answer, Attempt, BoxFuture, Credential, Headers, Kind, Request, Transport};
use tokio_util::task::TaskTracker;

use super::{
    gate::{Boundary, Gate},
    planted::Planted,
};

/// The longest way there, and back, in milliseconds.
const WAY_MS_MAX: u64 = 40;

/// How often each key went out, over all incarnations; for the planted bug.
pub type Sent = Arc<Mutex<BTreeMap<String, u32>>>;

/// A transport that dies with its incarnation.
pub struct Wire {
    inner: Arc<dyn Transport>,
    gate: Arc<Gate>,
    rng: Mutex<fastrand::Rng>,
    planted: Planted,
    secretive: bool,
    sent: Sent,
    stripe: TaskTracker,
}

impl Wire {
    /// This transport behind this gate.
    pub fn new(inner: Arc<dyn Transport>, gate: Arc<Gate>, seed: u64, planted: Planted, sent: Sent) -> Self {
        let rng = Mutex::new(fastrand::Rng::with_seed(seed));
        Self { inner, gate, rng, planted, secretive: false, sent, stripe: TaskTracker::new() }
    }

    fn way(&self) -> Duration {
        let ms = self.rng.lock().unwrap_or_else(PoisonError::into_inner).u64(1..=WAY_MS_MAX);
        Duration::from_millis(ms)
    }

    /// Keeps Stripe's events from Bursar, as for a key without that permission.
    #[must_use]
    pub fn secretive(self, secretive: bool) -> Self {
        Self { secretive, ..self }
    }

    /// The request as it leaves: with the planted bug, a repeated write has a new key.
    fn leaving(&self, request: &Request) -> Request {
        let mut leaving = request.clone();
        if let (Planted::NewKeyOnResend, Kind::Write(key)) = (self.planted, &request.kind) {
            let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
            let times = sent.entry(key.as_str().to_owned()).or_default();
            *times += 1;
            if *times > 1 {
                leaving.kind = Kind::Write(IdempotencyKey::from_text(format!("{key}-{times}")));
            }
        }
        leaving
    }
}

impl Transport for Wire {
    fn attempt<'a>(&'a self, request: &'a Request, credential: &'a Credential) -> BoxFuture<'a, Attempt> {
        Box::pin(async move {
            self.gate.pass(Boundary::BeforeSend).await;
            if self.secretive && request.path == "/v1/events" {
                return forbidden();
            }
            let last = self.gate.reaches(Boundary::AnswerLost);
            let (there, back) = (self.way(), self.way());
            let (inner, request, credential) =
                (self.inner.clone(), self.leaving(request), credential.clone());
            let executed = self.stripe.spawn(async move {
                tokio::time::sleep(there).await;
                inner.attempt(&request, &credential).await
            });
            let attempt = executed.await.unwrap_or_else(|why| Attempt::Broken(why.to_string()));
            if last {
                self.gate.kill(Boundary::AnswerLost);
            }
            self.gate.alive().await;
            tokio::time::sleep(back).await;
            self.gate.alive().await;
            if self.gate.reaches(Boundary::AfterAnswer) {
                // It hears the answer and can do nothing about it any more.
                self.gate.kill(Boundary::AfterAnswer);
            }
            attempt
        })
    }
}

/// What Stripe answers a restricted key.
fn forbidden() -> Attempt {
    let error = json!({ "error": { "type": "invalid_request_error", "message": "no permission" } });
    Attempt::Answered(Answer { status: 403, headers: Headers::default(), body: error })
}
