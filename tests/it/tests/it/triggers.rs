//! The eight events of the source document: each is caused by actions over HTTP, comes in
//! as a delivery, and starts the workflow that waits for it with the event as its input.
//! The sandbox holds every one of them against the object tables.

use std::collections::BTreeMap;

use bursar_it::{TestApp, surfaces::Surfaces};
use http::Method;
use model::{RunStatus, WorkflowId};
use serde_json::{Value, json};
use store::{Page, Run, RunFilter};
use stripe::tables;
use workflows::Source;

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
    surfaces: Surfaces,
    workflows: BTreeMap<&'static str, WorkflowId>,
    calls: u32,
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
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        Self { surfaces: Surfaces::of(app).await, workflows, calls: 0 }
    }

    /// One action over HTTP; its answer, whatever it is.
    async fn ask(&mut self, action: &str, config: Value) -> bursar_it::http::Answer {
        self.calls += 1;
        let key = format!("call {}", self.calls);
        self.surfaces.http(&format!("stripe.{action}"), &key, &config).await
    }

    /// One action over HTTP, which is done: Stripe's object.
    async fn call(&mut self, action: &str, config: Value) -> Value {
        let answer = self.ask(action, config).await;
        assert_eq!(answer.status, 200, "{action}: {:#}", answer.body);
        answer.body["data"].clone()
    }

    /// A customer who pays with this card.
    async fn customer(&mut self, card: &str) -> Value {
        let customer = self.call("createCustomer", json!({"email": "ada@example.com"})).await["id"].clone();
        let attached =
            self.call("attachPaymentMethod", json!({"paymentMethodId": card, "customerId": customer})).await;
        let settings = json!({"default_payment_method": attached["id"]});
        self.call("updateCustomer", json!({"customerId": customer, "invoiceSettings": settings})).await;
        customer
    }

    async fn open_invoice(&mut self, customer: &Value) -> Value {
        let invoice = self.call("createInvoice", json!({"customerId": customer, "autoAdvance": false})).await;
        let line =
            json!({"customerId": customer, "invoiceId": invoice["id"], "amount": 4200, "currency": "usd"});
        self.call("createInvoiceItem", line).await;
        self.call("finalizeInvoice", json!({"invoiceId": invoice["id"]})).await["id"].clone()
    }

    /// The runs that an event's workflow has, oldest first.
    async fn runs(&self, kind: &str) -> Vec<Run> {
        let app = &self.surfaces.app;
        let filter = RunFilter { workflow: Some(self.workflows[kind]), status: None };
        let page = app.app.store.runs(app.setup.company, filter, Page { limit: 100, after: None }).await;
        let mut rows = page.unwrap().rows;
        rows.reverse();
        rows
    }
}

/// What causes each of the eight, and how often it happens on the way.
async fn cause(listening: &mut Listening) {
    let customer = listening.customer("pm_card_visa").await;
    let paid = listening.open_invoice(&customer).await;
    listening.call("payInvoice", json!({"invoiceId": paid})).await;
    let refused = listening.open_invoice(&customer).await;
    let declined = json!({"invoiceId": refused, "paymentMethod": "pm_card_chargeDeclined"});
    assert_eq!(listening.ask("payInvoice", declined).await.code(), "card_declined");
    let pay = |card: &str| json!({"amount": 1999, "currency": "usd", "customerId": customer, "confirm": true, "paymentMethod": card});
    let intent = listening.call("createPaymentIntent", pay("pm_card_visa")).await;
    let refund = json!({"paymentIntentId": intent["id"], "amount": 500});
    listening.call("createRefund", refund).await;
    let declined = listening.ask("createPaymentIntent", pay("pm_card_chargeDeclined")).await;
    assert_eq!(declined.code(), "card_declined");
    let product = listening.call("createProduct", json!({"name": "Gold"})).await["id"].clone();
    let price = json!({"productId": product, "currency": "usd", "unitAmount": 1000, "recurring": {"interval": "month"}});
    let price = listening.call("createPrice", price).await["id"].clone();
    let items = json!([{ "price": price }]);
    let subscription =
        listening.call("createSubscription", json!({"customerId": customer, "items": items})).await["id"]
            .clone();
    let change = json!({"subscriptionId": subscription, "metadata": {"team": "ops"}});
    listening.call("updateSubscription", change).await;
    listening.call("cancelSubscription", json!({"subscriptionId": subscription})).await;
}

#[tokio::test(start_paused = true)]
async fn each_of_the_eight_events_is_caused_by_actions_and_starts_its_workflow() {
    let mut listening = Listening::new().await;
    cause(&mut listening).await;
    listening.surfaces.app.until_idle().await;
    let events = listening.surfaces.app.sandbox.events();
    for kind in EIGHT {
        let happened: Vec<&Value> = events.iter().filter(|event| event["type"] == kind).collect();
        let runs = listening.runs(kind).await;
        assert!(!happened.is_empty(), "{kind} never happened");
        assert_eq!(runs.len(), happened.len(), "{kind}: one run for each event");
        for run in runs {
            let view = listening.surfaces.app.show(run.id).await;
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
    assert!(listening.surfaces.app.sandbox.conformance().kinds["Event"] > 0);
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
