//! A disk that fills up and one that cannot be written, under the real binary.
//!
//! The full disk is a small file system in memory, mounted in a namespace of its own,
//! which only Linux gives; it runs when `BURSAR_DISK=1` asks for it, and then fails
//! where it cannot be done.

use std::{path::Path, time::Duration};

use serde_json::{Value, json};

use crate::binary::{Api, PATIENCE, Running, campaign, client, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_not_answered_with_200() {
    if campaign("BURSAR_DISK", 0) == 0 {
        println!("not asked for: BURSAR_DISK=1 runs it (cargo xtask test disk)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mount = folder.path().join("small");
    std::fs::create_dir(&mount).unwrap();
    let data = mount.join("data");
    let sandbox = Running::start(&["sandbox", "--json", "--listen", "127.0.0.1:0"]).await;
    let script = format!(
        "mount -t tmpfs -o size=3m tmpfs '{mount}' && exec '{bursar}' serve --json --listen 127.0.0.1:0 --sandbox {url} --data '{data}'",
        mount = text(&mount),
        bursar = env!("CARGO_BIN_EXE_bursar"),
        url = sandbox.url(),
        data = text(&data),
    );
    let mut command = tokio::process::Command::new("unshare");
    command.args(["--mount", "--map-root-user", "bash", "-c", &script]).kill_on_drop(true);
    let mut server = Running::from(command).await;

    // The sandbox keeps delivering; the disk fills; deliveries that were not stored stay pending.
    let made = fill(&sandbox).await;
    let body = refused(&server, &data).await;
    assert_eq!(body["success"], false, "{body}");
    assert_eq!(body["error"]["code"], "store_unavailable", "{body}");
    assert!(server.ended().is_none(), "the server survives a full disk");
    let pending = pending(&sandbox).await;
    println!("{made} customers made, {pending} deliveries still pending: none of them was answered 200");
    assert!(pending > 0);

    enlarge(&server, &mount).await;
    let api = Api::of(Path::new(&format!("/proc/{}/root{}", server.pid(), text(&data))));
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while received(&api).await < made {
        assert!(tokio::time::Instant::now() < deadline, "{} of {made} events arrived", received(&api).await);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    sandbox.expect_conformance().await;
}

/// Gives the file system more room, without a restart of anything.
async fn enlarge(server: &Running, mount: &Path) {
    let pid = server.pid().to_string();
    let enter = ["--target", &pid, "--mount", "--user", "--preserve-credentials"];
    let status = tokio::process::Command::new("nsenter")
        .args(enter)
        .args(["mount", "-o", "remount,size=200m", text(mount)])
        .status()
        .await
        .expect("nsenter is part of util-linux");
    assert!(status.success(), "the file system can be enlarged");
}

/// Events of the kind made here that are on disk.
async fn received(api: &Api) -> usize {
    let (mut count, mut cursor) = (0, String::new());
    loop {
        let path = format!("/api/v1/events?type=customer.created&limit=100{cursor}");
        let page = api.get(&path).await.expect("the server answers");
        count += page["data"].as_array().map_or(0, Vec::len);
        match page["meta"]["cursor"].as_str().filter(|_| page["meta"]["hasMore"] == true) {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return count,
        }
    }
}

/// Makes customers with large metadata until deliveries stop being accepted.
async fn fill(sandbox: &Running) -> usize {
    let client = client();
    let key = sandbox.ready["secretKey"].as_str().expect("the sandbox says its key").to_owned();
    let value = "x".repeat(500);
    let form: String = (0..40).map(|n| format!("metadata[k{n}]={value}&")).collect();
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut made = 0;
    loop {
        let request = client.post(format!("{}/v1/customers", sandbox.url())).bearer_auth(&key);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form.clone());
        assert!(request.send().await.expect("the sandbox answers").status().is_success());
        made += 1;
        // 3 MB hold fewer than 150 events of this size.
        if made >= 300 {
            tokio::time::sleep(Duration::from_secs(2)).await;
            return made;
        }
        assert!(tokio::time::Instant::now() < deadline);
    }
}

/// What a writing request gets on the full disk.
async fn refused(server: &Running, data: &Path) -> Value {
    // The folder is visible in the server's mount namespace only.
    let seen = format!("/proc/{}/root{}", server.pid(), text(data));
    let api = Api::of(Path::new(&seen));
    let config = json!({ "config": { "name": "x".repeat(5_000) } });
    api.post("/api/v1/actions/stripe.createCustomer", "on-a-full-disk", &config).await.expect("an answer")
}

/// Deliveries that the sandbox has not got a 2xx for.
async fn pending(sandbox: &Running) -> u64 {
    let info = client().get(format!("{}/_sandbox", sandbox.url())).send().await.expect("the sandbox answers");
    let info: serde_json::Value = info.json().await.expect("JSON");
    info["open_deliveries"].as_u64().expect("the sandbox counts its pending deliveries")
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_stops_the_start() {
    // A file where the folder should be: also refused for root, whom modes do not stop.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data");
    std::fs::write(&file, "not a folder").unwrap();
    let (code, out, _) =
        crate::binary::run(&["serve", "--json", "--listen", "127.0.0.1:0", "--data", text(&file)]).await;
    assert_ne!(code, 0);
    let body: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!(body["success"], json!(false), "{out}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "not a folder");
}
