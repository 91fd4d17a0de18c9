//! `bursar doctor`: the first checks. Looks, and repairs nothing; a folder that no server
//! has is opened for it as for every command, and what was open goes on meanwhile.

mod connections;
mod providers;
mod reach;

use model::{Code, Failure};
use serde_json::{Value, json};

use crate::{
    client::Client,
    door::{Door, server_file},
    exit::Exit,
    output::{Output, cell},
    settings::Settings,
};

/// One check's result.
struct Check {
    name: String,
    ok: bool,
    says: String,
}

impl Check {
    fn of(name: impl Into<String>, ok: bool, says: impl Into<String>) -> Self {
        Self { name: name.into(), ok, says: says.into() }
    }
}

pub(super) async fn perform(settings: &Settings, output: Output) -> Result<Exit, Failure> {
    let mut checks = vec![folder(settings), key_file(settings)];
    match Door::open(settings).await {
        // The first check says so.
        Err(failure) if failure.code == Code::NotFound => {}
        Ok(door) => {
            let client = Client::new(door, settings).waiting(output);
            checks.extend(application(&client, settings).await);
            client.close().await;
        }
        Err(failure) => checks.push(Check::of("server", false, failure.message)),
    }
    let sound = checks.iter().all(|check| check.ok);
    let shown: Vec<Value> =
        checks.iter().map(|c| json!({ "check": c.name, "ok": c.ok, "message": c.says })).collect();
    output.result(json!({ "ok": sound, "checks": shown }), |_| {
        let row =
            |c: &Check| vec![if c.ok { "ok" } else { "WRONG" }.to_owned(), c.name.clone(), c.says.clone()];
        Output::table(&["", "check", ""], checks.iter().map(row).collect())
    });
    Ok(if sound { Exit::Done } else { Exit::Failed })
}

fn folder(settings: &Settings) -> Check {
    let folder = settings.data.display();
    let (ok, says) = if settings.url.is_some() {
        (true, "not looked at: --url names a server".to_owned())
    } else if store::is_data_folder(&settings.data) {
        (
            true,
            format!(
                "{folder} is Bursar's{}",
                if store::is_locked(&settings.data) { " and in use" } else { "" }
            ),
        )
    } else if settings.data.exists() {
        (false, format!("{folder} exists and is not Bursar's; choose another with --data"))
    } else {
        (
            false,
            format!(
                "{folder} is not there; `bursar dev` and `bursar serve` make one, --data names another, and --url a \
                 running server"
            ),
        )
    };
    Check::of("data folder", ok, says)
}

/// The server file and the master key must be readable by their owner only.
fn key_file(settings: &Settings) -> Check {
    use std::os::unix::fs::PermissionsExt as _;
    let open: Vec<String> = [settings.data.join("master.key"), server_file(settings)]
        .into_iter()
        .filter(|path| path.metadata().is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0))
        .map(|path| path.display().to_string())
        .collect();
    let says = if open.is_empty() {
        "readable by their owner only".to_owned()
    } else {
        format!("others can read {}; run chmod 600 on it", open.join(" and "))
    };
    Check::of("secret files", open.is_empty(), says)
}

async fn application(client: &Client, settings: &Settings) -> Vec<Check> {
    let mut checks = vec![vault(client).await];
    let found = connections::found(client).await;
    checks.extend(connections::checks(&found));
    checks.extend(providers::checks(client).await);
    // What this machine reaches says nothing about a server elsewhere.
    if settings.url.is_none() {
        checks.extend(reach::stripe(&found).await);
    }
    checks.extend([runs(client).await, events(client).await]);
    checks
}

fn refused(name: &'static str, failure: &Failure) -> Check {
    Check::of(name, failure.code == Code::NotFound, failure.message.clone())
}

/// Which master key a backup of this database needs.
async fn vault(client: &Client) -> Check {
    match client.get("/api/v1/vault").await {
        Ok(success) => {
            let id = cell(&success.data["masterKeyId"]);
            Check::of("vault", true, format!("sealed under the master key {id}, which a backup needs too"))
        }
        // A company's key is not told.
        Err(failure) => Check::of("vault", failure.code == Code::Forbidden, failure.message),
    }
}

async fn runs(client: &Client) -> Check {
    match client.get("/api/v1/runs?status=parked&limit=100").await {
        Ok(success) => {
            let parked = success.data.as_array().map_or(0, Vec::len);
            let says = if parked == 0 {
                "none is parked".to_owned()
            } else {
                format!("{parked} parked: see bursar runs list --status parked")
            };
            Check::of("runs", parked == 0, says)
        }
        Err(failure) => refused("runs", &failure),
    }
}

async fn events(client: &Client) -> Check {
    match client.get("/api/v1/events?status=dead&limit=100").await {
        Ok(success) => {
            let dead = success.data.as_array().map_or(0, Vec::len);
            let says = if dead == 0 {
                "none is dead".to_owned()
            } else {
                format!("{dead} dead: see bursar events list --status dead, then bursar events replay")
            };
            Check::of("events", dead == 0, says)
        }
        Err(failure) => refused("events", &failure),
    }
}
