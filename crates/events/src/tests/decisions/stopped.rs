//! Runs that stopped otherwise: a compensation that Stripe refuses, a failed step, a
//! history that nobody can replay.

use super::*;
use crate::tests::runs::copy_journal;

#[tokio::test(start_paused = true)]
async fn a_payment_that_crosses_a_cancel_has_ways_out() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let (run, invoice) = node.stuck_in_compensation().await;
    let view = node.show(run).await;
    let error = view.error.as_ref().unwrap();
    assert_eq!((error.code, error.stripe.is_some()), (Code::Parked, true), "Stripe's own words stay");
    let ways: Vec<_> = view.ways.iter().map(|way| (way.way, way.word)).collect();
    assert_eq!(ways, [("retry", None), ("resolve", Some("done")), ("resolve", Some("skip"))]);
    assert!(view.ways.iter().all(|way| error.message.contains(&way.command)), "{error}");
    node.retry(run).await.unwrap();
    node.settle().await;
    assert_eq!(node.status(run).await, RunStatus::Parked, "it is paid as before");
    let named = node.resolve(run, "finalize~compensate", Word::Done, Some(&invoice)).await;
    refused(named, Code::ValidationError, "in the note");
    node.resolve(run, "finalize~compensate", Word::Skip, None).await.unwrap();
    node.settle().await;
    let view = node.show(run).await;
    assert_eq!(view.status, RunStatus::Canceled);
    assert_eq!(step(&view, "finalize~compensate").status, StepStatus::Skipped);
    assert_eq!(view.decisions.iter().map(|d| d.decision).collect::<Vec<_>>(), ["retry", "skip"]);
    assert_eq!(world.sandbox.object(&invoice).unwrap()["status"], "paid");
    nothing_twice(&world);
}

#[tokio::test(start_paused = true)]
async fn a_compensation_that_was_taken_care_of_by_hand_ends_its_run() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let (run, _) = node.stuck_in_compensation().await;
    node.resolve(run, "finalize~compensate", Word::Done, None).await.unwrap();
    node.settle().await;
    let view = node.show(run).await;
    assert_eq!(view.status, RunStatus::Canceled);
    assert_eq!(step(&view, "finalize~compensate").status, StepStatus::Completed);
    refused(node.retry(run).await, Code::Conflict, "cannot be kept");
}

#[tokio::test(start_paused = true)]
async fn a_retry_keeps_what_is_done_and_sends_the_failed_step_under_a_new_key() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let bill = node.activate(BILL).await;
    world.sandbox.fault_at(Fault::Stored500, 1, Some("POST"), Some("/v1/invoices"));
    let run = node.bill(&bill).await;
    node.settle().await;
    let view = node.show(run).await;
    assert_eq!((view.status, view.ways[0].way), (RunStatus::Failed, "retry"), "{view:#?}");
    let spent = step(&view, "invoice").idempotency_key.clone();
    let keyed = || node.driver.retry(world.company, run, person("", Some("again")));
    let first = keyed().await.unwrap();
    node.settle().await;
    let view = node.show(run).await;
    assert_eq!(view.status, RunStatus::Suspended, "{view:#?}");
    assert_ne!(step(&view, "invoice").idempotency_key, spent);
    assert_eq!((keyed().await.unwrap().repeated, keyed().await.unwrap().at), (true, first.at));
    refused(node.retry(run).await, Code::Conflict, "goes on by itself");
    world
        .sandbox
        .pay_invoice(step(&view, "send").output.as_ref().unwrap()["id"].as_str().unwrap(), "pm_card_visa")
        .await
        .unwrap();
    node.settle().await;
    assert_eq!(node.status(run).await, RunStatus::Completed);
    refused(node.retry(run).await, Code::Conflict, "has completed");
    nothing_twice(&world);
}

#[tokio::test(start_paused = true)]
async fn the_repeat_of_a_key_gives_its_run_whatever_became_of_the_workflow() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let bill = node.activate(BILL).await;
    let input = json!({ "email": "ada@example.com", "amount": 500 });
    let first = node.start(&bill, "k", input.clone()).await.unwrap();
    node.activate(&BILL.replace("required: [email, amount]", "required: [email, amount, currency]")).await;
    assert_eq!(node.start(&bill, "k", input.clone()).await.unwrap().run.id, first.run.id);
    node.lifecycle.pause(world.company, bill.id).await.unwrap();
    let again = node.start(&bill, "k", input.clone()).await.unwrap();
    assert_eq!((again.run.id, again.existed), (first.run.id, true));
    let other = node.start(&bill, "k", json!({ "email": "ada@example.com", "amount": 600 })).await;
    refused(other, Code::Conflict, "another input");
    node.lifecycle.archive(world.company, bill.id).await.unwrap();
    assert_eq!(node.start(&bill, "k", input.clone()).await.unwrap().run.id, first.run.id);
    assert_eq!(node.start(&bill, "l", input).await.unwrap_err().code, Code::WorkflowNotActive);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_cannot_be_driven_can_be_given_up() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let bill = node.activate(BILL).await;
    let run = node.bill(&bill).await;
    node.settle().await;
    let row = node.store.run(run).await.unwrap().unwrap();
    node.activate(&BILL.replace("autoAdvance: false", "autoAdvance: true")).await;
    let mut changed = row.clone();
    changed.id = RunId::new(world.clock.as_ref(), world.rng.as_ref());
    (changed.version, changed.cause) = (2, model::Cause::Caller(model::CallerKey::parse("other").unwrap()));
    let copied = copy_journal(&node, &row, changed).await;
    node.driver.wake(copied);
    node.settle().await;
    let view = node.show(copied).await;
    assert_eq!(view.ways.iter().map(|way| way.way).collect::<Vec<_>>(), ["retry", "abandon"]);
    assert!(view.ways.iter().all(|way| view.error.as_ref().unwrap().message.contains(&way.command)));
    let abandon = |run| node.driver.abandon(world.company, run, person("started anew elsewhere", None));
    refused(node.retry(copied).await, Code::Parked, "--abandon");
    refused(node.driver.cancel(world.company, copied, somebody()).await, Code::Parked, "--abandon");
    refused(node.resolve(copied, "line", Word::Done, None).await, Code::Parked, "--abandon");
    refused(abandon(run).await, Code::Conflict, "can be driven");
    for _ in 0..2 {
        assert_eq!(abandon(copied).await.unwrap().status, RunStatus::Canceled);
    }
    let view = node.show(copied).await;
    let said = view.error.unwrap().message;
    assert!(said.contains(SOMEBODY) && said.contains("started anew elsewhere"), "{said}");
    assert!(node.retry(copied).await.is_err());
    assert_eq!(node.status(run).await, RunStatus::Suspended, "no other run was touched");
}

/// Stripe declines the card and keeps the payment intent.
const DECLINED: &str = r#"
name: Pay
trigger: { type: api }
steps:
  - { id: pay, action: stripe.createPaymentIntent, config: { amount: 2000, currency: usd,
      paymentMethod: pm_card_chargeDeclined, confirm: true } }
output: { intent: "{{ steps.pay.output.id }}" }
"#;

/// Somebody pays with another card, in Stripe's dashboard.
async fn pay_by_hand(world: &World, intent: &str) {
    let operation = stripe::tables::operation("paymentIntents.confirm").unwrap();
    let request = stripe::Request {
        operation,
        path: operation.path_with(&[intent]).unwrap(),
        form: "payment_method=pm_card_visa".into(),
        version: stripe::PINNED,
        account: None,
        kind: stripe::Kind::Write(model::IdempotencyKey::from_text("by hand")),
    };
    let credential =
        stripe::Credential::new(world.sandbox.account(), model::Mode::Local, world.sandbox.secret_key());
    match world.sandbox.transport().attempt(&request, &credential).await {
        stripe::Attempt::Answered(answer) if answer.status == 200 => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn what_stripe_kept_of_a_refused_step_is_decided_before_it_is_sent_again() {
    for word in [Word::Done, Word::NotDone] {
        let world = World::new().await;
        let node = Node::ready(&world).await;
        let pay = node.activate(DECLINED).await;
        let run = node.start(&pay, "k", json!({})).await.unwrap().run.id;
        node.settle().await;
        let view = node.show(run).await;
        let intent = world.sandbox.objects("payment_intent")[0]["id"].as_str().unwrap().to_owned();
        assert_eq!((view.status, view.ways[0].word), (RunStatus::Failed, Some("done")), "{view:#?}");
        assert_eq!(step(&view, "pay").known.as_ref().unwrap().doubt, "left_behind");
        refused(node.retry(run).await, Code::Conflict, "kept something");
        for object in [None, Some(intent.as_str())] {
            let declined = node.resolve(run, "pay", Word::Done, object).await;
            refused(declined, Code::Conflict, "is still requires_payment_method");
        }
        if word == Word::Done {
            pay_by_hand(&world, &intent).await;
        }
        node.resolve(run, "pay", word, None).await.unwrap();
        node.settle().await;
        let view = node.show(run).await;
        let intents = world.sandbox.objects("payment_intent").len();
        match word {
            Word::Done => {
                assert_eq!((view.status, intents), (RunStatus::Completed, 1));
                assert_eq!(view.output, Some(json!({ "intent": intent })));
            }
            _ => assert_eq!((view.status, intents), (RunStatus::Failed, 2), "declined once more"),
        }
        assert!(world.executions().values().all(|count| *count == 1));
    }
}
