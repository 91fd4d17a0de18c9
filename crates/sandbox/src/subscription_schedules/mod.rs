//! Subscription schedules (Stripe's API, Subscription schedules): phases that a
//! subscription goes through, each with its items and terms.
//!
//! `not_started → active → completed | released | canceled`. What a phase says is done to
//! the subscription by the operations that anybody could call, when the phase begins; at
//! one moment with a renewal the phase comes first.

mod begin;
mod cancel;
mod create;
mod object;
mod phases;
mod release;
mod settings;
mod time;
mod update;

use serde_json::Value;

use crate::{
    registry::{Row, list, retrieve, run},
    wire::list::{Filter, Listing},
};

pub(crate) use cancel::subscription_ended;
pub(crate) use object::derive;
pub(crate) use time::{before_renewal, due_at, perform_due};

/// What `object` says of a schedule.
pub(crate) const KIND: &str = "subscription_schedule";

pub(crate) static ROWS: &[Row] = &[
    run(
        "subscriptionSchedules.create",
        &[
            "billing_mode",
            "customer",
            "default_settings",
            "end_behavior",
            "from_subscription",
            "metadata",
            "phases",
            "start_date",
        ],
        create::run,
    ),
    retrieve("subscriptionSchedules.retrieve", KIND),
    run(
        "subscriptionSchedules.update",
        &["default_settings", "end_behavior", "metadata", "phases", "proration_behavior"],
        update::run,
    ),
    run("subscriptionSchedules.cancel", &["invoice_now", "prorate"], cancel::run),
    run("subscriptionSchedules.release", &["preserve_cancel_date"], release::run),
    list("subscriptionSchedules.list", &SCHEDULES),
];

static SCHEDULES: Listing = Listing {
    kind: KIND,
    parent: None,
    filters: &[
        Filter::Equal("customer"),
        Filter::Equal("customer_account"),
        Filter::Within("canceled_at", "canceled_at"),
        Filter::Within("completed_at", "completed_at"),
        Filter::Within("created", "created"),
        Filter::Within("released_at", "released_at"),
        Filter::By("scheduled", |_, given, schedule| {
            given.as_bool().is_none_or(|wanted| wanted == (schedule["status"] == "not_started"))
        }),
    ],
};

/// Whether a schedule still has something to do.
fn is_live(schedule: &Value) -> bool {
    matches!(crate::value::text(schedule, "status"), Some("not_started" | "active"))
}
