//! `/operations`: everything that Stripe's API can be asked for, by name.
//!
//! An operation is called through `stripe.request`, or through the action that performs
//! it, where there is one.

pub(crate) mod list;
pub(crate) mod show;

/// Who may look: whoever may call anything of the catalog.
const SCOPES: &[&str] = &["actions:read", "actions:write", "actions:raw"];
