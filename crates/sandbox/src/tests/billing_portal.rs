//! The customer portal.

use serde_json::json;

use super::{client::*, subscribing::*};
use crate::{
    Sandbox,
    wire::{Heads, Incoming, Reply},
};

const CONFIGURATIONS: &str = "/v1/billing_portal/configurations";
const SESSIONS: &str = "/v1/billing_portal/sessions";

async fn page(sandbox: &Sandbox, method: &str, path: &str, body: &str) -> Reply {
    let heads = Heads {
        accept: Some("text/html".into()),
        content_type: Some("application/x-www-form-urlencoded".into()),
        ..Heads::default()
    };
    let (method, path, body) = (method.into(), path.into(), body.to_owned().into());
    let incoming = Incoming { method, path, body, heads, ..Incoming::default() };
    crate::hosted::handle(&sandbox.inner.shared, &incoming).await.expect("a page")
}

#[tokio::test]
async fn a_customer_cancels_and_changes_the_card_on_the_page() {
    let (sandbox, _) = quiet(1).await;
    let (subscription, made) = active(&sandbox).await;
    let customer = made["customer"].as_str().unwrap();
    let session =
        post(&sandbox, SESSIONS, json!({"customer": customer, "return_url": "https://shop.example"}))
            .await
            .ok();
    let at = format!("/_sandbox/portal/{}", id(&session));
    assert!(session["url"].as_str().unwrap().ends_with(&at));
    let shown = page(&sandbox, "GET", &at, "").await;
    assert!(
        shown.body.contains(&subscription) && shown.body.contains("/_sandbox/invoices/in_"),
        "{}",
        shown.body
    );
    let changed =
        page(&sandbox, "POST", &format!("{at}/payment_method"), "payment_method=pm_card_mastercard").await;
    assert_eq!(changed.status, 303);
    let default = sandbox.object(customer).unwrap()["invoice_settings"]["default_payment_method"].clone();
    assert_eq!(sandbox.object(default.as_str().unwrap()).unwrap()["card"]["brand"], "mastercard");
    let refused =
        page(&sandbox, "POST", &format!("{at}/payment_method"), "payment_method=pm_card_chargeDeclined")
            .await;
    assert!(refused.status == 400 && refused.body.contains("role=\"alert\""));
    page(&sandbox, "POST", &format!("{at}/cancel"), &format!("subscription={subscription}")).await;
    let ends = sandbox.object(&subscription).unwrap();
    assert_eq!(
        (&ends["cancel_at"], &ends["cancel_at_period_end"]),
        (&json!(NOON + 30 * 86_400), &json!(false))
    );
    let (other, _) = active(&sandbox).await;
    page(&sandbox, "POST", &format!("{at}/cancel"), &format!("subscription={other}")).await;
    assert!(sandbox.object(&other).unwrap()["cancel_at"].is_null(), "another's subscription");
    assert_eq!(page(&sandbox, "GET", "/_sandbox/portal/bps_none", "").await.status, 404);
}

#[tokio::test]
async fn a_configuration_says_what_is_allowed() {
    let (sandbox, _) = quiet(2).await;
    let (subscription, made) = active(&sandbox).await;
    let now = json!({"enabled": true, "mode": "immediately"});
    let off = json!({"features": {"payment_method_update": {"enabled": false}, "subscription_cancel": now}});
    let configuration = post(&sandbox, CONFIGURATIONS, off).await.ok();
    assert_eq!(configuration["features"]["subscription_cancel"]["proration_behavior"], "none");
    let session = json!({"customer": made["customer"], "configuration": configuration["id"]});
    let at = format!("/_sandbox/portal/{}", id(&post(&sandbox, SESSIONS, session.clone()).await.ok()));
    assert!(!page(&sandbox, "GET", &at, "").await.body.contains("Payment method"));
    assert_eq!(page(&sandbox, "POST", &format!("{at}/payment_method"), "").await.status, 400);
    page(&sandbox, "POST", &format!("{at}/cancel"), &format!("subscription={subscription}")).await;
    assert_eq!(status(&sandbox, &subscription), "canceled");
    let path = format!("{CONFIGURATIONS}/{}", id(&configuration));
    post(&sandbox, &path, json!({"active": false})).await.ok();
    assert_eq!(post(&sandbox, SESSIONS, session).await.error(400)["param"], "configuration");
    let unknown = json!({"features": {"subscription_update": {"enabled": true, "products": []}}});
    assert_eq!(
        post(&sandbox, CONFIGURATIONS, unknown).await.error(400)["param"],
        "features[subscription_update][enabled]"
    );
}

#[tokio::test]
async fn the_first_session_makes_the_default_configuration() {
    let (sandbox, _) = quiet(3).await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    post(&sandbox, SESSIONS, json!({})).await.error(400);
    let made = [(); 2].map(|()| json!({"customer": customer}));
    let [first, second] = made;
    let first = post(&sandbox, SESSIONS, first).await.ok();
    assert_eq!(post(&sandbox, SESSIONS, second).await.ok()["configuration"], first["configuration"]);
    let listed = get(&sandbox, &format!("{CONFIGURATIONS}?is_default=true")).await.ok();
    assert_eq!(listed["data"][0]["id"], first["configuration"]);
    let path = format!("{CONFIGURATIONS}/{}", first["configuration"].as_str().unwrap());
    assert_eq!(post(&sandbox, &path, json!({"active": false})).await.error(400)["param"], "active");
}
