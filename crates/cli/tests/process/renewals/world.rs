//! The server that is killed, the sandbox that is not, and the accounts that authorized us.

use std::{collections::BTreeSet, path::Path, path::PathBuf};

use model::{Clock as _, ConnectionStatus, EventId, SystemClock};
use serde_json::{Value, json};
use store::{Backend as _, CommitError, Connection, Sqlite, SqliteOptions, Unit, Write};
use tokio::sync::Mutex;
use url::Url;

use super::ledger::Ends;
use crate::binary::{Api, Running, client, free_port, unlimited_server};

/// An account and the connection that it authorized.
#[derive(Debug)]
pub(super) struct Linked {
    pub(super) id: String,
    pub(super) account: String,
    /// The account's own key, for the auditor.
    secret: String,
}

pub(super) struct World {
    pub(super) sandbox: Running,
    pub(super) data: PathBuf,
    pub(super) linked: Vec<Linked>,
    client: reqwest::Client,
    port: u16,
    /// Events that were answered 200 and have been found.
    found: Mutex<BTreeSet<String>>,
}

impl World {
    /// A server with so many connections of Stripe Apps; it is not running.
    pub(super) async fn new(folder: &Path, seed: u64, connections: usize) -> Self {
        let seed = seed.to_string();
        let sandbox =
            Running::start(&["sandbox", "--json", "--listen", "127.0.0.1:0", "--seed", &seed]).await;
        let (data, port) = (folder.join("data"), free_port());
        let mut world =
            Self { sandbox, data, linked: Vec::new(), client: client(), port, found: Mutex::default() };
        let server = world.serve().await;
        let api = Api::of(&world.data);
        for nth in 0..connections {
            let linked = world.connect(&api, nth).await;
            world.linked.push(linked);
        }
        server.kill().await;
        world
    }

    pub(super) async fn serve(&self) -> Running {
        unlimited_server(&format!("127.0.0.1:{}", self.port), &self.sandbox.url(), &self.data).await
    }

    async fn connect(&self, api: &Api, nth: usize) -> Linked {
        let name = format!("app-{nth}");
        let opened = self.control("/oauth/accounts", &json!({ "name": name })).await;
        let [account, secret] =
            ["id", "secret_key"].map(|n| opened[n].as_str().expect("an account").to_owned());
        let asked = json!({ "via": "app", "mode": "local", "name": name });
        let shown = self.authorize(api, &asked, &account).await;
        Linked { id: shown["id"].as_str().expect("a connection").to_owned(), account, secret }
    }

    /// Takes a link, consents as the account's owner, and comes back: the connection then.
    async fn authorize(&self, api: &Api, asked: &Value, account: &str) -> Value {
        let begun = api.post("/api/v1/connections/stripe/authorize", "link", asked).await.expect("it lives");
        let url = Url::parse(begun["data"]["authUrl"].as_str().expect("a link")).expect("an address");
        let state = url.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned();
        let consent = self.control("/oauth/authorize", &json!({ "client": "app", "account": account })).await;
        let code = consent["code"].as_str().expect("a code");
        let back = api.get(&format!("/api/v1/connections/callback?state={state}&code={code}")).await;
        let back = back.expect("it lives");
        assert_eq!(back["data"]["status"], "active", "{back:#}");
        let id = back["data"]["connectionId"].as_str().expect("an id");
        let shown = api.get(&format!("/api/v1/connections/{id}")).await.expect("it lives");
        assert_eq!(
            (&shown["data"]["status"], &shown["data"]["account"]),
            (&json!("active"), &json!(account))
        );
        shown["data"].clone()
    }

    /// Authorizes again what a failed call said has to be; its id stays.
    pub(super) async fn reconnect(&self, api: &Api, linked: &Linked, answer: &Value) -> Value {
        let told = &answer["error"]["details"]["reconnect"];
        let asked = json!({ "reconnect": told["connectionId"], "via": told["via"] });
        let shown = self.authorize(api, &asked, &linked.account).await;
        assert_eq!(shown["id"], linked.id, "{shown:#}");
        let answer = self.read(api, linked).await.expect("it lives");
        assert_eq!(answer["success"], true, "what waited goes on: {answer:#}");
        shown
    }

    pub(super) async fn read(&self, api: &Api, linked: &Linked) -> Option<Value> {
        let body = json!({ "config": {}, "connectionId": linked.id });
        api.post("/api/v1/actions/stripe.getBalance", "read", &body).await
    }

    /// The name of the customer that the nth write makes.
    pub(super) fn customer(nth: usize) -> String {
        format!("write-{nth}")
    }

    pub(super) async fn write(&self, api: &Api, linked: &Linked, nth: usize) -> Option<Value> {
        let body = json!({ "config": { "name": Self::customer(nth) }, "connectionId": linked.id });
        api.post("/api/v1/actions/stripe.createCustomer", &format!("key-{nth}"), &body).await
    }

    pub(super) async fn shown(&self, api: &Api, linked: &Linked) -> Value {
        let answer = api.get(&format!("/api/v1/connections/{}", linked.id)).await.expect("the server lives");
        answer["data"].clone()
    }

    /// The next exchange begins only then.
    pub(super) async fn slow_token_endpoint(&self, ms: u64) {
        let fault = json!({ "fault": "slow", "ms": ms, "next": 1, "path": "/v1/oauth/token" });
        self.control("/faults", &fault).await;
    }

    pub(super) async fn clear_faults(&self) {
        let url = format!("{}/_sandbox/faults", self.sandbox.url());
        self.client.delete(url).send().await.expect("the sandbox lives");
    }

    /// Moves Stripe's clock, and nobody else's.
    pub(super) async fn pass(&self, ms: u64) {
        self.control("/clock", &json!({ "advance_ms": ms })).await;
    }

    /// How often the provider handed out a new pair for a refresh token of this account.
    pub(super) async fn granted(&self, account: &str) -> u64 {
        let oauth = self.ask("/_sandbox/oauth", None).await;
        let renewals = oauth["exchanges"].as_array().expect("a list").iter().filter(|one| {
            one["account"] == account && one["grant_type"] == "refresh_token" && one["outcome"] == "granted"
        });
        renewals.count() as u64
    }

    /// The names of an account's customers, over all pages.
    pub(super) async fn customers_of(&self, linked: &Linked) -> Vec<String> {
        let (mut names, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.ask(&format!("/v1/customers?limit=100{after}"), Some(&linked.secret)).await;
            let rows = page["data"].as_array().expect("a list");
            names.extend(rows.iter().filter_map(|row| Some(row["name"].as_str()?.to_owned())));
            match rows.last().and_then(|row| row["id"].as_str()).filter(|_| page["has_more"] == true) {
                Some(last) => after = format!("&starting_after={last}"),
                None => return names,
            }
        }
    }

    /// When each stored token ends, read from what the killed server left.
    pub(super) async fn left_behind(&self) -> Ends {
        let store = self.open().await;
        let ends = rows(&store).await.iter().map(|row| (row.id.to_string(), json!(row.expires_at))).collect();
        store.close().await;
        ends
    }

    /// Lets the stored tokens be at their end by the server's clock, and says when that is.
    pub(super) async fn let_run_out(&self) -> Ends {
        let store = self.open().await;
        let mut ends = Ends::new();
        for row in rows(&store).await.into_iter().filter(|row| row.status == ConnectionStatus::Active) {
            let end = SystemClock.now().checked_sub(std::time::Duration::from_secs(1)).expect("after 1970");
            let row = Connection { expires_at: Some(end), revision: row.revision + 1, ..row };
            let id = row.id;
            let done: Result<_, CommitError> =
                store.commit(Unit::interactive(vec![Write::PutConnection(row)])).await;
            done.expect("the folder can be written");
            let stored = rows(&store).await.into_iter().find(|row| row.id == id).expect("it is there");
            ends.insert(id.to_string(), json!(stored.expires_at));
        }
        store.close().await;
        ends
    }

    /// Each event that the server answered with 200 is in the inbox it left behind.
    pub(super) async fn expect_acknowledged_events(&self) {
        let key = self.sandbox.ready["secretKey"].as_str().expect("the sandbox says its key");
        let page = self.ask("/v1/events?type=customer.created&limit=100", Some(key)).await;
        let store = self.open().await;
        let company = store.companies().await.expect("can be read")[0].id;
        let mut found = self.found.lock().await;
        for event in page["data"].as_array().expect("a list").iter().filter(|e| e["pending_webhooks"] == 0) {
            let id = event["id"].as_str().expect("an id");
            if found.insert(id.to_owned()) {
                let stored = store.receipts_of_event(company, &EventId::new(id)).await.expect("can be read");
                assert_eq!(stored.len(), 1, "{id} was answered 200 and is stored");
            }
        }
        store.close().await;
    }

    async fn open(&self) -> Sqlite {
        let opened = Sqlite::open(&self.data, SqliteOptions::default()).await;
        opened.expect("a killed server leaves an openable folder")
    }

    async fn control(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}/_sandbox{path}", self.sandbox.url());
        let answer = self.client.post(url).json(body).send().await.expect("the sandbox lives");
        assert!(answer.status().is_success(), "{path} {body}: {}", answer.status());
        answer.json().await.expect("JSON")
    }

    async fn ask(&self, path: &str, key: Option<&str>) -> Value {
        let mut request = self.client.get(format!("{}{path}", self.sandbox.url()));
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        request.send().await.expect("the sandbox lives").json().await.expect("JSON")
    }
}

/// The connections of Stripe Apps.
async fn rows(store: &Sqlite) -> Vec<Connection> {
    let company = store.companies().await.expect("can be read")[0].id;
    let all = store.connections(company).await.expect("can be read");
    all.into_iter().filter(|row| row.kind == "app").collect()
}

/// A call and the connection itself say that only a person helps, and how.
pub(super) fn expect_expired(linked: &Linked, answer: &Value, shown: &Value) {
    let error = &answer["error"];
    assert_eq!(error["code"], "connection_expired", "{linked:?}: {answer:#}");
    assert!(
        error["message"].as_str().is_some_and(|text| text.contains("auth-url --reconnect")),
        "{answer:#}"
    );
    assert_eq!(
        error["details"]["reconnect"],
        json!({ "connectionId": linked.id, "via": "app" }),
        "{answer:#}"
    );
    assert_eq!(shown["status"], "expired", "{shown:#}");
    assert_eq!(shown["error"]["details"]["reconnect"]["connectionId"], linked.id, "{shown:#}");
}
