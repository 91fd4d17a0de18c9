//! A server in this process, for the binary to be a client of: a test application with
//! a sandbox that can be looked into, behind a real socket.

use std::sync::Arc;

use bursar_it::{Conditions, TestApp, surfaces::Surfaces};
use model::ManualClock;
use serde_json::Value;
use tokio_util::task::TaskTracker;

use crate::binary::{PATIENCE, bursar};

/// When everything happens: 2027-01-15T08:00:00Z. The clock stands, so that equal
/// requests give equal objects.
const NOW: i64 = 1_800_000_000;

/// What a test application behind a socket begins with.
pub(crate) fn standing() -> Conditions {
    Conditions { clock: Arc::new(ManualClock::at_second(NOW)), ..Conditions::default() }
}

/// A test application behind a socket, and the ways in to it.
pub(crate) struct Served {
    pub(crate) surfaces: Surfaces,
    url: String,
    _serving: TaskTracker,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Printed {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Printed {
    /// The one document of `--json`.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

impl Served {
    pub(crate) async fn start() -> Self {
        Self::under(standing()).await
    }

    pub(crate) async fn under(conditions: Conditions) -> Self {
        Self::of(Surfaces::of(TestApp::under(conditions).await).await).await
    }

    /// Serves until the test's runtime ends.
    pub(crate) async fn of(surfaces: Surfaces) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let router = surfaces.app.router.clone();
        let serving = TaskTracker::new();
        serving.spawn(async move { axum::serve(listener, router).await });
        Self { surfaces, url, _serving: serving }
    }

    /// Runs the binary as a client of this server, under the tests' API key.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Printed {
        self.run_as(&self.surfaces.api_key, arguments).await
    }

    /// The same under another key.
    pub(crate) async fn run_as(&self, api_key: &str, arguments: &[&str]) -> Printed {
        let mut command = bursar(arguments);
        command.env("BURSAR_API_KEY", api_key).env("BURSAR_URL", &self.url);
        let output =
            tokio::time::timeout(PATIENCE, command.output()).await.expect("ends in time").expect("runs");
        Printed {
            exit: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}
