//! Every change that somebody asks for has its entry in the audit log, and every entry its
//! change, whatever crashes between them.

mod crashes;
mod every_route;

use std::{collections::HashMap, sync::Arc};

use axum::body::Body;
use connections::{MasterKey, OAuthClient, ProviderSettings};
use http::Method;
use model::{Failure, Mode};
use serde_json::{Value, json};

use super::{Reply, Server, request};
use crate::KeepMaster;

/// Of a customer without an e-mail nothing tells whether it was made.
const NAMELESS: &str = "key: nameless\nname: Nameless\ntrigger: { type: api }\nsteps:\n\
    \x20 - { id: made, action: stripe.createCustomer, config: { name: Ada } }\n";

/// Whether it was made can be told by its e-mail.
const NAMED: &str = "key: named\nname: Named\ntrigger: { type: api }\nsteps:\n\
    \x20 - { id: made, action: stripe.createCustomer, config: { email: ada@example.com } }\n";

/// Takes every master key and keeps none.
struct Keeper;

impl KeepMaster for Keeper {
    fn prepare(&self, _: Option<&str>) -> Result<MasterKey, Failure> {
        Ok(MasterKey::random())
    }

    fn promote(&self, _: &str) -> Result<Option<String>, Failure> {
        Ok(None)
    }
}

impl Server {
    /// With a place for master keys, and a platform by which accounts are connected.
    fn equipped(mut self) -> Self {
        self.app.master_keeper = Some(Arc::new(Keeper));
        let client = OAuthClient {
            client_id: "ca_1".into(),
            secret_key: self.sandbox.secret_key().to_string().into(),
            authorize_url: "http://127.0.0.1:12111/oauth/authorize".parse().unwrap(),
            token_url: "http://127.0.0.1:12111/oauth/token".parse().unwrap(),
            deauthorize_url: None,
            base_url: "http://127.0.0.1:12111".into(),
        };
        self.app.connections.set_providers(ProviderSettings {
            public_url: Some("http://127.0.0.1:7420".parse().unwrap()),
            connect: HashMap::from([(Mode::Local, client)]),
            ..ProviderSettings::default()
        });
        self.router = crate::router(self.app.clone());
        self
    }

    /// Asks, for what has a body with this one.
    async fn does(&self, method: Method, path: &str, body: &Value) -> Reply {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(request(method, &format!("/api/v1{path}"), Some(&self.key), body)).await
    }

    /// What the log says, newest first.
    async fn log(&self) -> Vec<String> {
        let log = self.get("/api/v1/audit?limit=100").await;
        let what = |entry: &Value| entry["what"].as_str().unwrap().to_owned();
        log.data().as_array().unwrap().iter().map(what).collect()
    }

    /// A key that a connection can be made by.
    fn api_key(&self, name: &str) -> Value {
        json!({ "name": name, "apiKey": self.sandbox.secret_key(), "mode": "local",
                "baseUrl": "http://127.0.0.1:12111" })
    }
}
