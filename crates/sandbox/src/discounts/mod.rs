//! Discounts (Stripe's API, Discounts): a coupon redeemed for a customer, a subscription,
//! one of its items, an invoice, or one of its items.
//!
//! A discount keeps the coupon's terms of the moment of redemption, so that changing or
//! deleting the coupon changes no bill. One that is over stays stored, because invoices
//! name it, but its owner has it no longer.

pub(crate) mod apply;
mod delete;
mod expire;
mod holder;
mod object;
mod redeem;

use crate::registry::{Row, run};

pub(crate) use expire::{due_at, perform_due, spend, spent};
pub(crate) use holder::{ended, of_customer, set_of_customer};
pub(crate) use object::{coupon, cuts, ids, is_over};
pub(crate) use redeem::{Owner, redeem_list};

pub(crate) static ROWS: &[Row] = &[
    run("customers.deleteDiscount", &[], delete::of_customer),
    run("subscriptions.deleteDiscount", &[], delete::of_subscription),
];
