//! Whole runs: the examples, cancels, and drivers that lose their place.

use std::time::Duration;

use model::{Code, RunStatus, StepStatus};
use sandbox::Fault;
use serde_json::json;

use super::{
    node::{BILL, Node, THANK},
    world::World,
};

fn step(view: &engine::RunView, id: &str) -> engine::StepView {
    view.steps.iter().find(|step| step.step.as_str() == id).unwrap_or_else(|| panic!("{view:#?}")).clone()
}

#[tokio::test(start_paused = true)]
async fn both_examples_run_to_their_end() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let (bill, _) = (node.activate(BILL).await, node.activate(THANK).await);
    let run = node.bill(&bill).await;
    node.settle().await;
    let view = node.show(run).await;
    assert_eq!(view.status, RunStatus::Suspended, "{view:#?}");
    let invoice = step(&view, "send").output.unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(step(&view, "paid").status, StepStatus::Suspended);
    assert!(step(&view, "paid").note.unwrap().contains(&invoice));
    assert!(step(&view, "customer").idempotency_key.is_some());

    world.sandbox.pay_invoice(&invoice, "pm_card_visa").await.unwrap();
    node.settle().await;
    let view = node.show(run).await;
    assert_eq!(view.status, RunStatus::Completed, "{view:#?}");
    assert_eq!(view.output, Some(json!({ "invoice": invoice, "paid": true })));
    let runs = node.runs().await;
    assert_eq!(runs.len(), 2);
    assert!(runs.iter().all(|run| run.status == RunStatus::Completed));
    let customer = &world.sandbox.objects("customer")[0];
    assert_eq!(customer["metadata"]["last_paid_invoice"], json!(invoice));
    assert!(world.executions().values().all(|count| *count == 1), "{:?}", world.executions());
}

#[tokio::test(start_paused = true)]
async fn whoever_listens_hears_each_change_once_and_in_order() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let bill = node.activate(BILL).await;
    let mut progress = node.driver.subscribe();
    world.sandbox.fault_at(Fault::LostAnswer, 1, Some("POST"), Some("/v1/invoiceitems"));
    let run = node.bill(&bill).await;
    node.settle().await;
    let mut heard = Vec::new();
    while let Ok(change) = progress.try_recv() {
        match change {
            engine::Progress::Step { step, status, stripe_request_id, run: of, .. } => {
                assert_eq!(of, run);
                assert_eq!(stripe_request_id.is_some(), status == StepStatus::Completed);
                heard.push(format!("{step} {status}"));
            }
            engine::Progress::Run { status, .. } => heard.push(format!("run {status}")),
        }
    }
    let expected = [
        "run running",
        "customer running",
        "customer completed",
        "invoice running",
        "invoice completed",
        "line running",
        "line retrying",
        "line completed",
        "finalize running",
        "finalize completed",
        "send running",
        "send completed",
        "paid suspended",
        "run suspended",
    ];
    assert_eq!(heard, expected);
}

#[tokio::test(start_paused = true)]
async fn a_key_starts_one_run_and_refuses_another_input() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let bill = node.activate(BILL).await;
    let input = json!({ "email": "ada@example.com", "amount": 500 });
    let first = node.start(&bill, "k", input.clone()).await.unwrap();
    let again =
        node.start(&bill, "k", json!({ "amount": 500, "email": "ada@example.com", "currency": "usd" })).await;
    assert!(!first.existed);
    assert!(again.as_ref().unwrap().existed);
    assert_eq!(again.unwrap().run.id, first.run.id);
    let other = node.start(&bill, "k", json!({ "email": "ada@example.com", "amount": 600 })).await;
    assert_eq!(other.unwrap_err().code, Code::Conflict);
    let bad = node.start(&bill, "l", json!({ "email": "ada@example.com", "amount": 0 })).await;
    assert_eq!(bad.unwrap_err().code, Code::ValidationError);
    node.lifecycle.pause(world.company, bill.id).await.unwrap();
    let paused = node.start(&bill, "m", input).await;
    assert_eq!(paused.unwrap_err().code, Code::WorkflowNotActive);
    assert_eq!(node.runs().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_for_one_account_is_refused_for_another() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let bill = node.activate(BILL).await;
    let account = model::AccountId::new("acct_other");
    let credential = stripe::Credential::new(account.clone(), model::Mode::Local, world.sandbox.secret_key());
    let other = connections::NewConnection {
        name: "other".into(),
        account,
        mode: model::Mode::Local,
        base_url: "http://127.0.0.1:12111".into(),
        is_default: false,
        credential,
    };
    node.connections.put(world.company, other).await.unwrap();
    let start = |connection| engine::Start {
        company: world.company,
        workflow: bill.id,
        cause: model::Cause::Caller(model::CallerKey::parse("k").unwrap()),
        input: json!({ "email": "ada@example.com", "amount": 500 }),
        connection,
    };
    let named = |name: &str| connections::Wanted::Named(name.into());
    let first = node.driver.start(start(named("local"))).await.unwrap();
    assert_eq!(node.driver.start(start(named("other"))).await.unwrap_err().code, Code::Conflict);
    for same in [named("local"), connections::Wanted::Default] {
        assert_eq!(node.driver.start(start(same)).await.unwrap().run.id, first.run.id);
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_pays_and_the_wait_ends_by_its_timer() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let run = node.bill(&node.activate(BILL).await).await;
    node.settle().await;
    tokio::time::sleep(Duration::from_secs(44 * 86_400)).await;
    assert_eq!(node.status(run).await, RunStatus::Suspended);
    tokio::time::sleep(Duration::from_secs(2 * 86_400)).await;
    node.driver.drive_until_idle().await;
    let view = node.show(run).await;
    assert_eq!(view.status, RunStatus::Completed, "{view:#?}");
    assert_eq!(view.output.unwrap()["paid"], json!(false));
}

#[tokio::test(start_paused = true)]
async fn a_cancel_before_anything_was_sent_sends_nothing() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let bill = node.activate(BILL).await;
    let input = json!({ "email": "ada@example.com", "amount": 1999 });
    let run = node.start(&bill, "k", input).await.unwrap().run.id;
    node.driver.cancel(world.company, run, super::decisions::somebody()).await.unwrap();
    node.settle().await;
    assert_eq!(node.status(run).await, RunStatus::Canceled);
    let done = world.sandbox.objects("customer").len();
    assert!(done <= 1, "at most the write that was under way");
    assert!(world.sandbox.objects("invoice").is_empty());
    node.driver.cancel(world.company, run, super::decisions::somebody()).await.unwrap();
    node.settle().await;
    assert_eq!(node.status(run).await, RunStatus::Canceled);
}

#[tokio::test(start_paused = true)]
async fn a_cancel_during_a_write_settles_it_and_begins_nothing_new() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let bill = node.activate(BILL).await;
    world.sandbox.fault_at(Fault::Slow { ms: 60_000 }, 1, Some("POST"), Some("/v1/customers"));
    let run = node.bill(&bill).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(node.status(run).await, RunStatus::Running);
    node.driver.cancel(world.company, run, super::decisions::somebody()).await.unwrap();
    node.settle().await;
    let view = node.show(run).await;
    assert_eq!(view.status, RunStatus::Canceled, "{view:#?}");
    assert_eq!(step(&view, "customer").status, StepStatus::Completed);
    assert_eq!(step(&view, "invoice").status, StepStatus::Pending);
    assert_eq!(world.sandbox.objects("customer").len(), 1);
    assert!(world.sandbox.objects("invoice").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_cancel_during_the_wait_makes_up_for_what_was_done() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let run = node.bill(&node.activate(BILL).await).await;
    node.settle().await;
    node.driver.cancel(world.company, run, super::decisions::somebody()).await.unwrap();
    node.settle().await;
    let view = node.show(run).await;
    assert_eq!(view.status, RunStatus::Canceled, "{view:#?}");
    assert_eq!(world.sandbox.objects("invoice")[0]["status"], json!("void"));
    assert!(node.store.timers(run).await.unwrap().is_empty());
    assert!(node.store.waits(run).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_cancel_at_any_moment_leaves_nobody_with_an_open_invoice() {
    let mut steps_done = std::collections::BTreeSet::new();
    for ms in 0..60 {
        let world = World::new().await;
        let node = Node::ready(&world).await;
        let bill = node.activate(BILL).await;
        for _ in 0..6 {
            world.sandbox.fault(Fault::Slow { ms: 4 }, 1);
        }
        let run = node.bill(&bill).await;
        tokio::time::sleep(Duration::from_millis(ms)).await;
        node.driver.cancel(world.company, run, super::decisions::somebody()).await.unwrap();
        node.settle().await;
        let view = node.show(run).await;
        assert_eq!(view.status, RunStatus::Canceled, "after {ms} ms: {view:#?}");
        let invoices = world.sandbox.objects("invoice");
        assert!(invoices.iter().all(|invoice| invoice["status"] != "open"), "after {ms} ms: {invoices:#?}");
        assert!(world.executions().values().all(|count| *count == 1));
        assert!(node.store.open_intents().await.unwrap().is_empty());
        steps_done.insert(view.steps.iter().filter(|step| step.status == StepStatus::Completed).count());
    }
    // Never 4: what makes up for the fourth step counts as one.
    assert!(steps_done.len() >= 5, "the moments were spread over the run: {steps_done:?}");
}

#[tokio::test(start_paused = true)]
async fn an_event_that_came_before_its_wait_is_found() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let bill = node.activate(BILL).await;
    // The answer of the last write before the wait is late; the customer pays meanwhile.
    world.sandbox.fault_at(Fault::LostAnswer, 1, Some("POST"), Some("/v1/invoices/*/send"));
    let run = node.bill(&bill).await;
    for _ in 0..2_000 {
        tokio::time::sleep(Duration::from_millis(1)).await;
        if world.sandbox.events().iter().any(|event| event["type"] == "invoice.sent") {
            break;
        }
    }
    assert_eq!(node.status(run).await, RunStatus::Running, "the answer is still to come");
    let invoice = world.sandbox.objects("invoice")[0]["id"].as_str().unwrap().to_owned();
    world.sandbox.pay_invoice(&invoice, "pm_card_visa").await.unwrap();
    node.take_deliveries().await;
    assert!(node.dispatcher.step().await.unwrap() > 0);
    assert!(node.store.waits(run).await.unwrap().is_empty(), "the wait has not begun");
    node.settle().await;
    let view = node.show(run).await;
    assert_eq!(view.status, RunStatus::Completed, "{view:#?}");
    assert_eq!(view.output.unwrap()["paid"], json!(true));
}

/// Reads a customer that does not exist, three times.
const LOOK: &str = r#"
name: Look
trigger: { type: api }
steps:
  - id: made
    action: stripe.createCustomer
    config: { email: ada@example.com }
  - id: pause
    type: wait
    for: 90m
  - id: look
    action: stripe.getCustomer
    config: { customerId: cus_none }
    retry: { maxAttempts: 3, initialDelay: 10m, on: [resource_missing] }
output: { never: "{{ steps.look.output.id }}" }
"#;

#[tokio::test(start_paused = true)]
async fn a_step_is_tried_again_at_its_times_over_restarts() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let look = node.activate(LOOK).await;
    let run = node.start(&look, "k", json!({})).await.unwrap().run.id;
    node.settle().await;
    let note = step(&node.show(run).await, "pause").note.unwrap();
    assert!(note.starts_with("waits until"), "{note}");
    drop(node);
    world.crash();
    tokio::time::sleep(Duration::from_secs(3 * 3_600)).await;
    // The timer fell due while nobody was there.
    let node = Node::open(&world).await.unwrap();
    node.settle().await;
    let view = node.show(run).await;
    assert_eq!((step(&view, "look").status, step(&view, "look").attempts), (StepStatus::Retrying, 1));
    tokio::time::sleep(Duration::from_secs(5 * 60)).await;
    node.settle().await;
    assert_eq!(step(&node.show(run).await, "look").attempts, 1, "too early");
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    node.settle().await;
    let view = node.show(run).await;
    assert_eq!((view.status, step(&view, "look").attempts), (RunStatus::Failed, 3), "{view:#?}");
    assert_eq!(view.error.unwrap().code, Code::ResourceMissing);
    assert!(node.store.timers(run).await.unwrap().is_empty());
    assert_eq!(world.sandbox.objects("customer").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_of_another_company_is_not_found() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let run = node.bill(&node.activate(BILL).await).await;
    let other = model::CompanyId::new(world.clock.as_ref(), world.rng.as_ref());
    assert_eq!(node.driver.show(other, run).await.unwrap_err().code, Code::NotFound);
    assert_eq!(
        node.driver.cancel(other, run, super::decisions::somebody()).await.unwrap_err().code,
        Code::NotFound
    );
    node.settle().await;
    assert_eq!(node.status(run).await, RunStatus::Suspended);
}

#[tokio::test(start_paused = true)]
async fn a_driver_that_was_overtaken_stops_and_loses_nothing() {
    let world = World::new().await;
    let old = Node::ready(&world).await;
    let bill = old.activate(BILL).await;
    world.sandbox.fault_at(Fault::Slow { ms: 5_000 }, 1, Some("POST"), Some("/v1/invoices"));
    let run = old.bill(&bill).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let new = Node::open(&world).await.unwrap();
    assert!(new.driver.epoch() > old.driver.epoch());
    new.settle().await;
    old.driver.drive_until_idle().await;
    assert!(old.driver.fenced());
    assert_eq!(new.status(run).await, RunStatus::Suspended);
    assert!(world.executions().values().all(|count| *count == 1));
    assert_eq!(world.sandbox.objects("invoice").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_history_was_changed_is_parked_and_sends_nothing() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let bill = node.activate(BILL).await;
    let run = node.bill(&bill).await;
    node.settle().await;
    let row = node.store.run(run).await.unwrap().unwrap();
    // Another version under the same number: what a Bursar that decides differently sees.
    let other = node.activate(&BILL.replace("autoAdvance: false", "autoAdvance: true")).await;
    assert_eq!(other.version, 2);
    node.driver.shutdown().await;
    let mut changed = row.clone();
    changed.id = model::RunId::new(world.clock.as_ref(), world.rng.as_ref());
    changed.version = 2;
    changed.cause = model::Cause::Caller(model::CallerKey::parse("other").unwrap());
    let writes_before = world.executions().len();
    let node = Node::open(&world).await.unwrap();
    let copied = copy_journal(&node, &row, changed).await;
    node.driver.wake(copied);
    node.settle().await;
    let view = node.show(copied).await;
    assert_eq!(view.status, RunStatus::Parked, "{view:#?}");
    assert_eq!(view.error.unwrap().code, Code::Parked);
    assert_eq!(world.executions().len(), writes_before);
}

/// Gives a new run the journal of another one, sealed for it.
pub(super) async fn copy_journal(node: &Node<'_>, from: &store::Run, mut to: store::Run) -> model::RunId {
    use connections::RowId;
    use store::{RunInput, Unit, Write};
    let keyring = node.vault.keyring(from.company).await.unwrap();
    let again = |table: &'static str, old: &str, new: &str, sealed: &model::Sealed| {
        let plain = keyring.open(RowId { table, id: old }, sealed).unwrap();
        keyring.seal(RowId { table, id: new }, plain.as_bytes())
    };
    let RunInput::Given(input) = &from.input else { panic!("it was given") };
    to.input =
        RunInput::Given(again("runs", &format!("{}/input", from.id), &format!("{}/input", to.id), input));
    (to.status, to.result) = (RunStatus::Running, None);
    let mut writes = vec![Write::StartRun(to.clone())];
    for row in node.store.journal(from.id).await.unwrap() {
        let (old, new) = (format!("{}/{}", from.id, row.seq), format!("{}/{}", to.id, row.seq));
        let sealed = again("journal", &old, &new, &row.row);
        writes.push(Write::Journal { run: to.id, seq: row.seq, row: sealed, epoch: node.driver.epoch() });
    }
    node.store.commit(Unit::background(writes)).await.unwrap();
    to.id
}
