//! The baseline: the least that a durable receiver has to do.
//!
//! Verifies the signature, appends the body to a file, and answers once the file is
//! synced; whatever waits meanwhile is synced together. No ids, no duplicates found,
//! no index, no encryption, and nothing that could be read again.

use std::{fs::File, io::Write as _, path::Path, sync::Arc};

use axum::{Router, extract::State, http::HeaderMap, routing::post};
use bytes::Bytes;
use http::StatusCode;
use model::{Clock as _, SystemClock};
use serde_json::json;
use stripe::signature::{self, Secret, TOLERANCE};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
};

use crate::{Done, child, deliveries::SECRET};

/// Most bodies that are synced together.
const GROUP: usize = 1_024;

struct Job {
    body: Bytes,
    written: oneshot::Sender<bool>,
}

struct Receiver {
    secrets: [Secret; 1],
    jobs: mpsc::Sender<Job>,
}

/// Serves until told to stop.
pub(crate) async fn serve(listener: TcpListener, folder: &Path) -> Done {
    let file = File::create(folder.join("events"))?;
    let (jobs, from) = mpsc::channel(GROUP);
    let writer = std::thread::spawn(move || write(file, from));
    let secret = Secret::new(SECRET).ok_or("a blank secret")?;
    let receiver = Arc::new(Receiver { secrets: [secret], jobs });
    let router = Router::new().route("/receive", post(receive)).with_state(receiver);
    let at = listener.local_addr()?;
    let serving = async move {
        let _ = axum::serve(listener, router).await;
    };
    // The writer ends when the last sender, which the router holds, is gone.
    let count = || async move { Ok(json!({ "stored": writer.join().map_err(|_| "the writer panicked")? })) };
    child::until_told(at, json!({ "path": "/receive" }), serving, count).await
}

async fn receive(State(receiver): State<Arc<Receiver>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = headers.get("stripe-signature").map(|v| v.as_bytes()).unwrap_or_default();
    if signature::verify(header, &body, &receiver.secrets, SystemClock.now(), TOLERANCE).is_err() {
        return StatusCode::BAD_REQUEST;
    }
    let (written, answer) = oneshot::channel();
    if receiver.jobs.send(Job { body, written }).await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    match answer.await {
        Ok(true) => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Writes whatever waits, syncs it, and answers; says how many were written.
fn write(mut file: File, mut from: mpsc::Receiver<Job>) -> usize {
    let (mut group, mut count) = (Vec::new(), 0);
    while from.blocking_recv_many(&mut group, GROUP) > 0 {
        let mut bytes = Vec::new();
        for job in &group {
            bytes.extend_from_slice(&(job.body.len() as u64).to_le_bytes());
            bytes.extend_from_slice(&job.body);
        }
        let written = file.write_all(&bytes).and_then(|()| file.sync_data()).is_ok();
        count += if written { group.len() } else { 0 };
        for job in group.drain(..) {
            let _ = job.written.send(written);
        }
    }
    count
}
