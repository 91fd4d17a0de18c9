//! Discounts and taxes in the shapes and words of five releases.

use serde_json::{Value, json};

use super::{Client, account_of, releases};
use crate::tests::{client::id, subscribing::DAY_MS};

/// The words that a release has for redeeming a coupon on a subscription.
fn redeeming(client: &Client<'_>, coupon: &str) -> Value {
    match client.version.name() {
        "acacia" => json!({ "coupon": coupon }),
        _ => json!({"discounts": [{"coupon": coupon}]}),
    }
}

fn promoting(client: &Client<'_>, coupon: &str) -> Value {
    match client.version.name() {
        "acacia" | "basil" => json!({ "coupon": coupon }),
        _ => json!({"promotion": {"type": "coupon", "coupon": coupon}}),
    }
}

/// The coupon that a discount or a promotion code shows.
fn shown(client: &Client<'_>, object: &Value, within: &str) -> Value {
    match client.version.name() {
        "acacia" | "basil" => object["coupon"]["id"].clone(),
        _ => object[within]["coupon"].clone(),
    }
}

#[tokio::test]
async fn every_release_has_discounts_and_taxes_in_its_own_shape() {
    for version in releases() {
        let sandbox = account_of(version, 70).await;
        sandbox.deliver_to("http://127.0.0.1:1/hook".parse().unwrap(), &["*"]).await;
        let client = Client::of(&sandbox, version);
        let params = json!({"percent_off": 20, "duration": "repeating", "duration_in_months": 1});
        let coupon = id(&client.post("/v1/coupons", params).await.ok());
        let code = client.post("/v1/promotion_codes", promoting(&client, &coupon)).await.ok();
        assert_eq!(shown(&client, &code, "promotion"), coupon.as_str(), "{version}");
        let rate = json!({"display_name": "VAT", "inclusive": true, "percentage": 10});
        let rate = id(&client.post("/v1/tax_rates", rate).await.ok());
        let customer = id(&client.post("/v1/customers", json!({})).await.ok());
        let plan =
            json!({"currency": "usd", "interval": "month", "amount": 5500, "product": {"name": "Gold"}});
        let plan = id(&client.post("/v1/plans", plan).await.ok());
        let mut params = json!({"customer": customer, "items": [{"price": plan}], "default_tax_rates": [rate],
                                "collection_method": "send_invoice", "days_until_due": 3});
        params.as_object_mut().unwrap().extend(redeeming(&client, &coupon).as_object().unwrap().clone());
        let made = client.post("/v1/subscriptions", params).await.ok();
        let path = format!("/v1/subscriptions/{}", id(&made));
        let whole =
            client.get(&format!("{path}?expand[0]=discounts&expand[1]=latest_invoice.discounts")).await.ok();
        let discount = &whole["discounts"][0];
        assert_eq!(shown(&client, discount, "source"), coupon.as_str(), "{version}");
        assert_eq!((&discount["subscription"], discount["end"].is_i64()), (&made["id"], true));
        let invoice = &whole["latest_invoice"];
        assert_eq!((&invoice["total"], &invoice["discounts"][0]["id"]), (&json!(4400), &discount["id"]));
        match version.name() {
            "acacia" => {
                assert_eq!((&whole["discount"]["id"], &invoice["tax"]), (&discount["id"], &json!(400)));
                assert_eq!(invoice["total_tax_amounts"][0]["tax_rate"], rate.as_str());
                assert_eq!(invoice["lines"]["data"][0]["tax_rates"][0]["id"], rate.as_str());
                assert_eq!(invoice["discount"]["coupon"]["id"], coupon.as_str());
            }
            _ => assert_eq!(invoice["total_taxes"][0]["amount"], 400),
        }
        let gone = client.delete(&format!("{path}/discount")).await.ok();
        assert_eq!(shown(&client, &gone, "source"), coupon.as_str(), "{version}");
        assert_eq!((&gone["deleted"], gone.get("end")), (&json!(true), None));
        client.post(&path, redeeming(&client, &coupon)).await.ok();
        sandbox.advance_ms(65 * DAY_MS).await;
        client.delete(&format!("/v1/coupons/{coupon}")).await.ok();
        let code = client.get(&format!("/v1/promotion_codes/{}", id(&code))).await.ok();
        assert_eq!((&code["active"], shown(&client, &code, "promotion")), (&json!(false), json!(coupon)));
    }
}

#[tokio::test]
async fn a_promotion_code_that_cannot_be_made_is_refused_in_the_words_of_the_release() {
    for version in releases() {
        let sandbox = account_of(version, 71).await;
        let client = Client::of(&sandbox, version);
        let error = client.post("/v1/promotion_codes", promoting(&client, "none")).await.error(400);
        let param =
            if promoting(&client, "").get("coupon").is_some() { "coupon" } else { "promotion[coupon]" };
        assert_eq!(
            (&error["code"], &error["param"]),
            (&json!("resource_missing"), &json!(param)),
            "{version}"
        );
    }
}
