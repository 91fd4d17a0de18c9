//! Test clocks: a time of their own.

use serde_json::{Value, json};

use super::{client::*, subscribing::*};
use crate::Sandbox;

const CLOCKS: &str = "/v1/test_helpers/test_clocks";
/// 2020-01-01.
const THEN: i64 = 1_577_836_800;
const DAY: i64 = 86_400;

async fn clock(sandbox: &Sandbox) -> String {
    id(&post(sandbox, CLOCKS, json!({"frozen_time": THEN, "name": "January"})).await.ok())
}

async fn advance(sandbox: &Sandbox, clock: &str, to: i64) -> Value {
    post(sandbox, &format!("{CLOCKS}/{clock}/advance"), json!({"frozen_time": to})).await.ok()
}

/// A customer on a clock who pays with a card.
async fn payer_on(sandbox: &Sandbox, clock: &str) -> String {
    let customer = id(&post(sandbox, "/v1/customers", json!({"test_clock": clock})).await.ok());
    let attach = "/v1/payment_methods/pm_card_visa/attach";
    let method = id(&post(sandbox, attach, json!({"customer": customer})).await.ok());
    let settings = json!({"invoice_settings": {"default_payment_method": method}});
    post(sandbox, &format!("/v1/customers/{customer}"), settings).await.ok();
    customer
}

#[tokio::test]
async fn what_is_on_a_clock_lives_on_its_time_and_the_rest_does_not() {
    let (sandbox, _) = quiet(1).await;
    let clock = clock(&sandbox).await;
    let customer = payer_on(&sandbox, &clock).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let made = post(&sandbox, "/v1/subscriptions", to(&customer, &gold, json!({}))).await.ok();
    assert_eq!((&made["test_clock"], &made["created"]), (&json!(clock), &json!(THEN)));
    let first = latest(&sandbox, &id(&made));
    assert_eq!((&first["test_clock"], &first["created"]), (&json!(clock), &json!(THEN)));
    sandbox.advance_ms(400 * DAY_MS).await;
    // Thirty days after it was made the clock is gone, and its customer with it.
    assert_eq!(get(&sandbox, &format!("{CLOCKS}/{clock}")).await.error(404)["code"], "resource_missing");
    assert_eq!(get(&sandbox, &format!("/v1/customers/{customer}")).await.ok()["deleted"], true);
    assert_eq!(sandbox.objects("invoice").len(), 1, "no time has passed for it");
}

#[tokio::test]
async fn an_advance_does_everything_that_is_due_in_order_at_its_own_time() {
    let (sandbox, _) = quiet(2).await;
    let clock = clock(&sandbox).await;
    let customer = payer_on(&sandbox, &clock).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let made = post(&sandbox, "/v1/subscriptions", to(&customer, &gold, json!({}))).await.ok();
    let before = sandbox.events().len();
    let target = THEN + 40 * DAY;
    let answer = advance(&sandbox, &clock, target).await;
    assert_eq!(answer["status"], "advancing");
    assert_eq!(answer["status_details"]["advancing"]["target_frozen_time"], target);
    let arrived = get(&sandbox, &format!("{CLOCKS}/{clock}")).await.ok();
    assert_eq!((&arrived["status"], &arrived["frozen_time"]), (&json!("ready"), &json!(target)));
    let told = since(&sandbox, before);
    assert_eq!(told.first().unwrap(), "test_helpers.test_clock.advancing");
    assert_eq!(told.last().unwrap(), "test_helpers.test_clock.ready");
    let times: Vec<i64> = sandbox.events()[before + 1..told_end(&sandbox)]
        .iter()
        .map(|event| event["created"].as_i64().unwrap())
        .collect();
    assert!(times.is_sorted() && times[0] == THEN + 31 * DAY, "{times:?}");
    let renewed = latest(&sandbox, &id(&made));
    assert_eq!((&renewed["status"], &renewed["created"]), (&json!("paid"), &json!(THEN + 31 * DAY)));
    assert_eq!(renewed["status_transitions"]["paid_at"], THEN + 31 * DAY + 3600);
    let payments = sandbox.objects("payment_intent");
    assert_eq!(payments.last().unwrap()["created"], THEN + 31 * DAY + 3600);
}

/// Where the word of the clock's arrival stands.
fn told_end(sandbox: &Sandbox) -> usize {
    sandbox.events().len() - 1
}

#[tokio::test]
async fn a_clock_goes_forward_by_two_intervals_at_most() {
    let (sandbox, _) = quiet(3).await;
    let clock = clock(&sandbox).await;
    let path = format!("{CLOCKS}/{clock}/advance");
    for back in [THEN, THEN - 1] {
        assert_eq!(
            post(&sandbox, &path, json!({"frozen_time": back})).await.error(400)["param"],
            "frozen_time"
        );
    }
    let customer = payer_on(&sandbox, &clock).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    post(&sandbox, "/v1/subscriptions", to(&customer, &gold, json!({}))).await.ok();
    let two = THEN + 60 * DAY;
    post(&sandbox, &path, json!({"frozen_time": two + 1})).await.error(400);
    advance(&sandbox, &clock, two).await;
    let named = get(&sandbox, &format!("{CLOCKS}/{clock}")).await.ok();
    assert_eq!(named["frozen_time"], two);
}

#[tokio::test]
async fn a_clock_has_three_customers_with_three_subscriptions() {
    let (sandbox, _) = quiet(4).await;
    let clock = clock(&sandbox).await;
    let customer = payer_on(&sandbox, &clock).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    for _ in 0..3 {
        post(&sandbox, "/v1/subscriptions", to(&customer, &gold, json!({}))).await.ok();
    }
    let fourth = post(&sandbox, "/v1/subscriptions", to(&customer, &gold, json!({}))).await.error(400);
    assert_eq!(fourth["code"], "customer_max_subscriptions");
    for _ in 0..2 {
        post(&sandbox, "/v1/customers", json!({"test_clock": clock})).await.ok();
    }
    let more = post(&sandbox, "/v1/customers", json!({"test_clock": clock})).await.error(400);
    assert_eq!(more["param"], "test_clock");
    post(&sandbox, "/v1/customers", json!({"test_clock": "clock_none"})).await.error(400);
    assert_eq!(sandbox.objects("customer").len(), 3);
}

#[tokio::test]
async fn lists_leave_out_what_is_on_a_clock_that_nobody_named() {
    let (sandbox, _) = quiet(5).await;
    let clock = clock(&sandbox).await;
    let customer = payer_on(&sandbox, &clock).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    post(&sandbox, "/v1/subscriptions", to(&customer, &gold, json!({}))).await.ok();
    let count = async |path: String| get(&sandbox, &path).await.ok()["data"].as_array().unwrap().len();
    for kind in ["customers", "invoices", "subscriptions"] {
        assert_eq!(count(format!("/v1/{kind}")).await, 0, "{kind}");
    }
    for path in ["customers", "subscriptions"] {
        assert_eq!(count(format!("/v1/{path}?test_clock={clock}")).await, 1, "{path}");
    }
    assert_eq!(count(format!("/v1/invoices?customer={customer}")).await, 1);
    assert_eq!(count(CLOCKS.to_owned()).await, 1);
}

#[tokio::test]
async fn a_deleted_clock_takes_its_customers_along() {
    let (sandbox, _) = quiet(6).await;
    let clock = clock(&sandbox).await;
    let customer = payer_on(&sandbox, &clock).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let made = post(&sandbox, "/v1/subscriptions", to(&customer, &gold, json!({}))).await.ok();
    let before = sandbox.events().len();
    let gone = delete(&sandbox, &format!("{CLOCKS}/{clock}")).await.ok();
    assert_eq!((&gone["deleted"], &gone["object"]), (&json!(true), &json!("test_helpers.test_clock")));
    assert_eq!(status(&sandbox, &id(&made)), "canceled");
    assert_eq!(
        since(&sandbox, before),
        ["customer.subscription.deleted", "customer.deleted", "test_helpers.test_clock.deleted"]
    );
}

#[tokio::test]
async fn a_customer_that_was_never_billed_can_be_put_on_a_clock() {
    let (sandbox, _) = quiet(7).await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let params = json!({"frozen_time": THEN, "customer": customer});
    let clock = id(&post(&sandbox, CLOCKS, params.clone()).await.ok());
    assert_eq!(sandbox.object(&customer).unwrap()["test_clock"], json!(clock));
    assert_eq!(post(&sandbox, CLOCKS, params).await.error(400)["param"], "customer");
}

#[tokio::test]
async fn deliveries_of_a_clock_go_out_at_the_real_time() {
    let (sandbox, _) = quiet(8).await;
    let url = "http://127.0.0.1:9/hook".parse().unwrap();
    sandbox.deliver_to(url, &["test_helpers.test_clock.*", "invoice.paid"]).await;
    let clock = clock(&sandbox).await;
    let customer = payer_on(&sandbox, &clock).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    post(&sandbox, "/v1/subscriptions", to(&customer, &gold, json!({}))).await.ok();
    advance(&sandbox, &clock, THEN + 32 * DAY).await;
    let due: Vec<String> = sandbox.due_deliveries().into_iter().map(|one| one.body).collect();
    for kind in ["test_clock.created", "test_clock.advancing", "test_clock.ready", "invoice.paid"] {
        assert!(due.iter().any(|body| body.contains(kind)), "{kind}");
    }
}
