//! `/installation/sources`: Stripe's webhook endpoints for all connected accounts.

pub(crate) mod add;
pub(crate) mod list;
pub(crate) mod remove;

use super::SCOPES;
