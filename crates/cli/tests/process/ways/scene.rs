//! The scene: who runs, and how a command and a person meet in it.

use std::{path::PathBuf, process::Stdio, sync::Arc};

use bursar_it::browser::Browser;
use model::{SystemClock, SystemRng};
use nango::{Courier, HttpCourier, KEY, Kept, Nango, Options, SIGNING_KEY};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStderr},
};
use tokio_util::task::TaskTracker;
use url::Url;

use crate::binary::{PATIENCE, Running, bursar, client, text};

/// A sandbox, a server that is connected to it, and a stand-in for Nango.
pub(super) struct Scene {
    pub(super) sandbox: Running,
    pub(super) server: Running,
    pub(super) nango: Url,
    pub(super) browser: Browser,
    data: PathBuf,
    config: PathBuf,
    _folder: tempfile::TempDir,
    _serving: TaskTracker,
}

/// How a command ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) exit: i32,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// A command that waits for somebody to open its link.
pub(super) struct Waits {
    child: Child,
    stderr: BufReader<ChildStderr>,
    /// The first link, which leads over Nango's page where it is Nango's.
    pub(super) link: Url,
}

impl Scene {
    /// `told`: whether Nango's webhooks reach the server.
    pub(super) async fn new(told: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (data, config) = (folder.path().join("data"), folder.path().join("bursar.yaml"));
        let sandbox = Running::start(&["sandbox", "--json", "--listen", "127.0.0.1:0"]).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let nango = format!("http://{}/", listener.local_addr().expect("bound"));
        let nango = Url::parse(&nango).expect("an address");
        let settings = format!(
            "limits: {{ read: 100000, write: 100000, execute: 100000 }}\nsandbox: {}\nproviders:\n  nango:\n    local: {{ baseUrl: '{nango}', integration: stripe }}\n",
            sandbox.url()
        );
        std::fs::write(&config, settings).expect("the settings can be written");
        let serve =
            ["serve", "--json", "--listen", "127.0.0.1:0", "--config", text(&config), "--data", text(&data)];
        let mut command = bursar(&serve);
        // Secrets that no file has.
        command.env("BURSAR_NANGO_LOCAL_KEY", KEY).env("BURSAR_NANGO_LOCAL_WEBHOOK_KEYS", SIGNING_KEY);
        let server = Running::from(command).await;
        let serving = TaskTracker::new();
        let stand_in = stand_in(&sandbox, &nango, told.then(|| server.url())).await;
        let router = stand_in.router();
        serving.spawn(async move { axum::serve(listener, router).await });
        let (browser, _folder, _serving) = (Browser::new(), folder, serving);
        Self { sandbox, server, nango, browser, data, config, _folder, _serving }
    }

    fn command(&self, arguments: &[&str]) -> tokio::process::Command {
        let place = ["--data", text(&self.data), "--config", text(&self.config)];
        bursar(&[arguments, &place].concat())
    }

    /// Runs a command to its end, with something on standard input.
    pub(super) async fn run(&self, stdin: &str, arguments: &[&str]) -> Ended {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let mut input = child.stdin.take().expect("stdin is piped");
        // A command that takes nothing from it may have ended.
        let _ = input.write_all(stdin.as_bytes()).await;
        drop(input);
        let ended = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("ends in time");
        let output = ended.expect("runs");
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let exit = output.status.code().unwrap_or(-1);
        Ended { exit, stdout: said(&output.stdout), stderr: said(&output.stderr) }
    }

    /// The data of a command that has to succeed.
    pub(super) async fn done(&self, arguments: &[&str]) -> Value {
        let ended = self.run("", &[arguments, &["--json"]].concat()).await;
        let envelope: Value = serde_json::from_str(&ended.stdout).unwrap_or_default();
        assert!(ended.exit == 0 && envelope["success"] == true, "{arguments:?}: {ended:#?}");
        envelope["data"].clone()
    }

    /// Starts a command that hands a link out and waits.
    pub(super) async fn hands_out(&self, arguments: &[&str]) -> Waits {
        let mut command = self.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("stderr is piped"));
        let mut said = String::new();
        let link = tokio::time::timeout(PATIENCE, async {
            loop {
                let mut line = String::new();
                let read = stderr.read_line(&mut line).await.expect("text");
                assert!(read > 0, "{arguments:?} ended without a link: {said}");
                if let Ok(link) = Url::parse(line.trim()) {
                    return link;
                }
                said.push_str(&line);
            }
        });
        let link = link.await.expect("a link in time");
        Waits { child, stderr, link }
    }

    /// The sandbox's own key.
    pub(super) async fn secret_key(&self) -> String {
        let told = self.steer("GET", "", None).await;
        told["secret_key"].as_str().expect("it tells its key").to_owned()
    }

    /// Asks the sandbox's control surface, or with a body tells it to do something.
    pub(super) async fn steer(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let method = method.parse().expect("a method");
        let request = client().request(method, format!("{}/_sandbox{path}", self.sandbox.url()));
        let request = body.into_iter().fold(request, |request, body| request.json(&body));
        request.send().await.expect("the sandbox answers").json().await.expect("JSON")
    }

    /// Moves the sandbox's clock, and nobody else's.
    pub(super) async fn pass_an_hour(&self) {
        let moved = self.steer("POST", "/clock", Some(json!({ "advance_ms": 3_660_000 }))).await;
        assert!(moved["error"].is_null(), "{moved}");
    }

    /// Asks the stand-in for Nango, as whoever runs it.
    pub(super) async fn import_at_nango(&self, body: Value) {
        let request = client().post(self.nango.join("connections").expect("an address")).json(&body);
        let answer = request.bearer_auth(KEY).send().await.expect("it answers");
        assert_eq!(answer.status(), 201);
    }

    /// Opens a link and consents for an account, as a person does.
    pub(super) async fn consent(&self, link: &Url, account: &str, decision: &str) {
        let mut page = self.browser.open(link).await;
        if let Some(start) = page.link("/oauth/connect/") {
            page = self.browser.open(&start).await;
        }
        let back = self.browser.decide(&page, account, decision).await;
        self.browser.open(&back).await;
    }

    /// How often the sandbox really made a customer in an account.
    pub(super) async fn customers_made(&self, account: &str) -> usize {
        let journal = self.steer("GET", "/journal", None).await;
        let all = journal["data"].as_array().or(journal.as_array()).expect("entries").clone();
        let own = self.steer("GET", "", None).await["account"].clone();
        let made = |entry: &&Value| {
            let of = if entry["account"].is_null() { &own } else { &entry["account"] };
            entry["method"] == "POST"
                && entry["path"] == "/v1/customers"
                && entry["ran"] == "executed"
                && of == account
        };
        all.iter().filter(made).count()
    }
}

impl Waits {
    /// Waits for its end.
    pub(super) async fn ended(mut self) -> Ended {
        let ending = async {
            let (mut stdout, mut stderr) = (String::new(), String::new());
            let mut out = self.child.stdout.take().expect("stdout is piped");
            let (one, other) =
                tokio::join!(out.read_to_string(&mut stdout), self.stderr.read_to_string(&mut stderr));
            one.and(other).expect("text");
            let exit = self.child.wait().await.expect("ends").code().unwrap_or(-1);
            Ended { exit, stdout, stderr }
        };
        tokio::time::timeout(PATIENCE, ending).await.expect("ends in time")
    }
}

/// Nango in front of the sandbox; with a server to tell, or with nobody.
async fn stand_in(sandbox: &Running, at: &Url, server: Option<String>) -> Nango {
    let behind = Url::parse(&sandbox.url()).expect("an address");
    let (tokens, integrations) = nango::of_sandbox(&behind).await.expect("the sandbox answers");
    let courier: Arc<dyn Courier> = match server {
        Some(server) => {
            let url = Url::parse(&format!("{server}/webhooks/nango")).expect("an address");
            Arc::new(HttpCourier::to(url).expect("a client"))
        }
        None => Arc::new(Kept::default()),
    };
    let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
    let limit = 100_000;
    Nango::new(Options { clock, rng, tokens, courier, public_url: at.clone(), limit, integrations })
}

/// What a restricted key needs for a few commands.
pub(super) fn permissions() -> Value {
    json!({ "permissions": { "account": "read", "customers": "write", "invoices": "write", "balance": "read" } })
}
