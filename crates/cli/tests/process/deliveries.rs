//! A thousand events across a SIGKILL: what was answered 200 is on disk, and what was
//! not comes again.

use std::{collections::BTreeSet, time::Duration};

use crate::binary::{Api, PATIENCE, Running, client, free_port, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_among_a_thousand_deliveries_loses_none() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let sandbox = Running::start(&["sandbox", "--json", "--listen", "127.0.0.1:0"]).await;
    let listen = format!("127.0.0.1:{}", free_port());
    let url = sandbox.url();
    let arguments = ["serve", "--json", "--listen", &listen, "--sandbox", &url, "--data", text(&data)];
    let server = Running::start(&arguments).await;

    let made = make_customers(&sandbox, 1_000);
    tokio::pin!(made);
    // The kill comes while customers are being made and their events delivered.
    let killed = tokio::time::timeout(Duration::from_millis(700), &mut made).await;
    server.kill().await;
    let customers = match killed {
        Ok(customers) => customers,
        Err(_) => made.await,
    };
    assert_eq!(customers.len(), 1_000);

    let _server = Running::start(&arguments).await;
    let api = Api::of(&data);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let received = received_customers(&api).await;
        if received.is_superset(&customers) {
            assert_eq!(received.len(), 1_000, "each event once");
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "{} of 1000 events arrived", received.len());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    sandbox.expect_conformance().await;
}

/// Makes customers at the sandbox, sixteen at a time.
pub(crate) async fn make_customers(sandbox: &Running, count: usize) -> BTreeSet<String> {
    use futures_util::StreamExt as _;
    let (client, url) = (client(), format!("{}/v1/customers", sandbox.url()));
    let key = sandbox.ready["secretKey"].as_str().expect("the sandbox says its key").to_owned();
    futures_util::stream::iter(0..count)
        .map(|n| {
            let request = client.post(&url).bearer_auth(&key).body(format!("name=n{n}"));
            async move {
                let answer = request.header("content-type", "application/x-www-form-urlencoded").send().await;
                let customer: serde_json::Value =
                    answer.expect("the sandbox answers").json().await.expect("JSON");
                customer["id"].as_str().expect("a customer").to_owned()
            }
        })
        .buffer_unordered(16)
        .collect()
        .await
}

/// The customers whose `customer.created` has been received; asserts that none came twice.
pub(crate) async fn received_customers(api: &Api) -> BTreeSet<String> {
    let (mut all, mut count, mut cursor) = (BTreeSet::new(), 0, String::new());
    loop {
        let path = format!("/api/v1/events?type=customer.created&limit=100{cursor}");
        let page = api.get(&path).await.expect("the server answers");
        for event in page["data"].as_array().expect("a list") {
            all.insert(event["objects"][0].as_str().expect("an object id").to_owned());
            count += 1;
        }
        match (page["meta"]["hasMore"].as_bool(), page["meta"]["cursor"].as_str()) {
            (Some(true), Some(next)) => cursor = format!("&cursor={next}"),
            _ => break,
        }
    }
    assert_eq!(count, all.len(), "an event was received twice");
    all
}
