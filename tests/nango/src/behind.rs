//! A stand-in in front of a sandbox: people consent on its page, and it gives the tokens.

use std::sync::Arc;

use serde_json::Value;
use url::Url;

use crate::{HttpTokens, Integration, Nango, Tokens};

/// The token endpoints of a running sandbox, and an integration for each of Stripe's
/// providers with the sandbox's own OAuth clients.
///
/// # Errors
/// When the sandbox cannot be asked, or what answers is none.
pub async fn of_sandbox(url: &Url) -> Result<(Arc<dyn Tokens>, Vec<Integration>), String> {
    let said = |e: &dyn std::fmt::Display| format!("the sandbox at {url} cannot be asked: {e}");
    let below = |path: &str| url.join(path).map_err(|e| said(&e));
    let client = reqwest::Client::builder().no_proxy().build().map_err(|e| said(&e))?;
    let answer = client.get(below("/_sandbox")?).send().await.map_err(|e| said(&e))?;
    let told: Value = answer.json().await.map_err(|e| said(&e))?;
    let key = told["secret_key"].as_str().ok_or_else(|| said(&"it is none"))?;
    let mut integrations = Nango::integrations("");
    for integration in &mut integrations {
        let is_app = integration.provider.starts_with("stripe-app");
        let (kind, path) =
            if is_app { ("app", "/oauth/v2/authorize") } else { ("connect", "/oauth/authorize") };
        integration.client_id = told["client_ids"][kind].as_str().unwrap_or_default().to_owned();
        integration.authorize_url = Some(below(path)?);
    }
    Ok((Arc::new(HttpTokens::at(url, key)?), integrations))
}
