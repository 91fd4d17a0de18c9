//! What time does to subscriptions.

use serde_json::{Value, json};

use super::{client::*, subscribing::*};

#[tokio::test]
async fn a_renewal_is_told_waits_an_hour_and_is_paid() {
    let (sandbox, _) = quiet(1).await;
    let (subscription, _) = active(&sandbox).await;
    let before = sandbox.events().len();
    sandbox.advance_ms(30 * DAY_MS).await;
    assert_eq!(since(&sandbox, before), ["customer.subscription.updated", "invoice.created"]);
    let previous = &sandbox.events()[before]["data"]["previous_attributes"];
    assert_eq!(previous["items"]["data"][0]["current_period_end"], NOON + 30 * 86_400);
    let draft = latest(&sandbox, &subscription);
    assert_eq!((&draft["status"], &draft["billing_reason"]), (&json!("draft"), &json!("subscription_cycle")));
    assert_eq!((&draft["period_start"], &draft["period_end"]), (&json!(NOON), &json!(NOON + 30 * 86_400)));
    sandbox.advance_ms(HOUR_MS).await;
    assert_eq!(
        since(&sandbox, before)[2..],
        ["invoice.finalized", "invoice.paid", "invoice.payment_succeeded"]
    );
    assert_eq!(latest(&sandbox, &subscription)["status"], "paid");
    sandbox.advance_ms(365 * DAY_MS).await;
    assert_eq!(sandbox.objects("invoice").len(), 14);
    assert_eq!(status(&sandbox, &subscription), "active");
}

#[tokio::test]
async fn a_failed_renewal_is_past_due_until_it_is_paid_or_given_up() {
    for rescued in [true, false] {
        let (sandbox, _) = quiet(2).await;
        let (subscription, made) = active(&sandbox).await;
        let customer = made["customer"].as_str().unwrap();
        let attach = "/v1/payment_methods/pm_card_chargeCustomerFail/attach";
        let bad = id(&post(&sandbox, attach, json!({"customer": customer})).await.ok());
        let settings = json!({"invoice_settings": {"default_payment_method": bad}});
        post(&sandbox, &format!("/v1/customers/{customer}"), settings).await.ok();
        let before = sandbox.events().len();
        sandbox.advance_ms(30 * DAY_MS + HOUR_MS).await;
        assert_eq!(
            since(&sandbox, before),
            [
                "customer.subscription.updated",
                "invoice.created",
                "invoice.finalized",
                "invoice.payment_failed",
                "customer.subscription.updated",
            ]
        );
        assert_eq!(status(&sandbox, &subscription), "past_due");
        if rescued {
            sandbox.pay_invoice(&id(&latest(&sandbox, &subscription)), "pm_card_visa").await.unwrap();
            assert_eq!(status(&sandbox, &subscription), "active");
        }
        sandbox.advance_ms(15 * DAY_MS).await;
        let ended = sandbox.object(&subscription).unwrap();
        let expected = if rescued { ("active", json!(null)) } else { ("canceled", json!("payment_failed")) };
        assert_eq!(
            (ended["status"].as_str().unwrap(), ended["cancellation_details"]["reason"].clone()),
            expected
        );
        event_types(&sandbox);
    }
}

#[tokio::test]
async fn a_first_payment_that_never_comes_expires_after_23_hours() {
    let (sandbox, _) = quiet(3).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let (customer, _) = payer(&sandbox, "pm_card_authenticationRequired").await;
    let made = post(&sandbox, "/v1/subscriptions", to(&customer, &gold, json!({}))).await.ok();
    assert_eq!(made["status"], "incomplete");
    sandbox.advance_ms(23 * HOUR_MS - 1).await;
    assert_eq!(status(&sandbox, &id(&made)), "incomplete");
    sandbox.advance_ms(1).await;
    assert_eq!(status(&sandbox, &id(&made)), "incomplete_expired");
    assert_eq!(latest(&sandbox, &id(&made))["status"], "void");
    let before = event_types(&sandbox).len();
    sandbox.advance_ms(90 * DAY_MS).await;
    assert_eq!(sandbox.events().len(), before);
}

#[tokio::test]
async fn a_trial_is_told_of_three_days_before_and_then_paid() {
    let (sandbox, _) = quiet(4).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let (customer, _) = payer(&sandbox, "pm_card_visa").await;
    let before = sandbox.events().len();
    let params = to(&customer, &gold, json!({"trial_period_days": 14}));
    let made = post(&sandbox, "/v1/subscriptions", params).await.ok();
    assert_eq!((&made["status"], &made["trial_end"]), (&json!("trialing"), &json!(NOON + 14 * 86_400)));
    assert_eq!(latest(&sandbox, &id(&made))["lines"]["data"][0]["description"], "Trial period for Gold");
    sandbox.advance_ms(11 * DAY_MS - 1).await;
    assert!(!since(&sandbox, before).contains(&"customer.subscription.trial_will_end".to_owned()));
    let before = sandbox.events().len();
    sandbox.advance_ms(3 * DAY_MS + HOUR_MS + 1).await;
    assert_eq!(
        since(&sandbox, before),
        [
            "customer.subscription.trial_will_end",
            "customer.subscription.updated",
            "invoice.created",
            "invoice.finalized",
            "invoice.paid",
            "invoice.payment_succeeded",
        ]
    );
    assert_eq!(status(&sandbox, &id(&made)), "active");
    assert_eq!(latest(&sandbox, &id(&made))["amount_paid"], 1000);
    let short = to(&customer, &gold, json!({"trial_end": NOON + 16 * 86_400}));
    let count = sandbox.events().len();
    let short = id(&post(&sandbox, "/v1/subscriptions", short).await.ok());
    assert_eq!(since(&sandbox, count)[1], "customer.subscription.trial_will_end", "{short}");
}

#[tokio::test]
async fn a_trial_without_a_payment_method_ends_as_its_settings_say() {
    for (behavior, expected, told) in [
        ("cancel", "canceled", "customer.subscription.deleted"),
        ("pause", "paused", "customer.subscription.paused"),
        ("create_invoice", "past_due", "customer.subscription.updated"),
    ] {
        let (sandbox, _) = quiet(5).await;
        let gold = price(&sandbox, "Gold", 1000, "month").await;
        let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
        let settings = json!({"end_behavior": {"missing_payment_method": behavior}});
        let params = to(&customer, &gold, json!({"trial_period_days": 7, "trial_settings": settings}));
        let made = id(&post(&sandbox, "/v1/subscriptions", params).await.ok());
        sandbox.advance_ms(7 * DAY_MS + HOUR_MS).await;
        assert_eq!(status(&sandbox, &made), expected);
        assert_eq!(since(&sandbox, 0).last().unwrap(), told);
        get(&sandbox, &path(&made)).await.ok();
    }
}

#[tokio::test]
async fn a_paused_subscription_goes_on_when_it_can_be_charged() {
    let (sandbox, _) = quiet(9).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let settings = json!({"end_behavior": {"missing_payment_method": "pause"}});
    let params = to(&customer, &gold, json!({"trial_period_days": 7, "trial_settings": settings}));
    let made = id(&post(&sandbox, "/v1/subscriptions", params).await.ok());
    let resume = format!("{}/resume", path(&made));
    post(&sandbox, &resume, json!({})).await.error(400);
    sandbox.advance_ms(60 * DAY_MS).await;
    assert_eq!((status(&sandbox, &made).as_str(), sandbox.objects("invoice").len()), ("paused", 1));
    assert_eq!(post(&sandbox, &resume, json!({})).await.error(400)["code"], "resource_missing");
    let attach = "/v1/payment_methods/pm_card_visa/attach";
    let card = id(&post(&sandbox, attach, json!({"customer": customer})).await.ok());
    post(&sandbox, &path(&made), json!({"default_payment_method": card})).await.ok();
    let resumed = post(&sandbox, &resume, json!({})).await.ok();
    let start = NOON + 60 * 86_400;
    assert_eq!(
        (&resumed["status"], &resumed["items"]["data"][0]["current_period_start"]),
        (&json!("active"), &json!(start))
    );
    assert!(resumed.get("status_details").is_none());
    assert_eq!(latest(&sandbox, &made)["amount_paid"], 1000);
    assert_eq!(event_types(&sandbox).last().unwrap(), "customer.subscription.resumed");
}

#[tokio::test]
async fn a_trial_can_be_moved_and_ended_now() {
    let (sandbox, _) = quiet(6).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let (customer, _) = payer(&sandbox, "pm_card_visa").await;
    let params = to(&customer, &gold, json!({"trial_period_days": 14}));
    let made = id(&post(&sandbox, "/v1/subscriptions", params).await.ok());
    let longer = post(&sandbox, &path(&made), json!({"trial_end": NOON + 30 * 86_400})).await.ok();
    assert_eq!(longer["items"]["data"][0]["current_period_end"], NOON + 30 * 86_400);
    sandbox.advance_ms(20 * DAY_MS).await;
    assert_eq!(status(&sandbox, &made), "trialing");
    let now = post(&sandbox, &path(&made), json!({"trial_end": "now"})).await.ok();
    assert_eq!((&now["status"], &now["trial_end"]), (&json!("active"), &json!(NOON + 20 * 86_400)));
    assert_eq!(latest(&sandbox, &made)["amount_paid"], 1000);
    event_types(&sandbox);
}

#[tokio::test]
async fn a_sent_renewal_is_past_due_when_its_time_has_passed() {
    let (sandbox, _) = quiet(7).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let params = to(&customer, &gold, json!({"collection_method": "send_invoice", "days_until_due": 7}));
    let made = id(&post(&sandbox, "/v1/subscriptions", params).await.ok());
    sandbox.advance_ms(HOUR_MS).await;
    let first = latest(&sandbox, &made);
    assert_eq!((&first["status"], &first["due_date"]), (&json!("open"), &json!(NOON + 3600 + 7 * 86_400)));
    assert_eq!(status(&sandbox, &made), "active");
    sandbox.advance_ms(7 * DAY_MS).await;
    assert_eq!(status(&sandbox, &made), "past_due");
    assert!(event_types(&sandbox).contains(&"invoice.overdue".to_owned()));
    post(&sandbox, &format!("/v1/invoices/{}/pay", id(&first)), json!({"paid_out_of_band": true})).await.ok();
    assert_eq!(status(&sandbox, &made), "active");
}

#[tokio::test]
async fn pending_items_and_prorations_are_billed_with_the_renewal() {
    let (sandbox, _) = quiet(8).await;
    let (subscription, made) = active(&sandbox).await;
    sandbox.advance_ms(15 * DAY_MS).await;
    let item = &made["items"]["data"][0]["id"];
    post(&sandbox, &path(&subscription), json!({"items": [{"id": item, "quantity": 3}]})).await.ok();
    let extra =
        json!({"customer": made["customer"], "amount": 77, "currency": "usd", "subscription": subscription});
    let extra = post(&sandbox, "/v1/invoiceitems", extra).await.ok();
    assert_eq!(extra["parent"]["subscription_details"]["subscription"], subscription.as_str());
    let other = id(&active(&sandbox).await.1);
    let foreign =
        json!({"customer": made["customer"], "amount": 1, "currency": "usd", "subscription": other});
    assert_eq!(post(&sandbox, "/v1/invoiceitems", foreign).await.error(400)["param"], "subscription");
    sandbox.advance_ms(15 * DAY_MS + HOUR_MS).await;
    let renewal = latest(&sandbox, &subscription);
    let lines: Vec<Value> =
        renewal["lines"]["data"].as_array().unwrap().iter().map(|l| l["amount"].clone()).collect();
    assert_eq!(lines, [77, 1500, -500, 3000], "newest first");
    assert_eq!(renewal["amount_paid"], 77 + 1500 - 500 + 3000);
    get(&sandbox, &format!("/v1/invoices/{}/lines", id(&renewal))).await.ok();
}
