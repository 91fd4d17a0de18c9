//! Whether others answer, and what time it is there.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use model::{Clock as _, Failure, SystemClock};
use serde_json::Value;
use url::Url;

use super::Check;
use crate::door::http_client;

const PATIENCE: Duration = Duration::from_secs(5);
/// Seconds by which clocks may differ; Stripe signs for five minutes.
const SKEW_MAX: i64 = 30;

/// Whether the API of every connection in use answers, and whose clock is right. No key is
/// sent: any answer will do.
pub(super) async fn stripe(found: &Result<Vec<Value>, Failure>) -> Vec<Check> {
    let used = found.iter().flatten().filter(|connection| connection["status"] == "active");
    let addresses: BTreeSet<&str> = used.filter_map(|connection| connection["baseUrl"].as_str()).collect();
    let mut checks = Vec::new();
    for address in addresses {
        checks.push(one(address).await);
    }
    checks
}

async fn one(address: &str) -> Check {
    let name = format!("stripe at {address}");
    match get(address).await {
        Ok(answer) => {
            let there = answer.headers().get("date").and_then(|date| time(date.to_str().ok()?));
            let (ok, says) = agrees(SystemClock.now(), there);
            Check::of(name, ok, says)
        }
        Err(why) => Check::of(
            name,
            false,
            format!("it does not answer ({why}); what has to be sent there waits and is asked for again"),
        ),
    }
}

/// Whether our clock and theirs agree.
fn agrees(here: Timestamp, there: Option<Timestamp>) -> (bool, String) {
    let Some(there) = there else { return (true, "it answers".to_owned()) };
    let skew = here.duration_since(there).as_secs();
    if skew.abs() <= SKEW_MAX {
        return (true, "it answers, and this machine's clock agrees with its".to_owned());
    }
    let side = if skew < 0 { "behind" } else { "ahead of" };
    let says = format!(
        "it answers, and this machine's clock is {} s {side} its: set it by NTP, or events are refused and tokens end \
         at other times than they seem to",
        skew.abs()
    );
    (false, says)
}

/// Whether Bursar answers at an address.
pub(super) async fn health(public: &Url) -> Result<(), String> {
    let address = format!("{}/health", public.as_str().trim_end_matches('/'));
    let answer = get(&address).await?;
    if answer.status().is_success() { Ok(()) } else { Err(format!("it answers {}", answer.status())) }
}

async fn get(address: &str) -> Result<reqwest::Response, String> {
    let client = http_client().map_err(|failure| failure.message)?;
    client.get(address).timeout(PATIENCE).send().await.map_err(|e| match e.is_timeout() {
        true => format!("nothing within {} s", PATIENCE.as_secs()),
        false => stripe::reason(e),
    })
}

/// A time as HTTP has it.
fn time(date: &str) -> Option<Timestamp> {
    let date = date.strip_suffix("GMT")?;
    Timestamp::strptime("%a, %d %b %Y %H:%M:%S %z", format!("{date}+0000")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_an_hour_off_is_told_with_its_side() {
        let there = time("Sun, 22 Nov 2026 18:46:40 GMT").unwrap();
        let at = |seconds: i64| Timestamp::from_second(there.as_second() + seconds).unwrap();
        assert!(agrees(at(20), Some(there)).0 && agrees(at(9_000), None).0);
        for (seconds, side) in [(3_600, "3600 s ahead of"), (-3_600, "3600 s behind")] {
            let (ok, says) = agrees(at(seconds), Some(there));
            assert!(!ok && says.contains(side), "{says}");
        }
    }
}
