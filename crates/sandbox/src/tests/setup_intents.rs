//! Setup intents: every status, what a confirmation leaves, and who owns the result.

use serde_json::{Value, json};

use super::client::*;
use crate::Sandbox;

async fn set_up(sandbox: &Sandbox, params: Value) -> Got {
    post(sandbox, "/v1/setup_intents", params).await
}

fn with(card: &str) -> Value {
    json!({"confirm": true, "payment_method": card})
}

#[tokio::test]
async fn a_card_that_is_set_up_is_the_customers_and_leaves_an_attempt() {
    let (sandbox, _) = quiet(1).await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let made = set_up(&sandbox, json!({"customer": customer, "description": "Renewals"})).await.ok();
    assert_eq!((&made["status"], &made["usage"]), (&json!("requires_payment_method"), &json!("off_session")));
    let path = format!("/v1/setup_intents/{}", id(&made));
    let named = post(&sandbox, &path, json!({"payment_method": "pm_card_visa"})).await.ok();
    assert_eq!(named["status"], "requires_confirmation");
    let done = post(&sandbox, &format!("{path}/confirm"), json!({})).await.ok();
    assert_eq!((&done["status"], &done["next_action"]), (&json!("succeeded"), &Value::Null));
    let method = sandbox.object(done["payment_method"].as_str().unwrap()).unwrap();
    assert_eq!(method["customer"], customer.as_str());
    let attempts = get(&sandbox, &format!("/v1/setup_attempts?setup_intent={}", id(&made))).await.ok();
    let attempt = &attempts["data"][0];
    assert_eq!((&attempt["id"], &attempt["status"]), (&done["latest_attempt"], &json!("succeeded")));
    assert_eq!(
        event_types(&sandbox),
        ["customer.created", "setup_intent.created", "payment_method.attached", "setup_intent.succeeded"]
    );
    let again = post(&sandbox, &format!("{path}/confirm"), json!({})).await.error(400);
    assert_eq!(
        (&again["code"], &again["setup_intent"]["id"]),
        (&json!("setup_intent_unexpected_state"), &made["id"])
    );
    let late = post(&sandbox, &format!("{path}/cancel"), json!({})).await.error(400);
    assert_eq!(late["code"], "setup_intent_unexpected_state");
    let noted = post(&sandbox, &path, json!({"metadata": {"a": "b"}})).await.ok();
    assert_eq!(noted["metadata"], json!({"a": "b"}));
}

#[tokio::test]
async fn a_refused_card_leaves_the_intent_with_its_error_and_another_card_sets_it_up() {
    let (sandbox, _) = quiet(2).await;
    let refused = set_up(&sandbox, with("pm_card_chargeDeclinedInsufficientFunds")).await.error(402);
    assert_eq!(
        (&refused["code"], &refused["decline_code"]),
        (&json!("card_declined"), &json!("insufficient_funds"))
    );
    let left = &refused["setup_intent"];
    assert_eq!((&left["status"], &left["payment_method"]), (&json!("requires_payment_method"), &Value::Null));
    assert_eq!(left["last_setup_error"]["decline_code"], "insufficient_funds");
    let attempt = sandbox.object(left["latest_attempt"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&attempt["status"], &attempt["setup_error"]["code"]),
        (&json!("failed"), &json!("card_declined"))
    );
    let path = format!("/v1/setup_intents/{}/confirm", id(left));
    let done = post(&sandbox, &path, json!({"payment_method": "pm_card_visa"})).await.ok();
    assert_eq!((&done["status"], &done["last_setup_error"]), (&json!("succeeded"), &Value::Null));
    assert!(event_types(&sandbox).contains(&"setup_intent.setup_failed".to_owned()));
    assert_eq!(sandbox.objects("setup_attempt").len(), 2);
}

#[tokio::test]
async fn three_d_secure_leads_to_the_sandboxs_own_page_and_ends_either_way() {
    let (sandbox, _) = quiet(3).await;
    for (completes, status) in [(true, "succeeded"), (false, "requires_payment_method")] {
        let mut params = with("pm_card_authenticationRequired");
        params["return_url"] = json!("https://shop.example/back");
        let waits = set_up(&sandbox, params).await.ok();
        assert_eq!(
            (&waits["status"], &waits["next_action"]["type"]),
            (&json!("requires_action"), &json!("redirect_to_url"))
        );
        let page = waits["next_action"]["redirect_to_url"]["url"].as_str().unwrap();
        assert!(page.ends_with(&format!("/_sandbox/setup_intents/{}/authenticate", id(&waits))), "{page}");
        let ended = sandbox.authenticate(&id(&waits), completes).await.unwrap();
        assert_eq!(ended["status"], status);
        let attempt = sandbox.object(ended["latest_attempt"].as_str().unwrap()).unwrap();
        let result = if completes { "authenticated" } else { "failed" };
        assert_eq!(attempt["payment_method_details"]["card"]["three_d_secure"]["result"], result);
        if !completes {
            assert_eq!(ended["last_setup_error"]["code"], "setup_intent_authentication_failure");
        }
        assert!(sandbox.authenticate(&id(&waits), true).await.is_err(), "it waits no longer");
    }
}

#[tokio::test]
async fn a_card_that_asks_until_it_is_set_up_pays_alone_afterwards() {
    let (sandbox, _) = quiet(4).await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let mut params = with("pm_card_authenticationRequiredOnSetup");
    params["customer"] = json!(customer);
    let waits = set_up(&sandbox, params).await.ok();
    let pay = |method: &Value| {
        json!({"amount": 900, "currency": "usd", "customer": customer, "confirm": true, "off_session": true,
               "payment_method": method})
    };
    let early =
        post(&sandbox, "/v1/payment_intents", pay(&json!("pm_card_authenticationRequiredOnSetup"))).await;
    assert_eq!(early.error(402)["code"], "authentication_required");
    let ready = sandbox.authenticate(&id(&waits), true).await.unwrap();
    let paid = post(&sandbox, "/v1/payment_intents", pay(&ready["payment_method"])).await.ok();
    assert_eq!(paid["status"], "succeeded");
}

#[tokio::test]
async fn a_canceled_intent_abandons_the_attempt_that_waited() {
    let (sandbox, _) = quiet(5).await;
    let waits = set_up(&sandbox, with("pm_card_threeDSecure2Required")).await.ok();
    let path = format!("/v1/setup_intents/{}/cancel", id(&waits));
    let gone = post(&sandbox, &path, json!({"cancellation_reason": "abandoned"})).await.ok();
    assert_eq!((&gone["status"], &gone["cancellation_reason"]), (&json!("canceled"), &json!("abandoned")));
    let attempt = sandbox.object(gone["latest_attempt"].as_str().unwrap()).unwrap();
    assert_eq!(attempt["status"], "abandoned");
    assert!(sandbox.authenticate(&id(&waits), true).await.is_err());
}

#[tokio::test]
async fn what_cannot_be_set_up_is_refused_and_leaves_nothing() {
    let (sandbox, _) = quiet(6).await;
    for (params, param) in [
        (json!({"confirm": true}), "payment_method"),
        (json!({"return_url": "https://shop.example"}), "return_url"),
        (json!({"customer": "cus_none"}), "customer"),
        (json!({"payment_method": "pm_none"}), "payment_method"),
        (json!({"allowed_payment_method_types": ["ideal"]}), "allowed_payment_method_types"),
        (json!({"single_use": {"amount": 5, "currency": "usd"}}), "single_use"),
    ] {
        assert_eq!(set_up(&sandbox, params.clone()).await.error(400)["param"], param, "{params}");
    }
    assert!(sandbox.objects("setup_intent").is_empty() && sandbox.events().is_empty());
}

#[tokio::test]
async fn a_bank_account_is_set_up_once_its_deposits_are_named() {
    let (sandbox, _) = quiet(7).await;
    let account = json!({"type": "us_bank_account", "billing_details": {"name": "Ada"},
        "us_bank_account": {"account_number": "000123456789", "routing_number": "110000000", "account_holder_type": "company"}});
    let params = json!({"confirm": true, "allowed_payment_method_types": ["us_bank_account"], "payment_method_data": account});
    let waits = set_up(&sandbox, params).await.ok();
    assert_eq!(waits["next_action"]["type"], "verify_with_microdeposits");
    let path = format!("/v1/setup_intents/{}/verify_microdeposits", id(&waits));
    let wrong = post(&sandbox, &path, json!({"amounts": [1, 2]})).await.error(400);
    assert_eq!(wrong["code"], "payment_method_microdeposit_verification_amounts_mismatch");
    let done = post(&sandbox, &path, json!({"amounts": [45, 32]})).await.ok();
    assert_eq!(done["status"], "succeeded");
    let mandate = get(&sandbox, &format!("/v1/mandates/{}", done["mandate"].as_str().unwrap())).await.ok();
    assert_eq!((&mandate["status"], &mandate["payment_method"]), (&json!("active"), &done["payment_method"]));
}
