//! `bursar sandbox`: the Stripe stand-in alone.

use std::sync::Arc;

use ::sandbox::{OAuthKind, Options, Sandbox as Stripe};
use http::Method;
use model::{Code, Failure, Rng as _, SystemClock, SystemRng};
use serde_json::{Value, json};

use crate::{
    arguments::{Sandbox, SandboxCommand},
    commands::stop_signal,
    door::read_server_file,
    exit::Exit,
    output::{Output, cell},
    settings::Settings,
    stripe_side::{conforms, not_opened, steer},
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
    let (method, path, body) = request(&command)?;
    let known = || read_server_file(settings).and_then(|file| file.sandbox);
    let at = at(&command).or_else(known).unwrap_or_else(|| "http://127.0.0.1:12111".to_owned());
    let mut done = steer(&at, method, &path, body).await?;
    if let SandboxCommand::Faults { what: None, .. } = command {
        done = done.get_mut("data").map(Value::take).unwrap_or_default();
    }
    output.result(done, |done| words(&command, done));
    Ok(Exit::Done)
}

/// What the command asks of the sandbox.
fn request(command: &SandboxCommand) -> Result<(Method, String, Option<Value>), Failure> {
    let post = |path: String, body| Ok((Method::POST, path, Some(body)));
    match command {
        SandboxCommand::Pay { invoice, with, .. } => {
            post(format!("/invoices/{}/pay", super::segment(invoice)), json!({ "payment_method": with }))
        }
        SandboxCommand::Advance { by, .. } => {
            post("/clock".to_owned(), json!({ "advance_ms": milliseconds(by)? }))
        }
        SandboxCommand::FailNext { fault, times, ms, .. } => {
            let mut body = json!({ "fault": fault, "next": times });
            if fault == "slow" {
                body["ms"] = json!(ms);
            }
            post("/faults".to_owned(), body)
        }
        SandboxCommand::Faults { what: Some(_), .. } => Ok((Method::DELETE, "/faults".to_owned(), None)),
        SandboxCommand::Faults { what: None, .. } => Ok((Method::GET, "/faults".to_owned(), None)),
        SandboxCommand::Reset { .. } => post("/reset".to_owned(), json!({})),
    }
}

/// Which sandbox, where the command says so.
fn at(command: &SandboxCommand) -> Option<String> {
    match command {
        SandboxCommand::Pay { at, .. }
        | SandboxCommand::Advance { at, .. }
        | SandboxCommand::FailNext { at, .. }
        | SandboxCommand::Faults { at, .. }
        | SandboxCommand::Reset { at } => at.clone(),
    }
}

fn words(command: &SandboxCommand, done: &Value) -> String {
    match command {
        SandboxCommand::Pay { invoice, .. } => {
            format!("{invoice} is {}", done["status"].as_str().unwrap_or("unchanged"))
        }
        SandboxCommand::Advance { by, .. } => format!("the clock moved by {by}"),
        SandboxCommand::FailNext { fault, times, .. } => format!("the next {times} writes: {fault}"),
        SandboxCommand::Faults { what: Some(_), .. } => format!("{} taken back", done["cleared"]),
        SandboxCommand::Faults { what: None, .. } => {
            let columns = ["fault", "next", "method", "path"];
            let faults = done.as_array().into_iter().flatten();
            Output::table(&columns, faults.map(|fault| columns.map(|c| cell(&fault[c])).to_vec()).collect())
        }
        SandboxCommand::Reset { .. } => "every object is forgotten".to_owned(),
    }
}

/// `14d`, `2h`, `30m`, `5s` in milliseconds.
fn milliseconds(text: &str) -> Result<u64, Failure> {
    let wrong = || {
        Failure::new(
            Code::ValidationError,
            format!("`{text}` is not a duration such as 14d, 2h, 30m or 5s. Nothing was changed."),
        )
        .at("by")
    };
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "d" => 86_400_000,
        "h" => 3_600_000,
        "m" => 60_000,
        "s" => 1_000,
        _ => return Err(wrong()),
    };
    digits.parse::<u64>().ok().and_then(|n| n.checked_mul(unit)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::FAULTS;

    #[test]
    fn every_fault_that_the_command_takes_is_one_that_the_sandbox_knows() {
        for name in FAULTS {
            let fault = json!({ "kind": name, "ms": 1 });
            let fault: ::sandbox::Fault =
                serde_json::from_value(fault).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(fault.name(), name);
        }
    }

    #[test]
    fn durations_are_read_or_refused() {
        assert_eq!(milliseconds("14d").unwrap(), 1_209_600_000);
        assert_eq!(milliseconds("5s").unwrap(), 5_000);
        for wrong in ["", "d", "5", "5y", "-5s", "99999999999999999999d", "ä"] {
            assert!(milliseconds(wrong).is_err(), "{wrong}");
        }
    }
}
