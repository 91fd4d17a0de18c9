//! `--all`: a thousand objects, printed as they come, by the server and by the folder.

use std::{collections::BTreeSet, path::Path, process::Stdio, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines},
    process::{Child, ChildStderr, ChildStdout},
};

use crate::{
    binary::{PATIENCE, Running, bursar, client, run, text},
    deliveries::make_customers,
};

/// A sandbox with a thousand customers, and a data folder that is connected to it.
struct Thousand {
    sandbox: Running,
    folder: tempfile::TempDir,
    customers: BTreeSet<String>,
}

impl Thousand {
    async fn new() -> Self {
        let sandbox = Running::start(&["sandbox", "--json", "--listen", "127.0.0.1:0"]).await;
        let folder = tempfile::tempdir().expect("as the test has it");
        let (mut this, customers) = (Self { sandbox, folder, customers: BTreeSet::new() }, 1_000);
        this.serve().await.kill().await;
        this.customers = make_customers(&this.sandbox, customers).await;
        this
    }

    fn data(&self) -> &Path {
        self.folder.path()
    }

    async fn serve(&self) -> Running {
        let (url, data) = (self.sandbox.url(), text(self.data()));
        Running::start(&["serve", "--json", "--listen", "127.0.0.1:0", "--sandbox", &url, "--data", data])
            .await
    }

    fn list(&self, limit: &str) -> Listing {
        let arguments = [
            "call",
            "stripe.listCustomers",
            "--all",
            "--limit",
            limit,
            "--json",
            "--data",
            text(self.data()),
        ];
        let mut child = bursar(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let lines = BufReader::new(child.stdout.take().expect("as the test has it")).lines();
        let stderr = child.stderr.take().expect("as the test has it");
        Listing { child, lines, stderr }
    }

    /// How many pages Stripe was asked for since it began.
    async fn pages_read(&self) -> usize {
        let journal: Value = client()
            .get(format!("{}/_sandbox/journal", self.sandbox.url()))
            .send()
            .await
            .expect("as the test has it")
            .json()
            .await
            .expect("as the test has it");
        journal["data"]
            .as_array()
            .expect("as the test has it")
            .iter()
            .filter(|entry| entry["method"] == "GET")
            .count()
    }
}

/// A listing on its way.
struct Listing {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    stderr: ChildStderr,
}

impl Listing {
    async fn line(&mut self) -> Option<Value> {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line())
            .await
            .expect("in time")
            .expect("as the test has it")?;
        Some(serde_json::from_str(&line).expect("as the test has it"))
    }

    /// The ids that are still to come.
    async fn rest(&mut self) -> Vec<String> {
        let mut ids = Vec::new();
        while let Some(line) = self.line().await {
            ids.push(line["id"].as_str().expect("as the test has it").to_owned());
        }
        ids
    }

    /// Exit code and standard error.
    async fn end(mut self) -> (i32, String) {
        let mut said = String::new();
        let status = tokio::time::timeout(PATIENCE, self.child.wait())
            .await
            .expect("ends in time")
            .expect("as the test has it");
        self.stderr.read_to_string(&mut said).await.expect("as the test has it");
        (status.code().unwrap_or(-1), said)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_objects_are_printed_once_each_and_read_no_faster_than_they_are_taken() {
    let all = Thousand::new().await;
    let before = all.pages_read().await;
    let mut listing = all.list("20");
    let first = listing.line().await.unwrap();
    // A pipe holds 64 KiB, which is a few pages of the fifty.
    let mut read = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let now = all.pages_read().await - before;
        if now == read {
            break;
        }
        read = now;
    }
    assert!((1..25).contains(&read), "{read} pages were read for a reader that took one line");
    let mut ids = listing.rest().await;
    ids.push(first["id"].as_str().unwrap().to_owned());
    assert_eq!((ids.len(), ids.into_iter().collect::<BTreeSet<_>>()), (1_000, all.customers.clone()));
    assert_eq!(listing.end().await, (0, String::new()));
    assert_eq!(all.pages_read().await - before, 50);

    // The same by a server; people get the same lines, and what it came to on standard error.
    let _server = all.serve().await;
    let (code, out, err) = run(&["call", "stripe.listCustomers", "--all", "--data", text(all.data())]).await;
    let ids: BTreeSet<_> =
        out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].to_string()).collect();
    assert_eq!((code, out.lines().count(), ids.len()), (0, 1_000, 1_000), "{err}");
    assert!(err.contains("1000 objects on 10 pages"), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_goes_away_ends_it_quietly_and_a_server_that_does_so_is_told_of() {
    let all = Thousand::new().await;
    let before = all.pages_read().await;
    let Listing { mut child, mut lines, mut stderr } = all.list("20");
    for _ in 0..3 {
        assert!(lines.next_line().await.unwrap().is_some());
    }
    drop(lines);
    let status = tokio::time::timeout(PATIENCE, child.wait()).await.expect("ends by itself").unwrap();
    let mut said = String::new();
    stderr.read_to_string(&mut said).await.unwrap();
    assert_eq!((status.code(), said.as_str()), (Some(0), ""));
    assert!(all.pages_read().await - before < 25);

    let server = all.serve().await;
    let mut listing = all.list("1");
    let mut ids = vec![listing.line().await.unwrap()["id"].clone()];
    let fault = json!({ "fault": "slow", "ms": 600_000, "method": "GET", "next": 1 });
    let armed =
        client().post(format!("{}/_sandbox/faults", all.sandbox.url())).json(&fault).send().await.unwrap();
    assert!(armed.status().is_success());
    tokio::time::sleep(Duration::from_millis(500)).await;
    server.kill().await;
    ids.extend(listing.rest().await.into_iter().map(Value::from));
    let (code, said) = listing.end().await;
    let told: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"));
    assert_eq!(
        (code, &told["success"], &told["error"]["code"]),
        (5, &json!(false), &json!("connection_unreachable"))
    );
    assert!(ids.len() < 1_000);
    assert_eq!(
        (&told["error"]["details"]["count"], &told["error"]["details"]["after"]),
        (&json!(ids.len()), ids.last().unwrap())
    );
}
