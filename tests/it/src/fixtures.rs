//! The objects that examples name between braces, put in place through Stripe's API:
//! past Bursar, so that what Bursar did stands out in the sandbox's journal.

use std::{cell::RefCell, collections::BTreeMap};

use actions::{Action, Catalog};
use model::{IdempotencyKey, Mode};
use sandbox::Sandbox;
use serde_json::{Value, json};
use stripe::{Attempt, Credential, Kind, Method, PINNED, Request, form, tables};

/// Actions of whose objects no event of Stripe's tells who made them: once Stripe has
/// forgotten the key, a person is shown the one object that was probably made.
pub const UNTOLD: &[&str] = &["stripe.createCheckoutSession"];

/// Objects of one example; they belong together, to one customer.
pub struct Fixtures<'a> {
    sandbox: &'a Sandbox,
    /// Whose objects they are.
    credential: Credential,
    /// What their keys begin with, where one account gets the objects of several.
    prefix: String,
    made: BTreeMap<String, String>,
    asked: u32,
}

impl<'a> Fixtures<'a> {
    /// Of the sandbox's own account. Nothing is made yet.
    pub fn of(sandbox: &'a Sandbox) -> Self {
        let credential = Credential::new(sandbox.account(), Mode::Local, sandbox.secret_key());
        Self::of_account(sandbox, credential, "fixture")
    }

    /// Of the account that this credential reaches, under keys of this prefix.
    pub fn of_account(sandbox: &'a Sandbox, credential: Credential, prefix: &str) -> Self {
        Self { sandbox, credential, prefix: prefix.to_owned(), made: BTreeMap::new(), asked: 0 }
    }

    /// An action's example with the ids of what it names.
    ///
    /// # Panics
    /// When the example names a fixture that nobody knows how to put in place, or the
    /// sandbox refuses one.
    pub async fn fill(mut self, action: &Action) -> Value {
        let named = RefCell::new(Vec::new());
        Catalog.example_input(action, &|name| {
            named.borrow_mut().push(name.to_owned());
            String::new()
        });
        for name in named.into_inner() {
            self.make(&name).await;
        }
        Catalog.example_input(action, &|name| self.made[name].clone())
    }

    async fn make(&mut self, name: &str) {
        if self.made.contains_key(name) {
            return;
        }
        let id = match name {
            "customer" => self.customer().await,
            "invoice:draft" => self.invoice(json!({})).await,
            "invoice:sendable" => {
                self.invoice(json!({"collection_method": "send_invoice", "days_until_due": 30})).await
            }
            "invoice:open" => {
                let invoice = self.invoice(json!({})).await;
                self.post(&format!("/v1/invoices/{invoice}/finalize"), json!({})).await;
                invoice
            }
            "payment_method" => id(&self
                .post("/v1/payment_methods", json!({"type": "card", "card": {"token": "tok_visa"}}))
                .await),
            "payment_intent" => id(&self.intent(json!({})).await),
            "payment_intent:confirmable" => id(&self.intent(json!({"payment_method": "pm_card_visa"})).await),
            "payment_intent:capturable" => id(&self.paid(json!({"capture_method": "manual"})).await),
            "payment_intent:succeeded" => id(&self.paid(json!({})).await),
            "charge" => self.paid(json!({})).await["latest_charge"].as_str().expect("it was paid").to_owned(),
            "refund" => {
                let charge = self.paid(json!({})).await["latest_charge"].clone();
                id(&self.post("/v1/refunds", json!({"charge": charge, "amount": 100})).await)
            }
            "customer:paying" => self.paying().await,
            "product" => id(&self.post("/v1/products", json!({"name": "Gold"})).await),
            "price" => self.price().await,
            "subscription:active" => {
                let items = json!([{"price": self.price().await}]);
                let params = json!({"customer": self.paying().await, "items": items});
                id(&self.post("/v1/subscriptions", params).await)
            }
            "subscription:paused" => {
                let items = json!([{"price": self.price().await}]);
                let params = json!({"customer": self.paying().await, "items": items});
                let made = id(&self.post("/v1/subscriptions", params).await);
                self.post(&format!("/v1/subscriptions/{made}/pause"), json!({})).await;
                made
            }
            "test_clock" => {
                let frozen = json!({"frozen_time": 1_577_836_800});
                id(&self.post("/v1/test_helpers/test_clocks", frozen).await)
            }
            other => panic!("nobody knows how to put the fixture `{other}` in place; say it here"),
        };
        self.made.insert(name.to_owned(), id);
    }

    async fn customer(&mut self) -> String {
        if let Some(id) = self.made.get("customer") {
            return id.clone();
        }
        let made = self.post("/v1/customers", json!({"email": "ada@example.com", "name": "Ada"})).await;
        self.made.insert("customer".to_owned(), id(&made));
        id(&made)
    }

    /// The customer, with a card to charge by itself.
    async fn paying(&mut self) -> String {
        let customer = self.customer().await;
        let attached =
            self.post("/v1/payment_methods/pm_card_visa/attach", json!({"customer": customer})).await;
        let settings = json!({"invoice_settings": {"default_payment_method": id(&attached)}});
        self.post(&format!("/v1/customers/{customer}"), settings).await;
        customer
    }

    /// A monthly price of 10.00 USD.
    async fn price(&mut self) -> String {
        let params = json!({"product_data": {"name": "Gold"}, "currency": "usd", "unit_amount": 1000,
                            "recurring": {"interval": "month"}});
        id(&self.post("/v1/prices", params).await)
    }

    /// A draft with one line.
    async fn invoice(&mut self, more: Value) -> String {
        let customer = self.customer().await;
        let mut params = json!({"customer": customer});
        extend(&mut params, more);
        let invoice = id(&self.post("/v1/invoices", params).await);
        let line = json!({"customer": customer, "invoice": invoice, "amount": 4200, "currency": "usd"});
        self.post("/v1/invoiceitems", line).await;
        invoice
    }

    async fn intent(&mut self, more: Value) -> Value {
        let mut params = json!({"amount": 1999, "currency": "usd", "customer": self.customer().await});
        extend(&mut params, more);
        self.post("/v1/payment_intents", params).await
    }

    async fn paid(&mut self, more: Value) -> Value {
        let mut params = json!({"payment_method": "pm_card_visa", "confirm": true});
        extend(&mut params, more);
        self.intent(params).await
    }

    async fn post(&mut self, path: &str, params: Value) -> Value {
        self.asked += 1;
        let (operation, _) = tables::route(Method::Post, path).expect("a path of the tables");
        let request = Request {
            operation,
            path: path.to_owned(),
            form: form::encode(params.as_object().expect("fixtures are objects"))
                .expect("fixtures have a form")
                .into(),
            version: PINNED,
            account: None,
            kind: Kind::Write(IdempotencyKey::from_text(format!("{}-{}", self.prefix, self.asked))),
        };
        match self.sandbox.transport().attempt(&request, &self.credential).await {
            Attempt::Answered(answer) if answer.status == 200 => answer.body,
            other => panic!("the fixture {path} {params} is refused: {other:?}"),
        }
    }
}

fn extend(params: &mut Value, more: Value) {
    let Value::Object(more) = more else { unreachable!("fixtures are objects") };
    params.as_object_mut().expect("fixtures are objects").extend(more);
}

fn id(object: &Value) -> String {
    object["id"].as_str().expect("Stripe's objects have ids").to_owned()
}
