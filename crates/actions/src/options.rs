//! The call options that everything in the catalog takes beside its parameters.

use model::AccountId;
use serde_json::Value;
use stripe::Version;

use crate::{Invalid, Why, findings::not_allowed, ids::is_token};

pub(crate) const STRIPE_ACCOUNT: &str = "stripeAccount";
pub(crate) const API_VERSION: &str = "apiVersion";
/// Lists the pages one after another; taken by lists only.
pub(crate) const ALL: &str = "all";

/// How to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallOptions {
    /// The connected account to act as.
    pub stripe_account: Option<AccountId>,
    /// The API version; the pinned one unless told otherwise.
    pub version: Version,
    /// Whether the pages that follow are asked for too, of a list. The request is that
    /// of the first page; [`crate::Plan::next`] makes the others.
    pub all: bool,
}

impl CallOptions {
    /// Those of a caller who asks for none.
    pub(crate) fn under(version: Version) -> Self {
        Self { stripe_account: None, version, all: false }
    }
}

/// The version that a caller names; `None` for `null`, which names none.
pub(crate) fn version(place: &str, value: &Value) -> Result<Option<Version>, Invalid> {
    let spoken: Vec<&str> = Version::all().map(Version::as_str).collect();
    match value {
        Value::Null => Ok(None),
        Value::String(text) => match Version::parse(text) {
            Ok(version) => Ok(Some(version)),
            Err(unknown) => Err(not_allowed(place, &unknown.given, &spoken)),
        },
        _ => {
            let message = format!("`{place}` has to be the name of an API version: {}.", spoken.join(", "));
            let mut invalid = Invalid::new(Why::Value, place, message);
            invalid.allowed = spoken;
            Err(invalid)
        }
    }
}

/// Whether a caller asks for all pages; `null` does not.
pub(crate) fn all(place: &str, value: &Value) -> Result<bool, Invalid> {
    match value {
        Value::Null => Ok(false),
        Value::Bool(all) => Ok(*all),
        _ => Err(Invalid::new(Why::Value, place, format!("`{place}` has to be true or false."))),
    }
}

/// The connected account that a caller names; `None` for `null`.
pub(crate) fn account(place: &str, value: &Value) -> Result<Option<AccountId>, Invalid> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if is_token(text) => Ok(Some(AccountId::new(text.as_str()))),
        _ => {
            let message = format!("`{place}` has to be the id of a connected account, such as `acct_1A`.");
            Err(Invalid::new(Why::Value, place, message))
        }
    }
}
