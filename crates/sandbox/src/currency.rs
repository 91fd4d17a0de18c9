//! Currencies as requests name them, and the least that is charged in each.

use model::Currency;

use crate::wire::{Refusal, refusal};

/// A currency in Stripe's spelling.
pub(crate) fn parse(text: &str) -> Result<String, Refusal> {
    Currency::parse(text).map(|c| c.as_str().to_owned()).map_err(|_| {
        let shown: String = text.chars().take(32).collect();
        refusal::invalid(format!(
            "Invalid currency: {shown}. It must be a three-letter code that Stripe supports, such as usd."
        ))
        .with_param("currency")
    })
}

/// The least that Stripe charges, in minor units; 0 where it names none.
pub(crate) fn minimum(currency: &str) -> i64 {
    match currency {
        "usd" | "eur" | "cad" | "aud" | "nzd" | "sgd" | "chf" | "brl" | "inr" | "jpy" => 50,
        "gbp" => 30,
        "aed" | "myr" | "pln" | "ron" => 200,
        "bgn" => 100,
        "czk" => 1500,
        "dkk" => 250,
        "hkd" => 400,
        "huf" => 17_500,
        "mxn" | "thb" => 1000,
        "nok" | "sek" => 300,
        _ => 0,
    }
}
