//! No raw card number passes. Only the sandbox gets them, and only those that Stripe
//! publishes for tests.
//!
//! Asked before anything is noted down or shown back, and not of a write that is on
//! record. What a page of Stripe's own made of a card, a token or a payment method, is what
//! a call is to name.

use model::{Code, Failure, Mode};
use serde_json::{Map, Value};
use stripe::cards;

/// Refuses a card number among the parameters; its text is in no message.
///
/// # Errors
/// `validation_error` naming the parameter.
pub fn refuse(params: &Map<String, Value>, mode: Mode) -> Result<(), Failure> {
    let real = |number: &str| mode != Mode::Local || !cards::is_test_number(number);
    match cards::numbers(params).into_iter().find(|(_, number)| real(number)) {
        None => Ok(()),
        Some((place, _)) => {
            let text = format!(
                "`{place}` holds a card number, and those do not pass through Bursar. Nothing was sent to Stripe and \
                 nothing was stored. Let Stripe's own page or library collect the card and give the payment method \
                 (pm_…) or token (tok_…) that it makes; in mode `local` the published test cards are taken."
            );
            Err(Failure::new(Code::ValidationError, text).at(format!("config.{place}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_sandbox_gets_numbers_and_only_published_ones() {
        for (number, mode, passes) in [
            ("4242424242424242", Mode::Local, true),
            ("4111111111111111", Mode::Local, false),
            ("4242424242424242", Mode::Test, false),
            ("4242424242424242", Mode::Live, false),
        ] {
            let params = json!({ "card": { "number": number, "exp_month": 1 } });
            let refused = refuse(params.as_object().unwrap(), mode);
            assert_eq!(refused.is_ok(), passes, "{number} in {mode}");
            let Err(failure) = refused else { continue };
            assert_eq!(failure.field.as_deref(), Some("config.card.number"));
            assert!(!failure.message.contains(number), "{}", failure.message);
        }
    }
}
