//! Payments that the bank decides later, and payments by transfer.

use serde_json::{Value, json};

use super::client::*;
use crate::Sandbox;

fn debit(account: &str) -> Value {
    json!({"amount": 10_000, "currency": "usd", "confirm": true, "payment_method": account,
           "allowed_payment_method_types": ["us_bank_account"]})
}

fn iban(number: &str) -> Value {
    json!({"amount": 10_000, "currency": "eur", "confirm": true, "allowed_payment_method_types": ["sepa_debit"],
           "payment_method_data": {"type": "sepa_debit", "sepa_debit": {"iban": number},
                                   "billing_details": {"name": "Bob", "email": "bob@example.com"}}})
}

async fn begin(sandbox: &Sandbox, params: Value) -> Value {
    let intent = post(sandbox, "/v1/payment_intents", params).await.ok();
    assert_eq!(intent["status"], "processing");
    let charge = sandbox.object(intent["latest_charge"].as_str().unwrap()).unwrap();
    assert_eq!((&charge["status"], &charge["paid"]), (&json!("pending"), &json!(false)));
    assert!(id(&charge).starts_with("py_3"));
    assert_eq!(sandbox.objects("balance_transaction").len(), 0);
    intent
}

#[tokio::test]
async fn a_debit_is_processing_until_the_bank_answers_and_lands_then() {
    for (params, soon, late) in [
        (debit("pm_usBankAccount_success"), 14, 1),
        (iban("AT61 1904 3002 3457 3201"), 14, 1),
        (iban("AT321904300235473204"), 179, 1),
    ] {
        let (sandbox, _) = quiet(1).await;
        let intent = begin(&sandbox, params).await;
        sandbox.advance_ms(soon * 1000).await;
        assert_eq!(sandbox.object(&id(&intent)).unwrap()["status"], "processing");
        sandbox.advance_ms(late * 1000).await;
        let paid = sandbox.object(&id(&intent)).unwrap();
        assert_eq!((&paid["status"], &paid["amount_received"]), (&json!("succeeded"), &json!(10_000)));
        let landed = sandbox.objects("balance_transaction").remove(0);
        assert_eq!(
            (&landed["type"], &landed["fee"], &landed["net"]),
            (&json!("payment"), &json!(80), &json!(9920))
        );
        let told = event_types(&sandbox);
        assert_eq!(
            told[1..],
            ["charge.pending", "payment_intent.processing", "charge.succeeded", "payment_intent.succeeded"]
        );
    }
}

#[tokio::test]
async fn a_debit_that_the_bank_refuses_leaves_the_intent_for_another_try() {
    for (params, code) in [
        (debit("pm_usBankAccount_accountClosed"), "account_closed"),
        (debit("pm_usBankAccount_insufficientFunds"), "insufficient_funds"),
        (iban("AT861904300235473202"), "payment_method_provider_decline"),
    ] {
        let (sandbox, _) = quiet(2).await;
        let intent = begin(&sandbox, params).await;
        sandbox.advance_ms(15_000).await;
        let failed = sandbox.object(&id(&intent)).unwrap();
        assert_eq!(
            (&failed["status"], &failed["last_payment_error"]["code"]),
            (&json!("requires_payment_method"), &json!(code))
        );
        let charge = sandbox.object(intent["latest_charge"].as_str().unwrap()).unwrap();
        assert_eq!(
            (&charge["status"], &charge["failure_code"], &charge["captured"]),
            (&json!("failed"), &json!(code), &json!(false))
        );
        assert!(sandbox.objects("balance_transaction").is_empty());
    }
}

#[tokio::test]
async fn a_bank_that_never_answers_is_canceled_by_nobody_but_the_caller() {
    let (sandbox, _) = quiet(3).await;
    let intent = begin(&sandbox, debit("pm_usBankAccount_processing")).await;
    sandbox.advance_ms(400 * 24 * 3_600_000).await;
    assert_eq!(sandbox.object(&id(&intent)).unwrap()["status"], "processing");
    let path = format!("/v1/payment_intents/{}/cancel", id(&intent));
    assert_eq!(post(&sandbox, &path, json!({})).await.ok()["status"], "canceled");
}

#[tokio::test]
async fn a_canceled_debit_is_not_paid_when_its_bank_would_have_answered() {
    let (sandbox, _) = quiet(4).await;
    let intent = begin(&sandbox, debit("pm_usBankAccount_success")).await;
    let path = format!("/v1/payment_intents/{}/cancel", id(&intent));
    post(&sandbox, &path, json!({})).await.ok();
    sandbox.advance_ms(60_000).await;
    assert_eq!(sandbox.object(&id(&intent)).unwrap()["status"], "canceled");
    let charge = sandbox.object(intent["latest_charge"].as_str().unwrap()).unwrap();
    assert_eq!((&charge["status"], &charge["paid"]), (&json!("failed"), &json!(false)));
    assert!(sandbox.objects("balance_transaction").is_empty());
}

#[tokio::test]
async fn an_invoice_waits_for_its_debit() {
    for (account, status) in [("pm_usBankAccount_success", "paid"), ("pm_usBankAccount_noAccount", "open")] {
        let (sandbox, _) = quiet(5).await;
        let (_, invoice) = open(&sandbox).await;
        let shown =
            post(&sandbox, &format!("/v1/invoices/{invoice}/pay"), json!({"payment_method": account}))
                .await
                .ok();
        assert_eq!((&shown["status"], &shown["attempt_count"]), (&json!("open"), &json!(1)));
        sandbox.advance_ms(15_000).await;
        let ended = sandbox.object(&invoice).unwrap();
        assert_eq!((&ended["status"], &ended["attempt_count"]), (&json!(status), &json!(1)), "{account}");
        let told = event_types(&sandbox);
        let expected = if status == "paid" { "invoice.paid" } else { "invoice.payment_failed" };
        assert!(told.contains(&expected.to_owned()), "{told:?}");
    }
}

#[tokio::test]
async fn an_account_that_nobody_proved_pays_after_its_deposits_are_named() {
    let (sandbox, _) = quiet(6).await;
    let mut params = debit("pm_usBankAccount");
    params.as_object_mut().unwrap().shift_remove("payment_method");
    params["payment_method_data"] = json!({"type": "us_bank_account",
        "us_bank_account": {"account_number": "000123456789", "routing_number": "110000000"}});
    let waits = post(&sandbox, "/v1/payment_intents", params.clone()).await.ok();
    assert_eq!(waits["next_action"]["type"], "verify_with_microdeposits");
    let path = format!("/v1/payment_intents/{}/verify_microdeposits", id(&waits));
    let wrong = post(&sandbox, &path, json!({"descriptor_code": "SM0000"})).await.error(400);
    assert_eq!(wrong["param"], "descriptor_code");
    let goes_on = post(&sandbox, &path, json!({"descriptor_code": "SM11AA"})).await.ok();
    assert_eq!(goes_on["status"], "processing");
    params["payment_method_data"]["us_bank_account"]["account_number"] = json!("1234");
    let unknown = post(&sandbox, "/v1/payment_intents", params).await.error(400);
    assert_eq!(unknown["param"], "payment_method_data[us_bank_account][account_number]");
}

fn transfer(customer: &str, amount: i64) -> Value {
    json!({"amount": amount, "currency": "jpy", "customer": customer, "confirm": true,
        "allowed_payment_method_types": ["customer_balance"], "payment_method_data": {"type": "customer_balance"},
        "payment_method_options": {"customer_balance": {"funding_type": "bank_transfer",
            "bank_transfer": {"type": "jp_bank_transfer"}}}})
}

async fn fund(sandbox: &Sandbox, customer: &str, amount: i64) {
    let path = format!("/v1/test_helpers/customers/{customer}/fund_cash_balance");
    post(sandbox, &path, json!({"amount": amount, "currency": "jpy"})).await.ok();
}

async fn cash(sandbox: &Sandbox, customer: &str) -> Value {
    get(sandbox, &format!("/v1/customers/{customer}/cash_balance")).await.ok()["available"].clone()
}

#[tokio::test]
async fn a_transfer_pays_in_parts_and_what_is_left_stays_the_customers() {
    let (sandbox, _) = quiet(7).await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let waits = post(&sandbox, "/v1/payment_intents", transfer(&customer, 20_000)).await.ok();
    let asked = |intent: &Value| {
        intent["next_action"]["display_bank_transfer_instructions"]["amount_remaining"].clone()
    };
    assert_eq!((&waits["status"], asked(&waits)), (&json!("requires_action"), json!(20_000)));
    fund(&sandbox, &customer, 15_000).await;
    let partly = sandbox.object(&id(&waits)).unwrap();
    assert_eq!((&partly["status"], asked(&partly)), (&json!("requires_action"), json!(5_000)));
    assert!(event_types(&sandbox).contains(&"payment_intent.partially_funded".to_owned()));
    assert_eq!(cash(&sandbox, &customer).await, Value::Null);
    fund(&sandbox, &customer, 6_000).await;
    assert_eq!(sandbox.object(&id(&waits)).unwrap()["status"], "succeeded");
    assert_eq!(cash(&sandbox, &customer).await, json!({"jpy": 1_000}));
    let listed = get(&sandbox, &format!("/v1/customers/{customer}/cash_balance_transactions")).await.ok();
    let sum: i64 = listed["data"].as_array().unwrap().iter().map(|t| t["net_amount"].as_i64().unwrap()).sum();
    assert_eq!((listed["data"].as_array().unwrap().len(), sum), (4, 1_000));
    post(&sandbox, "/v1/refunds", json!({"payment_intent": waits["id"], "amount": 300})).await.ok();
    assert_eq!(cash(&sandbox, &customer).await, json!({"jpy": 1_300}));
}

#[tokio::test]
async fn what_a_canceled_payment_had_taken_is_the_customers_again() {
    let (sandbox, _) = quiet(9).await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let waits = post(&sandbox, "/v1/payment_intents", transfer(&customer, 20_000)).await.ok();
    fund(&sandbox, &customer, 15_000).await;
    post(&sandbox, &format!("/v1/payment_intents/{}/cancel", id(&waits)), json!({})).await.ok();
    assert_eq!(cash(&sandbox, &customer).await, json!({"jpy": 15_000}));
    let last = sandbox.objects("customer_cash_balance_transaction").pop().unwrap();
    assert_eq!((&last["type"], &last["net_amount"]), (&json!("unapplied_from_payment"), &json!(15_000)));
}

#[tokio::test]
async fn with_manual_reconciliation_money_is_applied_when_it_is_asked_for() {
    let (sandbox, _) = quiet(8).await;
    let manual = json!({"cash_balance": {"settings": {"reconciliation_mode": "manual"}}});
    let customer = id(&post(&sandbox, "/v1/customers", manual).await.ok());
    let waits = post(&sandbox, "/v1/payment_intents", transfer(&customer, 9_000)).await.ok();
    fund(&sandbox, &customer, 9_500).await;
    assert_eq!(sandbox.object(&id(&waits)).unwrap()["status"], "requires_action");
    let path = format!("/v1/payment_intents/{}/apply_customer_balance", id(&waits));
    assert_eq!(post(&sandbox, &path, json!({"amount": 9_600})).await.error(400)["param"], "amount");
    assert_eq!(post(&sandbox, &path, json!({"amount": 4_000})).await.ok()["status"], "requires_action");
    assert_eq!(post(&sandbox, &path, json!({})).await.ok()["status"], "succeeded");
    assert_eq!(cash(&sandbox, &customer).await, json!({"jpy": 500}));
    let at_once = post(&sandbox, "/v1/payment_intents", transfer(&customer, 500)).await.ok();
    assert_eq!(at_once["status"], "succeeded");
}
