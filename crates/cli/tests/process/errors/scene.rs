//! A call that goes wrong: what is in the way, and what is asked. Played twice in equal
//! worlds, over HTTP and on the command line.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actions::Catalog;
use bursar_it::{
    Conditions, Fixtures, TestApp,
    detours::{Answers, Detour, Trouble, Troubled, Way},
    http::{Answer, send},
    surfaces::Surfaces,
};
use http::Method;
use model::ConnectionStatus;
use sandbox::Fault;
use serde_json::{Value, json};
use server::ServerLimits;
use store::{Connection, Unit, Write};

use crate::server::{Printed, Served, standing};

/// The caller's key in every scene.
pub(super) const KEY: &str = "order-42";

/// What is asked, and what is in the way.
pub(super) struct Scene {
    pub(super) action: &'static str,
    /// The action's example, unless it is given.
    pub(super) input: Option<Value>,
    /// An input that went out under the same key before.
    pub(super) before: Option<Value>,
    pub(super) connection: Option<&'static str>,
    /// The scopes of the API key; none makes it one that nobody issued.
    pub(super) scopes: &'static [&'static str],
    /// Faults of the sandbox: which, how often, at which verb.
    pub(super) fault: Option<(Fault, u32, &'static str)>,
    pub(super) detour: Detour,
    pub(super) trouble: Option<Trouble>,
    /// Whether the connection has run out.
    pub(super) expired: bool,
    /// How long the call is waited for.
    pub(super) budget: Duration,
    pub(super) server: ServerLimits,
}

impl Default for Scene {
    /// A customer is made, and nothing is in the way.
    fn default() -> Self {
        Self {
            action: "stripe.createCustomer",
            input: None,
            before: None,
            connection: None,
            scopes: &["admin"],
            fault: None,
            detour: Detour::None,
            trouble: None,
            expired: false,
            budget: BUDGET,
            server: ServerLimits::default(),
        }
    }
}

/// How long a call is waited for; nothing here is worth more.
pub(super) const BUDGET: Duration = Duration::from_secs(1);

/// What a scene came to.
pub(super) struct Told {
    pub(super) http: Answer,
    pub(super) json: Printed,
    pub(super) words: Printed,
    /// Stripe's last error, over HTTP.
    pub(super) stripe: Option<Value>,
    /// What no message may hold.
    pub(super) secrets: Vec<String>,
}

/// A world in which the scene can be played.
struct World {
    surfaces: Surfaces,
    api_key: String,
    input: Value,
    answers: Answers,
}

impl Scene {
    pub(super) async fn play(&self) -> Told {
        let world = self.world().await;
        let http = self.over_http(&world).await;
        let answers = world.answers.lock().expect("no test panics here").clone();
        let stripe = answers.iter().rev().find_map(|answer| answer.body.get("error").cloned());
        let secrets = world.secrets().await;
        let json = self.on_the_command_line(&["--json"]).await;
        let words = self.on_the_command_line(&[]).await;
        Told { http, json, words, stripe, secrets }
    }

    /// Over HTTP alone: the answer, what no log may hold, and the world to look into.
    pub(super) async fn play_over_http(&self) -> (Answer, Vec<String>, Surfaces) {
        let world = self.world().await;
        let answer = self.over_http(&world).await;
        (answer, world.secrets().await, world.surfaces)
    }

    async fn world(&self) -> World {
        let (answers, has_begun) = (Answers::default(), Arc::new(AtomicBool::new(false)));
        let (detour, trouble) = (self.detour.clone(), self.trouble);
        let (noted, begun) = (answers.clone(), has_begun.clone());
        let conditions = Conditions {
            budget: self.budget,
            server: self.server,
            way: Box::new(move |direct| Arc::new(Way::new(direct, detour, noted))),
            store: Box::new(move |memory| match trouble {
                Some(trouble) => Arc::new(Troubled::new(memory, trouble, begun)),
                None => memory,
            }),
            ..standing()
        };
        let surfaces = Surfaces::of(TestApp::under(conditions).await).await;
        let action = Catalog.get(self.action).expect("an action of the catalog");
        let input = match &self.input {
            Some(input) => input.clone(),
            None => Fixtures::of(&surfaces.app.sandbox).fill(action).await,
        };
        let api_key = self.api_key(&surfaces).await;
        if let Some(before) = &self.before {
            let answer = self.send(&surfaces, &api_key, before).await;
            assert_eq!(answer.status, 200, "{:#}", answer.body);
        }
        if self.expired {
            expire(&surfaces.app).await;
        }
        if let Some((fault, next, method)) = self.fault.clone() {
            surfaces.app.sandbox.fault_at(fault, next, Some(method), None);
        }
        has_begun.store(true, Ordering::SeqCst);
        World { surfaces, api_key, input, answers }
    }

    async fn api_key(&self, surfaces: &Surfaces) -> String {
        if self.scopes.is_empty() {
            return "bsk_nobody".to_owned();
        }
        let (app, company) = (&surfaces.app.app, surfaces.app.setup.company);
        server::issue_key(app, company, "scene", self.scopes).await.expect("scopes that there are").text
    }

    async fn over_http(&self, world: &World) -> Answer {
        self.send(&world.surfaces, &world.api_key, &world.input).await
    }

    async fn send(&self, surfaces: &Surfaces, api_key: &str, input: &Value) -> Answer {
        let mut body = json!({ "config": input });
        if let Some(connection) = self.connection {
            body["connectionId"] = json!(connection);
        }
        let headers: [(&str, &[u8]); 3] = [
            ("x-api-key", api_key.as_bytes()),
            ("idempotency-key", KEY.as_bytes()),
            ("content-type", b"application/json"),
        ];
        let path = format!("/api/v1/actions/{}", self.action);
        send(&surfaces.app.router, Method::POST, &path, &headers, body.to_string()).await
    }

    async fn on_the_command_line(&self, more: &[&str]) -> Printed {
        let World { surfaces, api_key, input, .. } = self.world().await;
        let served = Served::of(surfaces).await;
        let input = input.to_string();
        let mut arguments = vec!["call", self.action, "--input", &input, "--key", KEY];
        arguments.extend(self.connection.iter().flat_map(|name| ["--connection", name]));
        arguments.extend(more);
        served.run_as(&api_key, &arguments).await
    }
}

impl World {
    async fn secrets(&self) -> Vec<String> {
        let app = &self.surfaces.app;
        let mut secrets = vec![self.surfaces.api_key.clone(), app.sandbox.secret_key()];
        secrets.extend(Some(self.api_key.clone()).filter(|key| key != "bsk_nobody"));
        let hooks = app.sandbox.objects("webhook_endpoint");
        secrets.extend(hooks.iter().filter_map(|hook| Some(hook["secret"].as_str()?.to_owned())));
        secrets
    }
}

/// The connection runs out, as it does when nobody renews it.
async fn expire(app: &TestApp) {
    let rows = app.app.store.connections(app.setup.company).await.expect("the store in memory can be read");
    let row = rows.into_iter().next().expect("the set-up connects");
    let row = Connection { status: ConnectionStatus::Expired, revision: row.revision + 1, ..row };
    let unit = Unit::interactive(vec![Write::PutConnection(row)]);
    app.app.store.commit(unit).await.expect("the store in memory can be written");
}
