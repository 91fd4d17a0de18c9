//! Subscriptions by request: how they change and end.

use serde_json::json;

use super::{client::*, subscribing::*};

#[tokio::test]
async fn canceling_now_is_the_last_word() {
    let (sandbox, _) = quiet(6).await;
    let (subscription, _) = active(&sandbox).await;
    let before = sandbox.events().len();
    let canceled = delete(&sandbox, &path(&subscription)).await.ok();
    assert_eq!((&canceled["status"], &canceled["ended_at"]), (&json!("canceled"), &json!(NOON)));
    assert_eq!(canceled["cancellation_details"]["reason"], "cancellation_requested");
    assert_eq!(since(&sandbox, before), ["customer.subscription.deleted"]);
    let again = delete(&sandbox, &path(&subscription)).await.error(404);
    assert_eq!(again["code"], "resource_missing");
    let late = post(&sandbox, &path(&subscription), json!({"cancel_at_period_end": true})).await.error(400);
    assert!(late["message"].as_str().unwrap().starts_with("A canceled subscription can only update"));
    let said = json!({"cancellation_details": {"feedback": "too_expensive"}, "metadata": {"a": "1"}});
    assert_eq!(post(&sandbox, &path(&subscription), said).await.ok()["metadata"], json!({"a": "1"}));
    sandbox.advance_ms(400 * DAY_MS).await;
    assert_eq!(sandbox.objects("invoice").len(), 1, "nothing renews");
}

#[tokio::test]
async fn canceling_can_credit_the_unused_time_and_bill_it_now() {
    let (sandbox, _) = quiet(7).await;
    let (subscription, made) = active(&sandbox).await;
    sandbox.advance_ms(15 * DAY_MS).await;
    let before = sandbox.events().len();
    let path = format!("{}?prorate=true&invoice_now=true", path(&subscription));
    let canceled = delete(&sandbox, &path).await.ok();
    let invoice = sandbox.object(canceled["latest_invoice"].as_str().unwrap()).unwrap();
    assert_eq!((&invoice["total"], &invoice["status"]), (&json!(-500), &json!("paid")));
    let line = &invoice["lines"]["data"][0];
    assert_eq!(line["description"], "Unused time on Gold after 07 Dec 2026");
    assert_eq!(line["parent"]["subscription_item_details"]["proration"], true);
    assert_eq!(sandbox.object(made["customer"].as_str().unwrap()).unwrap()["balance"], -500);
    let told = since(&sandbox, before);
    assert_eq!(
        (told[0].as_str(), told.last().unwrap().as_str()),
        ("invoiceitem.created", "customer.subscription.deleted")
    );
}

#[tokio::test]
async fn a_change_of_quantity_is_prorated_on_the_next_invoice_or_now() {
    let (sandbox, _) = quiet(8).await;
    let (subscription, made) = active(&sandbox).await;
    let item = made["items"]["data"][0]["id"].clone();
    sandbox.advance_ms(15 * DAY_MS).await;
    let before = sandbox.events().len();
    let two = json!({"items": [{"id": item, "quantity": 2}]});
    let changed = post(&sandbox, &path(&subscription), two).await.ok();
    assert_eq!(changed["items"]["data"][0]["quantity"], 2);
    assert_eq!(
        since(&sandbox, before),
        ["invoiceitem.created", "invoiceitem.created", "customer.subscription.updated"]
    );
    let pending = get(&sandbox, "/v1/invoiceitems?pending=true").await.ok();
    let amounts: Vec<i64> =
        pending["data"].as_array().unwrap().iter().map(|i| i["amount"].as_i64().unwrap()).collect();
    assert_eq!(amounts, [1000, -500], "newest first");
    let before = sandbox.events().len();
    let outside = json!({"items": [{"id": item, "quantity": 3}], "proration_date": NOON - 1});
    assert_eq!(post(&sandbox, &path(&subscription), outside).await.error(400)["param"], "proration_date");
    let three = json!({"items": [{"id": item, "quantity": 3}], "proration_behavior": "always_invoice"});
    post(&sandbox, &path(&subscription), three).await.ok();
    assert_eq!(
        since(&sandbox, before),
        [
            "invoiceitem.created",
            "invoiceitem.created",
            "invoice.created",
            "invoice.finalized",
            "invoice.paid",
            "invoice.payment_succeeded",
            "customer.subscription.updated",
        ]
    );
    let invoice = latest(&sandbox, &subscription);
    assert_eq!(
        (&invoice["amount_paid"], &invoice["billing_reason"]),
        (&json!(1000), &json!("subscription_update"))
    );
    let before = sandbox.events().len();
    let none = json!({"items": [{"id": item, "quantity": 1}], "proration_behavior": "none"});
    post(&sandbox, &path(&subscription), none).await.ok();
    assert_eq!(since(&sandbox, before), ["customer.subscription.updated"]);
    let previous = &sandbox.events().pop().unwrap()["data"]["previous_attributes"];
    assert_eq!(previous["items"]["data"][0]["quantity"], 3);
}

#[tokio::test]
async fn a_price_of_another_interval_begins_a_new_period_that_is_billed_now() {
    let (sandbox, _) = quiet(9).await;
    let (subscription, made) = active(&sandbox).await;
    let yearly = price(&sandbox, "Gold yearly", 10_000, "year").await;
    let item = made["items"]["data"][0]["id"].clone();
    sandbox.advance_ms(15 * DAY_MS).await;
    let params = json!({"items": [{"id": item, "price": yearly}]});
    let changed = post(&sandbox, &path(&subscription), params).await.ok();
    let now = NOON + 15 * 86_400;
    let item = &changed["items"]["data"][0];
    assert_eq!(
        (&item["current_period_start"], &item["current_period_end"], &changed["billing_cycle_anchor"]),
        (&json!(now), &json!(now + 365 * 86_400), &json!(now))
    );
    assert_eq!(latest(&sandbox, &subscription)["amount_paid"], 10_000 - 500);
}

#[tokio::test]
async fn a_refused_upgrade_leaves_past_due_or_nothing_at_all() {
    let (sandbox, _) = quiet(10).await;
    let (subscription, made) = active(&sandbox).await;
    let customer = made["customer"].as_str().unwrap();
    let attach = "/v1/payment_methods/pm_card_chargeCustomerFail/attach";
    let bad = id(&post(&sandbox, attach, json!({"customer": customer})).await.ok());
    post(&sandbox, &path(&subscription), json!({"default_payment_method": bad})).await.ok();
    let item = &made["items"]["data"][0]["id"];
    let at = path(&subscription);
    let upgrade = |behavior: &str| {
        let params = json!({"items": [{"id": item, "quantity": 5}], "proration_behavior": "always_invoice",
                            "payment_behavior": behavior});
        post(&sandbox, &at, params)
    };
    let before = sandbox.events().len();
    upgrade("error_if_incomplete").await.error(402);
    assert_eq!((sandbox.events().len(), status(&sandbox, &subscription)), (before, "active".to_owned()));
    let left = upgrade("allow_incomplete").await.ok();
    assert_eq!((&left["status"], &left["items"]["data"][0]["quantity"]), (&json!("past_due"), &json!(5)));
    assert!(since(&sandbox, before).contains(&"invoice.payment_failed".to_owned()));
    let invoice = id(&latest(&sandbox, &subscription));
    sandbox.pay_invoice(&invoice, "pm_card_visa").await.unwrap();
    assert_eq!(status(&sandbox, &subscription), "active");
}

#[tokio::test]
async fn items_come_and_go_by_themselves_too() {
    let (sandbox, _) = quiet(11).await;
    let (subscription, made) = active(&sandbox).await;
    let extra = price(&sandbox, "Extra", 3000, "month").await;
    sandbox.advance_ms(20 * DAY_MS).await;
    let params = json!({"subscription": subscription, "price": extra, "quantity": 2});
    let added = post(&sandbox, "/v1/subscription_items", params).await.ok();
    assert_eq!(added["current_period_end"], made["items"]["data"][0]["current_period_end"]);
    let item = format!("/v1/subscription_items/{}", id(&added));
    assert_eq!(get(&sandbox, &item).await.ok()["quantity"], 2);
    post(&sandbox, &item, json!({"quantity": 1})).await.ok();
    assert_eq!(delete(&sandbox, &item).await.ok()["deleted"], true);
    let pending = get(&sandbox, "/v1/invoiceitems?pending=true").await.ok();
    let sum: i64 = pending["data"].as_array().unwrap().iter().map(|i| i["amount"].as_i64().unwrap()).sum();
    assert_eq!(sum, 0, "what was added and removed in one moment costs nothing");
    get(&sandbox, &item).await.error(404);
    let last = made["items"]["data"][0]["id"].as_str().unwrap();
    delete(&sandbox, &format!("/v1/subscription_items/{last}")).await.error(400);
    assert_eq!(sandbox.objects("subscription_item").len(), 1);
    event_types(&sandbox);
}

#[tokio::test]
async fn a_planned_end_can_be_taken_back() {
    let (sandbox, _) = quiet(12).await;
    let (subscription, made) = active(&sandbox).await;
    let end = made["items"]["data"][0]["current_period_end"].clone();
    let planned = post(&sandbox, &path(&subscription), json!({"cancel_at_period_end": true})).await.ok();
    assert_eq!(
        (&planned["cancel_at"], &planned["canceled_at"], &planned["status"]),
        (&end, &json!(NOON), &json!("active"))
    );
    let kept = post(&sandbox, &path(&subscription), json!({"cancel_at_period_end": false})).await.ok();
    assert_eq!((&kept["cancel_at"], &kept["canceled_at"]), (&json!(null), &json!(null)));
    let named = post(&sandbox, &path(&subscription), json!({"cancel_at": "min_period_end"})).await.ok();
    assert_eq!((&named["cancel_at"], &named["cancel_at_period_end"]), (&end, &json!(false)));
    post_form(&sandbox, &path(&subscription), "cancel_at=").await.ok();
    post(&sandbox, &path(&subscription), json!({"cancel_at_period_end": true})).await.ok();
    let before = sandbox.events().len();
    sandbox.advance_ms(31 * DAY_MS).await;
    assert_eq!(since(&sandbox, before), ["customer.subscription.deleted"]);
    assert_eq!(sandbox.object(&subscription).unwrap()["ended_at"], end);
}
