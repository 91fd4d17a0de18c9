//! Commands that are one request to a running sandbox's control surface.

use http::Method;
use model::{Code, Failure};
use serde_json::{Value, json};

use crate::{
    arguments::SandboxCommand,
    commands::segment,
    output::{Output, cell},
    stripe_side::steer,
};

/// A verb, a path below `/_sandbox`, and a body.
type Request = (Method, String, Option<Value>);

pub(super) async fn perform(at: &str, command: &SandboxCommand, output: Output) -> Result<(), Failure> {
    let Some((method, path, body)) = request(command)? else { return Ok(()) };
    let mut done = steer(at, method, &path, body).await?;
    if let SandboxCommand::Faults { what: None, .. } = command {
        done = done.get_mut("data").map(Value::take).unwrap_or_default();
    }
    output.result(done, |done| words(command, done));
    Ok(())
}

/// What the command asks of the sandbox; nothing where it is more than one request.
fn request(command: &SandboxCommand) -> Result<Option<Request>, Failure> {
    let post = |path: String, body| Ok(Some((Method::POST, path, Some(body))));
    match command {
        SandboxCommand::Pay { invoice, with, .. } => {
            post(format!("/invoices/{}/pay", segment(invoice)), json!({ "payment_method": with }))
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
        SandboxCommand::Faults { what: Some(_), .. } => {
            Ok(Some((Method::DELETE, "/faults".to_owned(), None)))
        }
        SandboxCommand::Faults { what: None, .. } => Ok(Some((Method::GET, "/faults".to_owned(), None))),
        SandboxCommand::Reset { .. } => post("/reset".to_owned(), json!({})),
        SandboxCommand::Trigger { .. } | SandboxCommand::Snapshot { .. } | SandboxCommand::Restore { .. } => {
            Ok(None)
        }
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
        SandboxCommand::Trigger { .. } | SandboxCommand::Snapshot { .. } | SandboxCommand::Restore { .. } => {
            done.to_string()
        }
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
