//! What the installation is set up with for each way of connecting: where Stripe sends
//! people back to, and how Nango is. Known to whoever runs the server only.

use model::Code;
use serde_json::Value;
use url::{Host, Url};

use super::{Check, reach};
use crate::{client::Client, output::cell};

pub(super) async fn checks(client: &Client) -> Vec<Check> {
    let providers = match client.get("/api/v1/connections/providers").await {
        Ok(success) => success.data,
        // A company's key is not told.
        Err(failure) => {
            return vec![Check::of("providers", failure.code == Code::Forbidden, failure.message)];
        }
    };
    let mut checks = vec![set_up(&providers)];
    checks.extend(address(&providers, client.is_here()).await);
    for nango in providers["nango"].as_array().into_iter().flatten() {
        let mode = cell(&nango["mode"]);
        let found = nango["checks"].as_array().into_iter().flatten();
        checks.extend(found.map(|found| {
            let name = format!("nango {mode}: {}", cell(&found["check"]));
            Check::of(name, found["ok"] == true, cell(&found["message"]))
        }));
    }
    checks
}

/// Which ways there are; none is as it may be: API keys need nothing.
fn set_up(providers: &Value) -> Check {
    let modes = |way: &str| {
        let all = providers[way].as_array().into_iter().flatten();
        let words: Vec<String> =
            all.map(|one| if one.is_string() { cell(one) } else { cell(&one["mode"]) }).collect();
        if words.is_empty() { "not set up".to_owned() } else { words.join(", ") }
    };
    let says =
        format!("API keys; Connect: {}; Apps: {}; Nango: {}", modes("connect"), modes("app"), modes("nango"));
    Check::of("providers", true, says)
}

/// Where people come back to, if anybody is sent to Stripe itself.
async fn address(providers: &Value, here: bool) -> Option<Check> {
    let sent = ["connect", "app"].iter().flat_map(|way| providers[*way].as_array().into_iter().flatten());
    let modes: Vec<&str> = sent.filter_map(Value::as_str).collect();
    if modes.is_empty() {
        return None;
    }
    let outside = modes.iter().any(|mode| *mode != "local");
    let callback = cell(&providers["callbackUrl"]);
    let public = providers["publicUrl"].as_str().and_then(|url| Url::parse(url).ok());
    let check = |ok: bool, says: String| Some(Check::of("public address", ok, says));
    let Some(public) = public else {
        return check(
            false,
            "publicUrl is not set, and Stripe has nowhere to send people back to; put it into bursar.yaml, or give \
             `bursar serve` --public-url"
                .to_owned(),
        );
    };
    if outside && is_here(&public) {
        let says = format!(
            "{public} is this machine only, and Stripe sends people back to {callback}; set publicUrl to what they reach"
        );
        return check(false, says);
    }
    if here {
        return check(true, format!("{callback}; not looked at, because no server runs"));
    }
    match reach::health(&public).await {
        Ok(()) => check(true, format!("{callback} answers; it is what has to be registered at Stripe")),
        Err(why) => {
            let says = format!(
                "{public} does not answer as Bursar does ({why}), and Stripe sends people back to {callback}; look at \
                 the proxy before it and at publicUrl"
            );
            check(false, says)
        }
    }
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn whoever_sends_people_to_stripe_needs_an_address_that_they_come_back_to() {
        let with = |modes: Value, public: Value| json!({ "connect": modes, "app": [], "publicUrl": public });
        assert!(address(&with(json!([]), Value::Null), true).await.is_none(), "nobody is sent anywhere");
        for public in [Value::Null, json!("http://127.0.0.1:7420"), json!("http://localhost")] {
            let check = address(&with(json!(["live"]), public.clone()), true).await.unwrap();
            assert!(!check.ok && check.says.contains("publicUrl"), "{public}: {}", check.says);
        }
        for (modes, public) in [("local", "http://127.0.0.1:7420"), ("live", "https://pay.example")] {
            assert!(address(&with(json!([modes]), json!(public)), true).await.unwrap().ok, "{modes}");
        }
    }
}
