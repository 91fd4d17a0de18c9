//! What is told when somebody has connected, or a renewal failed. Neither an id nor a
//! time is in it; three tries, and it is lost.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use aws_lc_rs::{digest, hmac};
use bytes::Bytes;
use reqwest::{Client, redirect};
use serde_json::{Value, json};
use url::Url;

use crate::{
    BoxFuture,
    state::{Nango, Stored},
};

/// The pauses before the second and the third try.
const PAUSES: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(6)];
const TIMEOUT: Duration = Duration::from_secs(20);

/// One delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// `X-Nango-Hmac-Sha256`.
    pub hmac: String,
    /// `X-Nango-Signature`, of old: anybody who has one can lengthen its body.
    pub legacy: String,
    /// Compact JSON with sorted keys.
    pub body: Bytes,
}

/// What carries deliveries. Gives the status, or nothing when nobody answered.
pub trait Courier: Send + Sync {
    /// Delivers once.
    fn deliver(&self, delivery: Delivery) -> BoxFuture<'_, Option<u16>>;
}

/// Keeps deliveries for whoever takes them; every one is accepted.
#[derive(Default)]
pub struct Kept {
    deliveries: Mutex<Vec<Delivery>>,
}

impl Kept {
    /// Takes what was told since the last time.
    pub fn take(&self) -> Vec<Delivery> {
        std::mem::take(&mut *self.deliveries.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Courier for Kept {
    fn deliver(&self, delivery: Delivery) -> BoxFuture<'_, Option<u16>> {
        self.deliveries.lock().unwrap_or_else(PoisonError::into_inner).push(delivery);
        Box::pin(std::future::ready(Some(200)))
    }
}

/// Posts deliveries to one address.
pub struct HttpCourier {
    client: Client,
    url: Url,
}

impl HttpCourier {
    /// To this address.
    ///
    /// # Errors
    /// When the client cannot be built.
    pub fn to(url: Url) -> Result<Self, String> {
        let client = Client::builder().no_proxy().timeout(TIMEOUT).redirect(redirect::Policy::none());
        Ok(Self { client: client.build().map_err(|e| e.to_string())?, url })
    }
}

impl Courier for HttpCourier {
    fn deliver(&self, delivery: Delivery) -> BoxFuture<'_, Option<u16>> {
        let request = self.client.post(self.url.clone()).body(delivery.body);
        let request = request
            .header("content-type", "application/json")
            .header("x-nango-signature", delivery.legacy)
            .header("x-nango-hmac-sha256", delivery.hmac);
        Box::pin(async move { Some(request.send().await.ok()?.status().as_u16()) })
    }
}

impl Nango {
    /// Signs a body as this one's webhooks are.
    pub fn signed(&self, body: &Value) -> Delivery {
        let key = self.state().signing_key.clone();
        let body = Bytes::from(sorted(body).to_string());
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), &body);
        let mut both = key.into_bytes();
        both.extend_from_slice(&body);
        let legacy = hex::encode(digest::digest(&digest::SHA256, &both));
        Delivery { hmac: hex::encode(mac), legacy, body }
    }

    /// Replaces the key that webhooks are signed with.
    pub fn rotate_signing_key(&self) -> String {
        let key = self.uuid();
        self.state().signing_key.clone_from(&key);
        key
    }

    /// Tells what happened to a connection.
    pub(crate) fn tell(&self, of: &Stored, operation: &str, error: Option<Value>) {
        let auth_mode = self.state().integration(&of.integration).map_or("NONE", |i| i.auth_mode());
        let mut body = json!({
            "authMode": auth_mode,
            "connectionId": of.connection_id,
            "environment": "dev",
            "from": "nango",
            "operation": operation,
            "provider": of.provider,
            "providerConfigKey": of.integration,
            "success": error.is_none(),
            "type": "auth",
        });
        if !of.tags.is_empty() {
            body["tags"] = of.tags.clone().into();
        }
        if let Some(error) = error {
            body["error"] = error;
        }
        let (nango, delivery) = (self.clone(), self.signed(&body));
        self.inner.tasks.spawn(async move { nango.deliver(delivery).await });
    }

    async fn deliver(&self, delivery: Delivery) {
        let mut pauses = PAUSES.into_iter();
        loop {
            if let Some(..500) = self.inner.courier.deliver(delivery.clone()).await {
                return;
            }
            let Some(pause) = pauses.next() else { return };
            tokio::time::sleep(pause).await;
        }
    }
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut names: Vec<_> = object.iter().collect();
            names.sort_by_key(|(name, _)| name.as_str());
            names.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}
