//! How each connection is, and what to do about one that is not well. What was given up on
//! purpose and what waits for its link to be opened is as somebody wants it.

use model::Failure;
use serde_json::Value;

use super::Check;
use crate::{client::Client, output::cell};

/// More are counted and not listed.
const LISTED_MAX: usize = 50;

/// The company's connections, as the API has them.
pub(super) async fn found(client: &Client) -> Result<Vec<Value>, Failure> {
    let success = client.get("/api/v1/connections").await?;
    Ok(success.data.as_array().cloned().unwrap_or_default())
}

pub(super) fn checks(found: &Result<Vec<Value>, Failure>) -> Vec<Check> {
    let all = match found {
        Ok(all) => all,
        Err(failure) => return vec![super::refused("connections", failure)],
    };
    if all.is_empty() {
        let says = "none yet; `bursar connections add NAME` makes one, and `bursar dev` one to its stand-in";
        return vec![Check::of("connections", true, says)];
    }
    let (well, ill): (Vec<_>, Vec<_>) = all.iter().map(check).partition(|check| check.ok);
    let more = well.len().saturating_sub(LISTED_MAX);
    let mut checks: Vec<Check> = ill.into_iter().chain(well.into_iter().take(LISTED_MAX)).collect();
    if more > 0 {
        checks.push(Check::of("connections", true, format!("{more} more are as they should be")));
    }
    checks
}

fn check(connection: &Value) -> Check {
    let name = cell(&connection["name"]);
    let status = cell(&connection["status"]);
    let ok = matches!(status.as_str(), "active" | "pending" | "disconnected");
    let error = cell(&connection["error"]["message"]);
    let says = [state(connection, &status), error, remedy(connection, &status, &name)];
    let says = says.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
    Check::of(format!("connection {name}"), ok, says)
}

/// What it is, for whom, and until when.
fn state(connection: &Value, status: &str) -> String {
    let fact = |word: &str, field: &str| {
        let value = cell(&connection[field]);
        if value.is_empty() { value } else { format!(", {word}{value}") }
    };
    let ends = match connection["kind"].as_str() {
        Some("app") => "its token is renewed from ",
        _ => "it ends ",
    };
    format!("{status}{}{}{}", fact("mode ", "mode"), fact("", "account"), fact(ends, "expiresAt"))
}

fn remedy(connection: &Value, status: &str, name: &str) -> String {
    let by_key = connection["kind"] == "api_key";
    let again = format!("`bursar connections auth-url --reconnect {name}`");
    match status {
        "pending" => format!("nobody has opened its link; another one: {again}"),
        "error" | "expired" | "disconnected" if by_key => {
            format!("give it a key with `bursar connections add {name}`")
        }
        "error" | "expired" => format!("authorize it again: {again}"),
        "revoked" => format!("ask the account's owner, then {again}"),
        "disconnected" => {
            format!("authorize it again: {again}; or `bursar connections remove {name} --forget`")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(kind: &str, status: &str) -> Value {
        json!({ "name": "acme", "kind": kind, "status": status, "mode": "test", "account": "acct_1",
                "error": { "message": "Stripe said no" } })
    }

    #[test]
    fn a_connection_that_was_given_up_on_purpose_is_not_wrong() {
        for status in ["active", "pending", "disconnected"] {
            assert!(checks(&Ok(vec![one("connect", status)]))[0].ok, "{status}");
        }
    }

    #[test]
    fn one_that_is_not_well_says_why_and_what_to_do() {
        for (kind, status, does) in [
            ("api_key", "error", "connections add acme"),
            ("connect", "revoked", "auth-url --reconnect acme"),
            ("app", "expired", "auth-url --reconnect acme"),
            ("nango", "error", "auth-url --reconnect acme"),
        ] {
            let check = &checks(&Ok(vec![one("app", "active"), one(kind, status)]))[0];
            assert!(!check.ok && check.name == "connection acme", "{status}: {}", check.name);
            assert!(check.says.contains(does) && check.says.contains("Stripe said no"), "{}", check.says);
            assert!(check.says.contains("acct_1") && check.says.contains("mode test"), "{}", check.says);
        }
    }

    #[test]
    fn of_many_the_ones_that_are_not_well_are_listed_first_and_the_rest_is_counted() {
        let mut all = vec![one("connect", "active"); LISTED_MAX + 3];
        all.push(one("connect", "revoked"));
        let checks = checks(&Ok(all));
        assert!(!checks[0].ok);
        assert_eq!(checks.len(), LISTED_MAX + 2);
        assert!(checks.last().is_some_and(|check| check.says.starts_with("3 more")));
    }
}
