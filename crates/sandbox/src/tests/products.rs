//! Products and prices: made, changed, listed, refused.

use serde_json::{Value, json};

use super::client::*;
use crate::Sandbox;

/// A product and its monthly price of 10.00 USD.
async fn gold(sandbox: &Sandbox) -> (String, String) {
    let product = id(&post(sandbox, "/v1/products", json!({"name": "Gold"})).await.ok());
    let params = json!({"product": product, "currency": "usd", "unit_amount": 1000,
                        "recurring": {"interval": "month"}});
    let price = id(&post(sandbox, "/v1/prices", params).await.ok());
    (product, price)
}

async fn ids(sandbox: &Sandbox, path: &str) -> Vec<String> {
    get(sandbox, path).await.ok()["data"].as_array().unwrap().iter().map(id).collect()
}

#[tokio::test]
async fn a_product_and_its_price_tell_of_themselves() {
    let (sandbox, _) = quiet(1).await;
    let (product, price) = gold(&sandbox).await;
    assert!(product.starts_with("prod_") && price.starts_with("price_"));
    assert_eq!(event_types(&sandbox), ["product.created", "plan.created", "price.created"]);
    let shown = get(&sandbox, &format!("/v1/prices/{price}?expand[]=product")).await.ok();
    assert_eq!((&shown["type"], &shown["product"]["name"]), (&json!("recurring"), &json!("Gold")));
    assert_eq!((&shown["unit_amount"], &shown["unit_amount_decimal"]), (&json!(1000), &json!("1000")));
}

#[tokio::test]
async fn a_product_brings_its_first_price_and_keeps_a_default_of_its_own() {
    let (sandbox, _) = quiet(2).await;
    let params =
        json!({"name": "Tea", "default_price_data": {"currency": "eur", "unit_amount_decimal": "12.5"}});
    let tea = post(&sandbox, "/v1/products", params).await.ok();
    let price = get(&sandbox, &format!("/v1/prices/{}", tea["default_price"].as_str().unwrap())).await.ok();
    assert_eq!((&price["unit_amount"], &price["unit_amount_decimal"]), (&json!(null), &json!("12.5")));
    assert_eq!((&price["active"], &price["type"]), (&json!(true), &json!("one_time")));
    let (_, other) = gold(&sandbox).await;
    let path = format!("/v1/products/{}", id(&tea));
    assert_eq!(
        post(&sandbox, &path, json!({"default_price": other})).await.error(400)["param"],
        "default_price"
    );
    let changed = post_form(&sandbox, &path, "name=Green+tea&metadata[a]=1&description=").await.ok();
    assert_eq!((&changed["name"], &changed["metadata"]), (&json!("Green tea"), &json!({"a": "1"})));
    assert!(event_types(&sandbox).contains(&"product.updated".to_owned()));
}

#[tokio::test]
async fn a_product_with_prices_is_archived_and_not_deleted() {
    let (sandbox, _) = quiet(3).await;
    let (product, _) = gold(&sandbox).await;
    delete(&sandbox, &format!("/v1/products/{product}")).await.error(400);
    post(&sandbox, &format!("/v1/products/{product}"), json!({"active": false})).await.ok();
    let bare = post(&sandbox, "/v1/products", json!({"name": "Bare", "id": "bare"})).await.ok();
    assert_eq!(bare["id"], "bare");
    let taken = post(&sandbox, "/v1/products", json!({"name": "Bare", "id": "bare"})).await.error(400);
    assert_eq!(taken["code"], "resource_already_exists");
    assert_eq!(ids(&sandbox, "/v1/products?active=true").await, ["bare"]);
    assert_eq!(ids(&sandbox, "/v1/products?ids[]=bare&ids[]=none").await, ["bare"]);
    assert_eq!(delete(&sandbox, "/v1/products/bare").await.ok()["deleted"], true);
    get(&sandbox, "/v1/products/bare").await.error(404);
    assert_eq!(event_types(&sandbox).last().unwrap(), "product.deleted");
}

#[tokio::test]
async fn prices_are_listed_by_every_filter() {
    let (sandbox, _) = quiet(4).await;
    let (product, monthly) = gold(&sandbox).await;
    let yearly = json!({"product": product, "currency": "EUR", "unit_amount": 9000, "lookup_key": "year",
                        "recurring": {"interval": "year"}});
    let yearly = id(&post(&sandbox, "/v1/prices", yearly).await.ok());
    let once =
        json!({"product_data": {"name": "Setup"}, "currency": "usd", "unit_amount": 0, "active": false});
    let once = id(&post(&sandbox, "/v1/prices", once).await.ok());
    for (query, expected) in [
        ("", vec![&once, &yearly, &monthly]),
        ("?active=true", vec![&yearly, &monthly]),
        ("?type=one_time", vec![&once]),
        ("?currency=eur", vec![&yearly]),
        ("?lookup_keys[]=year", vec![&yearly]),
        ("?recurring[interval]=month", vec![&monthly]),
        ("?recurring[usage_type]=licensed&limit=1", vec![&yearly]),
        (&format!("?product={product}"), vec![&yearly, &monthly]),
        (&format!("?created[gt]={NOON}"), vec![]),
    ] {
        let found = ids(&sandbox, &format!("/v1/prices{query}")).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
    }
}

#[tokio::test]
async fn a_lookup_key_moves_only_when_asked() {
    let (sandbox, _) = quiet(5).await;
    let (product, first) = gold(&sandbox).await;
    let path = format!("/v1/prices/{first}");
    assert_eq!(post(&sandbox, &path, json!({"lookup_key": "gold"})).await.ok()["lookup_key"], "gold");
    let mut next = json!({"product": product, "currency": "usd", "unit_amount": 1, "lookup_key": "gold"});
    assert_eq!(post(&sandbox, "/v1/prices", next.clone()).await.error(400)["param"], "lookup_key");
    next["transfer_lookup_key"] = json!(true);
    assert_eq!(post(&sandbox, "/v1/prices", next).await.ok()["lookup_key"], "gold");
    assert_eq!(get(&sandbox, &path).await.ok()["lookup_key"], json!(null));
    event_types(&sandbox);
}

#[tokio::test]
async fn prices_that_cannot_be_are_refused_and_change_nothing() {
    let (sandbox, _) = quiet(6).await;
    let (product, _) = gold(&sandbox).await;
    let before = sandbox.events().len();
    for (form, param) in [
        ("unit_amount=-1&currency=usd", "unit_amount"),
        ("unit_amount=1.5&currency=usd", "unit_amount"),
        ("unit_amount=1&unit_amount_decimal=1&currency=usd", "unit_amount_decimal"),
        ("unit_amount_decimal=-1&currency=usd", "unit_amount_decimal"),
        ("currency=usd", "unit_amount"),
        ("unit_amount=1&currency=xyz", "currency"),
        ("unit_amount=1", "currency"),
        (
            "unit_amount=1&currency=usd&recurring[interval]=month&recurring[interval_count]=37",
            "recurring[interval_count]",
        ),
        ("unit_amount=1&currency=usd&recurring[interval]=fortnight", "recurring[interval]"),
        ("unit_amount=1&currency=usd&product_data[name]=x", "product_data"),
        ("unit_amount=1&currency=usd&billing_scheme=tiered", "tiers_mode"),
    ] {
        let form = format!("product={product}&{form}");
        assert_eq!(post_form(&sandbox, "/v1/prices", &form).await.error(400)["param"], param, "{form}");
    }
    assert_eq!(
        post_form(&sandbox, "/v1/prices", "currency=usd&unit_amount=1").await.error(400)["param"],
        "product"
    );
    assert_eq!(sandbox.events().len(), before);
}

#[tokio::test]
async fn an_invoice_item_is_billed_by_a_price_and_a_quantity() {
    let (sandbox, _) = quiet(7).await;
    let (customer, invoice) = draft(&sandbox).await;
    let (product, monthly) = gold(&sandbox).await;
    let data = json!({"product": product, "currency": "usd", "unit_amount_decimal": "12.5"});
    let once = json!({"product": product, "currency": "usd", "unit_amount": 250});
    let once = id(&post(&sandbox, "/v1/prices", once).await.ok());
    let add = |more: Value| {
        let mut params = json!({"customer": customer, "invoice": invoice});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        post(&sandbox, "/v1/invoiceitems", params)
    };
    let item = add(json!({"pricing": {"price": once}, "quantity": 3})).await.ok();
    assert_eq!((&item["amount"], &item["pricing"]["price_details"]["price"]), (&json!(750), &json!(once)));
    let inline = add(json!({"price_data": data})).await.ok();
    assert_eq!(inline["amount"], 13);
    let made = inline["pricing"]["price_details"]["price"].as_str().unwrap();
    assert_eq!(get(&sandbox, &format!("/v1/prices/{made}")).await.ok()["active"], false);
    let path = format!("/v1/invoiceitems/{}", id(&item));
    let more = post(&sandbox, &path, json!({"quantity": 4})).await.ok();
    assert_eq!((&more["amount"], &more["pricing"]["price_details"]["price"]), (&json!(1000), &json!(once)));
    assert_eq!(sandbox.object(&invoice).unwrap()["total"], 4200 + 1000 + 13);
    for (wrong, param) in [
        (json!({"pricing": {"price": monthly}}), "pricing[price]"),
        (json!({"pricing": {"price": made}}), "pricing[price]"),
        (json!({"pricing": {"price": "price_none"}}), "pricing[price]"),
        (json!({"pricing": {"price": once}, "amount": 1}), "pricing"),
        (json!({"pricing": {"price": once}, "currency": "eur"}), "currency"),
        (json!({"pricing": {"price": once}, "quantity": -1}), "quantity"),
    ] {
        assert_eq!(add(wrong.clone()).await.error(400)["param"], param, "{wrong}");
    }
    event_types(&sandbox);
}
