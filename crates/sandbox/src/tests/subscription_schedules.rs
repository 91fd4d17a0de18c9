//! Schedules: phases that a subscription goes through.

use serde_json::{Value, json};

use super::{client::*, subscribing::*};
use crate::Sandbox;

const SCHEDULES: &str = "/v1/subscription_schedules";

async fn scheduled(sandbox: &Sandbox, more: Value) -> (String, Value) {
    let (customer, _) = payer(sandbox, "pm_card_visa").await;
    let gold = price(sandbox, "Gold", 1000, "month").await;
    let duration = json!({"interval": "month", "interval_count": 1});
    let phases = json!([
        {"items": [{"price": gold, "quantity": 1}], "duration": duration},
        {"items": [{"price": gold, "quantity": 2}], "duration": duration},
    ]);
    let mut params = json!({"customer": customer, "start_date": "now", "phases": phases});
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = post(sandbox, SCHEDULES, params).await.ok();
    (id(&made), made)
}

fn subscription(sandbox: &Sandbox, schedule: &str) -> Value {
    let shown = sandbox.object(schedule).unwrap();
    let id = shown["subscription"].as_str().or(shown["released_subscription"].as_str()).unwrap();
    sandbox.object(id).unwrap()
}

#[tokio::test]
async fn a_schedule_starts_changes_and_ends_its_subscription() {
    for (behavior, ends) in [("release", "active"), ("cancel", "canceled")] {
        let (sandbox, _) = quiet(1).await;
        let (schedule, made) = scheduled(&sandbox, json!({"end_behavior": behavior})).await;
        assert_eq!(
            (&made["status"], made["current_phase"]["start_date"].as_i64()),
            (&json!("active"), Some(NOON))
        );
        let first = subscription(&sandbox, &schedule);
        assert_eq!((&first["status"], &first["schedule"]), (&json!("active"), &json!(schedule)));
        let draft = latest(&sandbox, &id(&first));
        assert_eq!((&draft["status"], &draft["amount_due"]), (&json!("draft"), &json!(1000)));
        sandbox.advance_ms(31 * DAY_MS).await;
        let second = subscription(&sandbox, &schedule);
        assert_eq!(second["items"]["data"][0]["quantity"], 2);
        let renewal = latest(&sandbox, &id(&second));
        assert_eq!((&renewal["status"], &renewal["total"]), (&json!("paid"), &json!(2000)), "no proration");
        sandbox.advance_ms(31 * DAY_MS).await;
        let shown = sandbox.object(&schedule).unwrap();
        assert_eq!((&shown["status"], &shown["current_phase"]), (&json!("completed"), &json!(null)));
        let done = subscription(&sandbox, &schedule);
        assert_eq!(done["status"], ends, "{behavior}");
        assert!(event_types(&sandbox).contains(&"subscription_schedule.expiring".to_owned()));
    }
}

#[tokio::test]
async fn one_that_is_to_come_starts_at_its_time() {
    let (sandbox, _) = quiet(2).await;
    let (schedule, made) = scheduled(&sandbox, json!({"start_date": NOON + 86_400})).await;
    assert_eq!((&made["status"], &made["subscription"]), (&json!("not_started"), &json!(null)));
    let refused = post(&sandbox, &format!("{SCHEDULES}/{schedule}/release"), json!({})).await;
    assert!(refused.error(400)["message"].as_str().unwrap().contains("has not started"));
    sandbox.advance_ms(DAY_MS).await;
    assert_eq!(sandbox.object(&schedule).unwrap()["status"], "active");
    let begun = subscription(&sandbox, &schedule);
    assert_eq!(begun["start_date"], NOON + 86_400);
    let listed = get(&sandbox, &format!("{SCHEDULES}?scheduled=true")).await.ok();
    assert_eq!(listed["data"], json!([]));
}

#[tokio::test]
async fn a_schedule_of_a_subscription_begins_with_its_period_and_can_be_extended() {
    let (sandbox, _) = quiet(3).await;
    let (subscription, made) = active(&sandbox).await;
    let schedule = post(&sandbox, SCHEDULES, json!({"from_subscription": subscription})).await.ok();
    let item = &made["items"]["data"][0];
    assert_eq!(schedule["phases"][0]["end_date"], item["current_period_end"]);
    let gold = item["price"]["id"].clone();
    let phases = json!([
        {"items": [{"price": gold}], "start_date": NOON, "end_date": item["current_period_end"]},
        {"items": [{"price": gold, "quantity": 5}], "duration": {"interval": "month"}},
    ]);
    post(&sandbox, &format!("{SCHEDULES}/{}", id(&schedule)), json!({"phases": phases})).await.ok();
    let again = post(&sandbox, SCHEDULES, json!({"from_subscription": subscription})).await.error(400);
    assert_eq!(again["param"], "from_subscription");
    sandbox.advance_ms(30 * DAY_MS + HOUR_MS).await;
    assert_eq!(latest(&sandbox, &subscription)["amount_paid"], 5000);
}

#[tokio::test]
async fn a_canceled_subscription_ends_its_schedule_and_the_other_way_round() {
    let (sandbox, _) = quiet(4).await;
    let (schedule, _) = scheduled(&sandbox, json!({})).await;
    let of = id(&subscription(&sandbox, &schedule));
    delete(&sandbox, &path(&of)).await.ok();
    assert_eq!(sandbox.object(&schedule).unwrap()["status"], "canceled");
    let (schedule, _) = scheduled(&sandbox, json!({})).await;
    let of = id(&subscription(&sandbox, &schedule));
    post(&sandbox, &format!("{SCHEDULES}/{schedule}/cancel"), json!({})).await.ok();
    assert_eq!(status(&sandbox, &of), "canceled");
    let again = post(&sandbox, &format!("{SCHEDULES}/{schedule}/cancel"), json!({})).await.error(400);
    assert!(again["message"].as_str().unwrap().contains("`canceled`"), "{again}");
}

#[tokio::test]
async fn phases_that_make_no_sense_are_refused_and_nothing_is_made() {
    let (sandbox, _) = quiet(5).await;
    let (customer, _) = payer(&sandbox, "pm_card_visa").await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let items = json!([{"price": gold}]);
    for (phase, param) in [
        (json!({"items": items, "end_date": NOON - 1}), "phases[0][end_date]"),
        (json!({"items": items, "end_date": NOON + 9, "duration": {"interval": "day"}}), ""),
        (
            json!({"items": items, "collection_method": "send_invoice"}),
            "phases[0][invoice_settings][days_until_due]",
        ),
        (json!({"items": [{"price": "price_none"}]}), "phases[0][items][0][price]"),
        (json!({"items": items, "trial": true, "trial_end": NOON + 9}), ""),
        (json!({"items": items, "transfer_data": {"destination": "acct_1"}}), "phases[0][transfer_data]"),
    ] {
        let params = json!({"customer": customer, "phases": [phase]});
        let error = post(&sandbox, SCHEDULES, params).await.error(400);
        assert!(param.is_empty() || error["param"] == param, "{error}");
    }
    post(&sandbox, SCHEDULES, json!({"customer": customer, "phases": []})).await.error(400);
    assert!(
        sandbox.objects("subscription_schedule").is_empty() && sandbox.objects("subscription").is_empty()
    );
}

#[tokio::test]
async fn older_releases_say_how_often_a_phase_repeats() {
    let (sandbox, _) = quiet(6).await;
    let (customer, _) = payer(&sandbox, "pm_card_visa").await;
    let gold = price(&sandbox, "Gold", 1000, "week").await;
    let body = format!(
        "customer={customer}&start_date=now&phases[1][items][0][price]={gold}&phases[1][iterations]=1&phases[0][iterations]=2&phases[0][items][0][price]={gold}"
    );
    let heads = crate::wire::Heads {
        authorization: Some(format!("Bearer {}", sandbox.secret_key())),
        version: Some("2025-08-27.basil".into()),
        ..Default::default()
    };
    let incoming = crate::wire::Incoming {
        method: "POST".into(),
        path: SCHEDULES.into(),
        body: body.into(),
        heads,
        ..Default::default()
    };
    let crate::wire::Outgoing::Answer(reply) = sandbox.raw(incoming).await else { panic!("no answer") };
    let made: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(reply.status, 200, "{made}");
    assert_eq!(made["phases"][0]["end_date"], NOON + 14 * 86_400);
    assert_eq!(made["phases"][1]["end_date"], NOON + 21 * 86_400);
}
