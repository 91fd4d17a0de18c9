//! Discounts on what is billed.

use super::{super::subscribing::*, *};

fn coupons(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({"coupon": id})).collect()
}

#[tokio::test]
async fn discounts_stack_a_lines_own_first_and_each_takes_of_what_is_left() {
    let (sandbox, _) = quiet(11).await;
    let half = coupon(&sandbox, json!({"percent_off": 50})).await;
    let tenth = coupon(&sandbox, json!({"percent_off": 10})).await;
    let five = coupon(&sandbox, json!({"amount_off": 500, "currency": "usd"})).await;
    let lines = [json!({"amount": 10_000, "discounts": [{"coupon": half}]}), json!({"amount": 3000})];
    let invoice = draft_of(&sandbox, json!({"discounts": coupons(&[&tenth, &five])}), &lines).await;
    assert_eq!(
        (int(&invoice, "subtotal"), int(&invoice, "total")),
        (8000, 6700),
        "own discounts are in subtotal"
    );
    assert_eq!(amounts(&invoice["total_discount_amounts"]), [800, 500, 5000]);
    let shown = &invoice["lines"]["data"];
    assert_eq!(shown[1]["discounts"].as_array().unwrap().len(), 1);
    assert_eq!(amounts(&shown[1]["discount_amounts"]), [5000, 500, 313]);
    assert_eq!(amounts(&shown[0]["discount_amounts"]), [300, 187]);
    assert_eq!(amounts(&shown[0]["pretax_credit_amounts"]), [300, 187]);
    let order = json!({"discounts": coupons(&[&five, &tenth])});
    let turned = post(&sandbox, &format!("/v1/invoices/{}", id(&invoice)), order).await.ok();
    assert_eq!(int(&turned, "total"), 6750);
    let none = post_form(&sandbox, &format!("/v1/invoices/{}", id(&invoice)), "discounts=").await.ok();
    assert_eq!((int(&none, "total"), &none["discounts"]), (8000, &json!([])));
}

#[tokio::test]
async fn a_discount_is_for_its_products_and_never_takes_more_than_there_is() {
    let (sandbox, _) = quiet(12).await;
    let product = |name: &'static str| {
        let sandbox = &sandbox;
        async move {
            let product = id(&post(sandbox, "/v1/products", json!({"name": name})).await.ok());
            let price = json!({"product": product, "currency": "usd", "unit_amount": 1000});
            (product, id(&post(sandbox, "/v1/prices", price).await.ok()))
        }
    };
    let ((gold, gold_price), (_, lead_price)) = (product("Gold").await, product("Lead").await);
    let off = json!({"amount_off": 5000, "currency": "usd", "applies_to": {"products": [gold]}});
    let off = coupon(&sandbox, off).await;
    let line = |price: &str| json!({"pricing": {"price": price}});
    let lines = [line(&gold_price), line(&lead_price), json!({"amount": 700})];
    let invoice = draft_of(&sandbox, json!({"discounts": coupons(&[&off])}), &lines).await;
    assert_eq!((int(&invoice, "total"), amounts(&invoice["total_discount_amounts"])), (1700, vec![1000]));
    let credit = json!({"amount": -300});
    let invoice = draft_of(&sandbox, json!({}), &[json!({"amount": 200}), credit]).await;
    assert_eq!(int(&invoice, "total"), -100, "a credit is not discounted and stays one");
    let wrong = coupon(&sandbox, json!({"amount_off": 5, "currency": "eur"})).await;
    let params = json!({"customer": invoice["customer"], "currency": "usd", "discounts": coupons(&[&wrong])});
    let error = post(&sandbox, "/v1/invoices", params).await.error(400);
    assert!(error["message"].as_str().unwrap().contains("takes off an amount in eur"), "{error}");
}

#[tokio::test]
async fn a_customers_discount_is_on_its_invoices_unless_they_have_their_own() {
    let (sandbox, _) = quiet(13).await;
    let fifth = coupon(&sandbox, json!({"percent_off": 20, "duration": "forever"})).await;
    let once = coupon(&sandbox, json!({"percent_off": 50})).await;
    let made = as_acacia(&sandbox, "/v1/customers", &format!("coupon={fifth}")).await;
    assert_eq!(made["discount"]["coupon"]["id"], fifth.as_str(), "acacia shows the coupon whole");
    let customer = id(&made);
    let shown = get(&sandbox, &format!("/v1/customers/{customer}")).await.ok();
    assert_eq!(shown["discount"]["source"], json!({"coupon": fifth, "type": "coupon"}));
    let line = [json!({"amount": 1000})];
    let total = |params: Value| {
        let (sandbox, line) = (&sandbox, &line);
        async move { int(&draft_of(sandbox, params, line).await, "total") }
    };
    assert_eq!(total(json!({"customer": customer})).await, 800);
    assert_eq!(total(json!({"customer": customer, "discounts": ""})).await, 1000);
    assert_eq!(total(json!({"customer": customer, "discounts": coupons(&[&once])})).await, 500);
    as_acacia(&sandbox, &format!("/v1/customers/{customer}"), &format!("coupon={once}")).await;
    let invoice = draft_of(&sandbox, json!({"customer": customer}), &line).await;
    assert_eq!(int(&invoice, "total"), 500);
    post(&sandbox, &format!("/v1/invoices/{}/finalize", id(&invoice)), json!({})).await.ok();
    assert_eq!(total(json!({"customer": customer})).await, 1000, "one invoice was enough");
    assert_eq!(get(&sandbox, &format!("/v1/customers/{customer}")).await.ok()["discount"], Value::Null);
    let told: Vec<String> =
        event_types(&sandbox).into_iter().filter(|kind| kind.starts_with("customer.discount")).collect();
    assert_eq!(told, ["customer.discount.created", "customer.discount.updated", "customer.discount.deleted"]);
}

async fn subscribed(sandbox: &Sandbox, more: Value) -> Value {
    let gold = price(sandbox, "Gold", 1000, "month").await;
    let (customer, _) = payer(sandbox, "pm_card_visa").await;
    post(sandbox, "/v1/subscriptions", to(&customer, &gold, more)).await.ok()
}

/// The totals of a subscription's invoices, oldest first.
fn totals(sandbox: &Sandbox, subscription: &Value) -> Vec<i64> {
    let own =
        |invoice: &Value| invoice["parent"]["subscription_details"]["subscription"] == subscription["id"];
    sandbox.objects("invoice").iter().filter(|one| own(one)).map(|one| int(one, "total")).collect()
}

#[tokio::test]
async fn a_repeating_discount_is_on_as_many_months_as_its_coupon_says() {
    let (sandbox, _) = quiet(14).await;
    let params = json!({"percent_off": 25, "duration": "repeating", "duration_in_months": 2});
    let quarter = coupon(&sandbox, params).await;
    let made = subscribed(&sandbox, json!({"discounts": coupons(&[&quarter])})).await;
    let discount = made["discounts"][0].as_str().unwrap().to_owned();
    assert_eq!(sandbox.object(&discount).unwrap()["subscription"], made["id"]);
    sandbox.advance_ms(100 * DAY_MS).await;
    assert_eq!(totals(&sandbox, &made), [750, 750, 1000, 1000]);
    assert_eq!(sandbox.object(&id(&made)).unwrap()["discounts"], json!([]));
    let ended: Vec<Value> =
        sandbox.events().into_iter().filter(|event| event["type"] == "customer.discount.deleted").collect();
    assert_eq!((ended.len(), &ended[0]["data"]["object"]["id"]), (1, &json!(discount)));
    assert_eq!(ended[0]["created"], ended[0]["data"]["object"]["end"]);
}

#[tokio::test]
async fn a_discount_of_one_invoice_is_on_the_first_and_one_for_ever_on_all() {
    let (sandbox, _) = quiet(15).await;
    let once = coupon(&sandbox, json!({"amount_off": 300, "currency": "usd"})).await;
    let ever = coupon(&sandbox, json!({"percent_off": 10, "duration": "forever"})).await;
    let made = subscribed(&sandbox, json!({"discounts": coupons(&[&once, &ever])})).await;
    sandbox.advance_ms(65 * DAY_MS).await;
    assert_eq!(totals(&sandbox, &made), [630, 900, 900]);
    assert_eq!(sandbox.object(&id(&made)).unwrap()["discounts"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_discount_of_an_item_is_on_its_lines_and_a_removed_one_on_nothing() {
    let (sandbox, _) = quiet(16).await;
    let ever = json!({"percent_off": 50, "duration": "forever"});
    let (half, more) = (coupon(&sandbox, ever.clone()).await, coupon(&sandbox, ever).await);
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let lead = price(&sandbox, "Lead", 500, "month").await;
    let (customer, _) = payer(&sandbox, "pm_card_visa").await;
    let items = json!([{"price": gold, "discounts": coupons(&[&half])}, {"price": lead}]);
    let params = json!({"customer": customer, "items": items, "discounts": coupons(&[&more])});
    let made = post(&sandbox, "/v1/subscriptions", params).await.ok();
    let path = path(&id(&made));
    assert_eq!(totals(&sandbox, &made), [500], "(1000 - 500) / 2 + 500 / 2");
    assert_eq!(made["items"]["data"][0]["discounts"].as_array().unwrap().len(), 1);
    let gone = delete(&sandbox, &format!("{path}/discount")).await.ok();
    assert_eq!((&gone["deleted"], &gone["subscription"]), (&json!(true), &made["id"]));
    assert_eq!(delete(&sandbox, &format!("{path}/discount")).await.error(404)["code"], "resource_missing");
    sandbox.advance_ms(35 * DAY_MS).await;
    assert_eq!(totals(&sandbox, &made), [500, 1000]);
    let item = made["items"]["data"][0]["id"].as_str().unwrap();
    post_form(&sandbox, &format!("/v1/subscription_items/{item}"), "discounts=").await.ok();
    sandbox.advance_ms(31 * DAY_MS).await;
    assert_eq!(totals(&sandbox, &made), [500, 1000, 1500]);
}

#[tokio::test]
async fn deleting_a_coupon_takes_nothing_from_who_redeemed_it() {
    let (sandbox, _) = quiet(17).await;
    let fifth = coupon(&sandbox, json!({"percent_off": 20, "duration": "forever"})).await;
    let made = subscribed(&sandbox, json!({"discounts": coupons(&[&fifth])})).await;
    delete(&sandbox, &format!("/v1/coupons/{fifth}")).await.ok();
    sandbox.advance_ms(35 * DAY_MS).await;
    assert_eq!(totals(&sandbox, &made), [800, 800]);
    let path = format!("{}?expand[]=discounts", path(&id(&made)));
    assert_eq!(get(&sandbox, &path).await.ok()["discounts"][0]["source"]["coupon"], fifth.as_str());
}

#[tokio::test]
async fn a_preview_shows_what_discounts_and_taxes_would_make_of_the_next_invoice() {
    let (sandbox, _) = quiet(18).await;
    let fifth = coupon(&sandbox, json!({"percent_off": 20, "duration": "forever"})).await;
    let half = coupon(&sandbox, json!({"percent_off": 50, "max_redemptions": 1})).await;
    let tax = rate(&sandbox, 10, false).await;
    let more = json!({"discounts": coupons(&[&fifth]), "default_tax_rates": [tax]});
    let made = subscribed(&sandbox, more).await;
    let events = sandbox.events().len();
    let next = json!({"subscription": made["id"]});
    let shown = post(&sandbox, "/v1/invoices/create_preview", next.clone()).await.ok();
    assert_eq!((int(&shown, "subtotal"), int(&shown, "total")), (1000, 880));
    let mut other = next;
    other["discounts"] = coupons(&[&half]);
    for _ in 0..2 {
        let shown = post(&sandbox, "/v1/invoices/create_preview", other.clone()).await.ok();
        assert_eq!((int(&shown, "total"), amounts(&shown["total_discount_amounts"])), (550, vec![500]));
    }
    assert_eq!(
        (sandbox.events().len(), totals(&sandbox, &made)),
        (events, vec![880]),
        "nothing was redeemed"
    );
    sandbox.advance_ms(35 * DAY_MS).await;
    assert_eq!(totals(&sandbox, &made), [880, 880]);
}
