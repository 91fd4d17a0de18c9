//! Secrets planted in every slot, everything done with them that can be done, and then
//! every log, answer, file and word searched for them.
//!
//! What Stripe hands out is caught on the wire by a tap, so a slot that nobody thought of
//! is searched for, too. A secret may stand in the one answer that is made to show it.

mod scene;
mod search;
mod tap;

use serde_json::{Value, json};

use self::scene::Scene;
use crate::binary::PATIENCE;

/// Keys that nobody has, in places where keys are given.
const REFUSED: &str = "sk_test_oauth_canaryRefusedByStripe0000001";
const LIVE: &str = "sk_live_canaryOfAnotherMode000000002";
const PUBLISHABLE: &str = "pk_test_canaryThatIsNoSecret00000003";
const BROKEN: &str = "sk_test_canary with a space 00000004";
/// In metadata, where people put what they should not.
const METADATA: &str = "sk_live_canaryInMetadata000000000005";
/// Nobody handed these out.
const CODE: &str = "ac_canaryOfNobody0000000000000000006";
const STATE: &str = "canaryStateOfNobody00000000000000000007";
const BURSARS: &str = "bsk_canaryOfNobody0000000000000000008";
const HOOK: &str = "whsec_canaryOfASource000000000000009";
/// Not one of Stripe's test numbers.
const CARD: &str = "4111111111111111";

const WORKFLOW: &str = "name: Take money\nkey: take-money\ntrigger: { type: api }\nsteps:\n\
    \x20 - id: intent\n    action: stripe.createPaymentIntent\n    config: { amount: 1999, currency: usd }\n\
    \x20 - id: look\n    action: stripe.getPaymentIntent\n    \
    config: { paymentIntentId: \"{{ steps.intent.output.id }}\" }\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_anywhere_but_in_the_answer_that_shows_it() {
    let folder = tempfile::tempdir().expect("as the scene was set");
    let mut scene = Scene::new(folder.path()).await;
    connect(&mut scene).await;
    act(&mut scene).await;
    fail(&mut scene).await;
    look_at_everything(&mut scene).await;
    let (places, planted) = scene.end().await;
    for kind in ["sk_test_", "rt_", "ac_", "whsec_", "bsk_", "_secret_"] {
        assert!(planted.keys().any(|secret| secret.contains(kind)), "no secret of the kind {kind}");
    }
    let wal = places.names().any(|name| name.starts_with("file ") && name.ends_with("-wal"));
    assert!(
        wal,
        "the database's files: {:?}",
        places.names().filter(|name| name.starts_with("file")).collect::<Vec<_>>()
    );
    let (count, bytes) = places.len();
    println!("{} secrets, {count} places, {bytes} bytes", planted.len());
    assert!(places.holds("the log", b"TRACE"), "the log has everything in it");
    let mut leaks = Vec::new();
    for (secret, allowed) in &planted {
        let may = |place: &str| allowed.iter().any(|part| place.contains(part));
        let (shown, leaked): (Vec<_>, Vec<_>) =
            places.of(secret).into_iter().partition(|(place, _)| may(place));
        // Where it may stand it does, so that the search is known to find it.
        assert_eq!(shown.is_empty(), allowed.is_empty(), "{secret} in {allowed:?}");
        leaks.extend(leaked.into_iter().map(|(place, form)| format!("{secret} as {form} in: {place}")));
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

/// Every way of connecting, and every key that is refused.
async fn connect(scene: &mut Scene) {
    let stripe = scene.stripe.clone();
    let key = scene.sandbox.ready["secretKey"].as_str().expect("as the scene was set").to_owned();
    scene.plant(&key, &[]);
    let add = ["connections", "add", "keyed", "--mode", "local", "--base-url", &stripe];
    assert_eq!(scene.json(&format!("{key}\n"), &add).await["success"], true);
    for bad in [REFUSED, LIVE, PUBLISHABLE, BROKEN] {
        scene.plant(bad, &[]);
        let add = ["connections", "add", "refused", "--mode", "local", "--base-url", &stripe];
        assert_eq!(scene.json(&format!("{bad}\n"), &add).await["success"], false, "{bad}");
        let body = json!({ "name": "refused", "apiKey": bad, "mode": "local", "baseUrl": stripe });
        assert_eq!(
            scene.http("POST", "/api/v1/connections", "c", Some(body)).await["success"],
            false,
            "{bad}"
        );
        let body = json!({ "name": bad, "apikey": bad });
        scene.http("POST", "/api/v1/connections", "c", Some(body)).await;
    }
    authorize(scene).await;
    scene.import_at_nango("theirs", &key).await;
    let import =
        ["connections", "import", "by-nango", "theirs", "--integration", "stripe-api-key", "--mode", "local"];
    let imported = scene.json("", &import).await;
    assert_eq!(imported["success"], true, "{imported}");
    scene.both(&["call", "stripe.getBalance", "--connection", "by-nango"]).await;
    let made = scene.json("", &["keys", "add", "reader", "--scope", "runs:read"]).await;
    scene.plant(made["data"]["key"].as_str().expect("as the scene was set"), &["$ --json keys add"]);
    let file = std::fs::read_to_string(scene.data.join("server.json")).expect("as the scene was set");
    let file: Value = serde_json::from_str(&file).expect("as the scene was set");
    scene.plant(file["key"].as_str().expect("as the scene was set"), &["file server.json"]);
}

/// A Stripe App, by its link; and links that lead nowhere.
async fn authorize(scene: &mut Scene) {
    let asked = ["connections", "auth-url", "app", "--via", "app", "--mode", "local"];
    let link = scene.json("", &asked).await;
    let url = link["data"]["authUrl"].as_str().unwrap_or_else(|| panic!("{link}"));
    let state = url
        .split_once("state=")
        .expect("as the scene was set")
        .1
        .split('&')
        .next()
        .expect("as the scene was set")
        .to_owned();
    scene.plant(&state, &["$ --json connections auth-url"]);
    let account = scene.steer("/oauth/accounts", json!({ "name": "Ada" })).await["id"].clone();
    let consent = scene.steer("/oauth/authorize", json!({ "client": "app", "account": account })).await;
    let code = consent["code"].as_str().expect("as the scene was set").to_owned();
    scene.plant(&code, &[]);
    let back = format!("/api/v1/connections/callback?state={state}&code={code}");
    let connected = scene.http("GET", &back, "k", None).await;
    assert_eq!(connected["data"]["status"], "active", "{connected}");
    scene.http("GET", &back, "k", None).await;
    for secret in [CODE, STATE] {
        scene.plant(secret, &[]);
    }
    scene.http("GET", &format!("/api/v1/connections/callback?state={STATE}&code={CODE}"), "k", None).await;
    let link = scene
        .http(
            "POST",
            "/api/v1/connections/stripe/authorize",
            "k",
            Some(json!({
        "via": "app", "mode": "local", "name": "nobodys" })),
        )
        .await;
    let url = link["data"]["authUrl"].as_str().unwrap_or_else(|| panic!("{link}"));
    let state = url
        .split_once("state=")
        .expect("as the scene was set")
        .1
        .split('&')
        .next()
        .expect("as the scene was set")
        .to_owned();
    scene.plant(&state, &["answer of /api/v1/connections/stripe/authorize"]);
    let refused = format!("/api/v1/connections/callback?state={state}&code={CODE}");
    assert_eq!(scene.http("GET", &refused, "k", None).await["success"], false);
}

/// Calls, runs and events that carry secrets.
async fn act(scene: &mut Scene) {
    let pay =
        ["call", "stripe.createPaymentIntent", "--amount", "1999", "--currency", "usd", "--key", "pay-1"];
    let paid = scene.json("", &pay).await;
    let secret = paid["data"]["client_secret"].as_str().unwrap_or_else(|| panic!("{paid}")).to_owned();
    scene.plant(&secret, &["$ --json call stripe.createPaymentIntent"]);
    let declined = json!({ "config": { "amount": 1999, "currency": "usd", "confirm": true,
        "paymentMethod": "pm_card_visa_chargeDeclined", "returnUrl": "https://example.com" } });
    let refused =
        scene.http("POST", "/api/v1/actions/stripe.createPaymentIntent", "pay-2", Some(declined)).await;
    assert_eq!(refused["error"]["code"], "card_declined", "{refused}");
    let left = &refused["error"]["stripe"]["payment_intent"]["client_secret"];
    scene.plant(
        left.as_str().expect("as the scene was set"),
        &["answer of /api/v1/actions/stripe.createPaymentIntent"],
    );
    let calls = scene.http("GET", "/api/v1/calls?key=pay-1", "k", None).await;
    let call = calls["data"][0]["id"].as_str().expect("as the scene was set").to_owned();
    scene.http("GET", &format!("/api/v1/calls/{call}"), "k", None).await;
    scene.http("GET", "/api/v1/calls?key=pay-2", "k", None).await;

    // Whoever wrote it there gets it back; nothing that is kept or told elsewhere has it.
    scene.plant(METADATA, &["$ --json call stripe.createCustomer"]);
    let metadata = format!("--metadata.note={METADATA}");
    let customer = scene.json("", &["call", "stripe.createCustomer", &metadata, "--key", "note-1"]).await;
    assert_eq!(customer["success"], true, "{customer}");

    let file = scene.data.with_extension("workflow.yaml");
    std::fs::write(&file, WORKFLOW).expect("as the scene was set");
    let pushed = scene.json("", &["workflows", "push", "--activate", crate::binary::text(&file)]).await;
    assert_eq!(pushed["success"], true, "{pushed}");
    let run = scene
        .http("POST", "/api/v1/workflows/take-money/run", "run-1", Some(json!({ "mode": "sync" })))
        .await;
    assert_eq!(run["data"]["status"], "completed", "{run}");
    scene.both(&["runs", "show", run["data"]["runId"].as_str().expect("as the scene was set")]).await;
    let source = ["sources", "add", "we_canary", "--connection", "keyed"];
    scene.plant(HOOK, &[]);
    scene.json(&format!("{HOOK}\n"), &source).await;
    events(scene).await;
}

/// Until the events of the payments have arrived; then each is shown.
async fn events(scene: &mut Scene) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let list = "/api/v1/events?type=payment_intent.created&limit=100";
    loop {
        let events = scene.http("GET", list, "k", None).await;
        let events = events["data"].as_array().cloned().unwrap_or_default();
        if events.len() >= 3 {
            for event in events {
                scene.both(&["events", "show", event["id"].as_str().expect("as the scene was set")]).await;
            }
            return;
        }
        assert!(tokio::time::Instant::now() < deadline, "{} events arrived", events.len());
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// What is refused, runs out and breaks.
async fn fail(scene: &mut Scene) {
    scene.plant(CARD, &[]);
    let card =
        json!({ "type": "card", "card": { "number": CARD, "exp_month": 1, "exp_year": 2030, "cvc": "987" } });
    let body = json!({ "config": { "operation": "paymentMethods.create", "params": card } });
    let refused = scene.http("POST", "/api/v1/actions/stripe.request", "card-1", Some(body)).await;
    assert_eq!(refused["error"]["field"], "config.card.number", "{refused}");
    scene.plant(BURSARS, &[]);
    let url = scene.server.url();
    let answer = crate::binary::client().get(format!("{url}/api/v1/runs")).header("x-api-key", BURSARS);
    let answer = answer.send().await.expect("as the scene was set");
    assert_eq!(answer.status(), 401);
    let told = answer.text().await.expect("as the scene was set");
    scene.places.add("answer of /api/v1/runs", told.as_bytes());
    // The token runs out at Stripe, and the answer with the next pair is lost.
    scene.steer("/clock", json!({ "advance_ms": 61 * 60 * 1000 })).await;
    scene.steer("/faults", json!({ "fault": "lost_answer", "next": 1, "path": "/v1/oauth/token" })).await;
    let call = ["call", "stripe.getBalance", "--connection", "app"];
    let expired = scene.json("", &call).await;
    assert_eq!(expired["error"]["code"], "connection_expired", "{expired}");
    scene.both(&call).await;
    scene.both(&["connections", "show", "app"]).await;
}

/// Every command that shows something, and the settings.
async fn look_at_everything(scene: &mut Scene) {
    for command in [
        &["--print-config", "doctor"][..],
        &["doctor"],
        &["audit"],
        &["keys", "list"],
        &["companies", "list"],
        &["vault", "show"],
        &["connections", "list"],
        &["connections", "show", "keyed"],
        &["connections", "show", "by-nango"],
        &["connections", "test", "keyed"],
        &["sources", "list"],
        &["events", "list"],
        &["runs", "list"],
        &["workflows", "list"],
        &["workflows", "show", "take-money"],
        &["vault", "rotate"],
    ] {
        scene.both(command).await;
    }
    for path in ["/health", "/ready", "/api/v1/connections", "/api/v1/sources", "/api/v1/runs", "/nowhere"] {
        scene.http("GET", path, "k", None).await;
    }
    for path in ["events", "audit", "keys"] {
        scene.http("GET", &format!("/api/v1/{path}?limit=100"), "k", None).await;
    }
}
