//! `bursar doctor`: the first checks. Looks, and repairs nothing; a folder that no server
//! has is opened for it as for every command, and what was open goes on meanwhile.

use model::{Code, Failure};
use serde_json::{Value, json};

use crate::{
    client::Client,
    door::{Door, Folder, server_file},
    exit::Exit,
    output::{Output, cell},
    settings::Settings,
};

/// One check's result.
struct Check {
    name: &'static str,
    ok: bool,
    says: String,
}

pub(super) async fn perform(settings: &Settings, output: Output) -> Result<Exit, Failure> {
    let mut checks = vec![folder(settings), key_file(settings)];
    match Door::open(settings, Folder::MustExist).await {
        // Nothing is there yet, and looking does not make it.
        Err(failure) if failure.code == Code::NotFound => {}
        Ok(door) => {
            let client = Client::new(door, settings);
            checks.extend(application(&client).await);
            client.close().await;
        }
        Err(failure) => checks.push(Check { name: "server", ok: false, says: failure.message }),
    }
    let sound = checks.iter().all(|check| check.ok);
    let shown: Vec<Value> =
        checks.iter().map(|c| json!({ "check": c.name, "ok": c.ok, "message": c.says })).collect();
    output.result(json!({ "ok": sound, "checks": shown }), |_| {
        let row =
            |c: &Check| vec![if c.ok { "ok" } else { "WRONG" }.to_owned(), c.name.to_owned(), c.says.clone()];
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
        (true, format!("{folder} does not exist yet; the first start makes it"))
    };
    Check { name: "data folder", ok, says }
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
    Check { name: "secret files", ok: open.is_empty(), says }
}

async fn application(client: &Client) -> Vec<Check> {
    vec![vault(client).await, connections(client).await, runs(client).await, events(client).await]
}

fn refused(name: &'static str, failure: &Failure) -> Check {
    Check { name, ok: failure.code == Code::NotFound, says: failure.message.clone() }
}

/// Which master key a backup of this database needs.
async fn vault(client: &Client) -> Check {
    match client.get("/api/v1/vault").await {
        Ok(success) => {
            let says = format!("sealed under the master key {}", cell(&success.data["masterKeyId"]));
            Check { name: "vault", ok: true, says }
        }
        // A company's key is not told.
        Err(failure) => Check { name: "vault", ok: failure.code == Code::Forbidden, says: failure.message },
    }
}

async fn connections(client: &Client) -> Check {
    match client.get("/api/v1/connections").await {
        Ok(success) => {
            let all = success.data.as_array().cloned().unwrap_or_default();
            let (ok, says) = standing(&all);
            Check { name: "connections", ok, says }
        }
        Err(failure) => refused("connections", &failure),
    }
}

/// Whether a connection is broken: what was given up on purpose and what waits for its
/// link to be opened is as somebody wants it.
fn standing(all: &[Value]) -> (bool, String) {
    let of = |status: &str| all.iter().filter(|c| c["status"] == status).count();
    let wanted = ["active", "pending", "disconnected"];
    let broken = all.iter().filter(|c| !wanted.iter().any(|status| c["status"] == *status));
    let broken: Vec<_> = broken.map(|c| format!("{} ({})", cell(&c["name"]), cell(&c["status"]))).collect();
    if !broken.is_empty() {
        return (false, format!("not active: {}; see bursar connections show", broken.join(", ")));
    }
    let counts = wanted.iter().map(|status| (of(status), status)).filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts.map(|(count, status)| format!("{count} {status}")).collect();
    if counts.is_empty() {
        return (true, "none yet; `bursar dev` makes one to its sandbox".to_owned());
    }
    (true, counts.join(", "))
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
            Check { name: "runs", ok: parked == 0, says }
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
            Check { name: "events", ok: dead == 0, says }
        }
        Err(failure) => refused("events", &failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_was_given_up_on_purpose_is_not_wrong() {
        let one = |status: &str| json!({ "name": "acme", "status": status });
        assert_eq!(
            standing(&[one("active"), one("disconnected")]),
            (true, "1 active, 1 disconnected".to_owned())
        );
        for status in ["error", "expired", "revoked"] {
            let (ok, says) = standing(&[one("active"), one(status)]);
            assert!(!ok && says.contains(&format!("acme ({status})")), "{says}");
        }
    }
}
