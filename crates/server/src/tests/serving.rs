//! The accept loop on real sockets.

use std::{sync::Arc, time::Duration};

use axum::{Router, routing::get};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Notify,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::serving::{Connections, serve};

const PATIENCE: Duration = Duration::from_secs(30);
const ASK: &[u8] = b"GET /slow HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

struct Listening {
    at: std::net::SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
    began: Arc<Notify>,
    go: Arc<Notify>,
}

impl Listening {
    async fn new(bounds: Connections) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (at, stop, tasks) =
            (listener.local_addr().unwrap(), CancellationToken::new(), TaskTracker::new());
        let (began, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (begins, goes_on) = (began.clone(), go.clone());
        let router = Router::new().route(
            "/slow",
            get(async move || {
                begins.notify_one();
                goes_on.notified().await;
                "done"
            }),
        );
        tasks.spawn(serve(listener, router, bounds, stop.clone()));
        Self { at, stop, tasks, began, go }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.at).await.unwrap()
    }
}

/// What comes until the server closes.
async fn read(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    let read = stream.read_to_end(&mut text);
    let _ = tokio::time::timeout(PATIENCE, read).await.expect("the server closes the connection");
    String::from_utf8(text).unwrap()
}

fn bounds(most: usize, head: Duration) -> Connections {
    Connections { most, head, farewell: PATIENCE }
}

#[tokio::test]
async fn a_client_that_sends_no_request_or_half_of_one_is_closed() {
    let server = Listening::new(bounds(10, Duration::from_millis(50))).await;
    let silent = server.connect().await;
    let mut half = server.connect().await;
    half.write_all(b"GET /slow HTTP/1.1\r\nhost:").await.unwrap();
    assert_eq!(read(silent).await, "");
    assert!(!read(half).await.contains("200 OK"));
}

#[tokio::test]
async fn a_client_beyond_the_bound_waits_for_room_and_is_served() {
    let server = Listening::new(bounds(1, PATIENCE)).await;
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    first.write_all(ASK).await.unwrap();
    second.write_all(ASK).await.unwrap();
    server.go.notify_one();
    assert!(read(first).await.ends_with("done"));
    server.go.notify_one();
    assert!(read(second).await.ends_with("done"));
}

#[tokio::test]
async fn a_request_that_runs_when_the_server_stops_is_answered() {
    let server = Listening::new(bounds(10, PATIENCE)).await;
    let mut open = server.connect().await;
    open.write_all(ASK).await.unwrap();
    server.began.notified().await;
    server.stop.cancel();
    server.tasks.close();
    server.go.notify_one();
    assert!(read(open).await.ends_with("done"));
    tokio::time::timeout(PATIENCE, server.tasks.wait()).await.expect("the server ends");
    assert!(TcpStream::connect(server.at).await.is_err());
}
