//! Credentials: which connection a call uses, and the vault in which everything
//! secret rests.
//!
//! The vault cannot be switched off. Knows neither actions nor workflows.

mod announced;
mod api_key;
mod app;
mod authorize;
mod change;
mod choose;
mod connect;
mod connections;
mod credential;
mod disconnect;
mod edit;
mod exchange;
mod failures;
mod grant;
mod kept;
mod nango;
mod oauth;
mod platform;
mod settings;
mod trail;
mod turns;
mod vault;
mod version;
mod way;

#[cfg(test)]
mod tests;

pub use announced::Announced;
pub use api_key::{AddKey, is_proven};
pub use authorize::{Authorize, Begun, Callback, Returned};
pub use choose::Wanted;
pub use connections::{Connections, NewConnection, Transports};
pub use disconnect::Disconnected;
pub use edit::Edit;
pub use exchange::{BoxFuture, Carrier, Exchange, Exchanged, HttpCarrier, Unconnected};
pub use nango::{AddNango, Checked as NangoChecked, NangoDelivery, Unsigned};
pub use settings::{NangoClient, OAuthClient, ProviderSettings};
pub use vault::{Keyring, MasterKey, MasterKeyError, Plain, RowId, Vault};
pub use version::api_version;
pub use way::Way;
