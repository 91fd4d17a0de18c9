//! A Rust test as the guide shows it, in either flavour of tokio and from blocking code.

use std::sync::Arc;

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;

use super::subscribing::*;
use crate::{Sandbox, days, hours};

/// An endpoint that takes everything; it ends with the test's runtime.
async fn endpoint(tasks: &tokio_util::task::TaskTracker) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap()).parse().unwrap();
    let listener = Arc::new(listener);
    tasks.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut read = vec![0; 1024 * 1024];
            let mut got = String::new();
            // Head and body may come in several pieces.
            while let Ok(n @ 1..) = stream.read(&mut read).await {
                got.push_str(&String::from_utf8_lossy(&read[..n]));
                let length = got.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
                let body = got.split_once("\r\n\r\n").map_or(0, |(_, body)| body.len());
                if length.is_some_and(|length: usize| body >= length) {
                    break;
                }
            }
            let _ =
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
        }
    });
    url
}

async fn a_failed_renewal_is_delivered() {
    let tasks = tokio_util::task::TaskTracker::new();
    let my_url = endpoint(&tasks).await;
    let stripe = Sandbox::start().await;
    let hook = stripe.deliver_to(my_url, &["invoice.*"]).await;
    assert!(hook.secret.starts_with("whsec_"));
    let (subscription, _) = active(&stripe).await;
    stripe.fail_next_payment("card_declined");
    stripe.advance(days(32) + hours(1)).await;
    let event = stripe.delivered("invoice.payment_failed").one();
    assert_eq!(
        event["data"]["object"]["parent"]["subscription_details"]["subscription"],
        json!(subscription)
    );
    assert!(stripe.delivered("customer.created").all().is_empty(), "nobody listens");
    stripe.shutdown().await;
}

#[tokio::test]
async fn in_one_thread() {
    a_failed_renewal_is_delivered().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_several_threads() {
    a_failed_renewal_is_delivered().await;
}

#[test]
fn from_blocking_code() {
    tokio::runtime::Runtime::new().unwrap().block_on(a_failed_renewal_is_delivered());
}

#[test]
fn of_our_crates_only_the_wire_and_the_vocabulary_are_depended_on() {
    let manifest = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap();
    let from = manifest.split("[dependencies]").nth(1).unwrap();
    let names: Vec<&str> = from
        .split("\n[")
        .next()
        .unwrap()
        .lines()
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty())
        .collect();
    let ours: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let depended: Vec<&&str> = names.iter().filter(|name| ours.iter().any(|one| one == **name)).collect();
    assert_eq!(depended, [&"model", &"stripe"]);
}
