//! One action after another over HTTP, each under a key of its own.

use std::sync::atomic::{AtomicU32, Ordering};

use bursar_it::{TestApp, http::Answer, surfaces::Surfaces};
use serde_json::{Value, json};

/// An application and its caller.
pub(crate) struct Calling {
    pub(crate) surfaces: Surfaces,
    calls: AtomicU32,
}

impl Calling {
    pub(crate) async fn over(app: TestApp) -> Self {
        Self { surfaces: Surfaces::of(app).await, calls: AtomicU32::new(0) }
    }

    /// The answer, whatever it is.
    pub(crate) async fn ask(&self, action: &str, config: Value) -> Answer {
        let key = format!("call {}", self.calls.fetch_add(1, Ordering::Relaxed));
        self.surfaces.http(action, &key, &config).await
    }

    /// Stripe's object, of what has to be done.
    pub(crate) async fn call(&self, action: &str, config: Value) -> Value {
        let answer = self.ask(action, config).await;
        assert_eq!(answer.status, 200, "{action}: {:#}", answer.body);
        answer.body["data"].clone()
    }

    /// A customer who pays with this card.
    pub(crate) async fn customer(&self, card: &str) -> Value {
        let customer =
            self.call("stripe.createCustomer", json!({"email": "ada@example.com"})).await["id"].clone();
        let attach = json!({"paymentMethodId": card, "customerId": customer});
        let attached = self.call("stripe.attachPaymentMethod", attach).await;
        let settings = json!({"default_payment_method": attached["id"]});
        self.call("stripe.updateCustomer", json!({"customerId": customer, "invoiceSettings": settings}))
            .await;
        customer
    }
}
