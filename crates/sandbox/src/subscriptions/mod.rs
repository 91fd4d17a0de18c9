//! Subscriptions (Stripe's API, Subscriptions): `incomplete`, `trialing`, `active`,
//! `past_due`, `paused`, and for good `incomplete_expired` and `canceled`.
//!
//! Periods live on the items and may differ. The last refused attempt of a renewal's
//! invoice cancels, which is what Stripe does unless the account says otherwise.

mod billing;
mod cancel;
pub(crate) mod change;
mod create;
mod items;
mod list;
mod object;
mod params;
mod periods;
mod proration;
mod renew;
mod resume;
mod status;
mod trial;
pub(crate) mod update;

use serde_json::Value;

use crate::{
    registry::{Row, retrieve, run},
    state::Tx,
    value,
};

pub(crate) use cancel::of_deleted_customer;
pub(crate) use list::of_customer;
pub(crate) use object::{derive, derive_item, is_over, items};
pub(crate) use renew::{due_at, perform_due};
pub(crate) use status::{invoice_failed, invoice_paid};

/// What create and update both heed.
macro_rules! shared {
    ($($more:literal),*) => {
        &["cancel_at", "cancel_at_period_end", "collection_method", "days_until_due",
          "default_payment_method", "description", "items", "metadata", "off_session",
          "payment_behavior", "payment_settings", "proration_behavior", "trial_end",
          "trial_settings", $($more),*]
    };
}

pub(crate) static ROWS: &[Row] = &[
    run(
        "subscriptions.create",
        shared!["billing_mode", "currency", "customer", "trial_period_days"],
        create::run,
    ),
    retrieve("subscriptions.retrieve", "subscription"),
    run("subscriptions.update", shared!["cancellation_details", "proration_date"], update::run),
    run("subscriptions.cancel", &["cancellation_details", "invoice_now", "prorate"], cancel::run),
    run("subscriptions.resume", &["billing_cycle_anchor", "proration_behavior"], resume::run),
    run("subscriptions.list", list::HEEDS, list::run),
];

/// Notes the invoice as the subscription's latest.
fn latest(tx: &mut Tx, id: &str, invoice: &Value) {
    if let Some(mut subscription) = tx.get(id).cloned() {
        value::set(&mut subscription, "latest_invoice", value::id(invoice));
        tx.put(subscription);
    }
}

/// Ends a request's work on a subscription: from here on it tells of itself.
fn finish(tx: &mut Tx, id: &str) -> Value {
    let mut subscription = tx.get(id).cloned().unwrap_or_default();
    if let Value::Object(map) = &mut subscription {
        map.shift_remove("_busy");
    }
    tx.put(subscription.clone());
    subscription
}
