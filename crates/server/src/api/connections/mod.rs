//! `/connections`: authorized links to Stripe accounts.

pub(crate) mod list;
