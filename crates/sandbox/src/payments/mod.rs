//! Paying with a card: what one attempt at a payment intent does, for invoices and
//! for payment intents by themselves. The operations are in `payment_intents`,
//! `charges` and `refunds`.

mod attempt;
pub(crate) mod charge;
mod intent;
mod outcome;

pub(crate) use attempt::{Terms, authenticated, collect, try_card};
pub(crate) use intent::{cancel_for_invoice, for_invoice, fresh, settle_invoice_payment};
pub(crate) use outcome::{Charged, Tried, not_authenticated};
