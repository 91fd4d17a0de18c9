//! `bursar sandbox`: the Stripe stand-in alone, and commands to one that runs.

mod snapshot;
mod steer;
mod trigger;

use std::sync::Arc;

use ::sandbox::{Limits, OAuthKind, Options, Sandbox as Stripe};
use model::{Code, Failure, Rng as _, SystemClock, SystemRng};
use serde_json::{Value, json};

use crate::{
    arguments::{Sandbox, SandboxCommand},
    commands::stop_signal,
    door::read_server_file,
    exit::Exit,
    output::Output,
    settings::Settings,
    stripe_side::{conforms, not_opened},
};

pub(super) async fn perform(
    arguments: Sandbox,
    settings: &Settings,
    output: Output,
) -> Result<Exit, Failure> {
    match arguments.command {
        None => run(arguments, output).await,
        Some(command) => steered(command, settings, output).await,
    }
}

async fn run(arguments: Sandbox, output: Output) -> Result<Exit, Failure> {
    let options = Options {
        listen: Some(arguments.listen),
        data: arguments.keep,
        seed: arguments.seed.unwrap_or_else(|| SystemRng.next_u64()),
        clock: Arc::new(SystemClock),
        check_objects: arguments.checks.check_objects,
        api_version: arguments.api_version.unwrap_or(stripe::PINNED),
    };
    let stripe = Stripe::open(options).await.map_err(|e| not_opened(&e))?;
    if arguments.rate_limits {
        let wrong = |why: Value| Failure::new(Code::InternalError, why.to_string());
        stripe.limit(Limits::STRIPE).map_err(wrong)?;
    }
    let url = stripe.url().unwrap_or_default();
    let stopped = stop_signal();
    let oauth = stripe.oauth();
    let client_id = |kind| oauth.client_id(kind);
    let (connect, app) = (client_id(OAuthKind::Connect), client_id(OAuthKind::App));
    let ready = json!({
        "type": "ready", "url": url, "account": stripe.account(), "secretKey": stripe.secret_key(),
        "clientIds": { "connect": connect, "app": app },
    });
    output.event(&ready, |_| {
        format!(
            "Stripe stand-in at {url}, account {}\nsecret key {}\n\
             OAuth clients {connect} (Connect), {app} (Apps)\n\ntry: curl {url}/v1/customers -u {}: -d email=ada@example.com\n\
             look: {url}/_sandbox/ in a browser\nstop with Ctrl-C",
            stripe.account(),
            stripe.secret_key(),
            stripe.secret_key()
        )
    });
    stopped.await;
    stripe.shutdown().await;
    conforms(&stripe)?;
    Ok(Exit::Done)
}

async fn steered(command: SandboxCommand, settings: &Settings, output: Output) -> Result<Exit, Failure> {
    let known = || read_server_file(settings).and_then(|file| file.sandbox);
    let at = at(&command).or_else(known).unwrap_or_else(|| "http://127.0.0.1:12111".to_owned());
    match &command {
        SandboxCommand::Trigger { list: true, .. } => trigger::list(output),
        SandboxCommand::Trigger { event, set, .. } => {
            trigger::perform(&at, event.as_deref().unwrap_or_default(), set, output).await?;
        }
        SandboxCommand::Snapshot { file, .. } => snapshot::take(&at, file, output).await?,
        SandboxCommand::Restore { file, .. } => snapshot::put_back(&at, file, output).await?,
        _ => steer::perform(&at, &command, output).await?,
    }
    Ok(Exit::Done)
}

/// Which sandbox, where the command says so.
fn at(command: &SandboxCommand) -> Option<String> {
    match command {
        SandboxCommand::Pay { at, .. }
        | SandboxCommand::Advance { at, .. }
        | SandboxCommand::FailNext { at, .. }
        | SandboxCommand::Faults { at, .. }
        | SandboxCommand::Trigger { at, .. }
        | SandboxCommand::Snapshot { at, .. }
        | SandboxCommand::Restore { at, .. }
        | SandboxCommand::Reset { at } => at.clone(),
    }
}
