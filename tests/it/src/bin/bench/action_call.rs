//! An action call, against the bare HTTP client and against the commits that a write
//! cannot do without.
//!
//! One call after another to a stub in a process of its own. Attempts and commits are
//! also timed inside of each call, so that what is left is the call's own work.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use actions::Catalog;
use calls::{Call, Class, Settled, Transports};
use connections::{NewConnection, Wanted};
use model::{AccountId, Binding, CallerKey, Failure, IdempotencyKey, Mode, Origin, StepPath};
use serde_json::json;
use server::{App, FIRST_COMPANY};
use store::{Sqlite, SqliteOptions};
use stripe::{Attempt, BoxFuture, Credential, HttpClient, HttpOptions, Kind, PINNED, Request, Transport};
use tokio::time::Instant;

use crate::{
    Done,
    child::Server,
    deliveries::ACCOUNT,
    measured::{Times, micros, processor_time},
    over::Over,
    receiver::{assemble, said},
    table::Figures,
};

const ACTION: &str = "stripe.createCustomer";
const WARM_UP: usize = 300;
const CALLS: usize = 4_000;

/// The HTTP client, each attempt timed.
struct TimedTransport {
    inner: HttpClient,
    times: Mutex<Vec<Duration>>,
}

impl TimedTransport {
    fn take_times(&self) -> Vec<Duration> {
        std::mem::take(&mut self.times.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Transport for TimedTransport {
    fn attempt<'a>(&'a self, request: &'a Request, credential: &'a Credential) -> BoxFuture<'a, Attempt> {
        Box::pin(async move {
            let begun = Instant::now();
            let attempt = self.inner.attempt(request, credential).await;
            self.times.lock().unwrap_or_else(PoisonError::into_inner).push(begun.elapsed());
            attempt
        })
    }
}

/// Everything a measurement needs.
struct Bench {
    app: App,
    store: Arc<Over>,
    transport: Arc<TimedTransport>,
    client: HttpClient,
    binding: Binding,
    credential: Credential,
}

/// Times of all calls, by part.
#[derive(Default)]
struct Parts {
    bare: Times,
    plan: Times,
    call: Times,
    attempt: Times,
    intent: Times,
    settle: Times,
    own: Times,
}

/// Measures and prints.
pub(crate) async fn run(folder: &Path) -> Done {
    let folder = tempfile::tempdir_in(folder)?;
    let stub = Server::start("stub", folder.path()).await?;
    let sqlite = Arc::new(Sqlite::open(&folder.path().join("data"), SqliteOptions::default()).await?);
    let bench = Bench::open(sqlite.clone(), &stub).await?;
    let mut parts = Parts::default();
    for number in 0..WARM_UP {
        bench.round(number, &mut Parts::default()).await?;
    }
    for number in WARM_UP..WARM_UP + CALLS {
        bench.round(number, &mut parts).await?;
    }
    let (bare, call) = bench.processor(WARM_UP + CALLS).await?;
    stub.stop().await?;
    sqlite.close().await;
    print(&parts, bare, call);
    Ok(())
}

impl Bench {
    async fn open(sqlite: Arc<Sqlite>, stub: &Server) -> Done<Self> {
        let base = format!("http://{}", stub.address);
        let client = HttpClient::new(HttpOptions::new(&base))?;
        let transport = Arc::new(TimedTransport { inner: client.clone(), times: Mutex::default() });
        let store = Arc::new(Over::timed(sqlite));
        let app = assemble(store.clone(), transports(transport.clone())).await?;
        let company = server::ensure_company(&app, FIRST_COMPANY).await.map_err(said)?.id;
        // Mode `local` has no rate limit, which would otherwise be what is measured.
        let credential =
            Credential::new(AccountId::new(ACCOUNT), Mode::Local, "sk_test_0123456789abcdefghij");
        let connection = NewConnection {
            name: "local".into(),
            account: credential.account.clone(),
            mode: Mode::Local,
            base_url: base,
            is_default: true,
            credential: credential.clone(),
        };
        app.connections.put(company, connection).await.map_err(said)?;
        let binding = app.connections.choose(company, Wanted::Default).await.map_err(said)?;
        Ok(Self { app, store, transport, client, binding, credential })
    }

    /// One bare attempt and one call, each with a key of its own.
    async fn round(&self, number: usize, parts: &mut Parts) -> Done {
        parts.bare.push(self.bare(number).await?);
        let begun = Instant::now();
        let call = self.plan(number)?;
        parts.plan.push(begun.elapsed());
        self.store.take_times();
        self.transport.take_times();
        let took = self.call(call).await?;
        let (commits, attempts) = (self.store.take_times(), self.transport.take_times());
        let ([intent, settle], [attempt]) = (commits.as_slice(), attempts.as_slice()) else {
            return Err(
                format!("{} commits and {} attempts in one call", commits.len(), attempts.len()).into()
            );
        };
        parts.call.push(took);
        parts.intent.push(*intent);
        parts.settle.push(*settle);
        parts.attempt.push(*attempt);
        parts.own.push(took.saturating_sub(*intent + *settle + *attempt));
        Ok(())
    }

    async fn bare(&self, number: usize) -> Done<Duration> {
        let key = IdempotencyKey::from_text(format!("bare-{number}"));
        let request = self.plan(number)?.plan.into_request(Kind::Write(key)).map_err(said)?;
        let begun = Instant::now();
        let attempt = self.client.attempt(&request, &self.credential).await;
        let took = begun.elapsed();
        match attempt {
            Attempt::Answered(answer) if answer.status == 200 => Ok(took),
            other => Err(format!("the bare client: {other:?}").into()),
        }
    }

    fn plan(&self, number: usize) -> Done<Call> {
        let action = Catalog.get(ACTION).map_err(|e| said(e.to_failure()))?;
        let input =
            json!({ "name": "Ada Lovelace", "email": "ada@example.com", "metadata": { "order": "6735" } });
        let plan = Catalog.plan(action, &input, PINNED).map_err(|wrong| format!("{wrong:?}"))?;
        let key = CallerKey::parse(format!("call-{number}")).map_err(|e| e.to_string())?;
        Ok(Call {
            origin: Origin::Call { action: ACTION.into(), key },
            run: None,
            path: StepPath::direct(),
            generation: 0,
            binding: self.binding.clone(),
            plan,
            class: Class::Interactive,
            watch: None,
        })
    }

    async fn call(&self, call: Call) -> Done<Duration> {
        let begun = Instant::now();
        let ended = self.app.caller.call(call, &mut |_, _| {}).await?;
        let took = begun.elapsed();
        match ended.settled {
            Settled::Done(_) if !ended.replayed => Ok(took),
            _ => Err("a call did not end as done".into()),
        }
    }

    /// The processor time of a bare attempt and of a call, each in a row of its own.
    async fn processor(&self, first: usize) -> Done<(Option<Duration>, Option<Duration>)> {
        let count = u32::try_from(CALLS / 2)?;
        let numbers = first..first + CALLS / 2;
        let own = || processor_time(std::process::id());
        let began = own();
        for number in numbers.clone() {
            self.bare(number).await?;
        }
        let between = own();
        for number in numbers {
            self.call(self.plan(number)?).await?;
        }
        let ended = own();
        let each = |from: Option<Duration>, to: Option<Duration>| Some(to?.saturating_sub(from?) / count);
        Ok((each(began, between), each(between, ended)))
    }
}

fn transports(transport: Arc<TimedTransport>) -> Transports {
    Arc::new(move |_| -> Result<Arc<dyn Transport>, Failure> { Ok(transport.clone()) })
}

fn print(parts: &Parts, bare: Option<Duration>, call: Option<Duration>) {
    println!("An action call: {ACTION}, one after another, to a stub on loopback that does nothing");
    let mut table = Figures::new(&["", "median µs", "p99 µs"]);
    for (name, times) in [
        ("baseline: one attempt of the bare HTTP client", &parts.bare),
        ("the whole call", &parts.call),
        ("  of it: the attempt", &parts.attempt),
        ("  of it: the commit of the intent", &parts.intent),
        ("  of it: the commit of the outcome", &parts.settle),
        ("  of it: everything else", &parts.own),
        ("before it: planning the input", &parts.plan),
    ] {
        table.row(&[
            name.to_owned(),
            format!("{:.0}", micros(times.median())),
            format!("{:.0}", micros(times.p99())),
        ]);
    }
    table.print();
    let needed = parts.bare.median() + parts.intent.median() + parts.settle.median();
    println!(
        "A call takes {:.2} × the bare client, {:.2} × the bare client and its two commits, and {:.0} µs of its own.",
        micros(parts.call.median()) / micros(parts.bare.median()),
        micros(parts.call.median()) / micros(needed),
        micros(parts.own.median()),
    );
    if let (Some(bare), Some(call)) = (bare, call) {
        println!(
            "Processor time: {:.0} µs a bare attempt, {:.0} µs a call with its plan and commits.",
            micros(bare),
            micros(call)
        );
    }
    println!();
}
