//! Paying: what one attempt at a payment intent does, for invoices and for payment
//! intents by themselves. The operations are in `payment_intents`, `charges` and
//! `refunds`.

mod attempt;
pub(crate) mod charge;
mod debit;
mod intent;
mod outcome;
mod paid;
mod transfer;

pub(crate) use attempt::{Terms, authenticated, authentication, bank, collect, does, try_method};
pub(crate) use debit::{end, proof, stop};
pub(crate) use intent::{cancel_for_invoice, for_invoice, fresh, settle_invoice_payment};
pub(crate) use outcome::{Charged, Tried, not_authenticated};
pub(crate) use paid::complain;
pub(crate) use transfer::{apply, funds_arrived};
