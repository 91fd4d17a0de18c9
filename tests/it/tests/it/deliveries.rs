//! What comes in at `/webhooks/stripe/{company}`: everything that Stripe signed, once,
//! and nothing else.

use std::time::Duration;

use bursar_it::{TestApp, http::Answer};
use futures_util::future::join_all;
use model::RunStatus;
use sandbox::Delivery;
use stripe::signature::{Secret, sign};

/// An application whose example was paid, and the delivery of `invoice.paid`, not yet
/// carried. Everything before it has arrived.
async fn paid() -> (TestApp, Delivery) {
    let app = TestApp::new().await;
    app.run_example("order-1").await;
    app.pay_when_waiting().await;
    let mut of_payment = None;
    for delivery in app.sandbox.due_deliveries() {
        if delivery.body.contains(r#""invoice.paid""#) {
            of_payment = Some(delivery);
        } else {
            assert_eq!(app.carry(&delivery).await.status, 200);
            app.sandbox.carried(delivery.id, 200);
        }
    }
    (app, of_payment.expect("Stripe tells of the payment"))
}

#[tokio::test(start_paused = true)]
async fn two_hundred_deliveries_at_once_start_one_run() {
    let (app, delivery) = paid().await;
    let stored = app.stored_events().await;
    let answers = join_all((0..200).map(|_| app.carry(&delivery))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let first = answers.iter().filter(|answer| answer.body["duplicate"] != true).count();
    assert_eq!(first, 1, "one of them was the first");
    assert!(answers.iter().all(|answer| answer.body["workflowsTriggered"] == 1));
    assert_eq!(app.stored_events().await, stored + 1);
    app.sandbox.carried(delivery.id, 200);
    app.until_idle().await;
    let thanks = app.thanks().await;
    assert_eq!(thanks.len(), 1);
    assert_eq!(thanks[0].status, RunStatus::Completed);
    // Later ones change nothing either.
    assert_eq!(app.carry(&delivery).await.body["duplicate"], true);
    app.until_idle().await;
    assert_eq!(app.thanks().await.len(), 1);
}

/// Delivers something that must be refused with this code, and checks that it left no trace.
async fn refused(app: &TestApp, signature: Option<&[u8]>, body: impl Into<bytes::Bytes>) -> Answer {
    let stored = app.stored_events().await;
    let answer = app.deliver(signature, body).await;
    assert_eq!(app.stored_events().await, stored, "something was stored: {answer:?}");
    assert_eq!(answer.body["success"], false);
    assert!(answer.body["error"]["docs"].is_string() && answer.body["error"]["requestId"].is_string());
    app.until_idle().await;
    assert!(app.thanks().await.is_empty());
    answer
}

#[tokio::test(start_paused = true)]
async fn what_stripe_did_not_sign_is_refused() {
    let (app, delivery) = paid().await;
    app.sandbox.carried(delivery.id, 200);
    let (good, body) = (delivery.signature.clone(), delivery.body.clone());
    let altered = body.replacen("1999", "2999", 1);
    assert_ne!(altered, body);
    let guessed =
        sign(&[Secret::new("whsec_guessed").unwrap()], body.as_bytes(), model::Clock::now(&*app.clock));
    let truncated = &good[..good.len() - 2];
    let cases: [(&str, Option<&[u8]>, &str); 8] = [
        ("no signature", None, &body),
        ("an empty signature", Some(b""), &body),
        ("the signature of another body", Some(good.as_bytes()), &altered),
        ("a truncated signature", Some(truncated.as_bytes()), &body),
        ("a signature by another secret", Some(guessed.as_bytes()), &body),
        ("a time without a signature", Some(b"t=1800000000"), &body),
        ("a signature without a time", good.split(',').nth(1).map(str::as_bytes), &body),
        ("a signature that is not text", Some(b"t=1800000000,v1=\xff\xfe"), &body),
    ];
    for (what, signature, body) in cases {
        let answer = refused(&app, signature, body.to_owned()).await;
        assert_eq!((answer.status, answer.code()), (400, "invalid_signature"), "{what}: {answer:?}");
    }
    assert_eq!(app.deliver(Some(good.as_bytes()), body).await.status, 200, "the true one is still welcome");
}

#[tokio::test(start_paused = true)]
async fn a_stale_signature_is_refused_and_says_how_old_it_is() {
    let (app, delivery) = paid().await;
    app.sandbox.carried(delivery.id, 200);
    tokio::time::sleep(Duration::from_secs(301)).await;
    let answer = refused(&app, Some(delivery.signature.as_bytes()), delivery.body).await;
    assert_eq!((answer.status, answer.code()), (400, "invalid_signature"));
    assert!(answer.message().contains("301"), "{}", answer.message());
}

#[tokio::test(start_paused = true)]
async fn a_signed_body_that_is_no_event_is_refused() {
    let app = TestApp::new().await;
    let source = app.app.sources.secrets(app.setup.company).await.unwrap();
    let secrets: Vec<_> = source.iter().map(|(_, secret)| secret.clone()).collect();
    let bodies: [&[u8]; 6] = [
        b"",
        b"{\"id\": \"evt_1\", \"object\": \"event\", \"type\": \"invoice.p\xff\xfe\"}",
        b"{\"id\": \"evt_1\", \"object\":",
        b"[]",
        b"null",
        b"{\"object\": \"event\"}",
    ];
    for body in bodies {
        let signature = sign(&secrets, body, model::Clock::now(&*app.clock));
        let answer = refused(&app, Some(signature.as_bytes()), body.to_vec()).await;
        let shown = String::from_utf8_lossy(body);
        assert_eq!((answer.status, answer.code()), (400, "validation_error"), "{shown}: {answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_over_the_limit_is_refused_before_anything_else() {
    let app = TestApp::new().await;
    let limit = app.app.server.body_bytes;
    let source = app.app.sources.secrets(app.setup.company).await.unwrap();
    let secrets: Vec<_> = source.iter().map(|(_, secret)| secret.clone()).collect();
    let body = vec![b' '; limit + 1];
    let signature = sign(&secrets, &body, model::Clock::now(&*app.clock));
    let answer = refused(&app, Some(signature.as_bytes()), body).await;
    assert_eq!((answer.status, answer.code()), (413, "payload_too_large"));
    assert!(answer.message().contains(&limit.to_string()), "it says how much fits: {}", answer.message());
}

#[tokio::test(start_paused = true)]
async fn an_event_of_another_mode_is_refused() {
    let (app, delivery) = paid().await;
    app.sandbox.carried(delivery.id, 200);
    let source = app.app.sources.secrets(app.setup.company).await.unwrap();
    let secrets: Vec<_> = source.iter().map(|(_, secret)| secret.clone()).collect();
    let mut event: serde_json::Value = serde_json::from_str(&delivery.body).unwrap();
    event["livemode"] = true.into();
    let body = event.to_string();
    let signature = sign(&secrets, body.as_bytes(), model::Clock::now(&*app.clock));
    let answer = refused(&app, Some(signature.as_bytes()), body).await;
    assert_eq!((answer.status, answer.code()), (400, "invalid_signature"));
}

#[tokio::test(start_paused = true)]
async fn a_delivery_to_nobody_is_refused() {
    let (app, delivery) = paid().await;
    let nobody = "co_01890000000070008000000000000001".parse().unwrap();
    let signature = delivery.signature.as_bytes();
    let answer = bursar_it::http::deliver(&app.router, nobody, Some(signature), delivery.body.clone()).await;
    // As one that nobody signed: who asks learns nothing of which companies there are.
    assert_eq!((answer.status, answer.code()), (400, "invalid_signature"));
}
