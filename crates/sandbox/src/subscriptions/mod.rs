//! Subscriptions (Stripe's API, Subscriptions): `incomplete`, `trialing`, `active`,
//! `past_due`, `paused`, and for good `incomplete_expired` and `canceled`.
//!
//! Periods live on the items and may differ. The last refused attempt of a renewal's
//! invoice cancels, which is what Stripe does unless the account says otherwise.

mod anchor;
mod billing;
mod cancel;
pub(crate) mod change;
mod collection;
mod create;
mod discounted;
mod items;
mod list;
mod migrate;
mod object;
mod params;
mod pause;
pub(crate) mod pending;
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

pub(crate) use cancel::{cancel_with, end_by_schedule, of_deleted_customer};
pub(crate) use collection::ends_invoice;
pub(crate) use create::by_schedule;
pub(crate) use items::{price as priced, quantity};
pub(crate) use list::of_customer;
pub(crate) use object::{derive, derive_item, is_over, items, price_of};
pub(crate) use periods::end_after;
pub(crate) use renew::{due_at, look_ahead, perform_due};
pub(crate) use status::{invoice_failed, invoice_paid};

/// What create and update both heed.
macro_rules! shared {
    ($($more:literal),*) => {
        &["cancel_at", "cancel_at_period_end", "collection_method", "days_until_due",
          "default_payment_method", "default_tax_rates", "description", "discounts", "items", "metadata", "off_session",
          "add_invoice_items", "invoice_settings", "payment_behavior", "payment_settings",
          "proration_behavior", "trial_end", "trial_from_plan", "trial_settings", $($more),*]
    };
}

pub(crate) static ROWS: &[Row] = &[
    run(
        "subscriptions.create",
        shared![
            "backdate_start_date",
            "billing_cycle_anchor",
            "billing_cycle_anchor_config",
            "billing_mode",
            "currency",
            "customer",
            "trial_period_days"
        ],
        create::run,
    ),
    retrieve("subscriptions.retrieve", "subscription"),
    run(
        "subscriptions.update",
        shared!["billing_cycle_anchor", "cancellation_details", "pause_collection", "proration_date"],
        update::run,
    ),
    run("subscriptions.cancel", &["cancellation_details", "invoice_now", "prorate"], cancel::run),
    run("subscriptions.migrate", &["billing_mode"], migrate::run),
    run("subscriptions.pause", &["bill_for", "invoicing_behavior", "type"], pause::run),
    run(
        "subscriptions.resume",
        &["billing_cycle_anchor", "payment_behavior", "proration_behavior", "proration_date"],
        resume::run,
    ),
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
