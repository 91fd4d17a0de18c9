//! What only the oldest release shows, and that it is true.

use serde_json::{Value, json};
use stripe::PINNED;

use super::{
    Client, named,
    world::{invoice, world},
};
use crate::tests::client::{id, quiet};

#[tokio::test]
async fn an_invoice_names_who_paid_it_and_what_for() {
    let (sandbox, _) = quiet(73).await;
    let (newest, old) = (Client::of(&sandbox, PINNED), Client::of(&sandbox, named("acacia")));
    let made = world(&newest).await;
    let path = format!("/v1/invoices/{}", made.paid);
    let shown = old.get(&path).await.ok();
    let payments = newest.get(&format!("{path}?expand[]=payments")).await.ok()["payments"].clone();
    let intent = &payments["data"][0]["payment"]["payment_intent"];
    assert_eq!(&shown["payment_intent"], intent);
    let intent = newest.get(&format!("/v1/payment_intents/{}", intent.as_str().unwrap())).await.ok();
    assert_eq!(shown["charge"], intent["latest_charge"]);
    assert_eq!((&shown["paid"], &shown["paid_out_of_band"]), (&json!(true), &json!(false)));
    assert_eq!((&shown["tax"], &shown["total_tax_amounts"]), (&Value::Null, &json!([])));
    assert_eq!(
        (&shown["subscription"], &shown["quote"], &shown["discount"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    let line = &shown["lines"]["data"][0];
    assert_eq!((&line["price"]["id"], &line["plan"]), (&json!(made.one_time_price), &Value::Null));
    assert_eq!((&line["type"], &line["proration"]), (&json!("invoiceitem"), &json!(false)));
    assert_eq!(
        (&line["amount_excluding_tax"], &line["unit_amount_excluding_tax"]),
        (&json!(4200), &json!("4200"))
    );
    assert!(line["invoice_item"].as_str().unwrap().starts_with("ii_"));
    let elsewhere = old.get(&format!("/v1/invoices/{}", made.elsewhere)).await.ok();
    assert_eq!((&elsewhere["paid"], &elsewhere["paid_out_of_band"]), (&json!(true), &json!(true)));
    assert_eq!(elsewhere["charge"], Value::Null);
}

#[tokio::test]
async fn a_subscription_has_the_period_of_its_items() {
    let (sandbox, _) = quiet(74).await;
    let (newest, old) = (Client::of(&sandbox, PINNED), Client::of(&sandbox, named("acacia")));
    let made = world(&newest).await;
    let path = format!("/v1/subscriptions/{}", made.subscription);
    let (now, then) = (newest.get(&path).await.ok(), old.get(&path).await.ok());
    let item = &now["items"]["data"][0];
    for field in ["current_period_start", "current_period_end"] {
        assert!(now.get(field).is_none() && then["items"]["data"][0].get(field).is_none());
        assert_eq!(then[field], item[field]);
    }
    assert!(then.get("billing_mode").is_none() && then["discount"].is_null());
    let price = &then["items"]["data"][0]["price"];
    assert_eq!(price["recurring"]["aggregate_usage"], Value::Null);

    let renewal = then["latest_invoice"].as_str().unwrap();
    let invoice = old.get(&format!("/v1/invoices/{renewal}")).await.ok();
    assert_eq!(invoice["subscription"], made.subscription.as_str());
    assert_eq!(invoice["subscription_details"], json!({"metadata": {}}));
    let lines = invoice["lines"]["data"].as_array().unwrap();
    let whole = lines.iter().find(|line| line["type"] == "subscription").unwrap();
    assert_eq!(whole["subscription_item"], item["id"]);
    assert_eq!((&whole["plan"]["id"], &whole["price"]["id"]), (&item["price"]["id"], &item["price"]["id"]));
    let prorated: Vec<&Value> = lines.iter().filter(|line| line["proration"] == true).collect();
    assert_eq!(prorated.len(), 2, "a credit and a debit");
    for line in prorated {
        assert_eq!(
            (&line["type"], &line["subscription"]),
            (&json!("invoiceitem"), &json!(made.subscription))
        );
        assert_eq!(line["proration_details"], json!({"credited_items": null}));
        let path = format!("/v1/invoiceitems/{}", line["invoice_item"].as_str().unwrap());
        let item_then = old.get(&path).await.ok();
        assert_eq!(item_then["subscription"], made.subscription.as_str());
        assert_eq!(item_then["subscription_item"], item["id"]);
        assert_eq!(item_then["price"]["id"], item["price"]["id"]);
    }
}

#[tokio::test]
async fn a_payment_names_its_invoice() {
    let (sandbox, _) = quiet(75).await;
    let old = Client::of(&sandbox, named("acacia"));
    let made = world(&Client::of(&sandbox, PINNED)).await;
    let shown =
        old.get(&format!("/v1/invoices/{}?expand[]=payment_intent&expand[]=charge", made.paid)).await.ok();
    assert_eq!(shown["payment_intent"]["invoice"], made.paid.as_str());
    assert_eq!(shown["charge"]["invoice"], made.paid.as_str());
    let alone = old.get(&format!("/v1/payment_intents/{}?expand[]=latest_charge", made.intent)).await.ok();
    assert_eq!((&alone["invoice"], &alone["latest_charge"]["invoice"]), (&Value::Null, &Value::Null));
    assert_eq!(
        alone["latest_charge"]["payment_method_details"]["card"]["three_d_secure"]["result"],
        "authenticated"
    );
}

#[tokio::test]
async fn the_old_paths_expand_and_the_new_ones_do_not() {
    let (sandbox, _) = quiet(76).await;
    let (newest, old) = (Client::of(&sandbox, PINNED), Client::of(&sandbox, named("acacia")));
    let made = world(&newest).await;
    let path = format!("/v1/subscriptions/{}", made.subscription);
    let deep = "expand[]=latest_invoice.payment_intent.latest_charge&expand[]=latest_invoice.subscription";
    let shown = old.get(&format!("{path}?{deep}")).await.ok();
    let invoice = &shown["latest_invoice"];
    assert_eq!(invoice["payment_intent"]["latest_charge"]["invoice"], invoice["id"]);
    assert_eq!(invoice["subscription"]["current_period_end"], shown["current_period_end"]);
    let list = old.get("/v1/invoices?limit=100&expand[]=data.payment_intent&expand[]=data.charge").await.ok();
    let paid = list["data"].as_array().unwrap().iter().find(|one| one["id"] == made.paid.as_str()).unwrap();
    assert_eq!(paid["payment_intent"]["latest_charge"], paid["charge"]["id"]);
    for (client, wrong) in
        [(newest, "latest_invoice.payment_intent"), (old, "latest_invoice.confirmation_secret")]
    {
        let refused = client.get(&format!("{path}?expand[]={wrong}")).await.error(400);
        assert!(
            refused["message"].as_str().unwrap().starts_with("This property cannot be expanded"),
            "{refused}"
        );
    }
    let customer = old.get(&format!("/v1/customers/{}?expand[]=subscriptions", made.customer)).await.ok();
    assert!(customer["subscriptions"]["data"][0]["current_period_end"].is_i64());
}

#[tokio::test]
async fn errors_carry_objects_in_the_version_of_the_request() {
    let (sandbox, _) = quiet(77).await;
    let old = Client::of(&sandbox, named("acacia"));
    let customer = id(&old.post("/v1/customers", json!({})).await.ok());
    let attach = json!({"customer": customer});
    let path = "/v1/payment_methods/pm_card_chargeCustomerFail/attach";
    let method = id(&old.post(path, attach).await.ok());
    let open = invoice(&old, &customer, None).await;
    old.post(&format!("/v1/invoices/{open}/finalize"), json!({})).await.ok();
    let pay = format!("/v1/invoices/{open}/pay");
    let declined = old.post(&pay, json!({"payment_method": method})).await.error(402);
    assert_eq!(declined["payment_intent"]["invoice"], open.as_str());
    assert!(declined["payment_intent"].get("managed_payments").is_none());
    let left = old.get(&format!("/v1/invoices/{open}")).await.ok();
    assert_eq!((&left["paid"], &left["charge"]), (&json!(false), &declined["charge"]));
}
