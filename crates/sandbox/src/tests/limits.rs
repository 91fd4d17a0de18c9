//! Stripe's rate limits, where they are asked for.

use serde_json::{Value, json};

use super::client::*;
use crate::{Limits, Sandbox};

async fn made(sandbox: &Sandbox, key: &str) -> Got {
    keyed(sandbox, "/v1/customers", json!({}), key).await
}

fn limits(read_per_second: Option<u32>, write_per_second: Option<u32>) -> Limits {
    Limits { read_per_second, write_per_second }
}

#[tokio::test]
async fn more_than_the_limit_of_a_second_is_turned_away_and_may_come_again() {
    let (sandbox, clock) = quiet(1).await;
    sandbox.limit(limits(None, Some(2))).unwrap();
    made(&sandbox, "a").await.ok();
    made(&sandbox, "b").await.ok();
    let refused = made(&sandbox, "c").await;
    assert_eq!(refused.headers.rate_limited_reason.as_deref(), Some("global-rate"));
    assert_eq!(refused.error(429)["code"], "rate_limit");
    get(&sandbox, "/v1/customers").await.ok();
    clock.advance_ms(1000);
    let passed = made(&sandbox, "c").await;
    assert!(!passed.headers.replayed, "a 429 is not kept under its key");
    passed.ok();
    assert_eq!(sandbox.objects("customer").len(), 3);
}

#[tokio::test]
async fn what_is_turned_away_does_not_count_and_the_sandboxes_own_requests_pass() {
    let (sandbox, clock) = quiet(2).await;
    sandbox.limit(limits(Some(1), None)).unwrap();
    get(&sandbox, "/v1/customers").await.ok();
    for _ in 0..5 {
        clock.advance_ms(150);
        assert_eq!(get(&sandbox, "/v1/customers").await.status, 429);
    }
    clock.advance_ms(250);
    get(&sandbox, "/v1/customers").await.ok();
    sandbox.limit(limits(None, Some(1))).unwrap();
    let trigger = json!({"event": "invoice.paid"});
    assert_eq!(command(&sandbox, "POST", "trigger", &trigger).await.0, 200);
}

#[tokio::test]
async fn time_that_is_advanced_gives_no_new_requests() {
    let (sandbox, _) = quiet(3).await;
    sandbox.limit(limits(None, Some(1))).unwrap();
    made(&sandbox, "a").await.ok();
    sandbox.advance_ms(60_000).await;
    assert_eq!(made(&sandbox, "b").await.status, 429);
}

#[tokio::test]
async fn limits_are_off_until_they_are_set_and_off_again_when_left_out() {
    let (sandbox, _) = quiet(4).await;
    let off = json!({"read_per_second": null, "write_per_second": null});
    assert_eq!(command(&sandbox, "GET", "limits", &Value::Null).await, (200, off.clone()));
    for n in 0..40 {
        made(&sandbox, &n.to_string()).await.ok();
    }
    let stripes = json!({"read_per_second": 25, "write_per_second": 25});
    assert_eq!(command(&sandbox, "POST", "limits", &stripes).await, (200, stripes.clone()));
    assert_eq!(json!(Limits::STRIPE), stripes);
    for wrong in [json!({"write_per_second": 0}), json!({"writes": 1}), json!({"read_per_second": "many"})] {
        let (status, refused) = command(&sandbox, "POST", "limits", &wrong).await;
        let said = refused["error"]["message"].as_str().unwrap();
        assert!(status == 400 && said.ends_with("Nothing was changed."), "{refused}");
    }
    assert_eq!(command(&sandbox, "GET", "limits", &Value::Null).await.1, stripes);
    assert_eq!(command(&sandbox, "POST", "limits", &json!({})).await, (200, off));
}

#[tokio::test]
async fn a_limit_is_each_accounts_own() {
    let mut limiter = crate::limits::Limiter::default();
    limiter.set(limits(Some(1), Some(1)));
    assert!(limiter.passes(None, true, 0) && limiter.passes(None, false, 0));
    assert!(limiter.passes(Some("acct_1"), true, 0));
    assert!(!limiter.passes(Some("acct_1"), true, 999) && !limiter.passes(None, false, 999));
    assert!(limiter.passes(None, false, 1000));
}
