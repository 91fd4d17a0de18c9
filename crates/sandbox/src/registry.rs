//! Every operation that the sandbox has, in one list.
//!
//! A row names the operation of the tables, the parameters that it heeds, and what
//! it does. A parameter that the tables know and the row does not heed is refused:
//! ignoring it in silence would be a lie.

use std::{collections::HashMap, sync::OnceLock};

use serde_json::Value;

use crate::{
    account, balance, billing_portal, charges, checkout, coupons, credit_notes, customers, discounts,
    disputes, events, invoice_items, invoices, payment_intents, payment_methods, payouts, plans, prices,
    products, promotion_codes, refunds, search, setup_intents,
    state::Tx,
    subscription_items, subscription_schedules, subscriptions, tax_rates, test_clocks, webhook_endpoints,
    wire::{Call, Refusal, list::Listing},
};

/// An operation of the sandbox.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// The id in `stripe::tables`.
    pub(crate) id: &'static str,
    /// The parameters that it heeds, besides `expand` and those of paging.
    pub(crate) heeds: &'static [&'static str],
    pub(crate) does: Does,
}

/// What an operation does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Does {
    /// Answers the object of this kind that the path names.
    Retrieve(&'static str),
    List(&'static Listing),
    /// Answers a stored, unrendered object, or any other value as it is.
    Run(fn(&mut Tx, &Call) -> Result<Value, Refusal>),
}

/// A row that answers an object.
pub(crate) const fn retrieve(id: &'static str, kind: &'static str) -> Row {
    Row { id, heeds: &[], does: Does::Retrieve(kind) }
}

/// A row that answers a list.
pub(crate) const fn list(id: &'static str, listing: &'static Listing) -> Row {
    Row { id, heeds: &["limit", "starting_after", "ending_before"], does: Does::List(listing) }
}

/// A row with code of its own.
pub(crate) const fn run(
    id: &'static str,
    heeds: &'static [&'static str],
    does: fn(&mut Tx, &Call) -> Result<Value, Refusal>,
) -> Row {
    Row { id, heeds, does: Does::Run(does) }
}

impl Row {
    /// Whether a parameter of the operation is heeded here.
    pub(crate) fn heeds(&self, param: &str) -> bool {
        param == "expand"
            || self.heeds.contains(&param)
            || matches!(self.does, Does::List(l) if l.filters.iter().any(|f| f.param() == param))
    }
}

/// The list, by resource.
pub(crate) static RESOURCES: &[&[Row]] = &[
    account::ROWS,
    customers::ROWS,
    customers::BALANCE,
    customers::CASH,
    customers::TAX_IDS,
    payment_methods::ROWS,
    payment_methods::sources::ROWS,
    setup_intents::ROWS,
    invoice_items::ROWS,
    invoices::ROWS,
    payment_intents::ROWS,
    charges::ROWS,
    refunds::ROWS,
    disputes::ROWS,
    payouts::ROWS,
    credit_notes::ROWS,
    balance::ROWS,
    products::ROWS,
    prices::ROWS,
    coupons::ROWS,
    promotion_codes::ROWS,
    discounts::ROWS,
    tax_rates::ROWS,
    plans::ROWS,
    search::ROWS,
    subscriptions::ROWS,
    checkout::ROWS,
    billing_portal::ROWS,
    subscription_items::ROWS,
    subscription_schedules::ROWS,
    test_clocks::ROWS,
    events::ROWS,
    webhook_endpoints::ROWS,
];

/// The row of an operation, if the sandbox has it.
pub(crate) fn find(id: &str) -> Option<&'static Row> {
    static BY_ID: OnceLock<HashMap<&'static str, &'static Row>> = OnceLock::new();
    BY_ID
        .get_or_init(|| RESOURCES.iter().copied().flatten().map(|row| (row.id, row)).collect())
        .get(id)
        .copied()
}
