//! The real server at its most talkative, with a tap on its Stripe and everything that is
//! said written down.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use model::{SystemClock, SystemRng};
use nango::{HttpCourier, KEY, Nango, Options, SIGNING_KEY};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio_util::task::TaskTracker;
use url::Url;

use super::{search::Places, tap::Tap};
use crate::binary::{PATIENCE, Running, bursar, client, text};

pub(super) struct Scene {
    pub(super) sandbox: Running,
    pub(super) tap: Tap,
    /// The tap's address, which is Stripe's for the server.
    pub(super) stripe: String,
    pub(super) server: Running,
    pub(super) data: PathBuf,
    pub(super) nango: Url,
    pub(super) places: Places,
    /// Secrets that went past the tap, and where each may stand, by a word of the place.
    pub(super) planted: BTreeMap<String, Vec<String>>,
    log: PathBuf,
    config: PathBuf,
    _serving: [TaskTracker; 2],
}

impl Scene {
    pub(super) async fn new(folder: &Path) -> Self {
        let sandbox = Running::start(&["sandbox", "--json", "--listen", "127.0.0.1:0"]).await;
        let (tap, stripe, tapping) = Tap::before(sandbox.url()).await;
        let (data, log, config) = (folder.join("data"), folder.join("log"), folder.join("bursar.yaml"));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let nango: Url =
            format!("http://{}/", listener.local_addr().expect("bound")).parse().expect("an address");
        let settings = format!(
            "limits: {{ read: 100000, write: 100000, execute: 100000 }}\nsandbox: {stripe}\nproviders:\n  nango:\n    \
             local: {{ baseUrl: '{nango}', integration: stripe }}\n"
        );
        std::fs::write(&config, settings).expect("a settings file");
        let (data_text, config_text) = (text(&data), text(&config));
        let serve =
            ["serve", "--json", "--listen", "127.0.0.1:0", "--config", config_text, "--data", data_text];
        let mut command = bursar(&serve);
        command.stderr(std::fs::File::create(&log).expect("a log file")).env("BURSAR_LOG", "trace");
        command.env("BURSAR_NANGO_LOCAL_KEY", KEY).env("BURSAR_NANGO_LOCAL_WEBHOOK_KEYS", SIGNING_KEY);
        let server = Running::from(command).await;
        let serving = TaskTracker::new();
        let router = stand_in(&stripe, &nango, &server.url()).await.router();
        serving.spawn(async move { axum::serve(listener, router).await });
        let planted = [KEY, SIGNING_KEY].map(|key| (key.to_owned(), Vec::new())).into();
        let places = Places::default();
        let _serving = [tapping, serving];
        Self { sandbox, tap, stripe, server, data, nango, places, planted, log, config, _serving }
    }

    /// A secret that is nowhere but in places with this in their name.
    pub(super) fn plant(&mut self, secret: &str, only: &[&str]) {
        self.planted.entry(secret.to_owned()).or_default().extend(only.iter().map(|p| (*p).to_owned()));
    }

    /// Runs a command for people and for programs, and writes down what it says. The
    /// second answer, as JSON.
    pub(super) async fn both(&mut self, arguments: &[&str]) -> Value {
        self.run("", arguments).await;
        self.json("", arguments).await
    }

    pub(super) async fn json(&mut self, stdin: &str, arguments: &[&str]) -> Value {
        let stdout = self.run(stdin, &[&["--json"], arguments].concat()).await;
        serde_json::from_str(&stdout).unwrap_or_default()
    }

    /// The command's place is `$ ` and its words; its log is apart from its answer.
    pub(super) async fn run(&mut self, stdin: &str, arguments: &[&str]) -> String {
        let place = ["--data", text(&self.data), "--config", text(&self.config)];
        let mut command = bursar(&[&place, arguments].concat());
        command.env("BURSAR_LOG", "trace").env("BURSAR_NANGO_LOCAL_KEY", KEY);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let mut input = child.stdin.take().expect("stdin is piped");
        // A command that takes nothing from it may have ended.
        let _ = input.write_all(stdin.as_bytes()).await;
        drop(input);
        let ended = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("ends in time");
        let output = ended.expect("runs");
        self.places.add(format!("$ {}", arguments.join(" ")), &output.stdout);
        self.places.add(format!("stderr of {}", arguments.join(" ")), &output.stderr);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Any request to the server under the command line's key; its place is the path.
    pub(super) async fn http(&mut self, method: &str, path: &str, key: &str, body: Option<Value>) -> Value {
        let file = std::fs::read_to_string(self.data.join("server.json")).expect("the server's file");
        let file: Value = serde_json::from_str(&file).expect("JSON");
        let own = file["key"].as_str().expect("a key").to_owned();
        let method = method.parse().expect("a method");
        let request = client().request(method, format!("{}{path}", self.server.url()));
        let request = request.header("x-api-key", own).header("idempotency-key", key);
        let request = body.into_iter().fold(request, |request, body| request.json(&body));
        let answer = request.send().await.expect("the server lives");
        let head = format!("{:?}", answer.headers());
        let body = answer.text().await.expect("text");
        self.places.add(format!("answer of {path}"), head.as_bytes());
        self.places.add(format!("answer of {path}"), body.as_bytes());
        serde_json::from_str(&body).unwrap_or_default()
    }

    /// The sandbox's control surface, past the tap.
    pub(super) async fn steer(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/_sandbox{path}", self.sandbox.url());
        let answer = client().post(url).json(&body).send().await.expect("the sandbox lives");
        answer.json().await.expect("JSON")
    }

    /// Kills the server and adds what it left: its log and every file of its folder but
    /// the master key's.
    pub(super) async fn end(self) -> (Places, BTreeMap<String, Vec<String>>) {
        let Self { server, mut places, planted, data, log, tap, .. } = self;
        server.kill().await;
        places.add("the log", &std::fs::read(log).expect("a log"));
        let master = data.join("master.key");
        std::fs::remove_file(&master).expect("dev's own master key");
        places.add_files(&data);
        let mut all = planted;
        for secret in tap.caught() {
            all.entry(secret).or_default();
        }
        (places, all)
    }
}

/// Nango in front of the tap, which tells the server.
async fn stand_in(stripe: &str, at: &Url, server: &str) -> Nango {
    let behind = Url::parse(stripe).expect("an address");
    let (tokens, integrations) = nango::of_sandbox(&behind).await.expect("the sandbox answers");
    let told = Url::parse(&format!("{server}/webhooks/nango")).expect("an address");
    let courier = Arc::new(HttpCourier::to(told).expect("a client"));
    let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
    Nango::new(Options { clock, rng, tokens, courier, public_url: at.clone(), limit: 100_000, integrations })
}

impl Scene {
    /// Hands Nango a credential, as whoever runs it.
    pub(super) async fn import_at_nango(&self, id: &str, key: &str) {
        let credentials = json!({ "type": "BASIC", "username": key, "password": "" });
        let body = json!({ "provider_config_key": "stripe-api-key", "connection_id": id, "credentials": credentials });
        let request = client().post(self.nango.join("connections").expect("an address")).json(&body);
        assert_eq!(request.bearer_auth(KEY).send().await.expect("it answers").status(), 201);
    }
}
