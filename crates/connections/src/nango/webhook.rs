//! What Nango tells us: hints to look.

use aws_lc_rs::hmac;
use model::{CompanyId, ConnectionId, Failure};
use serde::Deserialize;

use super::Place;
use crate::{Connections, Way};

/// A delivery as it came.
#[derive(Debug, Clone, Copy)]
pub struct NangoDelivery<'a> {
    /// `X-Nango-Hmac-Sha256`, hexadecimal.
    pub signature: &'a [u8],
    /// The raw body.
    pub body: &'a [u8],
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    connection_id: String,
    #[serde(default)]
    provider_config_key: String,
    #[serde(default)]
    tags: serde_json::Value,
}

impl Connections {
    /// Takes a delivery: verifies it and looks at the connection that it is about.
    /// Returns that connection, if it is one of ours. A delivery carries no id and no
    /// time, so it can be replayed, and replaying it only makes us look again.
    ///
    /// # Errors
    /// [`Unsigned`] when its signature fits no key.
    pub async fn told_by_nango(&self, delivery: NangoDelivery<'_>) -> Result<Option<ConnectionId>, Unsigned> {
        if !self.is_signed(&delivery) {
            return Err(Unsigned);
        }
        let Ok(told) = serde_json::from_slice::<Told>(delivery.body) else { return Ok(None) };
        if told.kind != "auth" {
            return Ok(None);
        }
        let Some((company, id)) = self.about(&told).await else { return Ok(None) };
        // A failed refresh shows when the credential is next asked for.
        self.fetched.expire(id, self.clock.now());
        self.forget(id);
        // A hint that leads to nothing is noted where somebody waits.
        let _ = self.look(company, id).await;
        Ok(Some(id))
    }

    /// Whether one of the signing keys made this signature; compared in constant time.
    fn is_signed(&self, delivery: &NangoDelivery<'_>) -> bool {
        let Ok(signature) = hex::decode(delivery.signature) else { return false };
        let settings = self.providers();
        let keys = settings.nango.values().flat_map(|client| &client.webhook_keys);
        keys.filter(|key| !key.is_empty()).any(|key| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
            hmac::verify(&key, delivery.body, &signature).is_ok()
        })
    }

    /// Whose connection a delivery is about: by our tag, else by Nango's id.
    async fn about(&self, told: &Told) -> Option<(CompanyId, ConnectionId)> {
        let tag = |name: &str| told.tags[name].as_str();
        if let (Some(company), Some(id)) =
            (tag(super::client::TAG_COMPANY), tag(super::client::TAG_CONNECTION))
        {
            return Some((company.parse().ok()?, id.parse().ok()?));
        }
        for company in self.store.companies().await.ok()? {
            for row in self.store.connections(company.id).await.ok()? {
                let place = Place::of(&row).ok().filter(|_| row.kind == Way::Nango.as_str());
                let same = place.is_some_and(|place| {
                    place.connection_id.as_deref() == Some(told.connection_id.as_str())
                        && place.integration == told.provider_config_key
                });
                if same {
                    return Some((row.company, row.id));
                }
            }
        }
        None
    }
}

/// A delivery whose signature fits no key: nothing was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsigned;

impl Unsigned {
    /// As the endpoint answers it.
    pub fn to_failure(self) -> Failure {
        let text = "The signature of this delivery fits none of Nango's signing keys. Nothing was changed. Check \
                    `providers.nango.webhookKeys`: the signing key is not the API key.";
        Failure::new(model::Code::InvalidSignature, text)
    }
}
