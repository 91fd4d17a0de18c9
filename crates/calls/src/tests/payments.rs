//! Payments through the one path: refused ones and lost answers.

use std::time::Duration;

use model::Code;
use sandbox::{Fault, Sandbox, Watched};
use serde_json::json;
use stripe::{Headers, StripeError};

use super::{sandboxed::world, world::*};
use crate::{Class, Settled};

/// A payment intent that waits to be confirmed with this card.
async fn intent(world: &World, card: &str) -> String {
    let input = json!({"amount": 1999, "currency": "USD", "paymentMethod": card});
    let made = world.made("createPaymentIntent", input, "intent").await;
    made["id"].as_str().unwrap().to_owned()
}

fn charges(sandbox: &Sandbox) -> usize {
    sandbox.objects("charge").len()
}

fn rejected(settled: &Settled) -> &StripeError {
    match settled {
        Settled::Rejected(error) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_declined_confirmation_names_the_intent_that_stays() {
    for lost in [0, 1] {
        let (world, sandbox) = world().await;
        let intent = intent(&world, "pm_card_chargeDeclinedInsufficientFunds").await;
        sandbox.fault(Fault::LostAnswer, lost);
        let call = world.asked(
            "confirmPaymentIntent",
            json!({"paymentIntentId": intent}),
            "confirm",
            Class::Background,
        );
        let ended = world.make(call).await.unwrap();
        let error = rejected(&ended.settled);
        assert_eq!((error.status, error.left_behind()), (402, Some(intent.as_str())));
        let failure = ended.settled.failure().unwrap();
        assert_eq!(failure.code, Code::CardDeclined);
        assert!(failure.message.contains(&format!("`{intent}` stays at Stripe")), "{}", failure.message);
        assert_eq!(charges(&sandbox), 1, "the card was tried once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_declined_create_names_the_intent_that_it_left() {
    let (world, sandbox) = world().await;
    let input = json!({"amount": 1999, "currency": "usd", "confirm": true, "paymentMethod": "pm_card_chargeDeclined"});
    let call = world.asked("createPaymentIntent", input, "k", Class::Background);
    let ended = world.make(call).await.unwrap();
    let left = sandbox.objects("payment_intent").remove(0);
    assert_eq!(rejected(&ended.settled).left_behind(), left["id"].as_str());
}

/// What a call is found to have come to a day after its answer was lost.
async fn a_day_later(card: &str, action: &str) -> (Settled, Watched) {
    let (world, sandbox) = world().await;
    let intent = intent(&world, card).await;
    sandbox.fault(Fault::LostAnswer, 1);
    let call = world.asked(action, json!({"paymentIntentId": intent}), "the call", Class::Background);
    let cut = tokio::time::timeout(Duration::from_millis(100), world.make(call.clone())).await;
    assert!(cut.is_err());
    let world = world.crashed();
    tokio::time::advance(Duration::from_secs(25 * 3600)).await;
    let ended = world.caller.finish_open(&world.key_of(&call), &mut |_, _| {}).await.unwrap();
    (ended.settled, sandbox)
}

#[tokio::test(start_paused = true)]
async fn a_lost_payment_is_found_and_not_made_again() {
    let (settled, sandbox) = a_day_later("pm_card_visa", "confirmPaymentIntent").await;
    let Settled::Done(answer) = settled else { panic!("{settled:?}") };
    assert_eq!((&answer.body["status"], charges(&sandbox)), (&json!("succeeded"), 1));
}

#[tokio::test(start_paused = true)]
async fn a_lost_refusal_is_never_taken_for_done() {
    let (settled, sandbox) = a_day_later("pm_card_chargeDeclined", "confirmPaymentIntent").await;
    let Settled::Parked(known) = settled else { panic!("{settled:?}") };
    assert!(known.failure.message.contains("payment_intent.payment_failed"), "{}", known.failure.message);
    assert_eq!(charges(&sandbox), 1, "and it is not tried again");
}

#[tokio::test(start_paused = true)]
async fn a_lost_refund_is_made_once() {
    let (world, sandbox) = world().await;
    let input = json!({"amount": 1999, "currency": "usd", "confirm": true, "paymentMethod": "pm_card_visa"});
    let paid = world.made("createPaymentIntent", input, "pay").await;
    for fault in [Fault::LostAnswer, Fault::Reset, Fault::Stored500AfterCommit] {
        let name = fault.name();
        sandbox.fault(fault, 1);
        let input = json!({"paymentIntentId": paid["id"], "amount": 100});
        let call = world.asked("createRefund", input, name, Class::Background);
        let ended = world.make(call.clone()).await.unwrap();
        assert_eq!(done(&ended)["amount"], 100, "{name}");
        assert_eq!(sandbox.executions(&world.key_of(&call)), 1, "{name}");
    }
    assert_eq!(sandbox.objects("refund").len(), 3);
}

/// What reading the intent in this status tells of a confirmation or capture whose
/// kept 500 is all that is known.
async fn told(action: &str, status: &str) -> Settled {
    let world = World::new().await;
    let kept = with(500, Headers { replayed: true, ..Headers::default() }, error("api_error", "kept"));
    world.script.writes([answered(500, json!({})), kept]);
    world.script.read("/v1/events", list(json!([])));
    let intent = json!({"id": "pi_1", "object": "payment_intent", "status": status});
    world.script.read("/v1/payment_intents/pi_1", answered(200, intent));
    let call = world.asked(action, json!({"paymentIntentId": "pi_1"}), "k", Class::Background);
    world.make(call).await.unwrap().settled
}

#[tokio::test(start_paused = true)]
async fn the_status_of_an_intent_tells_what_it_can_and_no_more() {
    for (action, status, wanted) in [
        ("confirmPaymentIntent", "succeeded", "done"),
        ("confirmPaymentIntent", "requires_capture", "done"),
        ("confirmPaymentIntent", "requires_confirmation", "not done"),
        ("confirmPaymentIntent", "requires_payment_method", "open"),
        ("confirmPaymentIntent", "requires_action", "open"),
        ("capturePaymentIntent", "succeeded", "done"),
        ("capturePaymentIntent", "requires_capture", "not done"),
        ("capturePaymentIntent", "canceled", "not done"),
        ("cancelPaymentIntent", "canceled", "done"),
        ("cancelPaymentIntent", "succeeded", "not done"),
    ] {
        let told = match told(action, status).await {
            Settled::Done(_) => "done",
            Settled::NotDone(_) => "not done",
            Settled::Parked(_) => "open",
            Settled::Rejected(error) => panic!("{action}: Stripe did not say no: {error:?}"),
        };
        assert_eq!(told, wanted, "{action} {status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_decline_told_by_another_event_is_never_taken_for_done() {
    for (path, kind, object) in [
        ("/v1/charges", "charge.failed", json!({"id": "ch_1", "object": "charge"})),
        (
            "/v1/setup_intents/seti_1/confirm",
            "setup_intent.setup_failed",
            json!({"id": "seti_1", "object": "setup_intent"}),
        ),
    ] {
        let world = World::new().await;
        world.script.writes([answered(500, json!({})), replayed(500, error("api_error", "kept"))]);
        let call =
            world.asked("stripe.request", json!({"method": "POST", "path": path}), "k", Class::Background);
        let event = json!({"id": "evt_1", "type": kind, "data": {"object": object},
                           "request": {"id": "req_1", "idempotency_key": world.key_of(&call)}});
        world.script.read("/v1/events", list(json!([event])));
        let at = if path == "/v1/charges" { "/v1/charges/ch_1" } else { "/v1/setup_intents/seti_1" };
        world.script.read(at, answered(200, object));
        let settled = world.make(call).await.unwrap().settled;
        let Settled::Parked(known) = settled else { panic!("{path}: {settled:?}") };
        assert!(known.failure.message.contains(kind), "{}", known.failure.message);
    }
}
