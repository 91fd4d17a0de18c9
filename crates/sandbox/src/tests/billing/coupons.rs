//! Coupons and promotion codes by themselves.

use serde_json::json;

use super::{super::subscribing::DAY_MS, *};

#[tokio::test]
async fn a_coupon_takes_off_a_percentage_or_an_amount_for_once_some_months_or_ever() {
    let (sandbox, _) = quiet(1).await;
    let made = post(&sandbox, "/v1/coupons", json!({"percent_off": "25.5", "id": "SUMMER"})).await.ok();
    assert_eq!(
        (&made["id"], &made["duration"], &made["valid"]),
        (&json!("SUMMER"), &json!("once"), &json!(true))
    );
    assert_eq!((&made["percent_off"], &made["amount_off"]), (&json!(25.5), &json!(null)));
    let repeating =
        json!({"amount_off": 500, "currency": "USD", "duration": "repeating", "duration_in_months": 3});
    let made = post(&sandbox, "/v1/coupons", repeating).await.ok();
    assert_eq!((&made["currency"], &made["duration_in_months"]), (&json!("usd"), &json!(3)));
    assert!(made.get("applies_to").is_none() && made.get("currency_options").is_none());
    let shown = get(&sandbox, &format!("/v1/coupons/{}?expand[]=currency_options", id(&made))).await.ok();
    assert_eq!(shown["currency_options"], json!({"usd": {"amount_off": 500}}));
    let more = json!({"currency_options": {"eur": {"amount_off": 450}}, "name": "Five off"});
    let path = format!("/v1/coupons/{}", id(&made));
    post(&sandbox, &path, more).await.ok();
    let shown = get(&sandbox, &format!("{path}?expand[]=currency_options")).await.ok();
    assert_eq!(
        (&shown["currency_options"]["eur"]["amount_off"], &shown["name"]),
        (&json!(450), &json!("Five off"))
    );
    delete(&sandbox, &path).await.ok();
    get(&sandbox, &path).await.error(404);
    assert_eq!(
        event_types(&sandbox),
        ["coupon.created", "coupon.created", "coupon.updated", "coupon.deleted"]
    );
}

#[tokio::test]
async fn what_is_no_coupon_is_refused_and_changes_nothing() {
    let (sandbox, _) = quiet(2).await;
    coupon(&sandbox, json!({"id": "TAKEN", "percent_off": 1})).await;
    for (form, param) in [
        ("", "percent_off"),
        ("percent_off=10&amount_off=10&currency=usd", "percent_off"),
        ("percent_off=0", "percent_off"),
        ("percent_off=100.1", "percent_off"),
        ("percent_off=1.23456", "percent_off"),
        ("amount_off=10", "currency"),
        ("amount_off=0&currency=usd", "amount_off"),
        ("amount_off=10&currency=xxx", "currency"),
        ("percent_off=10&duration=repeating", "duration_in_months"),
        ("percent_off=10&duration=forever&duration_in_months=2", "duration_in_months"),
        ("percent_off=10&duration=repeating&duration_in_months=0", "duration_in_months"),
        ("percent_off=10&redeem_by=1", "redeem_by"),
        ("percent_off=10&max_redemptions=0", "max_redemptions"),
        ("percent_off=10&id=TAKEN", "id"),
        ("percent_off=10&id=a%20b", "id"),
        ("percent_off=10&currency_options[eur][amount_off]=1", "currency_options"),
        ("amount_off=10&currency=usd&currency_options[usd][amount_off]=1", "currency_options[usd]"),
        ("percent_off=10&applies_to[products][0]=prod_none", "applies_to[products][0]"),
    ] {
        let error = post_form(&sandbox, "/v1/coupons", form).await.error(400);
        assert_eq!(error["param"], param, "{form}: {error}");
    }
    assert_eq!((sandbox.objects("coupon").len(), sandbox.events().len()), (1, 1));
}

#[tokio::test]
async fn a_coupon_is_valid_until_its_time_or_its_number_is_up() {
    let (sandbox, _) = quiet(3).await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let timed = coupon(&sandbox, json!({"percent_off": 10, "redeem_by": NOON + 86_400})).await;
    let single = coupon(&sandbox, json!({"percent_off": 10, "max_redemptions": 1})).await;
    let with = |coupon: &str| json!({"customer": customer, "discounts": [{"coupon": coupon}]});
    post(&sandbox, "/v1/invoices", with(&timed)).await.ok();
    post(&sandbox, "/v1/invoices", with(&single)).await.ok();
    let error = post(&sandbox, "/v1/invoices", with(&single)).await.error(400);
    assert_eq!((&error["code"], &error["param"]), (&json!("coupon_expired"), &json!("discounts[0][coupon]")));
    let used = get(&sandbox, &format!("/v1/coupons/{single}")).await.ok();
    assert_eq!((&used["times_redeemed"], &used["valid"]), (&json!(1), &json!(false)));
    sandbox.advance_ms(2 * DAY_MS).await;
    post(&sandbox, "/v1/invoices", with(&timed)).await.error(400);
    assert_eq!(get(&sandbox, &format!("/v1/coupons/{timed}")).await.ok()["valid"], false);
}

fn promotes(coupon: &str, more: Value) -> Value {
    let mut params = json!({"promotion": {"type": "coupon", "coupon": coupon}});
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    params
}

#[tokio::test]
async fn one_active_promotion_code_has_a_word_at_a_time() {
    let (sandbox, _) = quiet(4).await;
    let ten = coupon(&sandbox, json!({"percent_off": 10})).await;
    let first = post(&sandbox, "/v1/promotion_codes", promotes(&ten, json!({"code": "Fall-20"}))).await.ok();
    assert_eq!((&first["active"], &first["promotion"]["coupon"]), (&json!(true), &json!(ten)));
    let again = promotes(&ten, json!({"code": "FALL-20"}));
    let error = post(&sandbox, "/v1/promotion_codes", again.clone()).await.error(400);
    assert_eq!(error["message"], "An active promotion code with `code: FALL-20` already exists.");
    let path = format!("/v1/promotion_codes/{}", id(&first));
    post(&sandbox, &path, json!({"active": false})).await.ok();
    let second = post(&sandbox, "/v1/promotion_codes", again).await.ok();
    let error = post(&sandbox, &path, json!({"active": true})).await.error(400);
    assert_eq!(error["param"], "code", "{error}");
    let found = get(&sandbox, "/v1/promotion_codes?active=true&code=fall-20").await.ok();
    assert_eq!((found["data"].as_array().unwrap().len(), &found["data"][0]["id"]), (1, &second["id"]));
    let own = post(&sandbox, "/v1/promotion_codes", promotes(&ten, json!({}))).await.ok();
    assert_eq!(own["code"].as_str().unwrap().len(), 8);
    for (more, param) in [
        (json!({"code": "no spaces"}), "code"),
        (json!({"expires_at": 1}), "expires_at"),
        (json!({"max_redemptions": 0}), "max_redemptions"),
        (json!({"restrictions": {"minimum_amount": 5}}), "restrictions[minimum_amount_currency]"),
        (json!({"promotion": {"type": "coupon"}}), "promotion[coupon]"),
        (json!({"promotion": {"type": "coupon", "coupon": "none"}}), "promotion[coupon]"),
    ] {
        let error = post(&sandbox, "/v1/promotion_codes", promotes(&ten, more.clone())).await.error(400);
        assert_eq!(error["param"], param, "{more}");
    }
    delete(&sandbox, &format!("/v1/coupons/{ten}")).await.ok();
    assert_eq!(get(&sandbox, &format!("/v1/promotion_codes/{}", id(&own))).await.ok()["active"], false);
}

#[tokio::test]
async fn a_promotion_code_is_redeemed_by_whom_it_is_for() {
    let (sandbox, _) = quiet(5).await;
    let ten = coupon(&sandbox, json!({"percent_off": 10})).await;
    let ada = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let bob = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let code = |more| async { id(&post(&sandbox, "/v1/promotion_codes", promotes(&ten, more)).await.ok()) };
    let hers = code(json!({"customer": ada, "max_redemptions": 1})).await;
    let with =
        |customer: &str, code: &str| json!({"customer": customer, "discounts": [{"promotion_code": code}]});
    post(&sandbox, "/v1/invoices", with(&bob, &hers)).await.error(400);
    let invoice = post(&sandbox, "/v1/invoices", with(&ada, &hers)).await.ok();
    let discount = sandbox.object(invoice["discounts"][0].as_str().unwrap()).unwrap();
    assert_eq!((&discount["promotion_code"], &discount["invoice"]), (&json!(hers), &invoice["id"]));
    let error = post(&sandbox, "/v1/invoices", with(&ada, &hers)).await.error(400);
    assert_eq!(error["param"], "discounts[0][promotion_code]");
    assert_eq!(sandbox.object(&ten).unwrap()["times_redeemed"], 1, "a code counts for its coupon");

    let first = code(json!({"restrictions": {"first_time_transaction": true}})).await;
    post(&sandbox, "/v1/invoices", with(&bob, &first)).await.ok();
    let paid = draft_of(&sandbox, json!({"customer": bob}), &[json!({"amount": 500})]).await;
    sandbox.pay_invoice(&finalized(&sandbox, &paid).await, "pm_card_visa").await.unwrap();
    post(&sandbox, "/v1/invoices", with(&bob, &first)).await.error(400);

    let least = json!({"restrictions": {"minimum_amount": 1000, "minimum_amount_currency": "usd"}});
    let least = code(least).await;
    let small = draft_of(&sandbox, json!({"customer": ada}), &[json!({"amount": 999})]).await;
    let path = format!("/v1/invoices/{}", id(&small));
    let discounts = json!({"discounts": [{"promotion_code": least}]});
    post(&sandbox, &path, discounts.clone()).await.error(400);
    let more = json!({"customer": ada, "invoice": small["id"], "amount": 1, "currency": "usd"});
    post(&sandbox, "/v1/invoiceitems", more).await.ok();
    assert_eq!(post(&sandbox, &path, discounts).await.ok()["total"], 900);
}

async fn finalized(sandbox: &Sandbox, invoice: &Value) -> String {
    let path = format!("/v1/invoices/{}/finalize", id(invoice));
    id(&post(sandbox, &path, json!({})).await.ok())
}
