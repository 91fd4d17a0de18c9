//! The eight events of the source document: each is caused by actions over HTTP, comes in
//! as a delivery, and starts the workflow that waits for it with the event as its input.
//! The sandbox holds every one of them against the object tables.

use std::{collections::BTreeMap, time::Duration};

use bursar_it::{TestApp, surfaces::Surfaces};
use http::Method;
use model::{RunStatus, WorkflowId};
use serde_json::{Value, json};
use store::{Page, Run, RunFilter};
use stripe::tables;
use workflows::Source;

use crate::calling::Calling;

const EIGHT: [&str; 8] = [
    "charge.refunded",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.updated",
    "invoice.paid",
    "invoice.payment_failed",
    "payment_intent.payment_failed",
    "payment_intent.succeeded",
];

/// An application in which a workflow waits for each of the eight.
struct Listening {
    calling: Calling,
    workflows: BTreeMap<&'static str, WorkflowId>,
}

impl Listening {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let mut workflows = BTreeMap::new();
        for kind in EIGHT {
            let text = json!({
                "name": format!("On {kind}"),
                "trigger": { "type": "webhook", "provider": "stripe", "events": [kind] },
                "steps": [{
                    "id": "customer",
                    "action": "stripe.getCustomer",
                    "config": { "customerId": "{{ event.data.object.customer }}" },
                }],
                "output": { "customer": "{{ steps.customer.output.id }}" },
            });
            let source = Source { text: text.to_string(), name: "trigger.json".into() };
            let pushed = app.app.lifecycle.push(app.setup.company, source).await.unwrap();
            let active = app.app.lifecycle.activate(app.setup.company, pushed.workflow.id).await.unwrap();
            workflows.insert(kind, active.id);
        }
        // A workflow hears of what happens after the second of its activation.
        tokio::time::sleep(Duration::from_secs(2)).await;
        Self { calling: Calling::over(app).await, workflows }
    }

    fn app(&self) -> &TestApp {
        &self.calling.surfaces.app
    }

    /// The runs that an event's workflow has.
    async fn runs(&self, kind: &str) -> Vec<Run> {
        let filter = RunFilter { workflow: Some(self.workflows[kind]), status: None };
        let page = Page { limit: 100, after: None };
        self.app().app.store.runs(self.app().setup.company, filter, page).await.unwrap().rows
    }
}

async fn open_invoice(calling: &Calling, customer: &Value) -> Value {
    let draft = json!({"customerId": customer, "autoAdvance": false});
    let invoice = calling.call("stripe.createInvoice", draft).await["id"].clone();
    let line = json!({"customerId": customer, "invoiceId": invoice, "amount": 4200, "currency": "usd"});
    calling.call("stripe.createInvoiceItem", line).await;
    calling.call("stripe.finalizeInvoice", json!({"invoiceId": invoice})).await["id"].clone()
}

/// What causes the three of invoices and payments that go well, and those that do not.
async fn cause_payments(calling: &Calling, customer: &Value) {
    let paid = open_invoice(calling, customer).await;
    calling.call("stripe.payInvoice", json!({"invoiceId": paid})).await;
    let refused = open_invoice(calling, customer).await;
    let declined = json!({"invoiceId": refused, "paymentMethod": "pm_card_chargeDeclined"});
    assert_eq!(calling.ask("stripe.payInvoice", declined).await.code(), "card_declined");
    let pay = |card: &str| json!({"amount": 1999, "currency": "usd", "customerId": customer, "confirm": true, "paymentMethod": card});
    let intent = calling.call("stripe.createPaymentIntent", pay("pm_card_visa")).await;
    let refund = json!({"paymentIntentId": intent["id"], "amount": 500});
    calling.call("stripe.createRefund", refund).await;
    let declined = calling.ask("stripe.createPaymentIntent", pay("pm_card_chargeDeclined")).await;
    assert_eq!(declined.code(), "card_declined");
}

/// What causes the three of subscriptions.
async fn cause_subscriptions(calling: &Calling, customer: &Value) {
    let product = calling.call("stripe.createProduct", json!({"name": "Gold"})).await["id"].clone();
    let monthly = json!({"interval": "month"});
    let price = json!({"productId": product, "currency": "usd", "unitAmount": 1000, "recurring": monthly});
    let price = calling.call("stripe.createPrice", price).await["id"].clone();
    let subscribe = json!({"customerId": customer, "items": [{ "price": price }]});
    let made = calling.call("stripe.createSubscription", subscribe).await["id"].clone();
    let change = json!({"subscriptionId": made, "metadata": {"team": "ops"}});
    calling.call("stripe.updateSubscription", change).await;
    calling.call("stripe.cancelSubscription", json!({"subscriptionId": made})).await;
}

#[tokio::test(start_paused = true)]
async fn each_of_the_eight_events_is_caused_by_actions_and_starts_its_workflow() {
    let listening = Listening::new().await;
    let customer = listening.calling.customer("pm_card_visa").await;
    cause_payments(&listening.calling, &customer).await;
    cause_subscriptions(&listening.calling, &customer).await;
    listening.app().until_idle().await;
    let events = listening.app().sandbox.events();
    for kind in EIGHT {
        let happened: Vec<&Value> = events.iter().filter(|event| event["type"] == kind).collect();
        let runs = listening.runs(kind).await;
        assert!(!happened.is_empty(), "{kind} never happened");
        assert_eq!(runs.len(), happened.len(), "{kind}: one run for each event");
        for run in runs {
            let view = listening.app().show(run.id).await;
            assert_eq!(view.status, RunStatus::Completed, "{kind}: {view:#?}");
            let event = happened.iter().find(|event| event["id"] == view.input["id"]).unwrap();
            assert_eq!(view.cause, format!("event:{}", event["id"].as_str().unwrap()), "{kind}");
            let object = &view.input["data"]["object"];
            assert_eq!(object, &event["data"]["object"], "{kind}: the input is what Stripe told");
            let known = tables::event_objects(kind);
            let named =
                known.iter().any(|name| tables::object(name).unwrap().object == object["object"].as_str());
            assert!(named, "{kind}: {} is none of {known:?}", object["object"]);
            assert_eq!(view.output.unwrap()["customer"], object["customer"], "{kind}");
        }
    }
    assert!(listening.app().sandbox.conformance().kinds["Event"] > 0);
}

#[tokio::test(start_paused = true)]
async fn the_catalog_of_triggers_has_every_event_type_and_says_which_can_be_tried_here() {
    let surfaces = Surfaces::of(TestApp::new().await).await;
    let answer = surfaces.ask(Method::GET, "/api/v1/triggers", None, None).await;
    let triggers = answer.body["data"].as_array().unwrap();
    let events = triggers.iter().find(|t| t["type"] == "webhook").unwrap()["events"].as_array().unwrap();
    let listed: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(listed, tables::event_types());
    for event in events {
        let kind = event["type"].as_str().unwrap();
        assert_eq!(event["sandbox"], sandbox::event_types().contains(&kind), "{kind}");
        assert!(!event["objects"].as_array().unwrap().is_empty(), "{kind}");
        assert!(event["sandbox"] == true || !EIGHT.contains(&kind), "{kind}");
    }
}
