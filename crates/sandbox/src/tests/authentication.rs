//! 3D Secure: waiting for the customer, and what comes of it.

use serde_json::json;

use super::{
    client::*,
    payment_intents::{PATH, create},
};

#[tokio::test]
async fn a_card_that_asks_for_3ds_waits_for_its_customer() {
    let (sandbox, _) = quiet(7).await;
    let card = json!({"confirm": true, "payment_method": "pm_card_authenticationRequired"});
    let waits = create(&sandbox, card.clone()).await.ok();
    assert_eq!(
        (&waits["status"], &waits["next_action"]["type"]),
        (&json!("requires_action"), &json!("use_stripe_sdk"))
    );
    let done = sandbox.authenticate(&id(&waits), true).await.unwrap();
    assert_eq!(done["status"], "succeeded");
    let charge = sandbox.object(done["latest_charge"].as_str().unwrap()).unwrap();
    let secure = &charge["payment_method_details"]["card"]["three_d_secure"];
    assert_eq!(secure["result"], "authenticated");
    assert_eq!(sandbox.events().last().unwrap()["request"], json!({"id": null, "idempotency_key": null}));
    get(&sandbox, &format!("/v1/charges/{}", id(&charge))).await.ok();
    assert!(sandbox.authenticate(&id(&waits), true).await.is_err(), "it waits no longer");

    let mut back = card;
    back["return_url"] = json!("https://shop.example/back");
    let waits = create(&sandbox, back).await.ok();
    let redirect = &waits["next_action"]["redirect_to_url"];
    assert_eq!(redirect["return_url"], "https://shop.example/back");
    assert!(
        redirect["url"].as_str().unwrap().ends_with(&format!("/payment_intents/{}/authenticate", id(&waits)))
    );
    let failed = sandbox.authenticate(&id(&waits), false).await.unwrap();
    assert_eq!(failed["status"], "requires_payment_method");
    assert_eq!(failed["last_payment_error"]["code"], "payment_intent_authentication_failure");
    let types = event_types(&sandbox);
    assert_eq!(types[types.len() - 2..], ["payment_intent.requires_action", "payment_intent.payment_failed"]);
    get(&sandbox, &format!("{PATH}/{}", id(&waits))).await.ok();
}

#[tokio::test]
async fn a_bank_can_refuse_after_the_customer_authenticated() {
    let (sandbox, _) = quiet(8).await;
    let card = "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds";
    let waits = create(&sandbox, json!({"confirm": true, "payment_method": card})).await.ok();
    let refused = sandbox.authenticate(&id(&waits), true).await.unwrap();
    assert_eq!(refused["status"], "requires_payment_method");
    assert_eq!(refused["last_payment_error"]["decline_code"], "insufficient_funds");
    event_types(&sandbox);
}

#[tokio::test]
async fn authentication_can_be_asked_for_whatever_the_bank_wants() {
    let (sandbox, _) = quiet(16).await;
    for asked in ["any", "challenge", "automatic"] {
        let options = json!({"card": {"request_three_d_secure": asked}});
        let params =
            json!({"confirm": true, "payment_method": "pm_card_visa", "payment_method_options": options});
        let tried = create(&sandbox, params).await.ok();
        let wanted = if asked == "automatic" { "succeeded" } else { "requires_action" };
        assert_eq!(tried["status"], wanted, "{asked}");
        assert_eq!(tried["payment_method_options"]["card"]["request_three_d_secure"], asked);
    }
    let options = json!({"card": {"network": "visa"}});
    let error = create(&sandbox, json!({"payment_method_options": options})).await.error(400);
    assert_eq!(error["param"], "payment_method_options[card][network]");
}

#[tokio::test]
async fn who_cannot_authenticate_gets_a_402_and_the_intent() {
    let (sandbox, _) = quiet(9).await;
    for (terms, decline_code, charged) in [
        (json!({"off_session": true}), "authentication_required", true),
        (json!({"error_on_requires_action": true}), "authentication_not_handled", false),
    ] {
        let mut params = json!({"confirm": true, "payment_method": "pm_card_authenticationRequired"});
        params.as_object_mut().unwrap().extend(terms.as_object().unwrap().clone());
        let error = create(&sandbox, params).await.error(402);
        assert_eq!(
            (&error["code"], &error["decline_code"]),
            (&json!("authentication_required"), &json!(decline_code))
        );
        assert_eq!(error.get("charge").is_some(), charged, "{decline_code}");
        assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
        assert!(sandbox.object(&id(&error["payment_intent"])).is_some());
    }
    let error = create(&sandbox, json!({"off_session": true})).await.error(400);
    assert_eq!(error["param"], "off_session");
    event_types(&sandbox);
}
