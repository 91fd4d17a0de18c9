//! `bursar dev`: the whole system on a laptop, no Stripe account, no network.
//!
//! Server, sandbox, local connection and source; the examples checked, activated and
//! run; the demo's customer pays through the sandbox. The examples are the same files
//! as in `workflows/`, built in.

mod demo;
mod fresh;
mod report;

use std::{net::SocketAddr, path::Path, pin::pin, sync::Arc};

use model::{Failure, Rng as _, SystemClock, SystemRng};
use sandbox::{OpenError, Options, Sandbox};
use server::Hosts;
use tokio_util::sync::CancellationToken;

use crate::{
    arguments::Dev,
    commands::{self, stop_signal},
    dev::{demo::Demo, report::Report},
    exit::Exit,
    node::Node,
    output::Output,
    settings::Settings,
    stripe_side::{LocalStripe, conforms, not_opened},
};

/// How many ports `dev` tries.
const PORTS: u16 = 100;

pub(crate) async fn perform(dev: Dev, settings: &Settings, output: Output) -> Result<Exit, Failure> {
    if dev.fresh {
        fresh::remove(&settings.data)?;
    }
    let report = Report::new(output);
    let node = Node::open(settings).await?;
    let stripe = start_sandbox(&dev, &settings.data.join("sandbox")).await?;
    let wanted = dev.listen.or(settings.listen).unwrap_or(commands::DEFAULT_ADDRESS);
    let bound = commands::listen(wanted, PORTS).await?;
    report.moved(wanted, &bound.url);
    let file = commands::write_server_file(&node, settings, &bound.url, stripe.url()).await?;
    let stop = CancellationToken::new();
    let router = server::listening(node.app.clone(), Hosts::loopback_and([]));
    let serving = node.tasks.spawn(server::serve(bound.listener, router, Default::default(), stop.clone()));
    let local = LocalStripe::at(&stripe.url().unwrap_or_default()).await?;
    local.connect(&node, &bound.url).await?;
    node.run_background();
    let stopped = stop_signal();
    report.ready(&bound.url, &local, node.company, &settings.data);

    let demo = Demo { node: &node, local: &local, report: &report };
    let result = run(&dev, &demo, &bound.url, &settings.data, stopped).await;
    // Open streams end first; they would keep the server waiting for its clients.
    node.app.closing.cancel();
    stop.cancel();
    let _ = serving.await;
    node.close().await;
    stripe.shutdown().await;
    file.remove();
    conforms(&stripe)?;
    result
}

/// The examples, then, unless it is for once, service until somebody stops it.
async fn run(
    dev: &Dev,
    demo: &Demo<'_>,
    url: &str,
    data: &Path,
    stopped: impl Future<Output = ()>,
) -> Result<Exit, Failure> {
    let mut stopped = pin!(stopped);
    let passed = if dev.no_examples {
        true
    } else {
        tokio::select! {
            passed = demo.perform() => passed?,
            () = &mut stopped => return Ok(Exit::Failed),
        }
    };
    if dev.once {
        demo.report.done(passed);
        return Ok(if passed { Exit::Done } else { Exit::Failed });
    }
    demo.report.things_to_try(url, data, !dev.no_examples);
    tokio::select! {
        () = stopped => {}
        failure = demo.keep_paying() => return Err(failure),
    }
    Ok(Exit::Done)
}

/// The sandbox at its address, or at another port when that is taken.
async fn start_sandbox(dev: &Dev, folder: &Path) -> Result<Sandbox, Failure> {
    let listen = dev.sandbox_listen;
    let options = |listen| Options {
        listen: Some(listen),
        data: Some(folder.to_path_buf()),
        seed: SystemRng.next_u64(),
        clock: Arc::new(SystemClock),
        check_objects: dev.checks.check_objects,
        ..Options::default()
    };
    match Sandbox::open(options(listen)).await {
        Err(OpenError::Listen { source, .. }) if source.kind() == std::io::ErrorKind::AddrInUse => {
            Sandbox::open(options(SocketAddr::new(listen.ip(), 0))).await.map_err(|e| not_opened(&e))
        }
        other => other.map_err(|e| not_opened(&e)),
    }
}
