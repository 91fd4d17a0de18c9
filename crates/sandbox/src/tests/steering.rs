//! Steering: what the next payment comes to, how events arrive, going back.

use std::time::Duration;

use serde_json::{Value, json};

use super::{client::*, subscribing::*};
use crate::{AfterRetries, Deliveries, Sandbox, Settings, days};

#[tokio::test]
async fn the_next_payment_is_refused_and_the_one_after_is_not() {
    let (sandbox, _) = quiet(1).await;
    let (subscription, _) = active(&sandbox).await;
    sandbox.fail_next_payment("insufficient_funds");
    sandbox.advance(days(30) + Duration::from_secs(3600)).await;
    assert_eq!(status(&sandbox, &subscription), "past_due");
    let refused = sandbox.objects("charge");
    assert_eq!(refused.last().unwrap()["failure_code"], "card_declined");
    sandbox.advance(days(3)).await;
    assert_eq!(status(&sandbox, &subscription), "active");
}

#[tokio::test]
#[should_panic(expected = "No card is refused with `because`")]
async fn a_result_that_no_card_has_is_a_mistake() {
    let (sandbox, _) = quiet(2).await;
    sandbox.fail_next_payment("because");
}

#[tokio::test]
async fn after_the_last_retry_a_subscription_is_what_the_settings_say() {
    for (after_retries, expected) in [
        (AfterRetries::Cancel, "canceled"),
        (AfterRetries::Unpaid, "unpaid"),
        (AfterRetries::PastDue, "past_due"),
    ] {
        let (sandbox, _) = quiet(3).await;
        let (subscription, _) = active(&sandbox).await;
        sandbox.set(Settings { retry_days: vec![1, 2], after_retries, ..Settings::default() }).await.unwrap();
        for _ in 0..3 {
            sandbox.fail_next_payment("card_declined");
        }
        sandbox.advance(days(30) + Duration::from_secs(3600)).await;
        assert_eq!(status(&sandbox, &subscription), "past_due");
        sandbox.advance(days(3)).await;
        assert_eq!(status(&sandbox, &subscription), expected);
        if expected == "unpaid" {
            sandbox.advance(days(31)).await;
            assert_eq!(latest(&sandbox, &subscription)["status"], "draft", "nothing more is collected");
        }
    }
    let (sandbox, _) = quiet(3).await;
    let wrong = Settings { retry_days: vec![0], ..Settings::default() };
    assert!(
        sandbox.set(wrong).await.unwrap_err()["error"]["message"].as_str().unwrap().contains("retry_days")
    );
}

/// The types of what is due, in the order in which it goes out.
fn due(sandbox: &Sandbox) -> Vec<String> {
    let kind = |body: &str| serde_json::from_str::<Value>(body).unwrap()["id"].as_str().unwrap().to_owned();
    sandbox.due_deliveries().iter().map(|one| kind(&one.body)).collect()
}

#[tokio::test]
async fn events_arrive_in_order_shuffled_twice_or_late_by_the_seed() {
    let arrive = async |deliveries: Deliveries| {
        let (sandbox, _) = quiet(4).await;
        sandbox.set(Settings { deliveries, ..Settings::default() }).await.unwrap();
        sandbox.deliver_to("http://127.0.0.1:9/hook".parse().unwrap(), &["*"]).await;
        active(&sandbox).await;
        let now = due(&sandbox);
        sandbox.advance_ms(5000).await;
        (now, due(&sandbox))
    };
    let (causal, _) = arrive(Deliveries::Causal).await;
    let (shuffled, later) = arrive(Deliveries::Shuffled).await;
    assert!(causal != shuffled && later.is_empty());
    assert_eq!(arrive(Deliveries::Shuffled).await.0, shuffled, "by the seed");
    let sorted = |mut all: Vec<String>| {
        all.sort();
        all
    };
    assert_eq!(sorted(shuffled), sorted(causal.clone()));
    let (twice, _) = arrive(Deliveries::Duplicated).await;
    assert_eq!(twice.len(), 2 * causal.len());
    let (none, late) = arrive(Deliveries::Delayed { ms: 5000 }).await;
    assert_eq!((none.len(), late), (0, causal));
}

#[tokio::test]
async fn a_snapshot_leads_back_and_ids_go_on() {
    let (sandbox, _) = quiet(5).await;
    let (subscription, made) = active(&sandbox).await;
    let customer = made["customer"].as_str().unwrap();
    keyed(&sandbox, "/v1/customers", json!({"name": "Kept"}), "a-key").await.ok();
    let text = serde_json::to_string(&sandbox.snapshot()).unwrap();
    let before = sandbox.objects("subscription");
    sandbox.advance(days(40)).await;
    delete(&sandbox, &path(&subscription)).await.ok();
    let later = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    sandbox.deliver_to("http://127.0.0.1:9/hook".parse().unwrap(), &["invoice.paid"]).await;
    sandbox.restore(serde_json::from_str(&text).unwrap()).await.unwrap();
    assert_eq!(sandbox.objects("subscription"), before);
    assert!(sandbox.object(&later).is_none() && sandbox.object(customer).is_some());
    assert_eq!(sandbox.objects("webhook_endpoint").len(), 1, "whoever listens still does");
    let replayed = keyed(&sandbox, "/v1/customers", json!({"name": "Kept"}), "a-key").await;
    assert!(replayed.headers.replayed);
    assert_ne!(id(&post(&sandbox, "/v1/customers", json!({})).await.ok()), later);
    sandbox.advance(days(30) + Duration::from_secs(3600)).await;
    assert_eq!(latest(&sandbox, &subscription)["status"], "paid", "time goes on from there");
}

/// A month of subscriptions, some of which try, some of which fail.
async fn month(seed: u64, count: usize) -> String {
    let clock = std::sync::Arc::new(model::ManualClock::at_second(NOON));
    let options = crate::Options { listen: None, seed, clock, ..crate::Options::default() };
    let sandbox = Sandbox::open(options).await.unwrap();
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let weekly = price(&sandbox, "Silver", 300, "week").await;
    for nth in 0..count {
        let card = if nth % 7 == 3 { "pm_card_chargeCustomerFail" } else { "pm_card_visa" };
        let (customer, _) = payer(&sandbox, card).await;
        let more =
            if nth % 7 == 3 || nth % 5 == 0 { json!({"trial_period_days": 1 + nth % 14}) } else { json!({}) };
        let price = if nth % 3 == 0 { &weekly } else { &gold };
        post(&sandbox, "/v1/subscriptions", to(&customer, price, more)).await.ok();
    }
    sandbox.advance(days(31)).await;
    serde_json::to_string(&(sandbox.events(), sandbox.objects("subscription"), sandbox.objects("invoice")))
        .unwrap()
}

#[tokio::test]
async fn a_month_of_subscriptions_is_the_same_twice_from_one_seed() {
    let seed = 20_261_122;
    let (first, second) = (month(seed, 70).await, month(seed, 70).await);
    assert!(first == second, "seed {seed}");
    for word in ["trial_will_end", "payment_failed", "subscription_cycle", "customer.subscription.deleted"] {
        assert!(first.contains(word), "{word}");
    }
    assert!(month(seed + 1, 7).await != month(seed, 7).await);
}
