//! Properties of whole lives: prorations that are undone cost nothing, a month and more
//! of many subscriptions is the same twice, and money is neither made nor lost.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{client::*, subscribing::*};
use crate::{Sandbox, Watched};

const CARDS: &[&str] = &["pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_authenticationRequired"];

fn pending(sandbox: &Sandbox) -> i64 {
    let items = sandbox.objects("invoiceitem");
    items.iter().filter(|i| i["invoice"].is_null()).map(|i| i["amount"].as_i64().unwrap()).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is changed and changed back in one moment costs nothing.
    #[test]
    fn a_proration_undone_sums_to_zero(
        seed in any::<u64>(),
        amounts in (0..5_000_000_i64, 0..5_000_000_i64),
        quantities in (1..50_i64, 0..50_i64),
        ms in 0..30 * DAY_MS,
        flips in 1..4,
        interval in prop::sample::select(vec!["week", "month", "year"]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (sandbox, _) = quiet(seed).await;
            let (from, to_price) = (
                price(&sandbox, "From", amounts.0, interval).await,
                price(&sandbox, "To", amounts.1, interval).await,
            );
            let (customer, _) = payer(&sandbox, "pm_card_visa").await;
            let mut params = to(&customer, &from, json!({}));
            params["items"][0]["quantity"] = json!(quantities.0);
            let made = post(&sandbox, "/v1/subscriptions", params).await;
            if made.status != 200 {
                // More than one payment can be.
                assert_eq!(made.error(400)["code"], "amount_too_large");
                return;
            }
            let (subscription, item) = (id(&made.body), made.body["items"]["data"][0]["id"].clone());
            sandbox.advance_ms(ms).await;
            let before = pending(&sandbox);
            for _ in 0..flips {
                for (price, quantity) in [(&to_price, quantities.1), (&from, quantities.0)] {
                    let params = json!({"items": [{"id": item, "price": price, "quantity": quantity}]});
                    post(&sandbox, &path(&subscription), params).await.ok();
                }
            }
            assert_eq!(pending(&sandbox), before);
        });
    }
}

/// Makes a subscription of some kind; what Stripe refuses is refused both times.
async fn subscribe(sandbox: &Sandbox, rng: &mut fastrand::Rng, prices: &[String]) {
    let card = CARDS[if rng.bool() { 0 } else { rng.usize(..CARDS.len()) }];
    let (customer, _) = payer(sandbox, card).await;
    let mut params = to(&customer, &prices[rng.usize(..prices.len())], json!({}));
    match rng.u8(..5) {
        0 => params["trial_period_days"] = json!(rng.u8(1..20)),
        1 => {
            params["collection_method"] = json!("send_invoice");
            params["days_until_due"] = json!(rng.u8(0..10));
        }
        2 => params["payment_behavior"] = json!("default_incomplete"),
        3 => params["cancel_at_period_end"] = json!(true),
        _ => params["items"][0]["quantity"] = json!(rng.u8(0..5)),
    }
    let got = post(sandbox, "/v1/subscriptions", params).await;
    assert_eq!(got.status, 200, "{}", got.body);
}

/// Does something to a subscription that is there.
async fn disturb(sandbox: &Sandbox, rng: &mut fastrand::Rng, prices: &[String]) {
    let all = sandbox.objects("subscription");
    let Some(one) = all.get(rng.usize(..all.len().max(1))) else { return };
    let (at, item) = (path(&id(one)), one["items"]["data"][0]["id"].clone());
    let behavior = ["create_prorations", "none", "always_invoice"][rng.usize(..3)];
    let got = match rng.u8(..5) {
        0 => delete(sandbox, &format!("{at}?prorate=true&invoice_now={}", rng.bool())).await,
        1 => post(sandbox, &at, json!({"cancel_at_period_end": rng.bool()})).await,
        2 => {
            let _ =
                sandbox.pay_invoice(one["latest_invoice"].as_str().unwrap_or("none"), "pm_card_visa").await;
            return;
        }
        3 => {
            let items = json!([{"id": item, "price": prices[rng.usize(..prices.len())]}]);
            post(sandbox, &at, json!({"items": items, "proration_behavior": behavior})).await
        }
        _ => {
            let items = json!([{"id": item, "quantity": rng.u8(0..6)}]);
            post(sandbox, &at, json!({"items": items, "proration_behavior": behavior})).await
        }
    };
    let over = matches!(one["status"].as_str(), Some("canceled" | "incomplete_expired"));
    assert!(got.status == 200 || over, "{} {}", one["status"], got.body);
}

/// Forty days of it.
async fn life(seed: u64) -> Watched {
    let (sandbox, _) = quiet(seed).await;
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut prices = Vec::new();
    for (amount, interval) in [(1000, "month"), (300, "week"), (99, "day"), (12_345, "year"), (0, "month")] {
        prices.push(price(&sandbox, interval, amount, interval).await);
    }
    let mut left = 40 * DAY_MS;
    while left > 0 {
        if rng.u8(..3) == 0 {
            subscribe(&sandbox, &mut rng, &prices).await;
        } else {
            disturb(&sandbox, &mut rng, &prices).await;
        }
        let step = rng.i64(1..2 * DAY_MS);
        sandbox.advance_ms(step).await;
        left -= step;
    }
    sandbox
}

/// What must hold of every life.
fn holds(sandbox: &Sandbox, seed: u64) {
    let events = sandbox.events();
    let created: Vec<i64> = events.iter().map(|e| e["created"].as_i64().unwrap()).collect();
    assert!(created.is_sorted(), "seed {seed}: time runs backwards");
    for invoice in sandbox.objects("invoice") {
        let of = |field: &str| invoice[field].as_i64().unwrap();
        let lines: i64 =
            invoice["lines"]["data"].as_array().unwrap().iter().map(|l| l["amount"].as_i64().unwrap()).sum();
        if invoice["lines"]["has_more"] == false {
            assert_eq!(of("total"), lines, "seed {seed}: {invoice}");
        }
        let settled =
            ["paid", "void", "draft", "uncollectible"].contains(&invoice["status"].as_str().unwrap());
        assert!(settled || of("amount_remaining") > 0, "seed {seed}: {invoice}");
        if invoice["status"] == "paid" {
            assert_eq!((of("amount_paid"), of("amount_remaining")), (of("amount_due"), 0), "seed {seed}");
        }
    }
    for subscription in sandbox.objects("subscription") {
        let over = matches!(subscription["status"].as_str(), Some("canceled" | "incomplete_expired"));
        assert_eq!(over, !subscription["ended_at"].is_null(), "seed {seed}: {subscription}");
        let deleted = |e: &&Value| {
            e["type"] == "customer.subscription.deleted" && e["data"]["object"]["id"] == subscription["id"]
        };
        let told = events.iter().filter(deleted).count();
        assert_eq!(told, usize::from(subscription["status"] == "canceled"), "seed {seed}");
    }
    assert!(events.len() > 50, "seed {seed} hardly lived");
}

#[tokio::test]
async fn forty_days_of_subscriptions_are_the_same_byte_for_byte() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..5 {
        let (first, second) = (life(seed).await, life(seed).await);
        let text = |s: &Sandbox| serde_json::to_string(&(s.journal(), s.events())).unwrap();
        assert!(text(&first) == text(&second), "seed {seed} differs");
        holds(&first, seed);
        seen.extend(event_types(&first));
    }
    for kind in [
        "invoice.paid",
        "invoice.payment_failed",
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "customer.subscription.trial_will_end",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "invoice.overdue",
        "invoice.voided",
    ] {
        assert!(seen.contains(kind), "no life had {kind}");
    }
}
