//! Tax rates, and what they add.

use super::{super::subscribing::*, *};

#[tokio::test]
async fn a_rate_keeps_what_it_asks_for_and_is_archived_not_deleted() {
    let (sandbox, _) = quiet(21).await;
    let params = json!({"display_name": "Sales Tax", "inclusive": false, "percentage": "8.875", "country": "US",
                        "state": "NY", "jurisdiction": "New York", "tax_type": "sales_tax"});
    let made = post(&sandbox, "/v1/tax_rates", params).await.ok();
    assert_eq!((&made["percentage"], &made["rate_type"]), (&json!(8.875), &json!("percentage")));
    let path = format!("/v1/tax_rates/{}", id(&made));
    let changed = post(&sandbox, &path, json!({"active": false, "display_name": "Tax"})).await.ok();
    assert_eq!((&changed["active"], &changed["display_name"]), (&json!(false), &json!("Tax")));
    assert_eq!(post(&sandbox, &path, json!({"percentage": 9})).await.error(400)["code"], "parameter_unknown");
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let invoice = json!({"customer": customer, "default_tax_rates": [made["id"]]});
    let error = post(&sandbox, "/v1/invoices", invoice).await.error(400);
    assert_eq!(error["param"], "default_tax_rates[0]");
    assert_eq!(get(&sandbox, "/v1/tax_rates?active=true").await.ok()["data"], json!([]));
    for (form, param) in [
        ("display_name=a&inclusive=true&percentage=100.5", "percentage"),
        ("display_name=a&inclusive=true&percentage=1.23456", "percentage"),
        ("display_name=a&inclusive=true&percentage=-1", "percentage"),
        ("display_name=a&inclusive=true&percentage=1&country=USA", "country"),
        ("inclusive=true&percentage=1", "display_name"),
    ] {
        assert_eq!(post_form(&sandbox, "/v1/tax_rates", form).await.error(400)["param"], param, "{form}");
    }
}

#[tokio::test]
async fn taxes_come_after_discounts_on_top_or_inside() {
    let (sandbox, _) = quiet(22).await;
    let (top, inside) = (rate(&sandbox, "8.875", false).await, rate(&sandbox, 19, true).await);
    let tenth = coupon(&sandbox, json!({"percent_off": 10})).await;
    let lines = [json!({"amount": 10_000}), json!({"amount": 11_900, "tax_rates": [inside]})];
    let params = json!({"default_tax_rates": [top], "discounts": [{"coupon": tenth}]});
    let invoice = draft_of(&sandbox, params, &lines).await;
    assert_eq!(invoice["default_tax_rates"][0]["id"], top.as_str(), "rates are shown whole");
    assert_eq!((int(&invoice, "subtotal"), int(&invoice, "total")), (21_900, 19_710 + 799));
    assert_eq!(
        (int(&invoice, "subtotal_excluding_tax"), int(&invoice, "total_excluding_tax")),
        (20_000, 18_000)
    );
    let taxes = &invoice["total_taxes"];
    assert_eq!(amounts(taxes), [799, 1710]);
    assert_eq!(
        (&taxes[0]["tax_behavior"], &taxes[1]["tax_behavior"]),
        (&json!("exclusive"), &json!("inclusive"))
    );
    assert_eq!(taxes[1]["tax_rate_details"], json!({"tax_rate": inside}));
    assert_eq!((int(&taxes[0], "taxable_amount"), int(&taxes[1], "taxable_amount")), (9000, 9000));
    let line = &invoice["lines"]["data"][0];
    assert_eq!((amounts(&line["taxes"]), int(line, "amount")), (vec![1710], 11_900));
    let path = format!("/v1/invoices/{}", id(&invoice));
    let open = post(&sandbox, &format!("{path}/finalize"), json!({})).await.ok();
    assert_eq!(int(&open, "amount_due"), 20_509);
}

#[tokio::test]
async fn who_is_exempt_has_taxes_named_and_pays_none() {
    let (sandbox, _) = quiet(23).await;
    let top = rate(&sandbox, 20, false).await;
    for (standing, reason, total) in [
        ("exempt", "customer_exempt", 1000),
        ("reverse", "reverse_charge", 1000),
        ("none", "not_available", 1200),
    ] {
        let customer = id(&post(&sandbox, "/v1/customers", json!({"tax_exempt": standing})).await.ok());
        let params = json!({"customer": customer, "default_tax_rates": [top]});
        let invoice = draft_of(&sandbox, params, &[json!({"amount": 1000})]).await;
        assert_eq!(
            (int(&invoice, "total"), &invoice["total_taxes"][0]["taxability_reason"]),
            (total, &json!(reason))
        );
    }
}

#[tokio::test]
async fn a_subscriptions_taxes_are_on_every_invoice_and_an_items_instead() {
    let (sandbox, _) = quiet(24).await;
    let (fifth, tenth) = (rate(&sandbox, 20, false).await, rate(&sandbox, 10, false).await);
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let lead = price(&sandbox, "Lead", 500, "month").await;
    let (customer, _) = payer(&sandbox, "pm_card_visa").await;
    let items = json!([{"price": gold}, {"price": lead, "tax_rates": [tenth]}]);
    let params = json!({"customer": customer, "items": items, "default_tax_rates": [fifth]});
    let made = post(&sandbox, "/v1/subscriptions", params).await.ok();
    assert_eq!(made["default_tax_rates"][0]["percentage"], 20);
    assert_eq!(made["items"]["data"][1]["tax_rates"][0]["id"], tenth.as_str());
    assert_eq!(int(&latest(&sandbox, &id(&made)), "amount_paid"), 1200 + 550);
    sandbox.advance_ms(32 * DAY_MS).await;
    assert_eq!(int(&latest(&sandbox, &id(&made)), "total"), 1750);
    let cleared = post_form(&sandbox, &path(&id(&made)), "default_tax_rates=").await.ok();
    assert_eq!(cleared["default_tax_rates"], json!([]));
    sandbox.advance_ms(32 * DAY_MS).await;
    assert_eq!(int(&latest(&sandbox, &id(&made)), "total"), 1550);
}
