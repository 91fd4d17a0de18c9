//! A company, a connection, a store in memory and a Stripe that follows a script.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use actions::Catalog;
use connections::{Connections, MasterKey, NewConnection, Vault, Wanted};
use model::{
    AccountId, Binding, CallerKey, Clock, CompanyId, Failure, IdempotencyKey, Mode, Origin, SeededRng,
    StepPath, Timestamp,
};
use serde_json::{Value, json};
use store::{Company, Memory, MemoryOptions, Unit, Write};
use stripe::{Answer, Attempt, BoxFuture, Credential, Headers, Kind, PINNED, Request, Transport};
use tokio::time::Instant;

use super::faulty::Faulty;
use crate::{Call, CallError, Caller, CallerParts, Class, Ended, Limits, Settled, Transports};

/// The clock of the simulation: tokio's time, which stands still until all wait.
pub(crate) struct TokioClock(Instant);

impl TokioClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Instant::now()))
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap() + self.0.elapsed()
    }
}

/// One request as Stripe saw it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    pub(crate) key: Option<IdempotencyKey>,
    pub(crate) path: String,
    pub(crate) form: String,
    pub(crate) at: Instant,
}

/// Answers writes in order, and reads by path as often as asked.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) writes: Mutex<VecDeque<Attempt>>,
    pub(crate) reads: Mutex<Vec<(String, Attempt)>>,
    pub(crate) seen: Mutex<Vec<Seen>>,
    /// Every write takes this long.
    pub(crate) slow: Mutex<Duration>,
}

impl Script {
    pub(crate) fn writes(&self, attempts: impl IntoIterator<Item = Attempt>) {
        self.writes.lock().unwrap().extend(attempts);
    }

    /// Later lines win.
    pub(crate) fn read(&self, path: &str, attempt: Attempt) {
        self.reads.lock().unwrap().insert(0, (path.to_owned(), attempt));
    }

    /// The writes that went out.
    pub(crate) fn sent(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().iter().filter(|seen| seen.key.is_some()).cloned().collect()
    }

    pub(crate) fn read_paths(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|seen| seen.key.is_none()).map(|seen| seen.path.clone()).collect()
    }
}

impl Transport for Script {
    fn attempt<'a>(&'a self, request: &'a Request, _: &'a Credential) -> BoxFuture<'a, Attempt> {
        Box::pin(async move {
            let key = if let Kind::Write(key) = &request.kind { Some(key.clone()) } else { None };
            let form = String::from_utf8(request.form.to_vec()).unwrap();
            let seen = Seen { key: key.clone(), path: request.path.clone(), form, at: Instant::now() };
            self.seen.lock().unwrap().push(seen);
            if key.is_some() {
                let slow = *self.slow.lock().unwrap();
                tokio::time::sleep(slow).await;
                return self.writes.lock().unwrap().pop_front().expect("the script has an answer");
            }
            let reads = self.reads.lock().unwrap();
            let line = reads.iter().find(|(path, _)| *path == request.path);
            line.unwrap_or_else(|| panic!("the script has no {}", request.path)).1.clone()
        })
    }
}

pub(crate) fn answered(status: u16, body: Value) -> Attempt {
    with(status, Headers { request_id: Some("req_1".into()), ..Headers::default() }, body)
}

pub(crate) fn replayed(status: u16, body: Value) -> Attempt {
    let headers = Headers {
        request_id: Some("req_2".into()),
        original_request: Some("req_1".into()),
        replayed: true,
        ..Headers::default()
    };
    with(status, headers, body)
}

pub(crate) fn with(status: u16, headers: Headers, body: Value) -> Attempt {
    Attempt::Answered(Answer { status, headers, body })
}

pub(crate) fn error(kind: &str, message: &str) -> Value {
    json!({ "error": { "type": kind, "message": message } })
}

pub(crate) fn list(rows: Value) -> Attempt {
    answered(200, json!({ "object": "list", "has_more": false, "data": rows }))
}

pub(crate) struct World {
    pub(crate) store: Arc<Faulty>,
    pub(crate) script: Arc<Script>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) vault: Vault,
    pub(crate) connections: Connections,
    pub(crate) caller: Caller,
    pub(crate) binding: Binding,
}

pub(crate) const SECRET: &str = "sk_test_canary9999";

impl World {
    /// Mode `test` at a scripted Stripe.
    pub(crate) async fn new() -> Self {
        let script = Arc::new(Script::default());
        Self::over(script.clone(), script, "acct_1", SECRET, Mode::Test).await
    }

    pub(crate) async fn over(
        transport: Arc<dyn Transport>,
        script: Arc<Script>,
        account: &str,
        secret: &str,
        mode: Mode,
    ) -> Self {
        let clock: Arc<dyn Clock> = TokioClock::new();
        let rng = Arc::new(SeededRng::new(1));
        let store = Arc::new(Faulty::new(Memory::new(MemoryOptions::default())));
        let company = CompanyId::new(&*clock, &*rng);
        let row = Company { id: company, name: "Test".into(), created_at: clock.now() };
        store::Backend::commit(&*store, Unit::interactive(vec![Write::PutCompany(row)])).await.unwrap();
        let vault = Vault::open(store.clone(), MasterKey::random()).await.unwrap();
        let connections = Connections::new(store.clone(), vault.clone(), clock.clone(), rng.clone());
        let account = AccountId::new(account);
        let new = NewConnection {
            name: "default".into(),
            account: account.clone(),
            mode,
            base_url: "http://127.0.0.1:12111".into(),
            is_default: true,
            credential: Credential::new(account, mode, secret),
        };
        connections.put(company, new).await.unwrap();
        let binding = connections.choose(company, Wanted::Default).await.unwrap();
        let transports: Transports = Arc::new(move |_| Ok(transport.clone()));
        let parts = CallerParts {
            store: store.clone(),
            vault: vault.clone(),
            connections: connections.clone(),
            transports,
            clock: clock.clone(),
            rng,
            limits: Limits::default(),
        };
        Self { store, script, clock, vault, connections, caller: Caller::new(parts), binding }
    }

    /// The world after a crash: what was synced, and a caller that remembers nothing.
    /// Keyrings live on in the vault, which holds no state of calls.
    pub(crate) fn crashed(self) -> Self {
        let store = Arc::new(Faulty::new(self.store.inner.crash()));
        let parts = CallerParts { store: store.clone(), ..(*self.caller.parts).clone() };
        let (clock, rng) = (parts.clock.clone(), parts.rng.clone());
        let connections = Connections::new(store.clone(), self.vault.clone(), clock, rng);
        let caller = Caller::new(CallerParts { connections: connections.clone(), ..parts });
        Self { store, connections, caller, ..self }
    }

    pub(crate) fn asked(&self, action: &str, input: Value, key: &str, class: Class) -> Call {
        let entry = Catalog.entry(action).unwrap();
        let plan = Catalog.plan(entry, &input, PINNED).unwrap_or_else(|found| panic!("{found:?}"));
        Call {
            origin: Origin::Call { action: plan.action.into(), key: CallerKey::parse(key).unwrap() },
            run: None,
            path: StepPath::direct(),
            generation: 0,
            binding: self.binding.clone(),
            plan,
            class,
            watch: None,
        }
    }

    /// A customer under this key.
    pub(crate) fn customer(&self, key: &str, class: Class) -> Call {
        self.asked("stripe.createCustomer", json!({"email": "a@b.c", "name": "Ada"}), key, class)
    }

    pub(crate) async fn make(&self, call: Call) -> Result<Ended, CallError> {
        self.caller.call(call, &mut |_, _| {}).await
    }

    pub(crate) fn key_of(&self, call: &Call) -> IdempotencyKey {
        IdempotencyKey::derive(&call.binding.company, &call.origin, &call.path, call.generation)
    }

    pub(crate) async fn intent(&self, call: &Call) -> Option<store::Intent> {
        store::Backend::intent(&*self.store, &self.key_of(call)).await.unwrap()
    }
}

pub(crate) fn done(ended: &Ended) -> &Value {
    match &ended.settled {
        Settled::Done(answer) => &answer.body,
        other => panic!("not done: {other:?}"),
    }
}

pub(crate) fn failure(result: Result<Ended, CallError>) -> Failure {
    match result {
        Err(CallError::Unfinished { failure, .. } | CallError::Conflict(failure)) => *failure,
        other => panic!("no failure: {other:?}"),
    }
}
