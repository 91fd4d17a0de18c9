//! The account's balance: the sum of its transactions, never kept by itself
//! (Stripe's API, Balance). Money in a currency stays in it: nothing is exchanged.

mod fee;
mod transaction;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    account,
    registry::{Row, list, retrieve, run},
    state::Tx,
    value,
    wire::{
        Call, Refusal,
        list::{Filter, Listing},
    },
};

pub(crate) use transaction::{
    Disputed, available_on as business_day, derive, land, of_dispute, of_failed_refund, of_payout, of_refund,
};

pub(crate) static ROWS: &[Row] = &[
    run("balance.retrieve", &[], show),
    retrieve("balanceTransactions.retrieve", "balance_transaction"),
    list("balanceTransactions.list", &TRANSACTIONS),
];

static TRANSACTIONS: Listing = Listing {
    kind: "balance_transaction",
    parent: None,
    filters: &[
        Filter::Equal("currency"),
        Filter::Equal("source"),
        Filter::Equal("type"),
        Filter::Within("created", "created"),
        Filter::By("payout", |_, given, transaction| is_of_payout(given, transaction)),
    ],
};

/// Whether a transaction was paid out with this payout. Payouts by hand pay out no
/// transactions in particular, only themselves.
fn is_of_payout(given: &Value, transaction: &Value) -> bool {
    value::clears(given) || (transaction["source"] == *given && transaction["reporting_category"] == "payout")
}

/// What is available in a currency.
pub(crate) fn available(tx: &Tx, currency: &str) -> i64 {
    let now = tx.now();
    let all = tx.state().of_kind("balance_transaction");
    let there = all.filter(|t| t["currency"] == currency && value::int(t, "available_on") <= now);
    there.map(|transaction| value::int(transaction, "net")).sum()
}

/// `GET /v1/balance`: what is available and what will be, one entry a currency. The
/// account's own currency is always there.
fn show(tx: &mut Tx, _call: &Call) -> Result<Value, Refusal> {
    let mut sums: BTreeMap<&str, (i64, i64)> = BTreeMap::from([(account::CURRENCY, (0, 0))]);
    let now = tx.now();
    for transaction in tx.state().of_kind("balance_transaction") {
        let sum = sums.entry(value::text(transaction, "currency").unwrap_or_default()).or_default();
        let net = value::int(transaction, "net");
        if value::int(transaction, "available_on") <= now {
            sum.0 += net;
        } else {
            sum.1 += net;
        }
    }
    let entry = |currency: &&str, amount: i64| json!({"amount": amount, "currency": currency, "source_types": {"card": amount}});
    let available: Vec<Value> = sums.iter().map(|(c, sum)| entry(c, sum.0)).collect();
    let pending: Vec<Value> = sums.iter().map(|(c, sum)| entry(c, sum.1)).collect();
    Ok(json!({"object": "balance", "available": available, "livemode": false, "pending": pending}))
}
