//! When subscriptions are billed, and when not: anchors, pauses, pending updates.

use serde_json::{Value, json};

use super::{client::*, subscribing::*};
use crate::Sandbox;

const DAY: i64 = 86_400;

async fn subscribed(sandbox: &Sandbox, more: Value) -> Value {
    let gold = price(sandbox, "Gold", 3000, "month").await;
    let (customer, _) = payer(sandbox, "pm_card_visa").await;
    post(sandbox, "/v1/subscriptions", to(&customer, &gold, more)).await.ok()
}

#[tokio::test]
async fn a_first_period_up_to_the_anchor_costs_its_part_or_nothing() {
    for (behavior, due) in [("create_prorations", 1000), ("none", 0)] {
        let (sandbox, _) = quiet(1).await;
        // November 22nd to December 2nd: ten of the thirty days before it.
        let more = json!({"billing_cycle_anchor": NOON + 10 * DAY, "proration_behavior": behavior});
        let made = subscribed(&sandbox, more).await;
        assert_eq!(
            (&made["status"], &made["billing_cycle_anchor"]),
            (&json!("active"), &json!(NOON + 10 * DAY))
        );
        assert_eq!(made["items"]["data"][0]["current_period_end"], NOON + 10 * DAY);
        assert_eq!(latest(&sandbox, &id(&made))["amount_due"], due);
        sandbox.advance_ms(10 * DAY_MS + HOUR_MS).await;
        let renewal = latest(&sandbox, &id(&made));
        assert_eq!(
            (&renewal["amount_paid"], &renewal["period_end"]),
            (&json!(3000), &json!(NOON + 10 * DAY))
        );
    }
}

#[tokio::test]
async fn an_anchor_lies_in_the_first_period_and_can_be_a_day_of_the_month() {
    let (sandbox, _) = quiet(2).await;
    let gold = price(&sandbox, "Gold", 3000, "month").await;
    let (customer, _) = payer(&sandbox, "pm_card_visa").await;
    for at in [NOON - 1, NOON + 31 * DAY] {
        let params = to(&customer, &gold, json!({"billing_cycle_anchor": at}));
        assert_eq!(
            post(&sandbox, "/v1/subscriptions", params).await.error(400)["param"],
            "billing_cycle_anchor"
        );
    }
    let config = json!({"billing_cycle_anchor_config": {"day_of_month": 31}});
    let made = post(&sandbox, "/v1/subscriptions", to(&customer, &gold, config)).await.ok();
    assert_eq!(made["billing_cycle_anchor"], NOON + 8 * DAY, "the last of November");
    assert_eq!(made["billing_cycle_anchor_config"]["day_of_month"], 31);
    sandbox.advance_ms(9 * DAY_MS).await;
    let period = &sandbox.object(&id(&made)).unwrap()["items"]["data"][0];
    assert_eq!(period["current_period_end"], NOON + 39 * DAY, "the last of December");
}

#[tokio::test]
async fn an_anchor_that_is_now_begins_a_new_period_and_credits_the_old() {
    let (sandbox, _) = quiet(3).await;
    let made = subscribed(&sandbox, json!({})).await;
    sandbox.advance_ms(15 * DAY_MS).await;
    let now = json!({"billing_cycle_anchor": {"type": "now"}, "proration_behavior": "create_prorations"});
    let moved = post(&sandbox, &path(&id(&made)), now).await.ok();
    assert_eq!(moved["billing_cycle_anchor"], NOON + 15 * DAY);
    assert_eq!(moved["items"]["data"][0]["current_period_start"], NOON + 15 * DAY);
    assert_eq!(latest(&sandbox, &id(&made))["amount_paid"], 3000 - 1500);
}

#[tokio::test]
async fn a_start_in_the_past_is_billed_from_there() {
    let (sandbox, _) = quiet(4).await;
    let made = subscribed(&sandbox, json!({"backdate_start_date": NOON - 10 * DAY})).await;
    assert_eq!(made["start_date"], NOON - 10 * DAY);
    let first = latest(&sandbox, &id(&made));
    // Ten of the 30 days that follow the 12th of November.
    assert_eq!(first["amount_paid"], 3000 + 1000);
}

#[tokio::test]
async fn items_are_added_to_the_next_invoice() {
    let (sandbox, _) = quiet(5).await;
    let once = json!({"product_data": {"name": "Set-up"}, "currency": "usd", "unit_amount": 500});
    let once = id(&post(&sandbox, "/v1/prices", once).await.ok());
    let added = json!({"add_invoice_items": [{"price": once, "quantity": 2}]});
    let made = subscribed(&sandbox, added.clone()).await;
    assert_eq!(latest(&sandbox, &id(&made))["amount_paid"], 4000);
    post(&sandbox, &path(&id(&made)), added).await.ok();
    sandbox.advance_ms(30 * DAY_MS + HOUR_MS).await;
    assert_eq!(latest(&sandbox, &id(&made))["amount_paid"], 4000);
}

#[tokio::test]
async fn what_is_billed_while_collection_is_paused_waits_or_is_let_go() {
    for (behavior, becomes) in
        [("keep_as_draft", "draft"), ("mark_uncollectible", "uncollectible"), ("void", "void")]
    {
        let (sandbox, _) = quiet(6).await;
        let made = subscribed(&sandbox, json!({})).await;
        let paused = json!({"pause_collection": {"behavior": behavior, "resumes_at": NOON + 45 * DAY}});
        let paused = post(&sandbox, &path(&id(&made)), paused).await.ok();
        assert_eq!(
            (&paused["status"], &paused["pause_collection"]["behavior"]),
            (&json!("active"), &json!(behavior))
        );
        sandbox.advance_ms(30 * DAY_MS + 2 * HOUR_MS).await;
        assert_eq!(latest(&sandbox, &id(&made))["status"], becomes);
        sandbox.advance_ms(15 * DAY_MS).await;
        assert!(sandbox.object(&id(&made)).unwrap()["pause_collection"].is_null());
        sandbox.advance_ms(17 * DAY_MS).await;
        assert_eq!(latest(&sandbox, &id(&made))["status"], "paid", "{behavior}");
    }
}

#[tokio::test]
async fn a_pause_credits_what_was_asked_for_and_nothing_is_billed_until_it_ends() {
    let (sandbox, _) = quiet(7).await;
    let made = subscribed(&sandbox, json!({})).await;
    let subscription = path(&id(&made));
    sandbox.advance_ms(10 * DAY_MS).await;
    let pause = json!({"bill_for": {"unused_time_from": {"type": "now"}}, "invoicing_behavior": "invoice"});
    let paused = post(&sandbox, &format!("{subscription}/pause"), pause).await.ok();
    assert_eq!(paused["status"], "paused");
    assert_eq!(paused["status_details"]["paused"]["subscription"]["type"], "pause_requested");
    let customer = sandbox.object(made["customer"].as_str().unwrap()).unwrap();
    assert_eq!(customer["balance"], -2000, "twenty of thirty days");
    post(&sandbox, &format!("{subscription}/pause"), json!({})).await.error(400);
    let invoices = sandbox.objects("invoice").len();
    sandbox.advance_ms(60 * DAY_MS).await;
    assert_eq!(sandbox.objects("invoice").len(), invoices);
    let resumed = post(&sandbox, &format!("{subscription}/resume"), json!({})).await.ok();
    assert_eq!(
        (&resumed["status"], latest(&sandbox, &id(&made))["amount_paid"].as_i64()),
        (&json!("active"), Some(1000))
    );
}

#[tokio::test]
async fn one_that_is_resumed_unchanged_goes_on_in_its_period() {
    let (sandbox, _) = quiet(8).await;
    let made = subscribed(&sandbox, json!({})).await;
    let subscription = path(&id(&made));
    post(&sandbox, &format!("{subscription}/pause"), json!({})).await.ok();
    sandbox.advance_ms(5 * DAY_MS).await;
    let unchanged = json!({"billing_cycle_anchor": {"type": "unchanged"}});
    let resumed = post(&sandbox, &format!("{subscription}/resume"), unchanged.clone()).await.ok();
    assert_eq!(
        resumed["items"]["data"][0]["current_period_end"],
        made["items"]["data"][0]["current_period_end"]
    );
    assert_eq!(sandbox.objects("invoice").len(), 1);
    let credits = json!({"bill_for": {"unused_time_from": {"type": "now"}}});
    post(&sandbox, &format!("{subscription}/pause"), credits).await.ok();
    post(&sandbox, &format!("{subscription}/resume"), unchanged).await.ok();
    let pending: i64 =
        sandbox.objects("invoiceitem").iter().map(|item| item["amount"].as_i64().unwrap()).sum();
    assert_eq!(pending, 0, "a pause of no time costs nothing");
}

#[tokio::test]
async fn one_that_cannot_be_charged_stays_paused_until_its_invoice_is_paid() {
    let (sandbox, _) = quiet(9).await;
    let made = subscribed(&sandbox, json!({})).await;
    let (subscription, customer) = (path(&id(&made)), made["customer"].as_str().unwrap());
    post(&sandbox, &format!("{subscription}/pause"), json!({})).await.ok();
    bad_card(&sandbox, customer).await;
    sandbox.advance_ms(60 * DAY_MS).await;
    let resumed = post(&sandbox, &format!("{subscription}/resume"), json!({})).await.ok();
    assert_eq!(resumed["status"], "paused");
    sandbox.pay_invoice(&id(&latest(&sandbox, &id(&made))), "pm_card_visa").await.unwrap();
    assert_eq!(status(&sandbox, &id(&made)), "active");
    assert_eq!(event_types(&sandbox).last().unwrap(), "customer.subscription.resumed");
}

async fn bad_card(sandbox: &Sandbox, customer: &str) {
    let attach = "/v1/payment_methods/pm_card_chargeCustomerFail/attach";
    let bad = id(&post(sandbox, attach, json!({"customer": customer})).await.ok());
    let settings = json!({"invoice_settings": {"default_payment_method": bad}});
    post(sandbox, &format!("/v1/customers/{customer}"), settings).await.ok();
}

#[tokio::test]
async fn a_change_that_was_not_paid_for_waits_and_is_forgotten() {
    for paid in [true, false] {
        let (sandbox, _) = quiet(10).await;
        let made = subscribed(&sandbox, json!({})).await;
        bad_card(&sandbox, made["customer"].as_str().unwrap()).await;
        let item = &made["items"]["data"][0]["id"];
        let change = json!({"items": [{"id": item, "quantity": 3}], "proration_behavior": "always_invoice",
                            "payment_behavior": "pending_if_incomplete"});
        let held = post(&sandbox, &path(&id(&made)), change).await.ok();
        assert_eq!((&held["status"], &held["items"]["data"][0]["quantity"]), (&json!("active"), &json!(1)));
        assert_eq!(held["pending_update"]["subscription_items"][0]["quantity"], 3);
        assert_eq!(held["pending_update"]["expires_at"], NOON + 23 * 3600);
        let invoice = id(&latest(&sandbox, &id(&made)));
        if paid {
            sandbox.pay_invoice(&invoice, "pm_card_visa").await.unwrap();
        } else {
            sandbox.advance_ms(23 * HOUR_MS).await;
        }
        let after = sandbox.object(&id(&made)).unwrap();
        assert!(after["pending_update"].is_null());
        assert_eq!(after["items"]["data"][0]["quantity"], if paid { 3 } else { 1 });
        assert_eq!(sandbox.object(&invoice).unwrap()["status"], if paid { "paid" } else { "void" });
        assert_eq!(after["status"], "active");
    }
}

#[tokio::test]
async fn a_trial_can_begin_later_and_credits_what_was_paid() {
    let (sandbox, _) = quiet(11).await;
    let made = subscribed(&sandbox, json!({})).await;
    sandbox.advance_ms(15 * DAY_MS).await;
    let trial = post(&sandbox, &path(&id(&made)), json!({"trial_end": NOON + 20 * DAY})).await.ok();
    assert_eq!((&trial["status"], &trial["trial_start"]), (&json!("trialing"), &json!(NOON + 15 * DAY)));
    sandbox.advance_ms(5 * DAY_MS + HOUR_MS).await;
    let paid = latest(&sandbox, &id(&made));
    assert_eq!((status(&sandbox, &id(&made)).as_str(), &paid["amount_paid"]), ("active", &json!(1500)));
}

#[tokio::test]
async fn classic_billing_becomes_flexible_once() {
    let (sandbox, _) = quiet(12).await;
    let made = subscribed(&sandbox, json!({"billing_mode": {"type": "classic"}})).await;
    let migrate = format!("{}/migrate", path(&id(&made)));
    let mode = json!({"billing_mode": {"type": "flexible"}});
    let migrated = post(&sandbox, &migrate, mode.clone()).await.ok();
    assert_eq!(
        (&migrated["billing_mode"]["type"], &migrated["billing_mode"]["updated_at"]),
        (&json!("flexible"), &json!(NOON))
    );
    post(&sandbox, &migrate, mode).await.error(400);
}

#[tokio::test]
async fn invoices_say_what_the_subscription_says() {
    let (sandbox, _) = quiet(13).await;
    let settings = json!({"invoice_settings": {"description": "Thanks", "footer": "Ada & Co",
                          "custom_fields": [{"name": "PO", "value": "7"}]}});
    let made = subscribed(&sandbox, settings).await;
    let first = latest(&sandbox, &id(&made));
    assert_eq!((&first["description"], &first["footer"]), (&json!("Thanks"), &json!("Ada & Co")));
    assert_eq!(first["custom_fields"][0]["value"], "7");
}
