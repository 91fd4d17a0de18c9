//! Whose account a call is for.

use serde::{Deserialize, Serialize};

use crate::{AccountId, CompanyId, ConnectionId};

/// Where a call goes. `Local` is our sandbox and nothing else; Stripe's own
/// sandboxes are `Test`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Real money.
    Live,
    /// Stripe's test mode or one of its sandboxes.
    Test,
    /// Bursar's own sandbox.
    Local,
}

impl Mode {
    /// The word used on every surface and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
            Self::Local => "local",
        }
    }

    /// The mode of this name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Live, Self::Test, Self::Local].into_iter().find(|mode| mode.as_str() == text)
    }

    /// What Stripe writes as `livemode` on objects and events of this mode.
    pub fn livemode(self) -> bool {
        self == Self::Live
    }
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a write is tied to for good: it never goes out for another company,
/// account or mode than the ones it was planned for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Binding {
    /// Who owns the call.
    pub company: CompanyId,
    /// The connection whose credential is used.
    pub connection: ConnectionId,
    /// The Stripe account written to.
    pub account: AccountId,
    /// Live, test or local.
    pub mode: Mode,
}
