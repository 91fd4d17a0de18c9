//! `/sources`: Stripe's webhook endpoints that point at us.

pub(crate) mod list;
