//! What is sealed of a connection: its secrets, and where they belong.
//!
//! The sealed content names its own account, mode and address, and is held against
//! the row at every opening: whoever can write rows cannot point a secret elsewhere.

use std::borrow::Cow;

use model::{AccountId, Failure, Mode};
use serde::{Deserialize, Serialize};
use store::Connection;
use zeroize::Zeroizing;

use crate::{
    Way, failures,
    vault::{Keyring, RowId},
};

/// The opened content. No `Debug`; its texts are wiped when dropped.
pub(crate) struct Kept {
    pub(crate) account: AccountId,
    pub(crate) mode: Mode,
    /// Where the secrets may be sent.
    pub(crate) base_url: String,
    pub(crate) secrets: Secrets,
}

/// The secrets of each way.
#[derive(Clone)]
pub(crate) enum Secrets {
    /// `sk_…` or `rk_…`.
    ApiKey(Zeroizing<String>),
    /// None: the platform's key is in the settings, and the account says for whom.
    Connect,
    /// The present pair of a Stripe App.
    App { access: Zeroizing<String>, refresh: Zeroizing<String> },
    /// None: Nango keeps them.
    Nango,
}

/// As it is sealed.
#[derive(Serialize, Deserialize)]
struct Written<'a> {
    #[serde(borrow)]
    account: Cow<'a, str>,
    mode: Mode,
    #[serde(borrow)]
    base_url: Cow<'a, str>,
    /// Missing in what was sealed before there were other ways.
    #[serde(borrow, default = "api_key")]
    way: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    secret: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    refresh: Option<Cow<'a, str>>,
}

fn api_key() -> Cow<'static, str> {
    Way::ApiKey.as_str().into()
}

const TABLE: &str = "credentials";

impl Kept {
    /// Seals for a connection of this id.
    pub(crate) fn seal(&self, keyring: &Keyring, id: &str) -> Result<model::Sealed, Failure> {
        let (secret, refresh) = match &self.secrets {
            Secrets::ApiKey(key) => (Some(key.as_str().into()), None),
            Secrets::App { access, refresh } => (Some(access.as_str().into()), Some(refresh.as_str().into())),
            Secrets::Connect | Secrets::Nango => (None, None),
        };
        let (account, base_url) = (self.account.as_str().into(), self.base_url.as_str().into());
        let way = self.secrets.way().as_str().into();
        let written = Written { account, mode: self.mode, base_url, way, secret, refresh };
        let plain = Zeroizing::new(serde_json::to_vec(&written).map_err(|_| failures::unwritable())?);
        Ok(keyring.seal(RowId { table: TABLE, id }, &plain))
    }

    /// Opens a row's content and holds it against the row.
    ///
    /// # Errors
    /// `internal_error` when it does not open, `conflict` when the row was altered.
    pub(crate) fn open(keyring: &Keyring, row: &Connection) -> Result<Self, Failure> {
        let id = row.id.to_string();
        let sealed = row.credential.as_ref().ok_or_else(|| failures::unreadable(&row.name))?;
        let plain = keyring.open(RowId { table: TABLE, id: &id }, sealed)?;
        let kept = read(plain.as_bytes()).ok_or_else(|| failures::unreadable(&row.name))?;
        let same = row.account.as_ref() == Some(&kept.account)
            && row.mode == kept.mode
            && row.base_url == kept.base_url
            && row.kind == kept.secrets.way().as_str();
        if same { Ok(kept) } else { Err(failures::swapped(&row.name)) }
    }
}

impl Secrets {
    pub(crate) fn way(&self) -> Way {
        match self {
            Self::ApiKey(_) => Way::ApiKey,
            Self::Connect => Way::Connect,
            Self::App { .. } => Way::App,
            Self::Nango => Way::Nango,
        }
    }
}

fn read(plain: &[u8]) -> Option<Kept> {
    let written: Written<'_> = serde_json::from_slice(plain).ok()?;
    let text = |text: Option<Cow<'_, str>>| text.map(|text| Zeroizing::new(text.into_owned()));
    let secrets = match Way::parse(&written.way)? {
        Way::ApiKey => Secrets::ApiKey(text(written.secret)?),
        Way::Connect => Secrets::Connect,
        Way::App => Secrets::App { access: text(written.secret)?, refresh: text(written.refresh)? },
        Way::Nango => Secrets::Nango,
    };
    let (account, base_url) = (AccountId::new(&*written.account), written.base_url.into_owned());
    Some(Kept { account, mode: written.mode, base_url, secrets })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_before_there_were_other_ways_is_an_api_key() {
        let old =
            br#"{"account":"acct_1","mode":"test","base_url":"https://api.stripe.com","secret":"sk_test_1"}"#;
        let kept = read(old).unwrap();
        assert!(matches!(kept.secrets, Secrets::ApiKey(key) if key.as_str() == "sk_test_1"));
        assert_eq!((kept.account.as_str(), kept.mode), ("acct_1", Mode::Test));
    }
}
