//! Checkout sessions, from their making to what they bring about.

use serde_json::{Value, json};

use super::{client::*, subscribing::*};
use crate::{
    Sandbox,
    checkout::{Entered, complete},
    control,
    wire::{Heads, Incoming, Outgoing},
};

const SESSIONS: &str = "/v1/checkout/sessions";

fn item() -> Value {
    json!({"quantity": 2, "price_data": {"currency": "usd", "unit_amount": 1500, "product_data": {"name": "Tea"}}})
}

async fn open(sandbox: &Sandbox, more: Value) -> Value {
    let mut params =
        json!({"success_url": "https://shop.example/done?session={CHECKOUT_SESSION_ID}", "mode": "payment"});
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    post(sandbox, SESSIONS, params).await.ok()
}

async fn pay(sandbox: &Sandbox, session: &str, card: &str) -> Result<Value, Value> {
    let entered = Entered {
        payment_method: card.to_owned(),
        email: Some("ada@example.com".into()),
        name: Some("Ada".into()),
    };
    let shared = &sandbox.inner.shared;
    control::act(shared, session, |tx| complete(tx, session, &entered))
        .await
        .map_err(|refused| refused.body())
}

#[tokio::test]
async fn a_payment_is_made_when_the_customer_completes_the_session() {
    let (sandbox, _) = quiet(1).await;
    let data = json!({"metadata": {"order": "7"}, "description": "Order 7"});
    let session = open(&sandbox, json!({"line_items": [item()], "payment_intent_data": data})).await;
    assert_eq!((&session["status"], &session["amount_total"]), (&json!("open"), &json!(3000)));
    assert!(session["url"].as_str().unwrap().ends_with(&id(&session)) && session["payment_intent"].is_null());
    let refused = pay(&sandbox, &id(&session), "pm_card_chargeDeclined").await.unwrap_err();
    assert_eq!(refused["error"]["code"], "card_declined");
    assert_eq!(sandbox.object(&id(&session)).unwrap()["status"], "open");
    let before = sandbox.events().len();
    let done = pay(&sandbox, &id(&session), "pm_card_visa").await.unwrap();
    assert_eq!((&done["status"], &done["payment_status"]), (&json!("complete"), &json!("paid")));
    assert_eq!(done["customer_details"]["email"], "ada@example.com");
    assert!(done["url"].is_null() && done["customer"].is_null());
    let intent = sandbox.object(done["payment_intent"].as_str().unwrap()).unwrap();
    assert_eq!((&intent["amount_received"], &intent["metadata"]["order"]), (&json!(3000), &json!("7")));
    assert_eq!(sandbox.objects("payment_intent").len(), 1, "the second attempt is at the first's intent");
    assert_eq!(event_types(&sandbox)[before..].last().unwrap(), "checkout.session.completed");
    let lines = get(&sandbox, &format!("{SESSIONS}/{}/line_items", id(&session))).await.ok();
    assert_eq!(
        (&lines["data"][0]["description"], &lines["data"][0]["amount_total"]),
        (&json!("Tea"), &json!(3000))
    );
    assert_eq!(lines["data"][0]["price"]["unit_amount"], 1500);
    let again = pay(&sandbox, &id(&session), "pm_card_visa").await.unwrap_err();
    assert!(again["error"]["message"].as_str().unwrap().contains("complete"));
    let expanded =
        get(&sandbox, &format!("{SESSIONS}/{}?expand[]=line_items&expand[]=payment_intent", id(&session)))
            .await
            .ok();
    assert_eq!(expanded["line_items"]["data"][0]["quantity"], 2);
    assert_eq!(expanded["payment_intent"]["object"], "payment_intent");
}

#[tokio::test]
async fn a_subscription_begins_with_its_customer_and_invoice() {
    let (sandbox, _) = quiet(2).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let once = json!({"product_data": {"name": "Set-up"}, "currency": "usd", "unit_amount": 500});
    let once = id(&post(&sandbox, "/v1/prices", once).await.ok());
    let items = json!([{"price": gold, "quantity": 1}, {"price": once, "quantity": 1}]);
    let more =
        json!({"mode": "subscription", "line_items": items, "subscription_data": {"metadata": {"a": "b"}}});
    let session = open(&sandbox, more).await;
    pay(&sandbox, &id(&session), "pm_card_chargeCustomerFail").await.unwrap_err();
    assert!(sandbox.objects("subscription").is_empty() && sandbox.objects("customer").is_empty());
    let done = pay(&sandbox, &id(&session), "pm_card_visa").await.unwrap();
    let made = sandbox.object(done["subscription"].as_str().unwrap()).unwrap();
    assert_eq!((&made["status"], &made["metadata"]["a"]), (&json!("active"), &json!("b")));
    assert_eq!(made["customer"], done["customer"]);
    assert_eq!(sandbox.object(done["invoice"].as_str().unwrap()).unwrap()["amount_paid"], 1500);
    let inline = json!({"currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"},
                        "product_data": {"name": "Silver"}});
    let trial = json!({"mode": "subscription", "line_items": [{"price_data": inline, "quantity": 1}],
                       "subscription_data": {"trial_period_days": 7}, "customer": made["customer"]});
    let session = open(&sandbox, trial).await;
    let done = pay(&sandbox, &id(&session), "pm_card_visa").await.unwrap();
    assert_eq!(done["payment_status"], "no_payment_required");
    assert_eq!(status(&sandbox, done["subscription"].as_str().unwrap()), "trialing");
}

#[tokio::test]
async fn a_payment_method_is_kept_by_a_session_of_mode_setup() {
    let (sandbox, _) = quiet(3).await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let session = open(&sandbox, json!({"mode": "setup", "customer": customer, "currency": "usd"})).await;
    assert!(session["setup_intent"].is_string());
    let done = pay(&sandbox, &id(&session), "pm_card_visa").await.unwrap();
    assert_eq!(
        (&done["status"], &done["payment_status"]),
        (&json!("complete"), &json!("no_payment_required"))
    );
    let intent = sandbox.object(done["setup_intent"].as_str().unwrap()).unwrap();
    assert_eq!(intent["status"], "succeeded");
    let kept = sandbox.object(intent["payment_method"].as_str().unwrap()).unwrap();
    assert_eq!(kept["customer"], json!(customer));
}

#[tokio::test]
async fn a_session_waits_for_3d_secure() {
    let (sandbox, _) = quiet(4).await;
    for completes in [false, true] {
        let session = open(&sandbox, json!({"line_items": [item()]})).await;
        let asks = pay(&sandbox, &id(&session), "pm_card_authenticationRequired").await.unwrap();
        assert_eq!(asks["status"], "open");
        let intent = asks["payment_intent"].as_str().unwrap();
        sandbox.authenticate(intent, completes).await.unwrap();
        let now = sandbox.object(&id(&session)).unwrap();
        assert_eq!(now["status"], if completes { "complete" } else { "open" });
    }
}

#[tokio::test]
async fn a_session_expires_by_hand_and_by_itself() {
    let (sandbox, _) = quiet(5).await;
    let by_hand = open(&sandbox, json!({"line_items": [item()]})).await;
    let expire = format!("{SESSIONS}/{}/expire", id(&by_hand));
    let gone = post(&sandbox, &expire, json!({})).await.ok();
    assert_eq!((&gone["status"], &gone["url"]), (&json!("expired"), &json!(null)));
    post(&sandbox, &expire, json!({})).await.error(400);
    let soon = open(&sandbox, json!({"line_items": [item()], "expires_at": NOON + 3600})).await;
    let late = open(&sandbox, json!({"line_items": [item()]})).await;
    sandbox.advance_ms(HOUR_MS).await;
    assert_eq!(sandbox.object(&id(&soon)).unwrap()["status"], "expired");
    assert_eq!(sandbox.object(&id(&late)).unwrap()["status"], "open");
    sandbox.advance_ms(23 * HOUR_MS).await;
    assert_eq!(sandbox.object(&id(&late)).unwrap()["status"], "expired");
    pay(&sandbox, &id(&late), "pm_card_visa").await.unwrap_err();
    let listed = get(&sandbox, &format!("{SESSIONS}?status=expired")).await.ok();
    assert_eq!(listed["data"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let (sandbox, _) = quiet(6).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let url = "https://a.example";
    for (params, param) in [
        (json!({"mode": "payment", "line_items": [item()]}), "success_url"),
        (json!({"mode": "payment", "success_url": "nowhere", "line_items": [item()]}), "success_url"),
        (json!({"mode": "payment", "success_url": url}), "line_items"),
        (
            json!({"mode": "payment", "success_url": url, "line_items": [{"price": gold, "quantity": 1}]}),
            "line_items[0][price]",
        ),
        (json!({"mode": "subscription", "success_url": url, "line_items": [item()]}), "line_items"),
        (json!({"mode": "setup", "success_url": url, "line_items": [item()]}), "line_items"),
        (
            json!({"mode": "payment", "success_url": url, "line_items": [item()], "expires_at": NOON + 60}),
            "expires_at",
        ),
        (
            json!({"mode": "payment", "success_url": url, "line_items": [item()], "customer": "cus_none"}),
            "customer",
        ),
        (
            json!({"mode": "payment", "success_url": url, "line_items": [item()], "subscription_data": {"description": "a"}}),
            "subscription_data",
        ),
        (json!({"mode": "payment", "ui_mode": "embedded_page", "line_items": [item()]}), "return_url"),
    ] {
        assert_eq!(post(&sandbox, SESSIONS, params).await.error(400)["param"], param);
    }
    assert!(sandbox.objects("checkout.session").is_empty() && sandbox.objects("item").is_empty());
}

async fn page(sandbox: &Sandbox, method: &str, path: &str, body: &str) -> crate::wire::Reply {
    let incoming = Incoming {
        method: method.into(),
        path: path.into(),
        body: body.to_owned().into(),
        heads: Heads {
            accept: Some("text/html".into()),
            content_type: Some("application/x-www-form-urlencoded".into()),
            ..Heads::default()
        },
        ..Incoming::default()
    };
    crate::hosted::handle(&sandbox.inner.shared, &incoming).await.expect("a page")
}

fn location(reply: &crate::wire::Reply) -> &str {
    reply.headers.iter().find(|(name, _)| *name == "location").map_or("", |(_, at)| at)
}

#[tokio::test]
async fn the_page_completes_and_fails_without_scripts() {
    let (sandbox, _) = quiet(7).await;
    let mut evil = item();
    evil["price_data"]["product_data"]["name"] = json!("<script>alert(1)</script>");
    let session =
        open(&sandbox, json!({"line_items": [evil], "cancel_url": "https://shop.example/cart"})).await;
    let at = format!("/_sandbox/checkout/{}", id(&session));
    let shown = page(&sandbox, "GET", &at, "").await;
    assert!(shown.body.contains("Pay 30.00 USD") && !shown.body.contains("<script"), "{}", shown.body);
    assert!(shown.headers.iter().any(|(name, policy)| *name == "content-security-policy" && policy.contains("default-src 'none'")));
    let failed = page(&sandbox, "POST", &format!("{at}/pay"), "result=fail").await;
    assert_eq!(location(&failed), "https://shop.example/cart");
    let declined =
        page(&sandbox, "POST", &format!("{at}/pay"), "result=complete&payment_method=pm_card_chargeDeclined")
            .await;
    assert!(declined.status == 402 && declined.body.contains("role=\"alert\""));
    let asks = page(
        &sandbox,
        "POST",
        &format!("{at}/pay"),
        "result=complete&payment_method=pm_card_authenticationRequired",
    )
    .await;
    assert!(location(&asks).ends_with("/authenticate"));
    let paid = page(
        &sandbox,
        "POST",
        &format!("{at}/pay"),
        "result=complete&payment_method=pm_card_visa&email=ada%40example.com",
    )
    .await;
    assert_eq!(location(&paid), format!("https://shop.example/done?session={}", id(&session)));
    assert_eq!(page(&sandbox, "GET", "/_sandbox/checkout/cs_none", "").await.status, 404);
}

#[tokio::test]
async fn stripes_own_page_is_spoken_to_by_the_cli() {
    let (sandbox, _) = quiet(8).await;
    let session = open(&sandbox, json!({"line_items": [item()]})).await;
    let method = json!({"type": "card", "card": {"token": "tok_visa"}, "billing_details": {"email": "ada@example.com"}});
    let method = id(&post(&sandbox, "/v1/payment_methods", method).await.ok());
    let ask = async |verb: &str, path: String, body: String| {
        let heads =
            Heads { authorization: Some(format!("Bearer {}", sandbox.secret_key())), ..Heads::default() };
        let incoming =
            Incoming { method: verb.into(), path, body: body.into(), heads, ..Incoming::default() };
        match sandbox.raw(incoming).await {
            Outgoing::Answer(reply) => (reply.status, serde_json::from_str::<Value>(&reply.body).unwrap()),
            other => panic!("{other:?}"),
        }
    };
    let at = format!("/v1/payment_pages/{}", id(&session));
    assert_eq!(ask("GET", at.clone(), String::new()).await.0, 200);
    let wrong =
        ask("POST", format!("{at}/confirm"), format!("payment_method={method}&expected_amount=1")).await;
    assert_eq!((wrong.0, &wrong.1["error"]["param"]), (400, &json!("expected_amount")));
    let done =
        ask("POST", format!("{at}/confirm"), format!("payment_method={method}&expected_amount=3000")).await;
    assert_eq!((done.0, &done.1["status"]), (200, &json!("complete")));
    assert_eq!(done.1["customer_details"]["email"], "ada@example.com");
}
