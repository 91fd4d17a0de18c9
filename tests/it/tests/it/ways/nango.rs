//! Nango's whole flow through calls: from the link to the end, what one call does at
//! Stripe counted in the sandbox's journal.

use std::time::Duration;

use http::Method;
use model::IdempotencyKey;
use sandbox::{JournalEntry, Ran};
use serde_json::{Value, json};

use super::{How, World};

/// An hour at Stripe, in which a token of Stripe Apps runs out there.
const HOUR_MS: i64 = 3_600_000;
const CUSTOMER: &str = "stripe.createCustomer";

fn ada() -> Value {
    json!({ "email": "ada@example.com" })
}

/// The requests to Stripe that would make a customer, from the n-th of the journal on.
fn customers(world: &World, from: usize) -> Vec<JournalEntry> {
    let made = |entry: &JournalEntry| entry.method == "POST" && entry.path == "/v1/customers";
    world.stripe.journal().split_off(from).into_iter().filter(made).collect()
}

/// What Nango was asked since.
fn asked(world: &World, from: usize) -> Vec<String> {
    let words = |asked: String| asked.split('/').take(2).collect::<Vec<_>>().join("/");
    world.nango.requests().split_off(from).into_iter().map(words).collect()
}

/// Connects an app through Nango, found by its webhook or by looking.
async fn connected(told: bool, provider: &'static str) -> (World, stripe::Credential, Value) {
    let world = World::new().await;
    let how = How::Nango(provider);
    let owner = world.account(how).await;
    let link = json!({ "via": "nango", "name": "main", "mode": "local", "integration": provider });
    let link = world.link(link).await;
    world.open_at_nango(&link, provider, &owner).await;
    assert_eq!(world.show("main").await["status"], "pending", "nobody has told and nobody has looked");
    if told {
        assert_eq!(world.hand_on().await, 1);
    } else {
        assert_eq!(world.app.connections.look_for_authorized().await, 1);
    }
    let row = world.show("main").await;
    assert_eq!(row["status"], "active", "{row:#}");
    (world, owner, row)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_token_ran_out_at_stripe_is_repeated_as_it_was_with_a_renewed_one() {
    for told in [true, false] {
        for provider in ["stripe-app", "stripe-app-sandbox"] {
            let (world, owner, _) = connected(told, provider).await;
            let first = world.call("main", CUSTOMER, "the first", &ada()).await;
            assert_eq!(first.status, 200, "{:#}", first.body);
            let (journal, before) = (world.stripe.journal().len(), world.nango.requests().len());
            let exchanges = world.stripe.oauth().exchanges().len();
            world.sent.take();

            // At Stripe the token has ended; neither Nango nor Bursar knows.
            world.stripe.advance_ms(HOUR_MS + 1).await;
            let second = world.call("main", CUSTOMER, "the second", &ada()).await;
            assert_eq!(second.status, 200, "{:#}", second.body);

            let tried = customers(&world, journal);
            let tries: Vec<_> = tried.iter().map(|entry| (entry.status, entry.ran)).collect();
            assert_eq!(tries, [(401, Ran::Refused), (200, Ran::Executed)], "{provider}");
            assert!(tried[0].key.is_some() && tried[0].key == tried[1].key, "{tried:#?}");
            let key = IdempotencyKey::from_text(tried[0].key.clone().unwrap());
            assert_eq!(world.stripe.executions(&key), 1);
            let bytes = world.sent.take();
            assert!(bytes.len() == 2 && bytes[0] == bytes[1], "the same bytes, twice");
            // First plainly, then by force, and what Stripe gave is the only renewal.
            assert_eq!(asked(&world, before), ["GET /connections", "GET /connections"]);
            let renewed: Vec<_> = world.stripe.oauth().exchanges().split_off(exchanges);
            let renewed: Vec<_> =
                renewed.iter().map(|one| (one.grant_type.as_str(), one.outcome.as_str())).collect();
            assert_eq!(renewed, [("refresh_token", "granted")]);
            assert_eq!(world.stripe.oauth().objects(&owner.account, "customer").len(), 2);

            // The same call once more is answered from what is known.
            let again = world.call("main", CUSTOMER, "the second", &ada()).await;
            assert_eq!(again.body["data"], second.body["data"]);
            assert_eq!(customers(&world, journal).len(), 2);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_and_an_ended_token_together_make_one_object() {
    let (world, owner, _) = connected(true, "stripe-app").await;
    assert_eq!(world.call("main", CUSTOMER, "the first", &ada()).await.status, 200);
    let journal = world.stripe.journal().len();
    world.stripe.advance_ms(HOUR_MS + 1).await;
    // Of a request that a fault meets, Stripe has looked at the token before.
    world.stripe.fault_at(sandbox::Fault::LostAnswer, 1, Some("POST"), Some("/v1/customers"));
    let answer = world.call("main", CUSTOMER, "the second", &ada()).await;
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    let tried = customers(&world, journal);
    let ran: Vec<_> = tried.iter().map(|entry| entry.ran).collect();
    assert_eq!(ran, [Ran::Refused, Ran::Executed, Ran::Replayed], "{tried:#?}");
    assert!(tried.iter().all(|entry| entry.key == tried[0].key), "{tried:#?}");
    assert_eq!(world.stripe.oauth().objects(&owner.account, "customer").len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_owner_took_back_at_stripe_ends_with_words_and_without_an_effect() {
    for provider in ["stripe", "stripe-express", "stripe-app"] {
        let (world, owner, row) = connected(false, provider).await;
        assert_eq!(world.call("main", CUSTOMER, "the first", &ada()).await.status, 200);
        assert!(world.stripe.oauth().revoke(&owner.account).await);
        let journal = world.stripe.journal().len();
        let refused = world.call("main", CUSTOMER, "the second", &ada()).await;
        assert_ne!(refused.status, 200, "{provider}: {:#}", refused.body);
        assert!(!refused.message().is_empty());
        let tried = customers(&world, journal);
        assert!(tried.iter().all(|entry| entry.ran == Ran::Refused), "{provider}: {tried:#?}");
        assert_eq!(world.stripe.oauth().objects(&owner.account, "customer").len(), 1, "{provider}");
        let now = world.show("main").await;
        assert_eq!(now["id"], row["id"]);
        assert_ne!(now["status"], "active", "{provider}: {now:#}");
        assert!(now["error"]["message"].is_string(), "{provider}: {now:#}");

        // The owner consents again: the id stays, and the call that failed can be made.
        let link = world.link(json!({ "reconnect": "main" })).await;
        world.open_at_nango(&link, provider, &owner).await;
        world.hand_on().await;
        let now = world.show("main").await;
        assert_eq!((&now["id"], &now["status"]), (&row["id"], &json!("active")), "{provider}: {now:#}");
        let third = world.call("main", CUSTOMER, "the third", &ada()).await;
        assert_eq!(third.status, 200, "{provider}: {:#}", third.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_given_up_is_gone_at_nango_and_sends_nothing_more() {
    for (provider, _) in ::nango::PROVIDERS {
        let (world, _, row) = connected(true, provider).await;
        assert_eq!(world.call("main", CUSTOMER, "the first", &ada()).await.status, 200);
        let ended = world.ask(Method::DELETE, "/api/v1/connections/main", None, Value::Null).await;
        assert_eq!(ended.body["meta"]["provider"]["told"], true, "{provider}: {:#}", ended.body);
        let there = row["details"]["connectionId"].as_str().unwrap();
        let path = format!("/connections/{there}?provider_config_key={provider}");
        let asked = http::Request::get(path).header("authorization", format!("Bearer {}", ::nango::KEY));
        let gone = world.nango.answer(asked.body(bytes::Bytes::new()).unwrap()).await;
        assert_eq!(gone.status(), 404, "{provider}");
        let journal = world.stripe.journal().len();
        let refused = world.call("main", CUSTOMER, "the second", &ada()).await;
        assert_eq!(refused.code(), "connection_required", "{provider}: {:#}", refused.body);
        assert_eq!(world.stripe.journal().len(), journal, "{provider}: nothing was sent to Stripe");
        // An old hint does not bring it back.
        world.hand_on().await;
        assert_eq!(world.app.connections.look_for_authorized().await, 0);
        assert_eq!(world.show("main").await["status"], "disconnected", "{provider}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_credential_is_fetched_once_for_calls_within_five_minutes() {
    let (world, _, _) = connected(false, "stripe").await;
    let before = world.nango.requests().len();
    for n in 0..10 {
        assert_eq!(world.call("main", CUSTOMER, &format!("call {n}"), &ada()).await.status, 200);
    }
    assert_eq!(asked(&world, before), ["GET /connections"]);
    super::world::after(&world.clock, Duration::from_secs(301).as_secs().cast_signed());
    assert_eq!(world.call("main", CUSTOMER, "later", &ada()).await.status, 200);
    assert_eq!(asked(&world, before).len(), 2);
}
