//! What goes wrong is told to many: to logs, and to whoever looks at the call later.
//! Secrets are not among it.

use std::sync::{Arc, Mutex};

use http::Method;
use model::Code;
use serde_json::Value;

use super::{Stage, declined, stage};

/// What was logged meanwhile, on this thread, at every level.
#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no test panics here").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Logs {
    fn capture(&self) -> (tracing::subscriber::DefaultGuard, tracing::Dispatch) {
        let logs = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || logs.clone())
            .with_ansi(false)
            .finish();
        // As long as there is one subscriber only, whoever logs first decides for all what
        // is wanted, also on a thread that has none. With two, each is asked.
        let second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
        (tracing::subscriber::set_default(subscriber), second)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("no test panics here")).into_owned()
    }
}

/// The secret of a payment, wherever it stands.
fn client_secrets(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("client_secret").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| client_secrets(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| client_secrets(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn no_log_of_a_call_that_failed_holds_a_secret() {
    let logs = Logs::default();
    let guard = logs.capture();
    let mut secrets = Vec::new();
    for code in Code::ALL {
        if let Stage::Call(scene) = stage(*code) {
            let (answer, of_the_world, _surfaces) = scene.play_over_http().await;
            assert_eq!(answer.code(), code.as_str());
            secrets.extend(of_the_world);
            client_secrets(&answer.body, &mut secrets);
        }
    }
    drop(guard);
    let text = logs.text();
    assert!(text.contains("answered"), "something is logged: {text}");
    assert!(secrets.iter().any(|secret| secret.contains("_secret_")), "a payment has one");
    for secret in secrets {
        assert!(!text.contains(&secret), "logged: {secret}");
    }
}

/// Whoever made the payment needs its secret; whoever looks at the call does not.
#[tokio::test]
async fn what_a_decline_left_behind_is_masked_for_those_who_look_later() {
    let Stage::Call(scene) = declined("pm_card_visa_chargeDeclined") else { unreachable!("a call") };
    let (answer, _, surfaces) = scene.play_over_http().await;
    let mut secrets = Vec::new();
    client_secrets(&answer.body, &mut secrets);
    assert!(!secrets.is_empty(), "the caller gets Stripe's error whole");
    let call = answer.body["error"]["details"]["callId"].as_str().expect("the call is on record");
    let looked = surfaces.ask(Method::GET, &format!("/api/v1/calls/{call}"), None, None).await;
    assert_eq!(looked.body["data"]["status"], "rejected");
    assert_eq!(looked.body["data"]["error"]["code"], "card_declined");
    for secret in secrets {
        assert!(!looked.body.to_string().contains(&secret), "{:#}", looked.body);
    }
}
