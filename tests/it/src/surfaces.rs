//! The ways in to one action, over one application: HTTP, the checker, and a step of a
//! workflow's run. The command line is a client of the first; its process is asked in
//! the tests of the binary.

use std::{collections::HashMap, sync::Mutex};

use actions::Action;
use connections::Wanted;
use engine::{RunView, Start};
use http::Method;
use model::{CallerKey, Cause, WorkflowId};
use serde_json::{Map, Value, json};
use workflows::Source;

use crate::{
    TestApp,
    http::{Answer, send},
};

/// The id of the step, and so the place of its config in a run's failure.
pub const STEP: &str = "it";

/// An application, asked as users ask it.
pub struct Surfaces {
    /// The application.
    pub app: TestApp,
    /// An API key that may do everything.
    pub api_key: String,
    /// The workflows that were pushed, by action and config.
    pushed: Mutex<HashMap<String, WorkflowId>>,
}

impl Surfaces {
    /// Makes a key for the application.
    ///
    /// # Panics
    /// When there is no store to keep it.
    pub async fn of(app: TestApp) -> Self {
        let issued = server::issue_key(&app.app, app.setup.company, "the tests", &["admin"]).await;
        let api_key = issued.expect("a fresh application takes a key").text;
        Self { app, api_key, pushed: Mutex::default() }
    }

    /// `POST /actions/{name}` under this key.
    pub async fn http(&self, action: &str, key: &str, config: &Value) -> Answer {
        let body = json!({ "config": config });
        self.ask(Method::POST, &format!("/api/v1/actions/{action}"), Some(key), Some(&body)).await
    }

    /// Any request, under the tests' API key.
    pub async fn ask(&self, method: Method, path: &str, key: Option<&str>, body: Option<&Value>) -> Answer {
        let mut headers: Vec<(&str, &[u8])> = vec![("x-api-key", self.api_key.as_bytes())];
        headers.extend(key.map(|key| ("idempotency-key", key.as_bytes())));
        headers.extend(body.map(|_| ("content-type", b"application/json".as_slice())));
        let body = body.map(Value::to_string).unwrap_or_default();
        send(&self.app.router, method, path, &headers, body).await
    }

    /// What the checker finds in a document with one step.
    pub async fn check(&self, action: &Action, config: &Value) -> Vec<Value> {
        let body = json!({ "source": document(action, config, 0) });
        let answer = self.ask(Method::POST, "/api/v1/workflows/check", None, Some(&body)).await;
        answer.body["data"]["findings"].as_array().cloned().unwrap_or_default()
    }

    /// A run whose only step gets these values, each through a template: the checker
    /// sees the names, and the run the values.
    pub async fn run(&self, action: &Action, key: &str, config: &Map<String, Value>) -> RunView {
        let templates = config.keys().map(|name| (name.clone(), json!(format!("{{{{ input.{name} }}}}"))));
        let templates = Value::Object(templates.collect());
        self.start(action, key, &templates, Value::Object(config.clone())).await
    }

    /// A run whose only step has this config as it is written.
    pub async fn run_written(&self, action: &Action, key: &str, config: &Value) -> RunView {
        self.start(action, key, config, json!({})).await
    }

    async fn start(&self, action: &Action, key: &str, config: &Value, input: Value) -> RunView {
        let workflow = self.workflow(action, config).await;
        let start = Start {
            company: self.app.setup.company,
            workflow,
            cause: Cause::Caller(CallerKey::parse(key).expect("a test's key is a key")),
            input,
            connection: Wanted::Default,
        };
        let run = self.app.app.driver.start(start).await;
        let run = run.unwrap_or_else(|failure| panic!("{}: {failure}", action.name)).run.id;
        self.app.app.driver.drive_until_idle().await;
        self.app.show(run).await
    }

    /// The workflow of this step, pushed once.
    async fn workflow(&self, action: &Action, config: &Value) -> WorkflowId {
        let (name, nth) = {
            let pushed = self.pushed.lock().expect("no test panics here");
            let name = format!("{} {config}", action.name);
            if let Some(known) = pushed.get(&name) {
                return *known;
            }
            (name, pushed.len())
        };
        let source = Source { text: document(action, config, nth).to_string(), name: "step.json".to_owned() };
        let (company, lifecycle) = (self.app.setup.company, &self.app.app.lifecycle);
        let pushed = lifecycle.push(company, source).await;
        let pushed = pushed.unwrap_or_else(|failure| panic!("{name}: {failure:#?}"));
        let id = lifecycle.activate(company, pushed.workflow.id).await.expect("it has a connection").id;
        self.pushed.lock().expect("no test panics here").insert(name, id);
        id
    }
}

/// A workflow of one step.
fn document(action: &Action, config: &Value, nth: usize) -> Value {
    json!({
        "name": format!("Step {nth}"),
        "trigger": { "type": "api" },
        "steps": [{ "id": STEP, "action": action.name, "config": config }],
    })
}
