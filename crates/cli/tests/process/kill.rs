//! SIGKILL at random moments, during a stream of example runs, with faults on.
//!
//! The sandbox is a second process and is not killed; it counts by itself how often it
//! executed each request. After every kill the database and that count say in which
//! phase each run was. In the end every run completes, and each intended effect was
//! executed once.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    binary::{Api, PATIENCE, Running, campaign, client, examples, free_port, run, text, unlimited_server},
    phases::{self, Phase, executed},
};

/// Runs that may be under way at once.
const OPEN_MAX: usize = 12;
/// Fewest kills that must fall into each phase, for a hundred kills.
const EACH_PHASE: u64 = 5;

struct World {
    sandbox: Running,
    client: reqwest::Client,
    port: u16,
    data: std::path::PathBuf,
    rng: fastrand::Rng,
    started: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_moment_changes_nothing() {
    let kills = campaign("BURSAR_KILLS", 12);
    let seed = campaign("BURSAR_SEED", fastrand::u64(..));
    println!("kill campaign: {kills} kills, BURSAR_SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::new(folder.path(), seed).await;
    world.set_up().await;
    let mut tally: BTreeMap<Phase, u64> = BTreeMap::new();
    for _ in 0..kills {
        for phase in world.one_life().await {
            *tally.entry(phase).or_default() += 1;
        }
    }
    let per_step = world.finish().await;
    for phase in Phase::ALL {
        println!("kills that caught a run in {phase:?}: {}", tally.get(&phase).copied().unwrap_or(0));
    }
    println!("runs: {}; distinct keys per step: {per_step:?}", world.started);
    for phase in Phase::ALL {
        let enough = EACH_PHASE * kills / 100;
        assert!(tally.get(&phase).copied().unwrap_or(0) >= enough, "too few kills in {phase:?}: {tally:?}");
    }
}

impl World {
    async fn new(folder: &Path, seed: u64) -> Self {
        let keep = folder.join("sandbox");
        let seed_text = seed.to_string();
        let arguments =
            ["sandbox", "--json", "--listen", "127.0.0.1:0", "--keep", text(&keep), "--seed", &seed_text];
        Self {
            sandbox: Running::start(&arguments).await,
            client: client(),
            port: free_port(),
            data: folder.join("data"),
            rng: fastrand::Rng::with_seed(seed),
            started: 0,
        }
    }

    async fn serve(&self) -> Running {
        unlimited_server(&format!("127.0.0.1:{}", self.port), &self.sandbox.url(), &self.data).await
    }

    /// Pushes and activates the examples.
    async fn set_up(&self) {
        let server = self.serve().await;
        let [first, second] = examples();
        let (code, out, err) = run(&[
            "workflows",
            "push",
            "--activate",
            text(&first),
            text(&second),
            "--data",
            text(&self.data),
        ])
        .await;
        assert_eq!(code, 0, "{out}\n{err}");
        server.kill().await;
    }

    /// Starts the server, lets it work for a random while, kills it, and says in which
    /// phases the runs were.
    async fn one_life(&mut self) -> BTreeSet<Phase> {
        let server = self.serve().await;
        let api = Api::of(&self.data);
        let life = Duration::from_millis(self.rng.u64(5..400));
        let _ = tokio::time::timeout(life, self.stream(&api)).await;
        server.kill().await;
        phases::of_open_runs(&self.data, &self.control_get("/executions").await["data"])
            .await
            .into_values()
            .collect()
    }

    /// Starts runs, breaks things, and pays, until dropped.
    async fn stream(&mut self, api: &Api) {
        loop {
            if self.rng.u8(..4) == 0 {
                self.break_something().await;
            }
            self.start_one(api).await;
            self.pay_waiting(api).await;
        }
    }

    /// The same key again is the same run, so a start whose answer was lost is repeated
    /// by the next life.
    async fn start_one(&mut self, api: &Api) {
        let open = open_runs(api).await;
        if open.is_none_or(|open| open >= OPEN_MAX) {
            tokio::time::sleep(Duration::from_millis(5)).await;
            return;
        }
        self.start(api).await;
    }

    async fn start(&mut self, api: &Api) {
        let key = format!("order-{}", self.started);
        let body = json!({ "input": { "email": format!("{key}@example.com"), "amount": 1999 } });
        let answer = api.post("/api/v1/workflows/invoice-and-payment/run", &key, &body).await;
        if answer.is_some_and(|a| a["success"] == true) {
            self.started += 1;
        }
    }

    async fn break_something(&mut self) {
        let faults = ["lost_answer", "reset", "429", "409", "lock_timeout"];
        let fault = faults[self.rng.usize(..faults.len())];
        self.control("/faults", &json!({ "fault": fault, "next": 1 })).await;
    }

    /// Pays what waits to be paid, as customers do, whether or not the server listens.
    async fn pay_waiting(&self, api: &Api) {
        let Some(runs) = api.get("/api/v1/runs?status=suspended&limit=100").await else { return };
        for id in runs["data"].as_array().into_iter().flatten().filter_map(|run| run["runId"].as_str()) {
            let Some(shown) = api.get(&format!("/api/v1/runs/{id}")).await else { return };
            let steps = shown["data"]["steps"].as_array().cloned().unwrap_or_default();
            let invoice =
                steps.iter().find(|s| s["step"] == "invoice").and_then(|s| s["output"]["id"].as_str());
            if let Some(invoice) = invoice {
                self.control(
                    &format!("/invoices/{invoice}/pay"),
                    &json!({ "payment_method": "pm_card_visa" }),
                )
                .await;
            }
        }
    }

    async fn control(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}/_sandbox{path}", self.sandbox.url());
        let answer = self.client.post(url).json(body).send().await.expect("the sandbox lives");
        answer.json().await.unwrap_or_default()
    }

    async fn control_get(&self, path: &str) -> Value {
        let url = format!("{}/_sandbox{path}", self.sandbox.url());
        self.client.get(url).send().await.expect("the sandbox lives").json().await.expect("JSON")
    }

    /// Lets everything come to its end without kills, then audits.
    async fn finish(&mut self) -> BTreeMap<String, usize> {
        let server = self.serve().await;
        let api = Api::of(&self.data);
        let deadline = tokio::time::Instant::now() + PATIENCE;
        // The last life may have started a run and not lived to say so.
        let before = self.started;
        while self.started == before && tokio::time::Instant::now() < deadline {
            self.start(&api).await;
        }
        loop {
            self.pay_waiting(&api).await;
            let completed = completed(&api).await;
            if completed == 2 * self.started && open_runs(&api).await == Some(0) {
                break;
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "{completed} of {} runs completed",
                2 * self.started
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        server.kill().await;
        self.sandbox.expect_conformance().await;
        self.audit().await
    }

    /// From the sandbox's own record: each of the six writes once per run.
    async fn audit(&self) -> BTreeMap<String, usize> {
        let executions = self.control_get("/executions").await["data"].take();
        let twice: Vec<&String> = executions
            .as_object()
            .expect("a map of keys")
            .keys()
            .filter(|key| executed(&executions, key) != 1)
            .collect();
        assert!(twice.is_empty(), "executed more than once: {twice:?}");
        let journal = self.control_get("/journal").await;
        let mut by_step: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for entry in journal["data"].as_array().expect("a list of requests") {
            if let (Some(step), Some(key)) = (step_of(entry), entry["key"].as_str())
                && key.starts_with("bursar_")
            {
                by_step.entry(step).or_default().push(key.to_owned());
            }
        }
        by_step
            .into_iter()
            .map(|(step, keys)| {
                let distinct: BTreeSet<&String> = keys.iter().collect();
                assert_eq!(distinct.len(), self.started, "keys of {step}: one for each run");
                (step, distinct.len() / self.started.max(1))
            })
            .collect()
    }
}

/// The step that a write of the examples belongs to.
fn step_of(entry: &Value) -> Option<String> {
    let path = entry["path"].as_str()?;
    if entry["method"] != "POST" {
        return None;
    }
    let step = match path.trim_start_matches("/v1/").split('/').collect::<Vec<_>>().as_slice() {
        ["customers"] => "customer",
        ["customers", _] => "mark",
        ["invoices"] => "invoice",
        ["invoiceitems"] => "line",
        ["invoices", _, "finalize"] => "finalize",
        ["invoices", _, "send"] => "send",
        _ => return None,
    };
    Some(step.to_owned())
}

/// Runs that have not ended, up to the page's 100.
async fn open_runs(api: &Api) -> Option<usize> {
    let mut open = 0;
    for status in ["pending", "running", "suspended", "compensating", "parked"] {
        open += api.get(&format!("/api/v1/runs?status={status}&limit=100")).await?["data"].as_array()?.len();
    }
    Some(open)
}

/// Runs that have completed, over all pages.
async fn completed(api: &Api) -> usize {
    let (mut count, mut cursor) = (0, String::new());
    loop {
        let Some(page) = api.get(&format!("/api/v1/runs?status=completed&limit=100{cursor}")).await else {
            return 0;
        };
        count += page["data"].as_array().map_or(0, Vec::len);
        match (page["meta"]["hasMore"].as_bool(), page["meta"]["cursor"].as_str()) {
            (Some(true), Some(next)) => cursor = format!("&cursor={next}"),
            _ => return count,
        }
    }
}
