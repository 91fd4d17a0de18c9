//! What customers have besides payment methods: tax ids, a credit balance, card sources.

use serde_json::{Value, json};

use super::client::*;

#[tokio::test]
async fn a_tax_id_is_looked_up_on_the_clock() {
    let (sandbox, _) = quiet(1).await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({"name": "Ada"})).await.ok());
    let path = format!("/v1/customers/{customer}/tax_ids");
    let mut made = Vec::new();
    for (kind, value) in [
        ("eu_vat", "DE123456789"),
        ("gb_vat", "111111111"),
        ("au_abn", "222222222"),
        ("us_ein", "12-3456789"),
    ] {
        made.push(post(&sandbox, &path, json!({"type": kind, "value": value})).await.ok());
    }
    let statuses = |of: &crate::Sandbox| -> Vec<Value> {
        made.iter().map(|one| of.object(&id(one)).unwrap()["verification"]["status"].clone()).collect()
    };
    assert_eq!(statuses(&sandbox), ["pending", "pending", "pending", "unavailable"]);
    assert_eq!((&made[0]["country"], &made[3]["country"]), (&json!("DE"), &json!("US")));
    sandbox.advance_ms(60_000).await;
    assert_eq!(statuses(&sandbox), ["verified", "unverified", "pending", "unavailable"]);
    let wrong = post(&sandbox, &path, json!({"type": "eu_vat", "value": "12"})).await.error(400);
    assert_eq!((&wrong["code"], &wrong["param"]), (&json!("tax_id_invalid"), &json!("value")));
    post(&sandbox, &path, json!({"type": "ch_vat", "value": "CHE-123.456.789 MWST"})).await.ok();
    let sixth = post(&sandbox, &path, json!({"type": "ch_vat", "value": "CHE-123.456.789 TVA"})).await;
    assert!(sixth.error(400)["message"].as_str().unwrap().contains("at most 5"));
    let gone = delete(&sandbox, &format!("{path}/{}", id(&made[0]))).await.ok();
    assert_eq!(gone, json!({"id": made[0]["id"], "object": "tax_id", "deleted": true}));
    get(&sandbox, &format!("{path}/{}", id(&made[0]))).await.error(404);
    let shown = get(&sandbox, &format!("/v1/customers/{customer}?expand[]=tax_ids")).await.ok();
    assert_eq!(shown["tax_ids"]["data"].as_array().unwrap().len(), 4);
    let born = json!({"tax_id_data": [{"type": "eu_vat", "value": "FR12345678901"}]});
    let born = post(&sandbox, "/v1/customers", born).await.ok();
    let listed = get(&sandbox, &format!("/v1/customers/{}/tax_ids", id(&born))).await.ok();
    assert_eq!(listed["data"][0]["value"], "FR12345678901");
}

#[tokio::test]
async fn a_balance_is_the_sum_of_its_transactions_whatever_changed_it() {
    let (sandbox, _) = quiet(2).await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({"balance": -700})).await.ok());
    let path = format!("/v1/customers/{customer}");
    let more = json!({"amount": -300, "currency": "usd", "description": "Sorry", "metadata": {"a": "b"}});
    let adjusted = post(&sandbox, &format!("{path}/balance_transactions"), more).await.ok();
    assert_eq!((&adjusted["ending_balance"], &adjusted["type"]), (&json!(-1000), &json!("adjustment")));
    post(&sandbox, &path, json!({"balance": -900})).await.ok();
    let invoice = id(&post(&sandbox, "/v1/invoices", json!({"customer": customer})).await.ok());
    let line = json!({"customer": customer, "invoice": invoice, "amount": 600, "currency": "usd"});
    post(&sandbox, "/v1/invoiceitems", line).await.ok();
    post(&sandbox, &format!("/v1/invoices/{invoice}/finalize"), json!({})).await.ok();
    let listed = get(&sandbox, &format!("{path}/balance_transactions")).await.ok();
    let listed = listed["data"].as_array().unwrap();
    let kinds: Vec<&str> = listed.iter().map(|t| t["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["applied_to_invoice", "adjustment", "adjustment", "initial"]);
    assert_eq!((&listed[0]["amount"], &listed[0]["invoice"]), (&json!(600), &json!(invoice)));
    let sum: i64 = listed.iter().map(|t| t["amount"].as_i64().unwrap()).sum();
    assert_eq!((sum, &sandbox.object(&customer).unwrap()["balance"]), (-300, &json!(-300)));
    let noted = post(
        &sandbox,
        &format!("{path}/balance_transactions/{}", id(&adjusted)),
        json!({"description": "x"}),
    )
    .await;
    assert_eq!(noted.ok()["description"], "x");
    let other = json!({"amount": 5, "currency": "eur"});
    post(&sandbox, &format!("{path}/balance_transactions"), other).await.error(400);
    let nothing = json!({"amount": 0, "currency": "usd"});
    assert_eq!(
        post(&sandbox, &format!("{path}/balance_transactions"), nothing).await.error(400)["param"],
        "amount"
    );
}

#[tokio::test]
async fn a_card_source_pays_like_a_payment_method_and_the_next_becomes_the_default() {
    let (sandbox, _) = quiet(3).await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({"source": "tok_visa"})).await.ok());
    let path = format!("/v1/customers/{customer}");
    let first = sandbox.object(&customer).unwrap()["default_source"].as_str().unwrap().to_owned();
    let second = post(&sandbox, &format!("{path}/sources"), json!({"source": "tok_mastercard"})).await.ok();
    assert_eq!((&second["object"], &second["brand"]), (&json!("card"), &json!("MasterCard")));
    let refused = post(&sandbox, &format!("{path}/sources"), json!({"source": "tok_chargeDeclined"})).await;
    assert_eq!(refused.error(402)["code"], "card_declined");
    let pay = json!({"amount": 900, "currency": "usd", "customer": customer, "confirm": true, "payment_method": first});
    let paid = post(&sandbox, "/v1/payment_intents", pay).await.ok();
    assert_eq!((&paid["status"], &paid["payment_method"]), (&json!("succeeded"), &json!(first)));
    let (line, made) = (
        json!({"customer": customer, "amount": 800, "currency": "usd"}),
        json!({"customer": customer, "pending_invoice_items_behavior": "include"}),
    );
    post(&sandbox, "/v1/invoiceitems", line).await.ok();
    let invoice = id(&post(&sandbox, "/v1/invoices", made).await.ok());
    assert_eq!(
        post(&sandbox, &format!("/v1/invoices/{invoice}/pay"), json!({})).await.ok()["status"],
        "paid"
    );
    let changed =
        post(&sandbox, &format!("{path}/sources/{first}"), json!({"exp_year": "2031", "name": "Ada"}))
            .await
            .ok();
    assert_eq!((&changed["exp_year"], &changed["name"]), (&json!(2031), &json!("Ada")));
    let gone = delete(&sandbox, &format!("{path}/sources/{first}")).await.ok();
    assert_eq!(gone["deleted"], true);
    assert_eq!(sandbox.object(&customer).unwrap()["default_source"], second["id"]);
    let listed = get(&sandbox, &format!("{path}/sources?object=card")).await.ok();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    delete(&sandbox, &path).await.ok();
    assert!(sandbox.objects("card").is_empty(), "sources go with their customer");
}

#[tokio::test]
async fn the_older_charge_takes_holds_and_is_refused() {
    let (sandbox, _) = quiet(4).await;
    let charge = |source: &str, more: Value| {
        let mut params = json!({"amount": 2000, "currency": "usd", "source": source, "description": "Older"});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    let paid = post(&sandbox, "/v1/charges", charge("tok_visa", json!({}))).await.ok();
    assert_eq!(
        (&paid["paid"], &paid["payment_intent"], &paid["source"]["object"]),
        (&json!(true), &Value::Null, &json!("card"))
    );
    post(&sandbox, "/v1/refunds", json!({"charge": paid["id"], "amount": 500})).await.ok();
    let held = post(&sandbox, "/v1/charges", charge("tok_visa", json!({"capture": false}))).await.ok();
    let path = format!("/v1/charges/{}/capture", id(&held));
    let part = post(&sandbox, &path, json!({"amount": 1500})).await.ok();
    assert_eq!((&part["amount_captured"], &part["amount_refunded"]), (&json!(1500), &json!(500)));
    assert_eq!(post(&sandbox, &path, json!({})).await.error(400)["code"], "charge_already_captured");
    let refused = post(&sandbox, "/v1/charges", charge("tok_chargeDeclined", json!({}))).await.error(402);
    let left = sandbox.object(refused["charge"].as_str().unwrap()).unwrap();
    assert_eq!((&left["status"], &left["failure_code"]), (&json!("failed"), &json!("card_declined")));
    let forgotten = post(&sandbox, "/v1/charges", charge("tok_visa", json!({"capture": false}))).await.ok();
    sandbox.advance_ms(8 * 24 * 3_600_000).await;
    assert_eq!(sandbox.object(&id(&forgotten)).unwrap()["refunded"], true);
    assert!(event_types(&sandbox).contains(&"charge.expired".to_owned()));
    let net: i64 = sandbox.objects("balance_transaction").iter().map(|t| t["net"].as_i64().unwrap()).sum();
    assert_eq!(net, (2000 - 88) - 500 + (1500 - 74));
}
