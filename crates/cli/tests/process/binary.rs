//! The binary under test: starting, waiting until it is ready, killing, asking.

use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

/// How long anything may take before the test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A running `bursar`; killed when dropped.
pub(crate) struct Running {
    child: Child,
    /// Held, so that the binary can go on writing.
    _lines: Lines<BufReader<ChildStdout>>,
    /// The ready line.
    pub(crate) ready: Value,
}

/// The command, with nothing of the tester's environment that would steer it. Every
/// sandbox watches itself.
pub(crate) fn bursar(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bursar"));
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    for name in
        ["BURSAR_DATA", "BURSAR_URL", "BURSAR_LISTEN", "BURSAR_SANDBOX", "BURSAR_CONFIG", "BURSAR_PUBLIC_URL"]
    {
        command.env_remove(name);
    }
    command.env("BURSAR_SANDBOX_CHECK", "1");
    command
}

impl Running {
    /// Starts and waits for the ready line.
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        Self::from(bursar(arguments)).await
    }

    /// The same for a command made elsewhere.
    pub(crate) async fn from(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary starts");
        let stdout = child.stdout.take().expect("stdout is piped");
        let mut lines = BufReader::new(stdout).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line())
            .await
            .expect("ready in time")
            .expect("stdout is text")
            .expect("a ready line before the end");
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not a ready line: {line}"));
        assert_eq!(ready["type"], "ready", "{ready}");
        Self { child, _lines: lines, ready }
    }

    pub(crate) fn url(&self) -> String {
        self.ready["url"].as_str().expect("the ready line has the address").to_owned()
    }

    /// SIGKILL, and waits until the process is gone.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("the process can be killed");
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("the process has not been waited for")
    }

    /// A sandbox's end: everything that it said was held against the object tables, and
    /// nothing deviated.
    pub(crate) async fn expect_conformance(&self) {
        let url = format!("{}/_sandbox/conformance", self.url());
        let answer = client().get(url).send().await.expect("the sandbox answers");
        let checked: Value = answer.json().await.expect("JSON");
        assert_eq!(checked["deviating"], 0, "{:#}", checked["deviations"]);
        let objects = checked["objects"].as_u64().expect("a count");
        assert!(objects > 0, "{checked}");
        println!("{objects} objects with {} fields were held against the tables", checked["fields"]);
    }

    /// Whether it still runs.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the process can be asked")
    }
}

/// Runs to the end: exit code, standard output, standard error.
pub(crate) async fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = tokio::time::timeout(PATIENCE, bursar(arguments).output())
        .await
        .expect("ends in time")
        .expect("runs");
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// `bursar serve` on a sandbox, for a test that asks more often than one key may.
pub(crate) async fn unlimited_server(listen: &str, sandbox: &str, data: &Path) -> Running {
    let config = data.with_extension("yaml");
    let most = "limits: { read: 1000000, write: 1000000, execute: 1000000 }";
    std::fs::write(&config, most).expect("a settings file");
    let (data, config) = (text(data), text(&config));
    let arguments = ["--listen", listen, "--sandbox", sandbox, "--data", data, "--config", config];
    Running::start(&[&["serve", "--json"], &arguments[..]].concat()).await
}

/// Makes a data folder, as the first start of a server does.
pub(crate) async fn make_folder(data: &Path) {
    let serve = ["serve", "--json", "--listen", "127.0.0.1:0", "--data", text(data)];
    Running::start(&serve).await.kill().await;
}

/// A client of a server's API.
pub(crate) struct Api {
    client: reqwest::Client,
    url: String,
    key: String,
}

impl Api {
    /// The server of a data folder.
    pub(crate) fn of(data: &Path) -> Self {
        let text = std::fs::read_to_string(data.join("server.json")).expect("the server wrote its file");
        let file: Value = serde_json::from_str(&text).expect("the server's file is JSON");
        let text = |name: &str| file[name].as_str().expect("text").to_owned();
        Self { client: client(), url: text("url"), key: text("key") }
    }

    /// Any answer, or `None` when the server is gone.
    pub(crate) async fn get(&self, path: &str) -> Option<Value> {
        let request = self.client.get(format!("{}{path}", self.url)).header("x-api-key", &self.key);
        request.send().await.ok()?.json().await.ok()
    }

    pub(crate) async fn post(&self, path: &str, key: &str, body: &Value) -> Option<Value> {
        let request = self.client.post(format!("{}{path}", self.url)).header("x-api-key", &self.key);
        request.header("idempotency-key", key).json(body).send().await.ok()?.json().await.ok()
    }
}

/// A plain HTTP client.
pub(crate) fn client() -> reqwest::Client {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder()
        .tls_certs_only([])
        .timeout(Duration::from_secs(20))
        .build()
        .expect("a client without TLS roots")
}

/// A free port of the loopback.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound").port()
}

/// The example documents.
pub(crate) fn examples() -> [PathBuf; 2] {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    [folder.join("invoice-and-payment.yaml"), folder.join("thank-the-customer.yaml")]
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("paths of tests are text")
}

/// A number from the environment: how much of a campaign to run.
#[expect(clippy::disallowed_methods, reason = "the size of a campaign is the tester's")]
pub(crate) fn campaign(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}
