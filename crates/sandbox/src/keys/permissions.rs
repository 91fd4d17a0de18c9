//! What a restricted key may do, and what an operation needs (Stripe's API, Keys).
//!
//! Permissions are given by the resource's name in the API's paths; Stripe's own name
//! for one, which its errors tell, is `rak_` and the resource in the singular. Where
//! Stripe keeps one permission for several resources, the table says which.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stripe::{Method, tables::Operation};

use crate::wire::{Refusal, refusal};

/// By the resource's name in paths. What is not in it is not allowed.
pub(crate) type Permissions = BTreeMap<String, Level>;

/// How far a permission goes; writing includes reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    None,
    Read,
    Write,
}

/// A resource, by the first segment of its paths.
struct Resource {
    segment: &'static str,
    /// What a key is given, when that is another resource's permission.
    under: &'static str,
    /// Stripe's name for it.
    name: &'static str,
}

const fn resource(segment: &'static str, under: &'static str, name: &'static str) -> Resource {
    Resource { segment, under, name }
}

static RESOURCES: &[Resource] = &[
    resource("account", "account", "accounts_kyc_basic"),
    resource("balance", "balance", "balance"),
    resource("balance_transactions", "balance", "balance"),
    resource("billing_portal", "billing_portal_sessions", "customer_portal"),
    resource("charges", "charges", "charge"),
    resource("checkout", "checkout_sessions", "checkout_session"),
    resource("coupons", "coupons", "coupon"),
    resource("credit_notes", "credit_notes", "credit_note"),
    resource("customers", "customers", "customer"),
    resource("disputes", "disputes", "dispute"),
    resource("events", "events", "event"),
    resource("invoice_payments", "invoices", "invoice"),
    resource("invoiceitems", "invoices", "invoice"),
    resource("invoices", "invoices", "invoice"),
    resource("mandates", "payment_methods", "payment_method"),
    resource("payment_intents", "payment_intents", "payment_intent"),
    resource("payment_methods", "payment_methods", "payment_method"),
    resource("payouts", "payouts", "payout"),
    resource("plans", "prices", "plan"),
    resource("prices", "prices", "plan"),
    resource("products", "products", "product"),
    resource("promotion_codes", "promotion_codes", "promotion_code"),
    resource("refunds", "refunds", "charge"),
    resource("setup_attempts", "setup_intents", "setup_intent"),
    resource("setup_intents", "setup_intents", "setup_intent"),
    resource("subscription_items", "subscriptions", "subscription"),
    resource("subscription_schedules", "subscriptions", "subscription"),
    resource("subscriptions", "subscriptions", "subscription"),
    resource("tax_rates", "tax_rates", "tax_rate"),
    resource("test_helpers", "test_helpers_test_clocks", "billing_clock"),
    resource("webhook_endpoints", "webhook_endpoints", "webhook"),
];

/// What an operation needs of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Needed {
    /// The permission as it is given.
    pub(crate) permission: &'static str,
    pub(crate) level: Level,
    /// Stripe's name for the resource, without `rak_`.
    name: &'static str,
}

impl Needed {
    /// `rak_customer_write`, or for an app `customer_write`.
    pub(crate) fn stripes_name(&self, prefix: &str) -> String {
        let level = if self.writes() { "write" } else { "read" };
        format!("{prefix}{}_{level}", self.name)
    }

    pub(crate) fn writes(&self) -> bool {
        self.level == Level::Write
    }

    pub(crate) fn is_given(&self, permissions: &Permissions) -> bool {
        permissions.get(self.permission).is_some_and(|level| *level >= self.level)
    }
}

/// What an operation of the sandbox needs; none for one that it does not have.
pub(crate) fn needed(operation: &Operation) -> Option<Needed> {
    let segment = operation.path.strip_prefix("/v1/")?.split('/').next()?;
    let found = RESOURCES.iter().find(|one| one.segment == segment)?;
    let level = if operation.method == Method::Get { Level::Read } else { Level::Write };
    Some(Needed { permission: found.under, level, name: found.name })
}

/// The names that permissions are given by, sorted.
pub(crate) fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = RESOURCES.iter().map(|one| one.under).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Checks that every permission is one.
///
/// # Errors
/// 400 with the names that there are.
pub(crate) fn check(permissions: &Permissions) -> Result<(), Refusal> {
    let names = names();
    match permissions.keys().find(|name| !names.contains(&name.as_str())) {
        None => Ok(()),
        Some(wrong) => Err(refusal::invalid(format!(
            "There is no permission `{}`. There are {}. Nothing was changed.",
            wrong.chars().take(64).collect::<String>(),
            names.join(", ")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::RESOURCES as ROWS;

    #[test]
    fn every_operation_of_the_sandbox_needs_a_permission_that_can_be_given() {
        for row in ROWS.iter().copied().flatten() {
            let operation = stripe::tables::operation(row.id).unwrap();
            let needed = needed(operation).unwrap_or_else(|| panic!("{} needs nothing", row.id));
            assert!(names().contains(&needed.permission), "{}", row.id);
            let writes = operation.method != Method::Get;
            let enough = if writes { Level::Write } else { Level::Read };
            let less = if writes { Level::Read } else { Level::None };
            let with = |level| Permissions::from([(needed.permission.to_owned(), level)]);
            assert!(needed.is_given(&with(enough)) && !needed.is_given(&with(less)), "{}", row.id);
            assert!(!needed.is_given(&Permissions::new()), "{}", row.id);
        }
    }
}
