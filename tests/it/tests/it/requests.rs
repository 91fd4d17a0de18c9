//! `stripe.request` on its whole way: whatever an action does, its operation does too,
//! with the same care; and workflows perform operations that have no action.

use std::time::Duration;

use actions::{Action, Catalog, Effect, Entry, Plan};
use bursar_it::{Fixtures, TestApp, UNTOLD, surfaces::Surfaces};
use calls::{Call, Class, Settled};
use connections::Wanted;
use engine::{RunView, Start};
use model::{CallerKey, Cause, IdempotencyKey, Origin, RunStatus, StepPath};
use sandbox::{Fault, Ran};
use serde_json::{Value, json};
use stripe::{PINNED, tables};
use workflows::Source;

fn writes() -> impl Iterator<Item = &'static Action> {
    Catalog.all().iter().copied().filter(|action| action.effect != Effect::Read)
}

/// An action's example as a request: by name, with the ids of the path among the parameters.
async fn by_name(app: &TestApp, action: &'static Action) -> (Plan, Value) {
    let input = Fixtures::of(&app.sandbox).fill(action).await;
    let plan = Catalog.plan(action, &input, PINNED).unwrap();
    let (operation, ids) = tables::route(plan.operation.method, &plan.path).unwrap();
    let mut params = plan.params.clone();
    let ids = operation.path_params().into_iter().zip(ids);
    params.extend(ids.map(|(name, id)| (name.to_owned(), Value::from(id))));
    (plan, json!({ "operation": operation.id, "params": params }))
}

/// How often Stripe executed this request. One that it refused afterwards was none.
fn executed(app: &TestApp, plan: &Plan) -> usize {
    let journal = app.sandbox.journal();
    let ours = |entry: &&sandbox::JournalEntry| {
        entry.method == plan.operation.method.as_str()
            && entry.path == plan.path
            && entry.ran == Ran::Executed
    };
    journal.iter().filter(ours).filter(|entry| entry.status == 200 || entry.fault.is_some()).count()
}

/// Those that leave something at Stripe.
fn lasting() -> impl Iterator<Item = &'static Action> {
    writes().filter(|action| action.reconcile != actions::Reconcile::NothingChanges)
}

#[tokio::test(start_paused = true)]
async fn every_write_is_done_once_as_a_request_whatever_answer_is_lost() {
    for action in lasting() {
        // After its own failure Stripe tells by events alone, where it has one.
        let faults = [Fault::LostAnswer, Fault::Stored500AfterCommit];
        for fault in faults.into_iter().take(if UNTOLD.contains(&action.name) { 1 } else { 2 }) {
            let surfaces = Surfaces::of(TestApp::new().await).await;
            let (plan, config) = by_name(&surfaces.app, action).await;
            let before = executed(&surfaces.app, &plan);
            let method = plan.operation.method.as_str();
            surfaces.app.sandbox.fault_at(fault.clone(), 1, Some(method), Some(&plan.path));
            let first = surfaces.http("stripe.request", "the call", &config).await;
            assert_eq!(first.status, 200, "{} {}: {:#}", action.name, fault.name(), first.body);
            let by_path = json!({ "method": method, "path": plan.path, "params": plan.params });
            let again = surfaces.http("stripe.request", "the call", &by_path).await;
            assert_eq!(again.body["data"], first.body["data"], "{}", action.name);
            assert_eq!(again.body["meta"]["replayed"], true, "{}", action.name);
            assert_eq!(executed(&surfaces.app, &plan) - before, 1, "{} {}", action.name, fault.name());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_request_that_was_done_is_found_a_day_later_as_its_action_is() {
    for action in lasting() {
        let app = TestApp::new().await;
        let (plan, config) = by_name(&app, action).await;
        let before = executed(&app, &plan);
        let request = Catalog.plan(Entry::Request, &config, PINNED).unwrap();
        let call = call(&app, request).await;
        app.sandbox.fault_at(Fault::LostAnswer, 1, Some(plan.operation.method.as_str()), Some(&plan.path));
        app.sandbox.fault_at(Fault::Reset, 1, Some("GET"), None);
        let mut nothing = |_: &Settled, _: &mut store::Unit| {};
        let cut = app.app.caller.call(call.clone(), &mut nothing);
        let cut = tokio::time::timeout(Duration::from_millis(50), cut).await;
        assert!(cut.is_err(), "{}: it is over already: {cut:?}", action.name);
        tokio::time::sleep(Duration::from_secs(25 * 3600)).await;
        let key = IdempotencyKey::derive(&app.setup.company, &call.origin, &call.path, 0);
        let ended = app.app.caller.finish_open(&key, &mut |_, _| {}).await.unwrap();
        match ended.settled {
            Settled::Done(_) => {}
            Settled::Parked(known) if UNTOLD.contains(&action.name) => {
                assert!(known.failure.message.contains("probably done"), "{}", known.failure.message);
            }
            settled => panic!("{}: {settled:?}", action.name),
        }
        assert_eq!(executed(&app, &plan) - before, 1, "{}", action.name);
    }
}

async fn call(app: &TestApp, plan: Plan) -> Call {
    Call {
        origin: Origin::Call { action: plan.action.into(), key: CallerKey::parse("the call").unwrap() },
        run: None,
        path: StepPath::direct(),
        generation: 0,
        binding: app.app.connections.choose(app.setup.company, Wanted::Default).await.unwrap(),
        plan,
        class: Class::Background,
        watch: None,
    }
}

/// Makes a customer without an action, reads it by a path, and fails in its last step.
const DOCUMENT: &str = "
name: By request
trigger: { type: api }
steps:
  - id: customer
    action: stripe.request
    config: { operation: customers.create, params: { email: '{{ input.email }}', metadata: { from: run } } }
    compensate:
      action: stripe.request
      config:
        operation: customers.update
        params: { customer: '{{ steps.customer.output.id }}', metadata: { from: undone } }
  - id: read
    action: stripe.request
    config: { method: GET, path: '/v1/customers/{{ steps.customer.output.id }}' }
  - id: again
    action: stripe.request
    config:
      operation: '{{ input.operation }}'
      params: { customer: '{{ steps.read.output.id }}', name: '{{ steps.read.output.email }}' }
output:
  email: '{{ steps.read.output.email }}'
";

async fn run(app: &TestApp, operation: &str) -> RunView {
    let source = Source { text: DOCUMENT.to_owned(), name: "by-request.yaml".to_owned() };
    let pushed = app.app.lifecycle.push(app.setup.company, source).await.unwrap();
    let workflow = app.app.lifecycle.activate(app.setup.company, pushed.workflow.id).await.unwrap().id;
    let start = Start {
        company: app.setup.company,
        workflow,
        cause: Cause::Caller(CallerKey::parse("the run").unwrap()),
        input: json!({ "email": "ada@example.com", "operation": operation }),
        connection: Wanted::Default,
    };
    let run = app.app.driver.start(start).await.unwrap().run.id;
    app.app.driver.drive_until_idle().await;
    app.show(run).await
}

#[tokio::test(start_paused = true)]
async fn a_workflow_performs_operations_that_have_no_action() {
    let app = TestApp::new().await;
    app.sandbox.fault_at(Fault::LostAnswer, 1, Some("POST"), Some("/v1/customers"));
    let view = run(&app, "customers.update").await;
    assert_eq!(view.status, RunStatus::Completed, "{view:#?}");
    assert_eq!(view.output, Some(json!({ "email": "ada@example.com" })));
    let customers = app.sandbox.objects("customer");
    assert_eq!(customers.len(), 1, "the lost answer made no second customer");
    assert_eq!(
        (&customers[0]["name"], &customers[0]["metadata"]["from"]),
        (&json!("ada@example.com"), &json!("run"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_is_made_up_for_by_a_request() {
    let app = TestApp::new().await;
    let view = run(&app, "customers.updaet").await;
    assert_eq!(view.status, RunStatus::Failed, "{view:#?}");
    let customers = app.sandbox.objects("customer");
    assert_eq!((customers.len(), &customers[0]["metadata"]["from"]), (1, &json!("undone")));
    let text = format!("{view:?}");
    assert!(text.contains("customers.update"), "the failure names the nearest operation: {text}");
}
