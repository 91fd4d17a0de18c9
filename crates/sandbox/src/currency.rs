//! Currencies as requests name them, and as what is stored names them.

use model::Currency;

use crate::wire::{Refusal, refusal};

/// A currency in Stripe's spelling.
///
/// # Errors
/// 400 with the list, in Stripe's order: its own first.
pub(crate) fn parse(text: &str) -> Result<String, Refusal> {
    Currency::parse(text).map(|c| c.as_str().to_owned()).map_err(|_| {
        let shown: String = text.chars().take(32).collect::<String>().to_lowercase();
        let others = Currency::all().map(Currency::as_str).filter(|code| *code != "usd");
        let known: Vec<&str> = std::iter::once("usd").chain(others).collect();
        refusal::invalid(format!(
            "Invalid currency: {shown}. Stripe currently supports these currencies: {}",
            known.join(", ")
        ))
        .with_param("currency")
    })
}

/// What the least charge in a stored object's currency is; 0 where none is named.
pub(crate) fn least_charge(code: &str) -> i64 {
    of(code).and_then(Currency::least_charge).unwrap_or(0)
}

/// What the most that can be charged in a stored object's currency is.
pub(crate) fn most_charge(code: &str) -> i64 {
    of(code).map_or(i64::MAX, Currency::most_charge)
}

/// What amounts in a stored object's currency must be a multiple of.
pub(crate) fn step(code: &str) -> i64 {
    of(code).map_or(1, Currency::step)
}

fn of(code: &str) -> Option<Currency> {
    Currency::parse(code).ok()
}
