//! Every type of event that the sandbox says it tells, told.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{client::*, subscribing::*};
use crate::{OAuthKind, Sandbox, event_types as promised};

async fn ok(sandbox: &Sandbox, path: &str, params: Value) -> Value {
    post(sandbox, path, params).await.ok()
}

async fn payments(sandbox: &Sandbox) {
    let pay = |card: &str, more: Value| {
        let mut params = json!({"amount": 2000, "currency": "usd", "confirm": true, "payment_method": card});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    let paid = ok(sandbox, "/v1/payment_intents", pay("pm_card_visa", json!({}))).await;
    let refund = ok(sandbox, "/v1/refunds", json!({"payment_intent": id(&paid), "amount": 100})).await;
    ok(sandbox, &format!("/v1/refunds/{}", id(&refund)), json!({"metadata": {"a": "b"}})).await;
    post(sandbox, "/v1/payment_intents", pay("pm_card_chargeDeclined", json!({}))).await.error(402);
    let asks = pay("pm_card_authenticationRequired", json!({}));
    ok(sandbox, "/v1/payment_intents", asks).await;
    let held = pay("pm_card_visa", json!({"capture_method": "manual"}));
    let captured = ok(sandbox, "/v1/payment_intents", held.clone()).await;
    ok(sandbox, &format!("/v1/payment_intents/{}/capture", id(&captured)), json!({})).await;
    ok(sandbox, "/v1/payment_intents", held).await;
    sandbox.advance_ms(8 * DAY_MS).await;
}

async fn customers_and_products(sandbox: &Sandbox) {
    let (customer, method) = payer(sandbox, "pm_card_visa").await;
    let path = format!("/v1/payment_methods/{method}");
    ok(sandbox, &path, json!({"metadata": {"a": "b"}})).await;
    ok(sandbox, &format!("{path}/detach"), json!({})).await;
    delete(sandbox, &format!("/v1/customers/{customer}")).await.ok();
    let product = id(&ok(sandbox, "/v1/products", json!({"name": "Tin"})).await);
    ok(sandbox, &format!("/v1/products/{product}"), json!({"name": "Copper"})).await;
    delete(sandbox, &format!("/v1/products/{product}")).await.ok();
    let price = price(sandbox, "Lead", 100, "month").await;
    ok(sandbox, &format!("/v1/prices/{price}"), json!({"nickname": "heavy"})).await;
    delete(sandbox, &format!("/v1/plans/{price}")).await.ok();
}

async fn discounts_and_taxes(sandbox: &Sandbox) {
    let change = json!({"metadata": {"a": "b"}});
    let made = id(&ok(sandbox, "/v1/coupons", json!({"percent_off": 20})).await);
    ok(sandbox, &format!("/v1/coupons/{made}"), change.clone()).await;
    let promotion = json!({"promotion": {"type": "coupon", "coupon": made}});
    let code = id(&ok(sandbox, "/v1/promotion_codes", promotion).await);
    ok(sandbox, &format!("/v1/promotion_codes/{code}"), change.clone()).await;
    let rate = json!({"display_name": "VAT", "inclusive": true, "percentage": 20});
    let rate = id(&ok(sandbox, "/v1/tax_rates", rate).await);
    ok(sandbox, &format!("/v1/tax_rates/{rate}"), change).await;
    super::billing::as_acacia(sandbox, "/v1/customers", &format!("coupon={made}")).await;
    let customer = id(sandbox.objects("customer").last().unwrap());
    let path = format!("/v1/customers/{customer}");
    super::billing::as_acacia(sandbox, &path, &format!("promotion_code={code}")).await;
    delete(sandbox, &format!("{path}/discount")).await.ok();
    delete(sandbox, &format!("/v1/coupons/{made}")).await.ok();
}

async fn invoices(sandbox: &Sandbox) {
    for then in ["void", "mark_uncollectible"] {
        let (_, invoice) = open(sandbox).await;
        ok(sandbox, &format!("/v1/invoices/{invoice}/{then}"), json!({})).await;
    }
    let (_, invoice) = draft(sandbox).await;
    let item = id(sandbox.objects("invoiceitem").last().unwrap());
    delete(sandbox, &format!("/v1/invoiceitems/{item}")).await.ok();
    delete(sandbox, &format!("/v1/invoices/{invoice}")).await.ok();
    let (_, paid) = open(sandbox).await;
    sandbox.pay_invoice(&paid, "pm_card_authenticationRequired").await.unwrap_err();
    sandbox.pay_invoice(&paid, "pm_card_visa").await.unwrap();
    open(sandbox).await;
    let gone = id(&ok(sandbox, "/v1/customers", json!({})).await);
    let advances = json!({"customer": gone, "auto_advance": true});
    let invoice = ok(sandbox, "/v1/invoices", advances).await;
    let line = json!({"customer": gone, "invoice": id(&invoice), "amount": 700, "currency": "usd"});
    ok(sandbox, "/v1/invoiceitems", line).await;
    delete(sandbox, &format!("/v1/customers/{gone}")).await.ok();
    sandbox.advance_ms(40 * DAY_MS).await;
}

async fn subscriptions(sandbox: &Sandbox) {
    let gold = price(sandbox, "Gold", 1000, "month").await;
    let customer = id(&ok(sandbox, "/v1/customers", json!({})).await);
    let settings = json!({"end_behavior": {"missing_payment_method": "pause"}});
    let trial = to(&customer, &gold, json!({"trial_period_days": 7, "trial_settings": settings}));
    let subscription = format!("/v1/subscriptions/{}", id(&ok(sandbox, "/v1/subscriptions", trial).await));
    sandbox.advance_ms(8 * DAY_MS).await;
    let method = ok(sandbox, "/v1/payment_methods/pm_card_visa/attach", json!({"customer": customer})).await;
    let default = json!({"default_payment_method": id(&method)});
    ok(sandbox, &subscription, default).await;
    ok(sandbox, &format!("{subscription}/resume"), json!({})).await;
    delete(sandbox, &subscription).await.ok();
}

async fn pending_updates(sandbox: &Sandbox) {
    for paid in [true, false] {
        let (subscription, made) = active(sandbox).await;
        let customer = made["customer"].as_str().unwrap();
        let attach = "/v1/payment_methods/pm_card_chargeCustomerFail/attach";
        let bad = id(&ok(sandbox, attach, json!({"customer": customer})).await);
        let settings = json!({"invoice_settings": {"default_payment_method": bad}});
        ok(sandbox, &format!("/v1/customers/{customer}"), settings).await;
        let item = &made["items"]["data"][0]["id"];
        let change = json!({"items": [{"id": item, "quantity": 2}], "proration_behavior": "always_invoice",
                            "payment_behavior": "pending_if_incomplete"});
        ok(sandbox, &path(&subscription), change).await;
        if paid {
            sandbox.pay_invoice(&id(&latest(sandbox, &subscription)), "pm_card_visa").await.unwrap();
        } else {
            sandbox.advance_ms(DAY_MS).await;
        }
        delete(sandbox, &path(&subscription)).await.ok();
    }
}

async fn schedules_and_clocks(sandbox: &Sandbox) {
    let clocks = "/v1/test_helpers/test_clocks";
    let clock = id(&ok(sandbox, clocks, json!({"frozen_time": NOON})).await);
    let gold = price(sandbox, "Gold", 1000, "month").await;
    let customer = json!({"test_clock": clock, "payment_method": "pm_card_visa"});
    let customer = id(&ok(sandbox, "/v1/customers", customer).await);
    let phases = json!([{"items": [{"price": gold}]}]);
    let make = |start: Value| json!({"customer": customer, "start_date": start, "phases": phases});
    let made = async |start: Value| id(&ok(sandbox, "/v1/subscription_schedules", make(start)).await);
    let later = made(json!(NOON + 86_400)).await;
    let at = |schedule: &str, act: &str| format!("/v1/subscription_schedules/{schedule}{act}");
    ok(sandbox, &at(&later, ""), json!({"metadata": {"a": "b"}})).await;
    ok(sandbox, &at(&later, "/cancel"), json!({})).await;
    let now = made(json!("now")).await;
    ok(sandbox, &at(&now, "/cancel"), json!({})).await;
    let now = made(json!("now")).await;
    ok(sandbox, &at(&now, "/release"), json!({})).await;
    made(json!("now")).await;
    ok(sandbox, &format!("{clocks}/{clock}/advance"), json!({"frozen_time": NOON + 31 * 86_400})).await;
    delete(sandbox, &format!("{clocks}/{clock}")).await.ok();
}

async fn pages(sandbox: &Sandbox) {
    use crate::checkout::{Entered, complete};
    let data = |currency: &str| json!([{"quantity": 1, "price_data": {"currency": currency, "unit_amount": 1000, "product_data": {"name": "Tea"}}}]);
    let session = |currency: &str, kind: &str| {
        json!({"success_url": "https://a.example", "mode": "payment", "line_items": data(currency),
               "allowed_payment_method_types": [kind]})
    };
    let bank = async |iban: &str| {
        let method = json!({"type": "sepa_debit", "sepa_debit": {"iban": iban},
                            "billing_details": {"name": "Ada", "email": "ada@example.com"}});
        id(&ok(sandbox, "/v1/payment_methods", method).await)
    };
    for (iban, currency) in [("AT611904300234573201", "eur"), ("AT861904300235473202", "eur")] {
        let open = id(&ok(sandbox, "/v1/checkout/sessions", session(currency, "sepa_debit")).await);
        let entered = Entered { payment_method: bank(iban).await, ..Entered::default() };
        let shared = &sandbox.inner.shared;
        crate::control::act(shared, &open, |tx| complete(tx, &open, &entered)).await.unwrap();
        sandbox.advance_ms(15 * DAY_MS).await;
    }
    let open = id(&ok(sandbox, "/v1/checkout/sessions", session("usd", "card")).await);
    ok(sandbox, &format!("/v1/checkout/sessions/{open}/expire"), json!({})).await;
    let portal = "/v1/billing_portal/configurations";
    let features = json!({"features": {"subscription_cancel": {"enabled": true}}});
    let made = id(&ok(sandbox, portal, features).await);
    ok(sandbox, &format!("{portal}/{made}"), json!({"metadata": {"a": "b"}})).await;
    let customer = id(&ok(sandbox, "/v1/customers", json!({})).await);
    ok(sandbox, "/v1/billing_portal/sessions", json!({"customer": customer})).await;
}

/// The types of a connected account's events.
async fn connected(sandbox: &Sandbox) -> Vec<String> {
    let (oauth, account) = (sandbox.oauth(), sandbox.oauth().open_account("Ada").await);
    let code = oauth.authorize(OAuthKind::Connect, &account).await;
    super::oauth::exchanged(sandbox, OAuthKind::Connect, &code).await;
    oauth.revoke(&account).await;
    let kind = |event: Value| event["type"].as_str().unwrap().to_owned();
    oauth.objects(&account, "event").into_iter().map(kind).collect()
}

/// Setups, debits, disputes, payouts, credit notes.
async fn other_half(sandbox: &Sandbox) {
    let confirmed = |card: &str| json!({"confirm": true, "payment_method": card});
    let path = "/v1/setup_intents";
    ok(sandbox, path, confirmed("pm_card_visa")).await;
    ok(sandbox, path, confirmed("pm_card_authenticationRequired")).await;
    let refused = post(sandbox, path, confirmed("pm_card_chargeDeclined")).await.error(402);
    ok(sandbox, &format!("{path}/{}/cancel", id(&refused["setup_intent"])), json!({})).await;
    let pay = |card: &str, kind: &str| {
        json!({"amount": 5000, "currency": "usd", "confirm": true, "payment_method": card,
               "allowed_payment_method_types": [kind]})
    };
    ok(sandbox, "/v1/payment_intents", pay("pm_usBankAccount_success", "us_bank_account")).await;
    let disputed = ok(sandbox, "/v1/payment_intents", pay("pm_card_createDispute", "card")).await;
    let dispute = sandbox.objects("dispute").remove(0);
    assert_eq!(dispute["payment_intent"], disputed["id"]);
    let wins = json!({"evidence": {"uncategorized_text": "winning_evidence"}});
    ok(sandbox, &format!("/v1/disputes/{}", id(&dispute)), wins).await;
    let paid = ok(sandbox, "/v1/payment_intents", pay("pm_card_refundFail", "card")).await;
    ok(sandbox, "/v1/refunds", json!({"payment_intent": paid["id"]})).await;
    ok(sandbox, "/v1/payment_intents", pay("pm_card_bypassPending", "card")).await;
    let mut payouts = Vec::new();
    for _ in 0..3 {
        payouts.push(id(&ok(sandbox, "/v1/payouts", json!({"amount": 900, "currency": "usd"})).await));
    }
    ok(sandbox, &format!("/v1/payouts/{}/cancel", payouts[0]), json!({})).await;
    sandbox.fail_payout(&payouts[1]).await.unwrap();
    sandbox.advance_ms(5 * DAY_MS).await;
    let (_, invoice) = open(sandbox).await;
    for then in ["void", ""] {
        let note = ok(sandbox, "/v1/credit_notes", json!({"invoice": invoice, "amount": 700})).await;
        let path = format!("/v1/credit_notes/{}", id(&note));
        let params = if then.is_empty() { json!({"memo": "sorry"}) } else { json!({}) };
        ok(sandbox, format!("{path}/{then}").trim_end_matches('/'), params).await;
    }
}

/// What is a customer's own.
async fn belongings(sandbox: &Sandbox) {
    let customer = id(&ok(sandbox, "/v1/customers", json!({"source": "tok_visa"})).await);
    let path = format!("/v1/customers/{customer}");
    let tax_id =
        ok(sandbox, &format!("{path}/tax_ids"), json!({"type": "eu_vat", "value": "DE123456789"})).await;
    let source = sandbox.objects("card").remove(0);
    ok(sandbox, &format!("{path}/sources/{}", id(&source)), json!({"name": "Ada"})).await;
    delete(sandbox, &format!("{path}/sources/{}", id(&source))).await.ok();
    sandbox.advance_ms(DAY_MS).await;
    delete(sandbox, &format!("{path}/tax_ids/{}", id(&tax_id))).await.ok();
    let transfer = json!({"amount": 3000, "currency": "usd", "customer": customer, "confirm": true,
        "allowed_payment_method_types": ["customer_balance"], "payment_method_data": {"type": "customer_balance"},
        "payment_method_options": {"customer_balance": {"funding_type": "bank_transfer",
            "bank_transfer": {"type": "us_bank_transfer"}}}});
    ok(sandbox, "/v1/payment_intents", transfer).await;
    for amount in [1000, 2500] {
        let fund = json!({"amount": amount, "currency": "usd"});
        ok(sandbox, &format!("/v1/test_helpers/customers/{customer}/fund_cash_balance"), fund).await;
    }
}

#[tokio::test]
async fn every_type_that_the_sandbox_promises_is_told_and_no_other() {
    let (sandbox, _) = quiet(1).await;
    payments(&sandbox).await;
    customers_and_products(&sandbox).await;
    discounts_and_taxes(&sandbox).await;
    invoices(&sandbox).await;
    subscriptions(&sandbox).await;
    other_half(&sandbox).await;
    belongings(&sandbox).await;
    pending_updates(&sandbox).await;
    schedules_and_clocks(&sandbox).await;
    pages(&sandbox).await;
    let mut told: BTreeSet<String> = event_types(&sandbox).into_iter().collect();
    told.extend(connected(&sandbox).await);
    let promised: BTreeSet<String> = promised().iter().map(|kind| (*kind).to_owned()).collect();
    assert_eq!(told, promised);
    assert!(crate::event_types().is_sorted());
}
