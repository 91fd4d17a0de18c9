//! Whole lists on their whole way: of every action that lists, and a thousand objects
//! with everything that can go wrong in the middle.

use std::collections::BTreeSet;

use actions::{Action, Catalog};
use axum::body::{Body, BodyDataStream};
use bursar_it::{Fixtures, TestApp, surfaces::Surfaces};
use futures_util::StreamExt as _;
use http::{Method, Request};
use model::{IdempotencyKey, Mode};
use sandbox::{Fault, Sandbox};
use serde_json::{Value, json};
use stripe::{Attempt, Credential, Kind, PINNED, tables, tables::Type};
use tower::ServiceExt as _;

/// An answer's lines, taken a chunk at a time.
struct Listing(BodyDataStream);

impl Listing {
    async fn of(surfaces: &Surfaces, action: &str, config: &Value) -> Self {
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("/api/v1/actions/{action}"))
            .header("host", "127.0.0.1:7420")
            .header("x-api-key", &surfaces.api_key)
            .header("content-type", "application/json")
            .body(Body::from(json!({ "config": config }).to_string()));
        let answer = surfaces.app.router.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/x-ndjson", "{action} {config}");
        Self(answer.into_body().into_data_stream())
    }

    async fn chunk(&mut self) -> Option<Vec<Value>> {
        let chunk = self.0.next().await?.unwrap();
        Some(
            chunk
                .split(|b| *b == b'\n')
                .filter(|l| !l.is_empty())
                .map(|l| serde_json::from_slice(l).unwrap())
                .collect(),
        )
    }

    /// The objects, and the last line.
    async fn whole(mut self) -> (Vec<Value>, Value) {
        let mut lines = Vec::new();
        while let Some(chunk) = self.chunk().await {
            lines.extend(chunk);
        }
        let last = lines.pop().unwrap();
        (lines, last)
    }
}

/// Makes a customer at Stripe; its id.
async fn customer(sandbox: &Sandbox, name: &str) -> String {
    let operation = tables::operation("customers.create").unwrap();
    let request = stripe::Request {
        operation,
        path: operation.path.to_owned(),
        form: format!("name={name}").into_bytes().into(),
        version: PINNED,
        account: None,
        kind: Kind::Write(IdempotencyKey::from_text(format!("key of {name}"))),
    };
    let credential = Credential::new(sandbox.account(), Mode::Local, sandbox.secret_key());
    match sandbox.transport().attempt(&request, &credential).await {
        Attempt::Answered(answer) => answer.body["id"].as_str().unwrap().to_owned(),
        other => panic!("{other:?}"),
    }
}

fn lists(action: &Action) -> bool {
    matches!(action.operation.resolve().response, Type::List(_) | Type::SearchResult(_))
}

#[tokio::test(start_paused = true)]
async fn every_action_that_lists_gives_everything_and_no_other_takes_all() {
    for action in Catalog.all() {
        let surfaces = Surfaces::of(TestApp::new().await).await;
        let mut config = Fixtures::of(&surfaces.app.sandbox).fill(action).await;
        config["all"] = json!(true);
        if !lists(action) {
            let refused = surfaces.http(action.name, "k", &config).await;
            assert_eq!(
                (refused.code(), &refused.body["error"]["field"]),
                ("validation_error", &json!("config.all"))
            );
            assert!(refused.message().contains("lists nothing"), "{}: {}", action.name, refused.message());
            continue;
        }
        config["limit"] = json!(1);
        let (objects, last) = Listing::of(&surfaces, action.name, &config).await.whole().await;
        assert_eq!(
            last,
            json!({"success": true, "meta": {"count": objects.len(), "pages": objects.len().max(1)}}),
            "{}",
            action.name
        );
        config["all"] = json!(false);
        config["limit"] = json!(100);
        let page = surfaces.http(action.name, "k", &config).await;
        assert_eq!(page.body["data"]["data"], json!(objects), "{}", action.name);
    }
}

#[tokio::test(start_paused = true)]
async fn every_action_that_lists_has_the_limit_and_the_cursors_among_its_fields() {
    for action in Catalog.all().iter().filter(|action| lists(action)) {
        let operation = action.operation.resolve();
        for name in ["limit", "starting_after", "ending_before", "created", "status", "customer"] {
            let takes = operation.params.iter().any(|param| param.name == name);
            let curated = action.fields.iter().any(|field| field.stripe == name);
            assert_eq!(takes, curated, "{} and `{name}`", action.name);
        }
    }
}

/// What a seed does between two pages.
async fn meddle(app: &TestApp, rng: &mut fastrand::Rng, made: &mut usize) {
    for _ in 0..rng.usize(..3) {
        customer(&app.sandbox, &format!("meanwhile-{made}")).await;
        *made += 1;
    }
    let fault = match rng.u8(..8) {
        0 => Fault::RateLimited { reason: "global-rate".into() },
        1 => Fault::RateLimited { reason: "endpoint-concurrency".into() },
        2 => Fault::Stored500,
        3 => Fault::Reset,
        4 => Fault::LostAnswer,
        5 => Fault::Slow { ms: 2_000 },
        _ => return,
    };
    app.sandbox.fault_at(fault, rng.u32(1..3), Some("GET"), None);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_objects_come_once_each_whatever_goes_wrong_and_whatever_is_made_meanwhile() {
    let app = TestApp::new().await;
    let mut there = Vec::new();
    for n in 0..1_050 {
        there.push(customer(&app.sandbox, &n.to_string()).await);
    }
    let surfaces = Surfaces::of(app).await;
    let (app, mut made) = (&surfaces.app, 0);
    for seed in 0..6 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let backwards = seed % 2 == 1;
        let mut config = json!({"all": true, "limit": rng.u32(7..=100)});
        if backwards {
            config["endingBefore"] = json!(there[0]);
        }
        let before = app.sandbox.journal().iter().filter(|entry| entry.fault.is_some()).count();
        let mut listing = Listing::of(&surfaces, "stripe.listCustomers", &config).await;
        let mut lines = Vec::new();
        while let Some(chunk) = listing.chunk().await {
            lines.extend(chunk);
            // Backwards it follows what is made; it has to come to an end.
            if lines.len() < 900 {
                meddle(app, &mut rng, &mut made).await;
            }
        }
        assert_eq!(lines.pop().unwrap()["success"], json!(true), "seed {seed}");
        let ids: Vec<&str> = lines.iter().map(|line| line["id"].as_str().unwrap()).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "seed {seed}: one came twice");
        let old: BTreeSet<&str> = there.iter().map(String::as_str).collect();
        let old_ones: Vec<&str> = ids.into_iter().filter(|id| old.contains(id)).collect();
        let mut expected: Vec<&str> = there.iter().map(String::as_str).collect();
        if backwards {
            expected.remove(0);
        } else {
            expected.reverse();
        }
        assert_eq!(old_ones, expected, "seed {seed}");
        let met = app.sandbox.journal().iter().filter(|entry| entry.fault.is_some()).count() - before;
        assert!(met > 0, "seed {seed} met no fault");
    }
}
