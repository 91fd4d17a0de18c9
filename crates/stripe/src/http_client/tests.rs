use bytes::Bytes;
use model::{AccountId, IdempotencyKey};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::{Answer, PINNED, tables};

fn request(id: &str, path: &str, form: &'static str, kind: Kind) -> Request {
    let operation = tables::operation(id).unwrap();
    let account = Some(AccountId::new("acct_2"));
    Request {
        operation,
        path: path.into(),
        form: Bytes::from_static(form.as_bytes()),
        version: PINNED,
        account,
        kind,
    }
}

fn write() -> Request {
    let key = Kind::Write(IdempotencyKey::from_text("bursar_k"));
    request("customers.create", "/v1/customers", "name=a+b&metadata[k]=v", key)
}

fn credential() -> Credential {
    Credential::new(AccountId::new("acct_1"), Mode::Test, "sk_test_1")
}

async fn listen() -> (TcpListener, HttpClient) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut options = HttpOptions::new(format!("http://{}", listener.local_addr().unwrap()));
    options.timeout = Duration::from_secs(2);
    (listener, HttpClient::new(options).unwrap())
}

/// Reads one request: its head and as much body as it announces.
async fn receive(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        let mut piece = [0; 4096];
        let n = stream.read(&mut piece).await.unwrap();
        assert!(n > 0, "the client hung up after {text}");
        read.extend_from_slice(&piece[..n]);
    }
}

/// One attempt against a server that answers these bytes and hangs up.
async fn exchange(request: &Request, answer: &str) -> (Attempt, String) {
    let (listener, client) = listen().await;
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let seen = receive(&mut stream).await;
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        seen
    };
    let credential = credential();
    tokio::join!(client.attempt(request, &credential), serve)
}

fn http(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}", body.len())
}

fn why(attempt: Attempt) -> String {
    match attempt {
        Attempt::Broken(why) => why,
        other => panic!("{other:?} is not broken"),
    }
}

#[tokio::test]
async fn a_write_leaves_as_stripe_expects_it() {
    let (attempt, seen) =
        exchange(&write(), &http("200 OK", "Request-Id: req_1\r\n", "{\"id\": \"cus_1\"}")).await;
    let Attempt::Answered(Answer { status: 200, headers, body }) = attempt else { panic!("{attempt:?}") };
    assert_eq!((headers.request_id.as_deref(), body), (Some("req_1"), json!({ "id": "cus_1" })));
    assert!(seen.starts_with("POST /v1/customers HTTP/1.1\r\n"), "{seen}");
    assert!(seen.ends_with("\r\n\r\nname=a+b&metadata[k]=v"), "{seen}");
    let head = seen.to_lowercase();
    for line in [
        "authorization: bearer sk_test_1",
        "stripe-version: 2026-10-28.endive",
        "stripe-account: acct_2",
        "idempotency-key: bursar_k",
        "content-type: application/x-www-form-urlencoded",
        "user-agent: bursar/",
    ] {
        assert!(head.contains(&format!("\r\n{line}")), "{line} is not in {seen}");
    }
}

#[tokio::test]
async fn reads_and_deletes_carry_a_query_and_no_key() {
    let read = Request {
        account: None,
        ..request("customers.list", "/v1/customers", "created[gte]=5&limit=1", Kind::Read)
    };
    let delete = request("subscriptions.cancel", "/v1/subscriptions/a%2Fb", "prorate=true", Kind::Delete);
    for (request, line) in [
        (read, "GET /v1/customers?created[gte]=5&limit=1 HTTP/1.1\r\n"),
        (delete, "DELETE /v1/subscriptions/a%2Fb?prorate=true HTTP/1.1\r\n"),
    ] {
        let (attempt, seen) = exchange(&request, &http("200 OK", "", "{}")).await;
        assert!(matches!(attempt, Attempt::Answered(_)), "{attempt:?}");
        assert!(seen.starts_with(line), "{seen}");
        assert!(!seen.to_lowercase().contains("idempotency-key"), "{seen}");
        assert_eq!(seen.to_lowercase().contains("stripe-account"), request.account.is_some());
    }
}

#[tokio::test]
async fn the_headers_that_decide_are_read() {
    let headers = "Request-Id: req_2\r\nOriginal-Request: req_1\r\nIdempotent-Replayed: true\r\n\
        Stripe-Should-Retry: false\r\nRetry-After: 7\r\nStripe-Rate-Limited-Reason: global-rate\r\n\
        Stripe-Version: 2026-10-28.endive\r\n";
    let (attempt, _) = exchange(&write(), &http("429 Too Many Requests", headers, "{\"error\":{}}")).await;
    let Attempt::Answered(answer) = attempt else { panic!("{attempt:?}") };
    assert_eq!(answer.status, 429);
    assert_eq!(
        answer.headers,
        crate::Headers {
            request_id: Some("req_2".into()),
            original_request: Some("req_1".into()),
            replayed: true,
            should_retry: Some(false),
            retry_after: Some(Duration::from_secs(7)),
            rate_limited_reason: Some("global-rate".into()),
            version: Some("2026-10-28.endive".into()),
        }
    );
    let odd = "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\nStripe-Should-Retry: maybe\r\n";
    let (attempt, _) = exchange(&write(), &http("500 Oops", odd, "{}")).await;
    let Attempt::Answered(answer) = attempt else { panic!("{attempt:?}") };
    assert_eq!(answer.headers, crate::Headers::default());
}

#[tokio::test]
async fn a_refused_port_means_never_sent() {
    let (listener, client) = listen().await;
    drop(listener);
    let attempt = client.attempt(&write(), &credential()).await;
    let Attempt::NeverSent(why) = attempt else { panic!("{attempt:?}") };
    assert_eq!(why, "Connection refused", "the system's words, without the library's layers");
}

#[tokio::test]
async fn a_connection_that_dies_before_the_answer_leaves_the_outcome_unknown() {
    for read_first in [true, false] {
        let (listener, client) = listen().await;
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            // Hanging up on unread bytes resets the connection.
            if read_first { drop(receive(&mut stream).await) } else { stream.readable().await.unwrap() }
        };
        let (request, credential) = (write(), credential());
        let (attempt, ()) = tokio::join!(client.attempt(&request, &credential), serve);
        assert!(!why(attempt).contains("127.0.0.1"), "the address is not part of the reason");
    }
}

#[tokio::test]
async fn half_an_answer_is_no_answer() {
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":";
    let text = why(exchange(&write(), cut).await.0);
    assert!(text.contains("200") && text.contains("broke off"), "{text}");
    let text = why(exchange(&write(), "HTTP/1.1 200 OK\r\nContent-Le").await.0);
    assert!(!text.is_empty());
}

#[tokio::test]
async fn an_answer_that_is_not_json_is_unknown_whatever_its_status() {
    for status in ["200 OK", "302 Found", "400 Bad Request", "404 Not Found", "502 Bad Gateway"] {
        let (attempt, _) = exchange(&write(), &http(status, "Location: /elsewhere\r\n", "<html>")).await;
        let text = why(attempt);
        assert!(text.contains(&status[..3]) && text.contains("not JSON"), "{text}");
    }
}

#[tokio::test]
async fn silence_ends_in_an_unknown_outcome() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut options = HttpOptions::new(format!("http://{}", listener.local_addr().unwrap()));
    options.timeout = Duration::from_millis(100);
    let client = HttpClient::new(options).unwrap();
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        receive(&mut stream).await;
        stream
    };
    let (request, credential) = (write(), credential());
    let (attempt, _stream) = tokio::join!(client.attempt(&request, &credential), serve);
    assert!(why(attempt).contains("timed out"));
}

#[tokio::test]
async fn one_attempt_is_one_request() {
    let (listener, client) = listen().await;
    let (request, credential) = (write(), credential());
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        receive(&mut stream).await;
        stream.write_all(http("503 Busy", "Retry-After: 0\r\n", "{}").as_bytes()).await.unwrap();
        drop(stream);
        tokio::time::timeout(Duration::from_millis(300), listener.accept()).await.is_err()
    };
    let (attempt, alone) = tokio::join!(client.attempt(&request, &credential), serve);
    assert!(matches!(attempt, Attempt::Answered(Answer { status: 503, .. })), "{attempt:?}");
    assert!(alone, "a second request came");
}

#[tokio::test]
async fn a_body_without_end_is_not_held() {
    let (listener, client) = listen().await;
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        receive(&mut stream).await;
        let long = http("200 OK", "", &"x".repeat(10_000));
        stream.write_all(long.as_bytes()).await.unwrap();
    };
    let get = async {
        let response = client.client.get(format!("{}/v1/customers", client.base)).send().await.unwrap();
        answer::body(response, 1_000).await
    };
    let (read, ()) = tokio::join!(get, serve);
    assert_eq!(read.unwrap_err(), "its body is longer than 1000 bytes");
}

#[tokio::test]
async fn what_cannot_leave_as_it_is_never_leaves() {
    let (_listener, client) = listen().await;
    let sent = |request: Request, credential: Credential| {
        let client = client.clone();
        async move { client.attempt(&request, &credential).await }
    };
    let dots = Request { path: "/v1/customers/..".into(), ..write() };
    let encoded_dots = Request { path: "/v1/customers/%2e%2e".into(), ..write() };
    let key = Kind::Write(IdempotencyKey::from_text("a\nb"));
    let bad_key = Request { kind: key, ..write() };
    for request in [dots, encoded_dots, bad_key] {
        let attempt = sent(request, credential()).await;
        assert!(matches!(attempt, Attempt::NeverSent(_)), "{attempt:?}");
    }
    let secret = Credential::new(AccountId::new("acct_1"), Mode::Test, "sk_\n1");
    let Attempt::NeverSent(text) = sent(write(), secret).await else { panic!("sent") };
    assert!(!text.contains("sk_"), "{text}");
}

#[tokio::test]
async fn mode_local_never_calls_stripe() {
    let client = HttpClient::new(HttpOptions::new(STRIPE)).unwrap();
    let local = Credential::new(AccountId::new("acct_1"), Mode::Local, "sk_test_1");
    let attempt = client.attempt(&write(), &local).await;
    assert_eq!(attempt, Attempt::NeverSent("a connection in mode `local` never calls api.stripe.com".into()));
}

#[test]
fn operations_of_other_hosts_go_there_only_at_stripe() {
    let token = request("oauth.token", "/oauth/token", "", Kind::Write(IdempotencyKey::from_text("k")));
    let url = |base: &str| HttpClient::new(HttpOptions::new(base)).unwrap().url(&token).unwrap().to_string();
    assert_eq!(url("https://api.stripe.com/"), "https://connect.stripe.com/oauth/token");
    assert_eq!(url("http://127.0.0.1:12111"), "http://127.0.0.1:12111/oauth/token");
}

#[test]
fn an_address_that_is_none_is_refused() {
    for base in ["", "api.stripe.com", "ftp://api.stripe.com", "https://api.stripe.com/?a=b"] {
        assert!(HttpClient::new(HttpOptions::new(base)).is_err(), "{base}");
    }
}
