//! Cards: tokens, attaching, declines.

use serde_json::json;

use super::client::*;

#[tokio::test]
async fn attaching_a_test_card_makes_a_payment_method_of_its_own() {
    let (sandbox, _) = quiet(1).await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let params = json!({"customer": customer});
    let first = post(&sandbox, "/v1/payment_methods/pm_card_visa/attach", params.clone()).await.ok();
    let second = post(&sandbox, "/v1/payment_methods/pm_card_visa/attach", params).await.ok();
    assert_ne!(first["id"], second["id"]);
    assert_eq!(first["card"]["last4"], "4242");
    let listed = get(&sandbox, &format!("/v1/customers/{customer}/payment_methods")).await.ok();
    assert_eq!(listed["data"][0]["id"], second["id"]);
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
    let default = json!({"invoice_settings": {"default_payment_method": first["id"]}});
    post(&sandbox, &format!("/v1/customers/{customer}"), default).await.ok();
    let gone = post(&sandbox, &format!("/v1/payment_methods/{}/detach", id(&first)), json!({})).await.ok();
    assert_eq!(gone["customer"], json!(null));
    let after = get(&sandbox, &format!("/v1/customers/{customer}")).await.ok();
    assert_eq!(after["invoice_settings"]["default_payment_method"], json!(null));
    let listed = get(&sandbox, &format!("/v1/payment_methods?customer={customer}&type=card")).await.ok();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    let types = event_types(&sandbox);
    assert_eq!(types.iter().filter(|t| *t == "payment_method.attached").count(), 2);
    assert!(types.contains(&"payment_method.detached".to_owned()));
}

#[tokio::test]
async fn a_declining_card_is_refused_when_it_is_attached() {
    let (sandbox, _) = quiet(2).await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let path = "/v1/payment_methods/pm_card_visa_chargeDeclinedInsufficientFunds/attach";
    let error = post(&sandbox, path, json!({"customer": customer})).await.error(402);
    assert_eq!(
        (&error["code"], &error["decline_code"]),
        (&json!("card_declined"), &json!("insufficient_funds"))
    );
    assert_eq!(error["advice_code"], "try_again_later");
    assert!(sandbox.objects("payment_method").is_empty());
}

#[tokio::test]
async fn a_card_can_attach_and_fail_when_it_is_charged() {
    let (sandbox, _) = quiet(3).await;
    let (customer, invoice) = open(&sandbox).await;
    let path = "/v1/payment_methods/pm_card_chargeCustomerFail/attach";
    let card = id(&post(&sandbox, path, json!({"customer": customer})).await.ok());
    let default = json!({"invoice_settings": {"default_payment_method": card}});
    post(&sandbox, &format!("/v1/customers/{customer}"), default).await.ok();
    let error = post(&sandbox, &format!("/v1/invoices/{invoice}/pay"), json!({})).await.error(402);
    assert_eq!(error["code"], "card_declined");
}

#[tokio::test]
async fn cards_come_from_tokens_and_published_numbers_only() {
    let (sandbox, _) = quiet(4).await;
    let token = json!({"type": "card", "card": {"token": "tok_amex"}, "metadata": {"a": "b"}});
    assert_eq!(post(&sandbox, "/v1/payment_methods", token).await.ok()["card"]["brand"], "amex");
    let card = |number: &str| json!({"type": "card", "card": {"number": number, "exp_month": 4, "exp_year": 2031, "cvc": "1"}});
    let made = post(&sandbox, "/v1/payment_methods", card("4242 4242 4242 4242")).await.ok();
    assert_eq!(made["card"]["exp_year"], 2031);
    let error = post(&sandbox, "/v1/payment_methods", card("4111111111111111")).await.error(402);
    assert!(!error.to_string().contains("4111111111111111"));
    post(&sandbox, "/v1/payment_methods", json!({"type": "card", "card": {"token": "tok_nope"}}))
        .await
        .error(400);
    post(&sandbox, "/v1/payment_methods", json!({"type": "sepa_debit"})).await.error(400);
}

#[tokio::test]
async fn a_customer_made_with_a_card_has_it() {
    let (sandbox, _) = quiet(5).await;
    let params = json!({"payment_method": "pm_card_visa", "name": "Ada"});
    let customer = id(&post(&sandbox, "/v1/customers", params).await.ok());
    assert_eq!(event_types(&sandbox), ["customer.created", "payment_method.attached"]);
    let card = sandbox.objects("payment_method").remove(0);
    assert_eq!(card["customer"], customer.as_str());
    let path = format!("/v1/payment_methods/{}", id(&card));
    let changed =
        post(&sandbox, &path, json!({"billing_details": {"name": "Ada L."}, "card": {"exp_month": 1}}))
            .await
            .ok();
    assert_eq!(
        (&changed["billing_details"]["name"], &changed["card"]["exp_month"]),
        (&json!("Ada L."), &json!(1))
    );
    delete(&sandbox, &format!("/v1/customers/{customer}")).await.ok();
    assert_eq!(get(&sandbox, &path).await.ok()["customer"], json!(null));
    event_types(&sandbox);
}
