//! Keys in Rust tests.

use serde_json::Value;

use crate::{Sandbox, control, wire};

impl Sandbox {
    /// A restricted key with these permissions, such as `("customers", "write")`; the
    /// others it does not have.
    ///
    /// # Errors
    /// Stripe's error body, when a name or level is none.
    pub async fn restricted_key(&self, permissions: &[(&str, &str)]) -> Result<String, Value> {
        let permissions: serde_json::Map<String, Value> =
            permissions.iter().map(|(name, level)| ((*name).to_owned(), Value::from(*level))).collect();
        let permissions = serde_json::from_value(Value::Object(permissions));
        let permissions = permissions.map_err(|e| Value::String(e.to_string()))?;
        let made = control::restrict(&self.inner.shared, permissions).await;
        made.map(|made| made.key).map_err(wire::Refusal::body)
    }

    /// Gives the account a new secret key, which it returns; the old one answers 401.
    ///
    /// # Errors
    /// When the sandbox has been shut down.
    pub async fn roll_secret_key(&self) -> Result<String, Value> {
        control::roll(&self.inner.shared).await.map_err(wire::Refusal::body)
    }
}
