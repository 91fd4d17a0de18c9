//! What a connection may do, held against a sandbox that counts, and against answers that
//! no Stripe gives.

mod advised;
mod granted;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actions::{Catalog, Permission};
use model::{Clock, Code, Failure, Mode};
use sandbox::{Options, Watched};
use serde_json::{Value, json};
use store::{Backend as _, Connection};
use stripe::{Attempt, BoxFuture, Credential, Kind, Request, Transport};

use super::{ASKED_AT_ONCE, Report, Status};
use crate::tests::world::*;

/// Every kind of object that the sandbox keeps of what actions write.
const KINDS: [&str; 12] = [
    "charge",
    "customer",
    "invoice",
    "invoice_payment",
    "invoiceitem",
    "payment_intent",
    "payment_method",
    "price",
    "product",
    "refund",
    "subscription",
    "webhook_endpoint",
];

async fn sandbox() -> Watched {
    let clock: Arc<dyn Clock> = TokioClock::new();
    let options =
        Options { listen: None, data: None, seed: 7, clock, check_objects: true, ..Options::default() };
    Watched::open(options).await.unwrap()
}

/// A connection by this key.
async fn by_key(sandbox: &Watched, key: &str) -> World {
    let account = sandbox.account();
    World::over(sandbox.transport(), Arc::default(), account.as_str(), key, Mode::Local).await
}

impl World {
    async fn row(&self) -> Connection {
        self.store.connection(self.binding.company, self.binding.connection).await.unwrap().unwrap()
    }

    async fn test(&self) -> Result<Report, Failure> {
        self.caller.test_connection(&self.row().await).await
    }
}

/// Everything that could have changed.
fn state(sandbox: &Watched) -> Value {
    let objects: BTreeMap<_, _> = KINDS.iter().map(|kind| (*kind, sandbox.objects(kind))).collect();
    json!([objects, sandbox.events()])
}

fn of_actions() -> BTreeSet<Permission> {
    Catalog.all().iter().map(|action| action.permission).collect()
}

/// Whether there is a question about it that changes nothing.
fn is_askable(permission: Permission) -> bool {
    actions::Probe::of(&BTreeSet::from([permission]), stripe::PINNED).contains_key(&permission)
}

fn level(permission: Permission) -> &'static str {
    if permission.write { "write" } else { "read" }
}

fn status(report: &Report, permission: Permission) -> Status {
    let found = report.permissions.iter().find(|one| one.permission == permission.to_string());
    found.unwrap_or_else(|| panic!("nothing about {permission}")).status
}

/// Something of everything, so that there is what could be changed.
async fn something(world: &World) {
    let customer = world.made_here("createCustomer", json!({ "email": "a@b.c" })).await;
    let input = json!({ "customerId": customer, "collectionMethod": "send_invoice", "daysUntilDue": 30 });
    world.made_here("createInvoice", input).await;
    world.made_here("createProduct", json!({ "name": "Tea" })).await;
    world.made_here("createPaymentIntent", json!({ "amount": 500, "currency": "usd" })).await;
}

impl World {
    async fn made_here(&self, action: &str, input: Value) -> Value {
        let call = self.asked(action, input, action, crate::Class::Background);
        done(&self.make(call).await.unwrap())["id"].clone()
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_is_ready_for_exactly_what_it_was_given_and_asking_changes_nothing() {
    let sandbox = sandbox().await;
    something(&by_key(&sandbox, &sandbox.secret_key()).await).await;
    for given in of_actions() {
        let key = sandbox.restricted_key(&[(given.resource, level(given))]).await.unwrap();
        let (before, asked_before) = (state(&sandbox), sandbox.journal().len());
        let report = by_key(&sandbox, &key).await.test().await.unwrap();
        assert_eq!(state(&sandbox), before, "{given}");
        for action in Catalog.all() {
            let needed = action.permission;
            let has = needed.resource == given.resource && (given.write || !needed.write);
            let expected = match (is_askable(needed), has) {
                (false, _) => Status::Unknown,
                (true, true) => Status::Ready,
                (true, false) => Status::Missing,
            };
            let told = report.actions.iter().find(|told| told.action == action.name).unwrap();
            assert_eq!(told.status, expected, "{} with {given}", action.name);
        }
        for missing in report.permissions.iter().filter(|one| one.status == Status::Missing) {
            assert!(missing.why.is_some() && missing.grant.is_some(), "{}", missing.permission);
            assert!(missing.stripe.is_some(), "{}", missing.permission);
        }
        let asked = &sandbox.journal()[asked_before..];
        assert!(asked.len() <= report.permissions.len(), "{} questions", asked.len());
        for one in asked.iter().filter(|one| one.method != "GET") {
            assert!(
                matches!(one.status, 403 | 404),
                "{} {} was answered {}",
                one.method,
                one.path,
                one.status
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_key_is_ready_for_everything() {
    let sandbox = sandbox().await;
    let world = by_key(&sandbox, &sandbox.secret_key()).await;
    something(&world).await;
    let report = world.test().await.unwrap();
    let askable = Catalog.all().iter().filter(|action| is_askable(action.permission)).count();
    assert_eq!((report.summary.ready, report.summary.missing), (askable, 0), "{report:#?}");
    assert!(report.events.iter().filter(|event| event.kind == "invoice.paid").all(|event| {
        event.status == Status::Ready && event.permissions == ["events:read", "invoices:read"]
    }));
    assert_eq!(report.livemode, Some(false));
    assert_eq!(report.account.as_deref(), Some(sandbox.account().as_str()));
    assert_eq!((report.api_version, report.mode), (stripe::PINNED, Mode::Local));
}

#[tokio::test(start_paused = true)]
async fn an_events_permission_is_as_good_as_its_worst() {
    let sandbox = sandbox().await;
    let key = sandbox.restricted_key(&[("events", "read"), ("invoices", "read")]).await.unwrap();
    let report = by_key(&sandbox, &key).await.test().await.unwrap();
    let stands = |kind: &str| report.events.iter().find(|event| event.kind == kind).unwrap().status;
    assert_eq!((stands("invoice.paid"), stands("charge.refunded")), (Status::Ready, Status::Missing));
}

#[tokio::test(start_paused = true)]
async fn a_read_only_consent_reads_everything_and_writes_nothing() {
    let sandbox = sandbox().await;
    let key: Vec<_> = of_actions().into_iter().filter(|permission| !permission.write).collect();
    let pairs: Vec<_> = key.iter().map(|permission| (permission.resource, "read")).collect();
    let key = sandbox.restricted_key(&pairs).await.unwrap();
    let report = by_key(&sandbox, &key).await.test().await.unwrap();
    for action in Catalog.all().iter().filter(|action| is_askable(action.permission)) {
        let expected = if action.permission.write { Status::Missing } else { Status::Ready };
        assert_eq!(status(&report, action.permission), expected, "{}", action.name);
    }
}

/// Answers everything alike, and counts who is there at once.
struct Alike {
    answer: Attempt,
    now: AtomicUsize,
    most: AtomicUsize,
    writes: AtomicUsize,
}

impl Alike {
    fn new(answer: Attempt) -> Arc<Self> {
        let zero = AtomicUsize::default;
        Arc::new(Self { answer, now: zero(), most: zero(), writes: zero() })
    }
}

impl Transport for Alike {
    fn attempt<'a>(&'a self, request: &'a Request, _: &'a Credential) -> BoxFuture<'a, Attempt> {
        Box::pin(async move {
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            if let Kind::Write(_) = request.kind {
                self.writes.fetch_add(1, Ordering::SeqCst);
                assert!(request.form.is_empty() && request.path.contains("nobody_has_this_"), "{request:?}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            self.now.fetch_sub(1, Ordering::SeqCst);
            self.answer.clone()
        })
    }
}

async fn answered_alike(answer: Attempt) -> (Result<Report, Failure>, Arc<Alike>) {
    let transport = Alike::new(answer);
    let world = World::over(transport.clone(), Arc::default(), "acct_1", SECRET, Mode::Test).await;
    (world.test().await, transport)
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_tells_nothing_leaves_everything_unknown_with_the_reason() {
    for (status, body) in [
        (500, error("api_error", "An unknown error occurred.")),
        (400, error("invalid_request_error", "Missing required param: x.")),
        (404, error("invalid_request_error", "Unrecognized request URL.")),
        (403, json!("<html>a proxy</html>")),
    ] {
        let (report, asked) = answered_alike(answered(status, body)).await;
        let report = report.unwrap();
        assert_eq!(report.summary.unknown, Catalog.all().len(), "{status}");
        for one in &report.permissions {
            assert_eq!(
                (one.status, one.grant.as_ref()),
                (Status::Unknown, None),
                "{status} {}",
                one.permission
            );
            assert!(one.why.as_ref().is_some_and(|why| why.ends_with('.')), "{:?}", one.why);
        }
        assert!(asked.writes.load(Ordering::SeqCst) > 5);
        assert!(asked.most.load(Ordering::SeqCst) <= ASKED_AT_ONCE, "{asked:?}", asked = asked.most);
    }
    // What answers 200 to everything is no Stripe: nothing that writes is ready by it.
    let (report, _) = answered_alike(answered(200, json!({ "id": "acct_1", "object": "list" }))).await;
    let report = report.unwrap();
    for action in Catalog.all().iter().filter(|action| action.permission.write) {
        assert_eq!(status(&report, action.permission), Status::Unknown, "{}", action.name);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_asked_at_all_is_one_failure_and_not_many() {
    let other = answered(200, json!({ "id": "acct_2", "object": "account" }));
    for (attempt, code) in [
        (Attempt::NeverSent("no route".into()), Code::ConnectionUnreachable),
        (Attempt::Broken("reset".into()), Code::ConnectionUnreachable),
        (
            answered(401, error("invalid_request_error", "Invalid API Key provided.")),
            Code::AuthenticationError,
        ),
        (other, Code::Conflict),
    ] {
        let (report, asked) = answered_alike(attempt.clone()).await;
        let failure = report.expect_err("it cannot be asked");
        assert_eq!(failure.code, code, "{attempt:?}");
        assert!(failure.message.contains("Nothing changed at Stripe"), "{}", failure.message);
        assert_eq!(asked.writes.load(Ordering::SeqCst), 0, "{attempt:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stripe_that_never_answers_is_given_up_and_not_waited_for() {
    struct Never;
    impl Transport for Never {
        fn attempt<'a>(&'a self, _: &'a Request, _: &'a Credential) -> BoxFuture<'a, Attempt> {
            Box::pin(std::future::pending())
        }
    }
    let world = World::over(Arc::new(Never), Arc::default(), "acct_1", SECRET, Mode::Test).await;
    let given_up = tokio::time::timeout(super::ASKING * 2, world.test()).await.expect("it is bounded");
    assert_eq!(given_up.unwrap_err().code, Code::ConnectionUnreachable);
}
