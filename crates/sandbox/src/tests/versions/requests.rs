//! Routes, parameters and refusals by the request's version.

use serde_json::{Value, json};
use stripe::{Method, PINNED, Version};

use super::{Client, account_of, named, releases, world::world};
use crate::{
    tests::{
        client::{id, quiet},
        subscribing::{DAY_MS, payer, price, to},
    },
    wire::{self, Heads, Incoming, Outgoing},
};

/// A request as from a socket, under headers of its own.
async fn raw(sandbox: &crate::Sandbox, heads: Heads, method: &str, path: &str, body: &str) -> wire::Reply {
    let authorization = Some(format!("Bearer {}", sandbox.secret_key()));
    let incoming = Incoming {
        method: method.into(),
        path: path.into(),
        body: body.to_owned().into(),
        heads: Heads { authorization, ..heads },
        ..Incoming::default()
    };
    match sandbox.raw(incoming).await {
        Outgoing::Answer(reply) => reply,
        other => panic!("no answer: {other:?}"),
    }
}

fn header<'a>(reply: &'a wire::Reply, name: &str) -> Option<&'a str> {
    reply.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
}

#[tokio::test]
async fn what_is_gone_is_found_in_its_release_and_no_later() {
    let (sandbox, _) = quiet(61).await;
    for version in releases() {
        let upcoming = Client::of(&sandbox, version).get("/v1/invoices/upcoming").await;
        if version.name() == "acacia" {
            let refused = upcoming.error(400);
            let message = refused["message"].as_str().unwrap();
            assert!(message.starts_with("The sandbox does not do GET /v1/invoices/upcoming"), "{message}");
        } else {
            assert_eq!(upcoming.error(404)["message"], "No such invoice: 'upcoming'", "{version}");
        }
    }
}

#[tokio::test]
async fn an_older_parameter_is_executed_or_refused_in_its_own_name() {
    let (sandbox, _) = quiet(62).await;
    let old = Client::of(&sandbox, named("acacia"));
    let made = world(&old).await;
    let item = |more: Value| {
        let mut params = json!({"customer": made.customer});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    let by_price = old.post("/v1/invoiceitems", item(json!({"price": made.one_time_price}))).await.ok();
    assert_eq!((&by_price["price"]["id"], &by_price["amount"]), (&json!(made.one_time_price), &json!(4200)));
    assert_eq!(by_price["unit_amount"], 4200);
    let by_unit = item(json!({"unit_amount": 125, "quantity": 3, "currency": "usd"}));
    let by_unit = old.post("/v1/invoiceitems", by_unit).await.ok();
    assert_eq!((&by_unit["amount"], &by_unit["unit_amount_decimal"]), (&json!(375), &json!("125")));
    let unknown = old.post("/v1/invoiceitems", item(json!({"price": "price_none"}))).await.error(400);
    assert_eq!((&unknown["param"], &unknown["code"]), (&json!("price"), &json!("resource_missing")));
    let both = item(json!({"price": made.one_time_price, "amount": 1, "currency": "usd"}));
    let both = old.post("/v1/invoiceitems", both).await.error(400);
    assert_eq!(both["message"], "You may only specify one of these parameters: amount, price.");
    let twice = item(json!({"unit_amount": 1, "unit_amount_decimal": "1", "currency": "usd"}));
    assert_eq!(old.post("/v1/invoiceitems", twice).await.error(400)["code"], "parameters_exclusive");

    let later = Client::of(&sandbox, named("basil"));
    let gone = later.post("/v1/invoiceitems", item(json!({"price": made.one_time_price}))).await.error(400);
    assert_eq!((&gone["code"], &gone["param"]), (&json!("parameter_unknown"), &json!("price")));

    let coupon = old.post("/v1/customers", json!({"coupon": "TEN"})).await.error(400);
    assert_eq!((&coupon["code"], &coupon["param"]), (&json!("resource_missing"), &json!("coupon")));
    let unknown = later.post("/v1/customers", json!({"coupon": "TEN"})).await.error(400);
    assert_eq!(unknown["code"], "parameter_unknown");
}

#[tokio::test]
async fn payment_method_types_are_written_until_endive() {
    let (sandbox, _) = quiet(63).await;
    let params = json!({"amount": 4200, "currency": "usd", "payment_method_types": ["card"]});
    for version in releases() {
        let client = Client::of(&sandbox, version);
        let made = client.post("/v1/payment_intents", params.clone()).await;
        if client.is_older() {
            assert_eq!(made.ok()["payment_method_types"], json!(["card"]), "{version}");
        } else {
            assert_eq!(made.error(400)["code"], "payment_method_types_no_longer_supported");
        }
    }
}

#[tokio::test]
async fn a_subscription_is_classic_until_clover_unless_it_is_asked_otherwise() {
    for version in releases() {
        let (sandbox, _) = quiet(64).await;
        let (client, newest) = (Client::of(&sandbox, version), Client::of(&sandbox, PINNED));
        let made = world(&client).await;
        let path = format!("/v1/subscriptions/{}", made.subscription);
        let mode = newest.get(&path).await.ok()["billing_mode"]["type"].clone();
        let classic = ["acacia", "basil"].contains(&version.name());
        assert_eq!(mode, if classic { "classic" } else { "flexible" }, "{version}");
        let shown = client.get(&path).await.ok();
        match version.name() {
            "acacia" => assert!(shown.get("billing_mode").is_none()),
            "basil" => assert_eq!(shown["billing_mode"], json!({"type": "classic"})),
            _ => assert_eq!(shown["billing_mode"]["flexible"]["proration_discounts"], "included"),
        }
    }
}

#[tokio::test]
async fn classic_billing_credits_what_an_item_costs_and_flexible_what_was_billed() {
    for (release, credit) in [("basil", -1500), ("clover", -500)] {
        let (sandbox, _) = quiet(59).await;
        let client = Client::of(&sandbox, named(release));
        let (customer, _) = payer(&sandbox, "pm_card_visa").await;
        let gold = price(&sandbox, "Gold", 1000, "month").await;
        let made = client.post("/v1/subscriptions", to(&customer, &gold, json!({}))).await.ok();
        sandbox.advance_ms(15 * DAY_MS).await;
        let path = format!("/v1/subscriptions/{}", id(&made));
        for (quantity, behavior) in [(3, "none"), (1, "create_prorations")] {
            let item = json!({"id": made["items"]["data"][0]["id"], "quantity": quantity});
            let change = json!({"items": [item], "proration_behavior": behavior});
            client.post(&path, change).await.ok();
        }
        let pending = sandbox.objects("invoiceitem");
        let amounts: Vec<&Value> = pending.iter().map(|item| &item["amount"]).collect();
        assert_eq!(amounts, [&json!(credit), &json!(500)], "{release}");
    }
}

#[tokio::test]
async fn classic_billing_has_twenty_items_of_one_interval() {
    let (sandbox, _) = quiet(60).await;
    let (old, newest) = (Client::of(&sandbox, named("basil")), Client::of(&sandbox, PINNED));
    let (customer, _) = payer(&sandbox, "pm_card_visa").await;
    let (gold, silver) = (price(&sandbox, "G", 9, "month").await, price(&sandbox, "S", 9, "year").await);
    let of = |price: &str, many: usize| {
        let items: Vec<Value> = std::iter::repeat_n(json!({ "price": price }), many).collect();
        json!({"customer": customer, "items": items})
    };
    let path = "/v1/subscriptions";
    assert_eq!(old.post(path, of(&gold, 21)).await.error(400)["param"], "items");
    newest.post(path, of(&gold, 21)).await.ok();
    assert_eq!(newest.post(path, of(&gold, 101)).await.error(400)["param"], "items");
    let made = old.post(path, of(&gold, 20)).await.ok();
    let other = json!({"items": [{"id": made["items"]["data"][0]["id"], "price": silver}]});
    let refused = old.post(&format!("{path}/{}", id(&made)), other).await.error(400);
    assert!(refused["message"].as_str().unwrap().contains("classic billing mode"), "{refused}");
}

#[tokio::test]
async fn a_metered_price_is_refused_by_the_word_that_only_acacia_has() {
    let (sandbox, _) = quiet(58).await;
    let params = json!({"currency": "usd", "unit_amount": 5, "product_data": {"name": "Calls"},
                        "recurring": {"interval": "month", "aggregate_usage": "sum"}});
    let old = Client::of(&sandbox, named("acacia")).post("/v1/prices", params.clone()).await.error(400);
    assert_eq!(old["param"], "recurring[aggregate_usage]");
    assert!(old["message"].as_str().unwrap().starts_with("The sandbox does not do"), "{old}");
    let later = Client::of(&sandbox, named("basil")).post("/v1/prices", params).await.error(400);
    assert_eq!((&later["code"], &later["param"]), (&json!("parameter_unknown"), &old["param"]));
}

#[tokio::test]
async fn the_anchor_of_a_resumption_is_a_word_until_endive() {
    let (sandbox, _) = quiet(65).await;
    let (dahlia, endive) = (Client::of(&sandbox, named("dahlia")), Client::of(&sandbox, PINNED));
    let made = world(&endive).await;
    let path = format!("/v1/subscriptions/{}/resume", made.subscription);
    let word = json!({"billing_cycle_anchor": "now"});
    let hash = json!({"billing_cycle_anchor": {"type": "now"}});
    for (client, good, bad) in [(dahlia, &word, &hash), (endive, &hash, &word)] {
        // It is not paused; what matters is which form gets so far.
        let read = client.post(&path, good.clone()).await.error(400);
        assert!(read["message"].as_str().unwrap().starts_with("You can only resume"), "{read}");
        assert_eq!(client.post(&path, bad.clone()).await.error(400)["param"], "billing_cycle_anchor");
    }
}

#[tokio::test]
async fn a_replay_has_the_bytes_of_its_first_answer_whatever_version_asks() {
    let (sandbox, _) = quiet(66).await;
    let (old, newest) = (Client::of(&sandbox, named("acacia")), Client::of(&sandbox, PINNED));
    let made = world(&newest).await;
    let path = format!("/v1/invoices/{}", made.paid);
    let params = json!({"metadata": {"a": "1"}});
    let first = old.ask(Method::Post, &path, &params, "once").await;
    let again = newest.ask(Method::Post, &path, &params, "once").await;
    assert!(again.headers.replayed && first.body["paid"] == true);
    assert_eq!((first.body, again.headers.version), (again.body, None));
}

#[tokio::test]
async fn a_request_without_a_version_gets_the_accounts() {
    for version in releases() {
        let sandbox = account_of(version, 67).await;
        let reply = raw(&sandbox, Heads::default(), "POST", "/v1/customers", "name=Ada").await;
        assert_eq!((reply.status, header(&reply, "stripe-version")), (200, Some(version.as_str())));
        let customer: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!(sandbox.object(&id(&customer)).unwrap(), customer, "what tests see is the same");
        let newest = Heads { version: Some(PINNED.as_str().into()), ..Heads::default() };
        let path = format!("/v1/customers/{}", id(&customer));
        let reply = raw(&sandbox, newest, "GET", &path, "").await;
        assert_eq!(header(&reply, "stripe-version"), Some(PINNED.as_str()));
        assert!(reply.body.contains("customer_account"));
    }
}

#[tokio::test]
async fn the_stripe_cli_names_no_version_and_may_send_what_its_fixtures_write() {
    let body = "amount=2000&currency=usd&payment_method_types[]=card";
    let cli = || Heads { user_agent: Some("Stripe/v1 stripe-cli/1.52.0".into()), ..Heads::default() };
    let basil = named("basil").as_str();
    for (version, expected) in [(PINNED, basil), (named("acacia"), named("acacia").as_str())] {
        let sandbox = account_of(version, 68).await;
        let reply = raw(&sandbox, cli(), "POST", "/v1/payment_intents", body).await;
        assert_eq!((reply.status, header(&reply, "stripe-version")), (200, Some(expected)), "{}", reply.body);
    }
    let sandbox = account_of(PINNED, 69).await;
    let reply = raw(&sandbox, Heads::default(), "POST", "/v1/payment_intents", body).await;
    assert_eq!(reply.status, 400, "anybody else gets the account's version");
    let named = Heads { version: Some(PINNED.as_str().into()), ..cli() };
    assert_eq!(raw(&sandbox, named, "POST", "/v1/payment_intents", body).await.status, 400);
}

#[tokio::test]
async fn a_version_that_is_not_spoken_is_refused_with_the_list() {
    let (sandbox, _) = quiet(70).await;
    let heads = Heads { version: Some("2020-08-27".into()), ..Heads::default() };
    let reply = raw(&sandbox, heads, "GET", "/v1/customers", "").await;
    assert_eq!((reply.status, header(&reply, "stripe-version")), (400, None));
    for version in Version::all() {
        assert!(reply.body.contains(version.as_str()), "{}", reply.body);
    }
}
