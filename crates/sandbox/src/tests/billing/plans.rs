//! Plans are prices under their older names.

use super::{super::subscribing::*, *};

#[tokio::test]
async fn a_plan_is_a_price_and_what_changes_one_changes_the_other() {
    let (sandbox, _) = quiet(41).await;
    let params = json!({"id": "gold", "currency": "usd", "interval": "month", "amount": 2000,
                        "product": {"name": "Gold"}, "nickname": "Monthly", "trial_period_days": 7});
    let plan = post(&sandbox, "/v1/plans", params.clone()).await.ok();
    assert_eq!(
        (&plan["id"], &plan["object"], &plan["amount_decimal"]),
        (&json!("gold"), &json!("plan"), &json!("2000"))
    );
    let price = get(&sandbox, "/v1/prices/gold").await.ok();
    assert_eq!((&price["unit_amount"], &price["recurring"]["trial_period_days"]), (&json!(2000), &json!(7)));
    let again = post(&sandbox, "/v1/plans", params).await.error(400);
    assert_eq!(again["code"], "resource_already_exists");
    let changed =
        post(&sandbox, "/v1/plans/gold", json!({"nickname": "M", "trial_period_days": 3})).await.ok();
    assert_eq!((&changed["nickname"], &changed["trial_period_days"]), (&json!("M"), &json!(3)));
    let once = json!({"product": plan["product"], "currency": "usd", "unit_amount": 1});
    let once = id(&post(&sandbox, "/v1/prices", once).await.ok());
    assert_eq!(get(&sandbox, &format!("/v1/plans/{once}")).await.error(404)["code"], "resource_missing");
    let all = get(&sandbox, "/v1/plans?limit=5").await.ok();
    assert_eq!((all["data"].as_array().unwrap().len(), &all["data"][0]["object"]), (1, &json!("plan")));
    let told: Vec<String> = event_types(&sandbox).into_iter().filter(|kind| kind.starts_with("pl")).collect();
    assert_eq!(told, ["plan.created", "plan.updated"]);
    delete(&sandbox, "/v1/plans/gold").await.ok();
    get(&sandbox, "/v1/plans/gold").await.error(404);
    get(&sandbox, "/v1/prices/gold").await.error(404);
}

#[tokio::test]
async fn who_has_subscribed_to_a_deleted_plan_keeps_its_price() {
    let (sandbox, _) = quiet(42).await;
    let tiers = json!([{"up_to": 2, "amount": 0, "unit_amount": 100}, {"up_to": "inf", "unit_amount": 50}]);
    let wrong = json!({"currency": "usd", "interval": "month", "product": {"name": "Gold"}, "tiers": tiers,
                       "tiers_mode": "volume", "billing_scheme": "tiered"});
    assert_eq!(post(&sandbox, "/v1/plans", wrong.clone()).await.error(400)["code"], "parameter_unknown");
    let mut params = wrong;
    params["tiers"] = json!([{"up_to": 2, "unit_amount": 100}, {"up_to": "inf", "unit_amount": 50}]);
    let plan = id(&post(&sandbox, "/v1/plans", params).await.ok());
    let shown = get(&sandbox, &format!("/v1/plans/{plan}?expand[]=tiers")).await.ok();
    assert_eq!(shown["tiers"][0]["up_to"], 2);
    let (customer, _) = payer(&sandbox, "pm_card_visa").await;
    let items = json!({"items": [{"plan": plan, "quantity": 4}]});
    let sub = id(&post(&sandbox, "/v1/subscriptions", to(&customer, "", items)).await.ok());
    delete(&sandbox, &format!("/v1/plans/{plan}")).await.ok();
    get(&sandbox, &format!("/v1/plans/{plan}")).await.error(404);
    assert_eq!(get(&sandbox, &format!("/v1/prices/{plan}")).await.ok()["active"], false);
    sandbox.advance_ms(32 * DAY_MS).await;
    assert_eq!(int(&latest(&sandbox, &sub), "total"), 200);
    let missing = json!({"currency": "usd", "interval": "month", "product": {"name": "Lead"}});
    assert_eq!(post(&sandbox, "/v1/plans", missing).await.error(400)["param"], "amount");
}
