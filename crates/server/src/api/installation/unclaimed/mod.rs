//! `/installation/unclaimed`: events of accounts that no company has a connection to.

pub(crate) mod list;

use super::SCOPES;
