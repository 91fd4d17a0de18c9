//! Credentials: which connection a call uses, and the vault in which everything
//! secret rests.
//!
//! The vault cannot be switched off. Knows neither actions nor workflows.

mod check;
mod choose;
mod connections;
mod failures;
mod master;
mod seal;
mod vault;

#[cfg(test)]
mod tests;

pub use choose::Wanted;
pub use connections::{Connections, NewConnection};
pub use master::{MasterKey, MasterKeyError};
pub use vault::{Keyring, Plain, RowId, Vault};
