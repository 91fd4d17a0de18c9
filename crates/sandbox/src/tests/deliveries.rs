//! Webhook deliveries, carried by hand and over sockets.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use model::{Clock, SystemClock};
use serde_json::{Value, json};
use stripe::signature::{self, Secret, TOLERANCE};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::client::*;
use crate::Watched;

fn nowhere() -> url::Url {
    "http://127.0.0.1:1/hook".parse().unwrap()
}

#[tokio::test]
async fn a_failed_delivery_comes_again_after_1_2_5_10_then_every_30_seconds() {
    let (sandbox, clock) = quiet(1).await;
    sandbox.deliver_to(nowhere(), &["customer.created"]).await;
    post(&sandbox, "/v1/customers", json!({})).await.ok();
    let mut bodies = Vec::new();
    for (attempt, wait) in [1, 2, 5, 10, 30, 30, 30].into_iter().enumerate() {
        let due = sandbox.due_deliveries();
        assert_eq!((due.len(), due[0].attempt as usize), (1, attempt));
        bodies.push(due[0].body.clone());
        // A redirect is a failure like any other.
        sandbox.carried(due[0].id, [0, 500, 302][attempt % 3]);
        clock.advance_ms(wait * 1000 - 1);
        assert!(sandbox.due_deliveries().is_empty(), "not before {wait} s");
        clock.advance_ms(1);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "the same bytes in every attempt");
    let event: Value = serde_json::from_str(&bodies[0]).unwrap();
    assert_eq!(event["pending_webhooks"], 1);
    let path = format!("/v1/events/{}", id(&event));
    assert_eq!(get(&sandbox, &path).await.ok()["pending_webhooks"], 1);
    sandbox.carried(sandbox.due_deliveries()[0].id, 204);
    assert_eq!(
        (sandbox.open_deliveries(), get(&sandbox, &path).await.ok()["pending_webhooks"].clone()),
        (0, json!(0))
    );
}

#[tokio::test]
async fn an_endpoint_is_given_up_after_three_days() {
    let (sandbox, _) = quiet(2).await;
    sandbox.deliver_to(nowhere(), &["*"]).await;
    post(&sandbox, "/v1/customers", json!({})).await.ok();
    sandbox.advance_ms(crate::deliveries::GIVE_UP_MS - 1).await;
    sandbox.carried(sandbox.due_deliveries()[0].id, 500);
    assert_eq!(sandbox.open_deliveries(), 1);
    sandbox.advance_ms(30_000).await;
    sandbox.carried(sandbox.due_deliveries()[0].id, 500);
    assert_eq!(sandbox.open_deliveries(), 0);
}

#[tokio::test]
async fn a_signature_carries_the_time_of_sending_and_verifies() {
    let (sandbox, clock) = quiet(3).await;
    let hook = sandbox.deliver_to(nowhere(), &["customer.*"]).await;
    // The sandbox's own clock runs a month ahead; signatures do not.
    sandbox.advance_ms(30 * 86_400_000).await;
    post(&sandbox, "/v1/customers", json!({})).await.ok();
    let secret = [Secret::new(&hook.secret).unwrap()];
    let first = sandbox.due_deliveries().remove(0);
    let check = |d: &crate::Delivery| {
        signature::verify(d.signature.as_bytes(), d.body.as_bytes(), &secret, clock.now(), TOLERANCE)
    };
    check(&first).unwrap();
    sandbox.carried(first.id, 500);
    clock.advance_ms(1_000);
    let second = sandbox.due_deliveries().remove(0);
    check(&second).unwrap();
    assert_ne!(first.signature, second.signature);
    let forged = first.body.replace("customer", "costumer");
    assert!(
        signature::verify(first.signature.as_bytes(), forged.as_bytes(), &secret, clock.now(), TOLERANCE)
            .is_err()
    );
}

#[tokio::test]
async fn only_enabled_endpoints_that_asked_get_an_event() {
    let (sandbox, _) = quiet(4).await;
    let wants = sandbox.deliver_to(nowhere(), &["customer.created"]).await;
    sandbox.deliver_to(nowhere(), &["invoice.paid"]).await;
    let all = sandbox.deliver_to(nowhere(), &["*"]).await;
    post(&sandbox, "/v1/customers", json!({})).await.ok();
    assert_eq!(sandbox.open_deliveries(), 2);
    post(&sandbox, &format!("/v1/webhook_endpoints/{}", all.id), json!({"disabled": true})).await.ok();
    delete(&sandbox, &format!("/v1/webhook_endpoints/{}", wants.id)).await.ok();
    assert!(sandbox.due_deliveries().is_empty());
    assert_eq!(sandbox.open_deliveries(), 0, "nobody is left to be told");
}

/// A receiver that answers each request by a function of its number.
struct Receiver {
    url: url::Url,
    got: Arc<Mutex<Vec<(String, String)>>>,
    most: Arc<AtomicUsize>,
}

async fn receiver(status: fn(usize) -> u16, hold: Duration) -> Receiver {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap()).parse().unwrap();
    let got = Arc::new(Mutex::new(Vec::new()));
    let most = Arc::new(AtomicUsize::new(0));
    let open = Arc::new(AtomicUsize::new(0));
    let (all, peak) = (Arc::clone(&got), Arc::clone(&most));
    tokio_util::task::TaskTracker::new().spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (all, peak, open) = (Arc::clone(&all), Arc::clone(&peak), Arc::clone(&open));
            tokio_util::task::TaskTracker::new().spawn(async move {
                let mut stream = stream;
                while let Some(one) = read(&mut stream).await {
                    peak.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::time::sleep(hold).await;
                    let number = {
                        let mut all = all.lock().unwrap();
                        all.push(one);
                        all.len()
                    };
                    let status = status(number);
                    let answer =
                        format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nlocation: /elsewhere\r\n\r\n");
                    open.fetch_sub(1, Ordering::SeqCst);
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            });
        }
    });
    Receiver { url, got, most }
}

/// One request's head and body.
async fn read(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|l| {
                l.to_ascii_lowercase().strip_prefix("content-length: ").map(|n| n.parse::<usize>().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                return Some((head.to_owned(), body.to_owned()));
            }
        }
        let mut more = [0; 4096];
        match stream.read(&mut more).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => bytes.extend_from_slice(&more[..n]),
        }
    }
}

#[tokio::test]
async fn over_sockets_a_delivery_is_repeated_until_a_2xx() {
    let sandbox = super::start().await;
    let receiver = receiver(|n| if n < 3 { [500, 302][n % 2] } else { 200 }, Duration::ZERO).await;
    let hook = sandbox.deliver_to(receiver.url.clone(), &["customer.created"]).await;
    post(&sandbox, "/v1/customers", json!({})).await.ok();
    tokio::time::timeout(Duration::from_secs(10), async {
        while sandbox.open_deliveries() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            // Retries follow the sandbox's clock.
            sandbox.advance_ms(500).await;
        }
    })
    .await
    .unwrap();
    let got = receiver.got.lock().unwrap().clone();
    assert_eq!(got.len(), 3);
    let secret = [Secret::new(&hook.secret).unwrap()];
    for (head, body) in &got {
        let header = |name: &str| {
            head.lines()
                .find_map(|l| l.split_once(": ").filter(|(n, _)| n.eq_ignore_ascii_case(name)))
                .unwrap()
                .1
        };
        assert_eq!(header("user-agent"), "Stripe/1.0 (+https://stripe.com/docs/webhooks)");
        assert_eq!(header("content-type"), "application/json; charset=utf-8");
        let signature = header("stripe-signature");
        signature::verify(signature.as_bytes(), body.as_bytes(), &secret, SystemClock.now(), TOLERANCE)
            .unwrap();
        assert!(body.starts_with("{\n  \"id\": \"evt_"));
    }
    assert_eq!(got[0].1, got[2].1);
}

#[tokio::test]
async fn at_most_eight_attempts_to_one_endpoint_are_under_way() {
    let sandbox = super::start().await;
    let receiver = receiver(|_| 200, Duration::from_millis(30)).await;
    sandbox.deliver_to(receiver.url.clone(), &["customer.created"]).await;
    for n in 0..30 {
        keyed(&sandbox, "/v1/customers", json!({}), &format!("key-{n}")).await.ok();
    }
    tokio::time::timeout(Duration::from_secs(20), sandbox.settle()).await.unwrap();
    assert_eq!(receiver.got.lock().unwrap().len(), 30);
    let most = receiver.most.load(Ordering::SeqCst);
    assert!((2..=8).contains(&most), "{most}");
}

#[tokio::test]
async fn open_deliveries_are_sent_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options =
        |listen| crate::Options { listen, data: Some(folder.path().to_owned()), ..crate::Options::default() };
    let receiver = receiver(|_| 200, Duration::ZERO).await;
    let first = Watched::open(options(None)).await.unwrap();
    first.deliver_to(receiver.url.clone(), &["*"]).await;
    post(&first, "/v1/customers", json!({})).await.ok();
    first.shutdown().await;
    let second = Watched::open(options(crate::Options::default().listen)).await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), second.settle()).await.unwrap();
    assert_eq!(receiver.got.lock().unwrap().len(), 1);
}
