//! Subscriptions by request: how they begin, and how they are found.

use serde_json::{Value, json};

use super::{client::*, subscribing::*};

#[tokio::test]
async fn the_first_invoice_is_paid_inside_the_call() {
    let (sandbox, _) = quiet(1).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let (customer, _) = payer(&sandbox, "pm_card_visa").await;
    let before = sandbox.events().len();
    let params =
        to(&customer, &gold, json!({"metadata": {"team": "ops"}, "expand": ["latest_invoice.payments"]}));
    let made = post(&sandbox, "/v1/subscriptions", params).await.ok();
    assert_eq!((&made["status"], &made["billing_mode"]["type"]), (&json!("active"), &json!("flexible")));
    let item = &made["items"]["data"][0];
    // 22 November to 22 December.
    assert_eq!(
        (&item["current_period_start"], &item["current_period_end"]),
        (&json!(NOON), &json!(NOON + 30 * 86_400))
    );
    assert_eq!((&item["price"]["id"], &item["plan"]["id"]), (&json!(gold), &json!(gold)));
    let invoice = &made["latest_invoice"];
    assert_eq!(
        (&invoice["status"], &invoice["billing_reason"]),
        (&json!("paid"), &json!("subscription_create"))
    );
    assert_eq!(invoice["parent"]["subscription_details"]["metadata"]["team"], "ops");
    let line = &invoice["lines"]["data"][0];
    assert_eq!(line["description"], "1 × Gold (at $10.00 / month)");
    assert_eq!(line["parent"]["subscription_item_details"]["subscription_item"], item["id"]);
    assert_eq!(
        since(&sandbox, before),
        [
            "customer.subscription.created",
            "invoice.created",
            "invoice.finalized",
            "invoice.paid",
            "invoice.payment_succeeded",
            "customer.updated",
        ]
    );
    let told = &sandbox.events()[before]["data"]["object"];
    assert_eq!((&told["status"], &told["latest_invoice"]), (&json!("active"), &invoice["id"]));
    let listed = get(&sandbox, &format!("/v1/invoices?subscription={}", id(&made))).await.ok();
    assert_eq!(listed["data"][0]["id"], invoice["id"]);
}

#[tokio::test]
async fn the_payment_behavior_decides_what_a_refused_card_leaves() {
    let (sandbox, _) = quiet(2).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let (customer, _) = payer(&sandbox, "pm_card_chargeCustomerFail").await;
    let ask = |more: Value| post(&sandbox, "/v1/subscriptions", to(&customer, &gold, more));
    let refused = ask(json!({"payment_behavior": "error_if_incomplete"})).await.error(402);
    assert_eq!(refused["code"], "card_declined");
    assert!(sandbox.objects("subscription").is_empty() && sandbox.objects("invoice").is_empty());
    let left = ask(json!({})).await.ok();
    assert_eq!(left["status"], "incomplete");
    let invoice = latest(&sandbox, &id(&left));
    assert_eq!((&invoice["status"], &invoice["attempt_count"]), (&json!("open"), &json!(1)));
    let waiting = ask(json!({"payment_behavior": "default_incomplete",
                             "expand": ["latest_invoice.confirmation_secret"]}))
    .await
    .ok();
    assert_eq!(
        (&waiting["status"], &waiting["latest_invoice"]["attempt_count"]),
        (&json!("incomplete"), &json!(0))
    );
    assert!(waiting["latest_invoice"]["confirmation_secret"]["client_secret"].is_string());
    let count = sandbox.events().len();
    sandbox.pay_invoice(waiting["latest_invoice"]["id"].as_str().unwrap(), "pm_card_visa").await.unwrap();
    assert_eq!(status(&sandbox, &id(&waiting)), "active");
    assert_eq!(since(&sandbox, count).last().unwrap(), "customer.subscription.updated");
    assert_eq!(
        sandbox.events().pop().unwrap()["data"]["previous_attributes"],
        json!({"status": "incomplete"})
    );
    let confirmed = ask(json!({"payment_behavior": "default_incomplete",
                               "expand": ["latest_invoice.payments"]}))
    .await
    .ok();
    let payment = &confirmed["latest_invoice"]["payments"]["data"][0]["payment"];
    let confirm = format!("/v1/payment_intents/{}/confirm", payment["payment_intent"].as_str().unwrap());
    post(&sandbox, &confirm, json!({"payment_method": "pm_card_visa"})).await.ok();
    assert_eq!(status(&sandbox, &id(&confirmed)), "active");
    assert_eq!(
        ask(json!({"payment_behavior": "pending_if_incomplete"})).await.error(400)["param"],
        "payment_behavior"
    );
}

#[tokio::test]
async fn without_a_payment_method_only_what_asks_for_none_begins() {
    let (sandbox, _) = quiet(3).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let free = price(&sandbox, "Free", 0, "month").await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let ask = |price: &str, more: Value| post(&sandbox, "/v1/subscriptions", to(&customer, price, more));
    let refused = ask(&gold, json!({})).await.error(400);
    assert_eq!(refused["code"], "resource_missing");
    assert!(refused.get("param").is_none());
    assert!(sandbox.objects("subscription").is_empty());
    assert_eq!(ask(&free, json!({})).await.ok()["status"], "active");
    assert_eq!(ask(&gold, json!({"trial_period_days": 14})).await.ok()["status"], "trialing");
    assert_eq!(
        ask(&gold, json!({"payment_behavior": "default_incomplete"})).await.ok()["status"],
        "incomplete"
    );
    let sent = ask(&gold, json!({"collection_method": "send_invoice", "days_until_due": 7})).await.ok();
    assert_eq!(
        (&sent["status"], &latest(&sandbox, &id(&sent))["status"]),
        (&json!("active"), &json!("draft"))
    );
    event_types(&sandbox);
}

#[tokio::test]
async fn what_cannot_be_subscribed_to_is_refused_and_changes_nothing() {
    let (sandbox, _) = quiet(4).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let (customer, _) = payer(&sandbox, "pm_card_visa").await;
    let (_, other) = payer(&sandbox, "pm_card_visa").await;
    let once = json!({"product_data": {"name": "Setup"}, "currency": "usd", "unit_amount": 1});
    let once = id(&post(&sandbox, "/v1/prices", once).await.ok());
    let euro = json!({"product_data": {"name": "E"}, "currency": "eur", "unit_amount": 1, "recurring": {"interval": "month"}});
    let euro = id(&post(&sandbox, "/v1/prices", euro).await.ok());
    let before = sandbox.events().len();
    for (params, param) in [
        (json!({"customer": customer}), "items"),
        (json!({"items": [{"price": gold}]}), "customer"),
        (to(&customer, "price_none", json!({})), "items[0][price]"),
        (to(&customer, &once, json!({})), "items[0][price]"),
        (json!({"customer": customer, "items": [{"price": gold}, {"price": euro}]}), "items[1][price]"),
        (json!({"customer": customer, "items": [{"price": gold, "quantity": -1}]}), "items[0][quantity]"),
        (json!({"customer": customer, "items": [{"quantity": 1}]}), "items[0][price]"),
        (json!({"customer": customer, "items": [{"price": gold, "plan": gold}]}), "items[0][plan]"),
        (to(&customer, &gold, json!({"days_until_due": 3})), "days_until_due"),
        (to(&customer, &gold, json!({"collection_method": "send_invoice"})), "days_until_due"),
        (to(&customer, &gold, json!({"trial_period_days": 731})), "trial_period_days"),
        (to(&customer, &gold, json!({"trial_end": NOON - 1})), "trial_end"),
        (to(&customer, &gold, json!({"trial_end": NOON + 9, "trial_period_days": 1})), "trial_end"),
        (to(&customer, &gold, json!({"default_payment_method": other})), "default_payment_method"),
        (to(&customer, &gold, json!({"cancel_at": NOON})), "cancel_at"),
        (to(&customer, &gold, json!({"currency": "eur"})), "currency"),
    ] {
        let error = post(&sandbox, "/v1/subscriptions", params.clone()).await.error(400);
        assert_eq!(error["param"], param, "{params}: {error}");
    }
    assert_eq!(sandbox.events().len(), before);
    assert!(sandbox.objects("subscription").is_empty() && sandbox.objects("subscription_item").is_empty());
}

#[tokio::test]
async fn inline_prices_and_several_intervals_make_one_subscription() {
    let (sandbox, _) = quiet(5).await;
    let yearly = price(&sandbox, "Base", 12_000, "year").await;
    let (customer, method) = payer(&sandbox, "pm_card_visa").await;
    let product = id(&post(&sandbox, "/v1/products", json!({"name": "Seat"})).await.ok());
    let data = json!({"currency": "usd", "product": product, "unit_amount": 500, "recurring": {"interval": "month"}});
    let params = json!({"customer": customer, "default_payment_method": method,
        "items": [{"price_data": data, "quantity": 3, "metadata": {"kind": "seat"}}, {"price": yearly}]});
    let made = post(&sandbox, "/v1/subscriptions", params.clone()).await.ok();
    assert_eq!(made["items"]["data"].as_array().unwrap().len(), 2);
    assert_eq!(made["items"]["data"][0]["metadata"], json!({"kind": "seat"}));
    assert_eq!(latest(&sandbox, &id(&made))["amount_paid"], 1500 + 12_000);
    let mut classic = params;
    classic["billing_mode"] = json!({"type": "classic"});
    assert_eq!(post(&sandbox, "/v1/subscriptions", classic).await.error(400)["param"], "items");
    assert_eq!(sandbox.objects("price").len(), 2, "one for the yearly, one inline");
    let items = get(&sandbox, &format!("/v1/subscription_items?subscription={}", id(&made))).await.ok();
    assert_eq!(items["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn lists_hide_what_is_canceled_unless_asked() {
    let (sandbox, _) = quiet(13).await;
    let (gone, made) = active(&sandbox).await;
    let (kept, other) = active(&sandbox).await;
    delete(&sandbox, &path(&gone)).await.ok();
    let customer = made["customer"].as_str().unwrap();
    let price = other["items"]["data"][0]["price"]["id"].as_str().unwrap();
    for (query, expected) in [
        (String::new(), vec![&kept]),
        ("?status=all".into(), vec![&kept, &gone]),
        ("?status=canceled".into(), vec![&gone]),
        ("?status=ended".into(), vec![&gone]),
        ("?status=active&limit=1".into(), vec![&kept]),
        (format!("?customer={customer}"), vec![]),
        (format!("?customer={customer}&status=all"), vec![&gone]),
        (format!("?price={price}"), vec![&kept]),
        (format!("?status=all&starting_after={kept}"), vec![&gone]),
        ("?collection_method=send_invoice".into(), vec![]),
        ("?automatic_tax[enabled]=false".into(), vec![&kept]),
        ("?automatic_tax[enabled]=true".into(), vec![]),
        ("?test_clock=clock_1".into(), vec![]),
        ("?customer_account=acct_1".into(), vec![]),
        (format!("?current_period_end[gt]={NOON}"), vec![&kept]),
        (format!("?current_period_start[lt]={NOON}"), vec![]),
        (format!("?created={NOON}"), vec![&kept]),
    ] {
        let listed = get(&sandbox, &format!("/v1/subscriptions{query}")).await.ok();
        let found: Vec<String> = listed["data"].as_array().unwrap().iter().map(id).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
        assert_eq!(listed["url"], "/v1/subscriptions");
    }
    let owner = format!("/v1/customers/{}?expand[]=subscriptions", other["customer"].as_str().unwrap());
    let shown = get(&sandbox, &owner);
    assert_eq!(shown.await.ok()["subscriptions"]["data"][0]["id"], kept.as_str());
    delete(&sandbox, &format!("/v1/customers/{}", other["customer"].as_str().unwrap())).await.ok();
    assert_eq!(status(&sandbox, &kept), "canceled");
    event_types(&sandbox);
}
