//! `stripe.listBalanceTransactions`: page through what changed the balance, newest
//! first: charges, refunds, fees, payouts.

use crate::{Action, Effect, Permission, Reconcile, field, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.listBalanceTransactions",
    title: "List balance transactions",
    about: "Lists what changed the account's balance, each with its fee and what was left of it (`net`), newest \
            first, ten a page unless `limit` says otherwise.",
    operation: get("balanceTransactions.list"),
    effect: Effect::Read,
    permission: Permission::read("balance"),
    reconcile: Reconcile::NotNeeded,
    fields: &[
        field("type", "type").says("Only of this type, such as `charge`, `refund` or `payout`."),
        field("sourceId", "source").says("Only what came from this charge, refund or payout."),
        field("payoutId", "payout").says("Only what was paid out with this automatic payout."),
        field("currency", "currency").says("Only in this currency."),
        field("created", "created").says("Unix seconds of creation, or a range `{gte, gt, lte, lt}`."),
        field("limit", "limit").says("How many, 1 to 100; 10 when left out."),
        field("startingAfter", "starting_after").says("The id of the last one of the page before."),
        field("endingBefore", "ending_before").says("The id of the first one of the page after."),
    ],
    hints: &[],
    example: r#"{"type": "charge", "sourceId": "{charge}", "limit": 3}"#,
};
