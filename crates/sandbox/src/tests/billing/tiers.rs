//! Prices with tiers, packs, other currencies, and amounts that customers choose.

use super::{super::subscribing::*, *};

fn graduated(product: &str) -> Value {
    json!({
        "product": product, "currency": "usd", "billing_scheme": "tiered", "tiers_mode": "graduated",
        "recurring": {"interval": "month"},
        "tiers": [{"up_to": 5, "unit_amount": 500, "flat_amount": 1000}, {"up_to": "inf", "unit_amount_decimal": "0.5"}],
    })
}

async fn product(sandbox: &Sandbox) -> String {
    id(&post(sandbox, "/v1/products", json!({"name": "Gold"})).await.ok())
}

#[tokio::test]
async fn a_subscription_to_tiers_is_billed_by_its_quantity() {
    let (sandbox, _) = quiet(31).await;
    let made = post(&sandbox, "/v1/prices", graduated(&product(&sandbox).await)).await.ok();
    assert_eq!((&made["unit_amount"], &made["unit_amount_decimal"]), (&Value::Null, &Value::Null));
    assert!(made.get("tiers").is_none(), "shown only when asked for");
    let shown = get(&sandbox, &format!("/v1/prices/{}?expand[]=tiers", id(&made))).await.ok();
    assert_eq!(shown["tiers"][1]["up_to"], Value::Null);
    assert_eq!(
        (&shown["tiers"][1]["unit_amount"], &shown["tiers"][0]["flat_amount_decimal"]),
        (&Value::Null, &json!("1000"))
    );
    let (customer, _) = payer(&sandbox, "pm_card_visa").await;
    let items = json!({"items": [{"price": id(&made), "quantity": 8}]});
    let sub = post(&sandbox, "/v1/subscriptions", to(&customer, "", items)).await.ok();
    let invoice =
        get(&sandbox, &format!("/v1/invoices/{}", sub["latest_invoice"].as_str().unwrap())).await.ok();
    assert_eq!(int(&invoice, "total"), 1000 + 5 * 500 + 2, "1.5 is rounded once");
    assert_eq!(invoice["lines"]["data"][0]["pricing"]["unit_amount_decimal"], Value::Null);
    let item = sub["items"]["data"][0]["id"].clone();
    let fewer = json!({"items": [{"id": item, "quantity": 4}], "proration_behavior": "always_invoice"});
    let after = post(&sandbox, &path(&id(&sub)), fewer).await.ok();
    assert_eq!(int(&latest(&sandbox, &id(&after)), "total"), 3000 - 3502);
}

#[tokio::test]
async fn packs_and_other_currencies_are_billed_as_the_price_says() {
    let (sandbox, _) = quiet(32).await;
    let params = json!({
        "product": product(&sandbox).await, "currency": "usd", "unit_amount": 1000,
        "transform_quantity": {"divide_by": 5, "round": "up"}, "recurring": {"interval": "month"},
        "currency_options": {"eur": {"unit_amount": 900, "tax_behavior": "inclusive"}},
    });
    let price = post(&sandbox, "/v1/prices", params).await.ok();
    assert_eq!(price["transform_quantity"], json!({"divide_by": 5, "round": "up"}));
    let (customer, _) = payer(&sandbox, "pm_card_visa").await;
    let items = json!({"items": [{"price": id(&price), "quantity": 11}], "currency": "eur"});
    let sub = post(&sandbox, "/v1/subscriptions", to(&customer, "", items.clone())).await.ok();
    assert_eq!((&sub["currency"], int(&latest(&sandbox, &id(&sub)), "total")), (&json!("eur"), 2700));
    let mut wrong = items;
    wrong["currency"] = json!("gbp");
    let error = post(&sandbox, "/v1/subscriptions", to(&customer, "", wrong)).await.error(400);
    assert_eq!(error["param"], "currency");
    let path = format!("/v1/prices/{}", id(&price));
    post(&sandbox, &path, json!({"currency_options": {"gbp": {"unit_amount": 800}}})).await.ok();
    let shown = get(&sandbox, &format!("{path}?expand[]=currency_options")).await.ok();
    let options = shown["currency_options"].as_object().unwrap();
    assert_eq!(options.keys().collect::<Vec<_>>(), ["eur", "gbp", "usd"]);
    assert_eq!(
        (&options["eur"]["tax_behavior"], &options["usd"]["unit_amount"]),
        (&json!("inclusive"), &json!(1000))
    );
    sandbox.advance_ms(32 * DAY_MS).await;
    assert_eq!(int(&latest(&sandbox, &id(&sub)), "total"), 2700);
}

#[tokio::test]
async fn an_amount_that_the_customer_chooses_is_for_checkout() {
    let (sandbox, _) = quiet(33).await;
    let product = product(&sandbox).await;
    let chosen = |more: Value| {
        let mut params = json!({"product": product, "currency": "usd",
                                "custom_unit_amount": {"enabled": true, "minimum": 100, "preset": 500}});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    let price = post(&sandbox, "/v1/prices", chosen(json!({}))).await.ok();
    assert_eq!(price["custom_unit_amount"], json!({"maximum": null, "minimum": 100, "preset": 500}));
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let item = json!({"customer": customer, "pricing": {"price": id(&price)}});
    let error = post(&sandbox, "/v1/invoiceitems", item).await.error(400);
    assert_eq!(error["param"], "pricing[price]");
    for (more, param) in [
        (json!({"recurring": {"interval": "month"}}), "custom_unit_amount"),
        (json!({"unit_amount": 5}), "unit_amount"),
        (
            json!({"custom_unit_amount": {"enabled": true, "minimum": 5, "maximum": 4}}),
            "custom_unit_amount[minimum]",
        ),
        (
            json!({"custom_unit_amount": {"enabled": true, "maximum": 4, "preset": 5}}),
            "custom_unit_amount[preset]",
        ),
    ] {
        let error = post(&sandbox, "/v1/prices", chosen(more.clone())).await.error(400);
        assert_eq!(error["param"], param, "{more}");
    }
}

#[tokio::test]
async fn tiers_that_cannot_be_are_refused_by_their_place() {
    let (sandbox, _) = quiet(34).await;
    let product = product(&sandbox).await;
    for (change, param) in [
        (json!({"tiers_mode": null}), "tiers_mode"),
        (json!({"tiers": null}), "tiers"),
        (json!({"unit_amount": 5}), "unit_amount"),
        (json!({"billing_scheme": "per_unit", "tiers_mode": null}), "tiers"),
        (json!({"billing_scheme": "per_unit", "tiers": null, "unit_amount": 5}), "tiers_mode"),
        (json!({"tiers": [{"up_to": 5, "unit_amount": 5}]}), "tiers[0][up_to]"),
        (json!({"transform_quantity": {"divide_by": 2, "round": "up"}}), "transform_quantity"),
        (json!({"currency_options": {"eur": {"unit_amount": 5}}}), "currency_options[eur][unit_amount]"),
    ] {
        let mut params = graduated(&product);
        for (name, value) in change.as_object().unwrap() {
            if value.is_null() {
                params.as_object_mut().unwrap().shift_remove(name);
            } else {
                params[name] = value.clone();
            }
        }
        let error = post(&sandbox, "/v1/prices", params).await.error(400);
        assert_eq!(error["param"], param, "{change}: {error}");
    }
    assert!(sandbox.objects("price").is_empty());
}
