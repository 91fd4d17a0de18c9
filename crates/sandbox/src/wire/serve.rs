//! The accept loop: HTTP/1.1 over hyper, on sockets that can be dropped or reset.

use std::{
    fmt, io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Incoming as Body, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

use super::{BODY_MAX, Heads, Incoming, Outgoing, Reply, handle, hosts, pretty};
use crate::{control, core::Shared};

/// The largest snapshot that is taken back.
const SNAPSHOT_MAX: usize = 512 * 1024 * 1024;

/// A connection that is closed instead of answered.
#[derive(Debug)]
struct Severed;

impl fmt::Display for Severed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the sandbox dropped this connection on purpose")
    }
}

impl std::error::Error for Severed {}

/// A socket that can close with a reset.
struct Socket {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.reset.load(Ordering::SeqCst) {
            // Zero linger makes the close a reset; if it fails, it is a plain close.
            let _ = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Serves until the sandbox stops.
pub(crate) async fn serve(shared: Arc<Shared>, listener: TcpListener) {
    loop {
        let stream = tokio::select! {
            () = shared.stop.cancelled() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Out of descriptors, say: others may be closed meanwhile.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        shared.tasks.spawn(connection(Arc::clone(&shared), stream));
    }
}

async fn connection(shared: Arc<Shared>, stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let socket = TokioIo::new(Socket { stream, reset: Arc::clone(&reset) });
    let service = service_fn(|request: Request<Body>| {
        let (shared, reset) = (Arc::clone(&shared), Arc::clone(&reset));
        async move { respond(&shared, &reset, request).await }
    });
    let served = http1::Builder::new().timer(TokioTimer::new()).serve_connection(socket, service);
    let mut served = std::pin::pin!(served);
    tokio::select! {
        // A broken connection is the client's affair, or a fault that was asked for.
        _ = served.as_mut() => {}
        () = shared.stop.cancelled() => {
            served.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(Duration::from_secs(1), served).await;
        }
    }
}

async fn respond(
    shared: &Arc<Shared>,
    reset: &AtomicBool,
    request: Request<Body>,
) -> Result<Response<Full<Bytes>>, Severed> {
    let (parts, body) = request.into_parts();
    // One byte more than is accepted tells a body that is too large.
    let most = if parts.uri.path() == "/_sandbox/restore" { SNAPSHOT_MAX } else { BODY_MAX };
    let body = match Limited::new(body, most + 1).collect().await {
        Ok(body) => body.to_bytes(),
        Err(e) if e.is::<http_body_util::LengthLimitError>() => Bytes::from(vec![0; BODY_MAX + 1]),
        Err(_) => return Err(Severed),
    };
    if shared.loopback()
        && let Err(refused) = hosts::admit(&parts)
    {
        let headers = vec![("content-type", "application/json".to_owned())];
        return Ok(response(Reply { status: refused.status, headers, body: pretty(&refused.body()) }));
    }
    let incoming = Incoming {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        body,
        heads: heads(&parts.headers),
        own: false,
    };
    if incoming.path == "/_sandbox" || incoming.path.starts_with("/_sandbox/") {
        return Ok(response(control::handle(shared, &incoming).await));
    }
    match handle(shared, incoming).await {
        Outgoing::Answer(reply) => Ok(response(reply)),
        Outgoing::Dropped => Err(Severed),
        Outgoing::Reset => {
            reset.store(true, Ordering::SeqCst);
            Err(Severed)
        }
    }
}

fn heads(headers: &HeaderMap) -> Heads {
    let text = |name| {
        headers.get(name).map(|v: &http::HeaderValue| String::from_utf8_lossy(v.as_bytes()).into_owned())
    };
    Heads {
        authorization: text("authorization"),
        version: text("stripe-version"),
        account: text("stripe-account"),
        key: text("idempotency-key"),
        content_type: text("content-type"),
        user_agent: text("user-agent"),
        accept: text("accept"),
    }
}

fn response(reply: Reply) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() =
        http::StatusCode::from_u16(reply.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let Ok(value) = http::HeaderValue::from_bytes(value.as_bytes()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
