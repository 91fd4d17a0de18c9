//! The ways in which a connection is authorized.

/// How a connection is authorized; it never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// A secret or restricted key of the account, given to us.
    ApiKey,
    /// Stripe Connect's OAuth: the platform's key, acting for the connected account.
    Connect,
    /// A Stripe App's OAuth: tokens of an hour, and refresh tokens that roll.
    App,
    /// Nango keeps the credential and renews it; we fetch it from there.
    Nango,
}

impl Way {
    /// Every way, in the order of the documentation.
    pub const ALL: &'static [Self] = &[Self::ApiKey, Self::Connect, Self::App, Self::Nango];

    /// The word used on every surface and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::Connect => "connect",
            Self::App => "app",
            Self::Nango => "nango",
        }
    }

    /// The way of this word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|way| way.as_str() == text)
    }
}
