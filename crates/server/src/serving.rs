//! The accept loop: the router on a socket, with bounds that keep a slow or silent
//! client from costing others.
//!
//! What would surprise: a client that is over the bound is not refused; it waits in the
//! system's queue until another connection ends, and an idle one ends by itself.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use futures_util::FutureExt as _;
use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

/// What clients may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// Most open at once.
    pub most: usize,
    /// How long the head of a request may take, and how long a connection may be idle.
    pub head: Duration,
    /// How long open requests may go on once the server stops.
    pub farewell: Duration,
}

impl Default for Connections {
    fn default() -> Self {
        Self { most: 4_096, head: Duration::from_secs(15), farewell: Duration::from_secs(10) }
    }
}

/// After a failure to accept: out of descriptors, say, of which others are given back.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// Serves until told to stop, then lets open requests finish for a while.
pub async fn serve(listener: TcpListener, router: Router, bounds: Connections, stop: CancellationToken) {
    let room = Arc::new(Semaphore::new(bounds.most));
    let (graceful, tasks) = (GracefulShutdown::new(), TaskTracker::new());
    let accepting = async {
        loop {
            // Never closed, so it is always given.
            let Ok(permit) = room.clone().acquire_owned().await else { return };
            match listener.accept().await {
                Ok((stream, from)) => {
                    let _ = stream.set_nodelay(true);
                    let served = connection(stream, from, router.clone(), bounds.head, &graceful);
                    tasks.spawn(served.map(move |()| drop::<OwnedSemaphorePermit>(permit)));
                }
                Err(why) => {
                    tracing::warn!(%why, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_AGAIN).await;
                }
            }
        }
    };
    tokio::select! {
        () = accepting => {}
        () = stop.cancelled() => {}
    }
    drop(listener);
    let _ = tokio::time::timeout(bounds.farewell, graceful.shutdown()).await;
}

/// One connection, until it ends or the server does.
fn connection(
    stream: TcpStream,
    from: SocketAddr,
    router: Router,
    head: Duration,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + 'static {
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(from));
        router.clone().oneshot(request).map(|answer: Result<_, Infallible>| answer)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .serve_connection(TokioIo::new(stream), service);
    // A broken connection is the client's affair.
    graceful.watch(served).map(drop)
}
