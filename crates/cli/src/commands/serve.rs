//! `bursar serve`, and what `dev` shares with it: listening, logging, stopping.

use std::net::{Ipv4Addr, SocketAddr};

use model::{Code, Failure};
use serde_json::json;
use server::{ConnectionBounds, Hosts};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    arguments::Serve,
    door::{ServerFile, server_file},
    exit::Exit,
    node::Node,
    output::Output,
    settings::Settings,
    stripe_side::LocalStripe,
};

/// Where Bursar listens unless told otherwise.
pub(crate) const DEFAULT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7420);

/// A listener and the address that clients on this machine use.
pub(crate) struct Bound {
    pub(crate) listener: TcpListener,
    pub(crate) url: String,
}

pub(super) async fn perform(serve: Serve, settings: &Settings, output: Output) -> Result<Exit, Failure> {
    let wanted = serve.listen.or(settings.listen).unwrap_or(DEFAULT);
    let bound = listen(wanted, 1).await?;
    let node = Node::open_limited(settings).await?;
    let url = bound.url.clone();
    let public = serve.public_url.or_else(|| settings.public_url.clone()).unwrap_or_else(|| url.clone());
    node.set_public_url(&public);
    let sandbox = serve.sandbox.or_else(|| settings.sandbox.clone());
    let file = write_server_file(&node, settings, &url, sandbox.clone()).await?;
    let stop = CancellationToken::new();
    let router = server::listening(node.app.clone(), Hosts::loopback_and([public.as_str()]));
    let serving =
        node.tasks.spawn(server::serve(bound.listener, router, ConnectionBounds::default(), stop.clone()));
    node.run_background();
    if let Some(sandbox) = sandbox {
        LocalStripe::at(&sandbox).await?.connect(&node, &public).await?;
    }
    let stopped = stop_signal();
    let ready = json!({ "type": "ready", "url": url, "company": node.company, "data": settings.data, "pid": std::process::id() });
    output.event(&ready, |_| {
        format!("Bursar at {url}, data in {}\nStripe's events go to {public}/webhooks/stripe/{}\nstop with Ctrl-C", settings.data.display(), node.company)
    });
    stopped.await;
    output.note("stopping: commits in flight are finished");
    // Open streams end first; they would keep the server waiting for its clients.
    node.app.closing.cancel();
    stop.cancel();
    let _ = serving.await;
    node.close().await;
    file.remove();
    Ok(Exit::Done)
}

/// Binds the address; when it is taken, the next ports are tried, `tries` in all.
///
/// # Errors
/// `port_in_use` with what to do.
pub(crate) async fn listen(wanted: SocketAddr, tries: u16) -> Result<Bound, Failure> {
    let mut last = None;
    for n in 0..tries {
        let port = if wanted.port() == 0 { 0 } else { wanted.port().saturating_add(n) };
        match TcpListener::bind(SocketAddr::new(wanted.ip(), port)).await {
            Ok(listener) => {
                let at = listener.local_addr().unwrap_or(wanted);
                return Ok(Bound { listener, url: format!("http://{at}") });
            }
            Err(e) if e.kind() == std::io::ErrorKind::AddrInUse => last = Some(e),
            Err(e) => {
                return Err(Failure::new(
                    Code::PortInUse,
                    format!(
                        "Bursar cannot listen at {wanted}: {e}. Choose another address with --listen HOST:PORT."
                    ),
                ));
            }
        }
    }
    let why = last.map(|e| e.to_string()).unwrap_or_default();
    Err(Failure::new(
        Code::PortInUse,
        format!(
            "{wanted} is taken ({why}). Nothing was started. Stop what listens there, or choose another port with --listen HOST:PORT; port 0 picks one."
        ),
    ))
}

/// The file by which the command line finds this server; goes when the server stops.
pub(crate) struct Announced(std::path::PathBuf);

impl Announced {
    pub(crate) fn remove(self) {
        let _ = std::fs::remove_file(self.0);
    }
}

/// Writes the server's address and a key for the command line, readable by the owner only.
pub(crate) async fn write_server_file(
    node: &Node,
    settings: &Settings,
    url: &str,
    sandbox: Option<String>,
) -> Result<Announced, Failure> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let file = ServerFile {
        url: url.to_owned(),
        key: node.command_line_key().await?,
        pid: std::process::id(),
        sandbox,
    };
    let path = server_file(settings);
    let text = serde_json::to_vec(&file).unwrap_or_default();
    let _ = std::fs::remove_file(&path);
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut f| f.write_all(&text))
        .map_err(|e| {
            Failure::new(Code::StoreUnavailable, format!("{} cannot be written: {e}.", path.display()))
        })?;
    Ok(Announced(path))
}

/// Logs to standard error when asked to by `BURSAR_LOG`; warnings always.
pub(crate) fn start_logging(filter: Option<&str>) {
    let filter = tracing_subscriber::EnvFilter::new(filter.unwrap_or("warn"));
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// Ready when the process is asked to stop. It hears from the moment it is made, not
/// only once it is polled: whoever announces readiness makes it before.
pub(crate) fn stop_signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupted = signal(SignalKind::interrupt()).ok();
    let terminated = signal(SignalKind::terminate()).ok();
    async move {
        tokio::select! {
            () = received(interrupted) => {}
            () = received(terminated) => {}
        }
    }
}

/// A signal that cannot be heard never comes.
async fn received(signal: Option<tokio::signal::unix::Signal>) {
    match signal {
        Some(mut signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}
