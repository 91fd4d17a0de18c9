//! The test cards: names, numbers and what each does (Stripe's docs, Testing).

use crate::wire::{Refusal, refusal};

/// What a card does when it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    Pay,
    /// Pays, and the charge is marked as an elevated risk.
    PayAtRisk,
    /// Refused, when attached and when charged.
    Decline(Decline),
    /// Attaches, and every charge is refused.
    DeclineLater(Decline),
    /// Asks for 3D Secure on every payment.
    Authenticate,
    /// Asks for 3D Secure until it was authenticated once to be used later.
    AuthenticateUnlessSetUp,
    /// Asks for 3D Secure, and is refused afterwards.
    AuthenticateThenDecline(Decline),
}

/// What comes of a card's payment later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Later {
    Nothing,
    /// The cardholder disputes it at once, with this reason.
    Disputed(&'static str),
    /// The cardholder's bank asks about it at once; no money moves.
    AskedAbout(&'static str),
    /// A refund of it seems to succeed, and fails after a while.
    RefundFails,
    /// A refund of it is pending for a while.
    RefundPends,
}

/// A refusal of the card's bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decline {
    pub(crate) code: &'static str,
    pub(crate) decline_code: &'static str,
    pub(crate) message: &'static str,
    pub(crate) param: Option<&'static str>,
    pub(crate) advice: Option<&'static str>,
}

impl Decline {
    /// Stripe's 402 for it.
    pub(crate) fn refusal(&self) -> Refusal {
        let mut refused = refusal::card(self.message, self.code).with("decline_code", self.decline_code);
        if let Some(param) = self.param {
            refused = refused.with_param(param);
        }
        match self.advice {
            Some(advice) => refused.with("advice_code", advice),
            None => refused,
        }
    }
}

/// One test card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Card {
    /// What follows `pm_card_` and `tok_`.
    pub(crate) name: &'static str,
    pub(crate) number: &'static str,
    pub(crate) brand: &'static str,
    pub(crate) funding: &'static str,
    pub(crate) does: Does,
    pub(crate) later: Later,
}

const AGAIN: Option<&str> = Some("try_again_later");
const NEVER: Option<&str> = Some("do_not_try_again");
const CHECK: Option<&str> = Some("confirm_card_data");

const fn decline(decline_code: &'static str, message: &'static str, advice: Option<&'static str>) -> Decline {
    Decline { code: "card_declined", decline_code, message, param: None, advice }
}

const fn data(code: &'static str, message: &'static str, param: &'static str) -> Decline {
    Decline { code, decline_code: code, message, param: Some(param), advice: CHECK }
}

const fn visa(name: &'static str, number: &'static str, does: Does) -> Card {
    Card { name, number, brand: "visa", funding: "credit", does, later: Later::Nothing }
}

const fn pays(name: &'static str, number: &'static str, brand: &'static str, funding: &'static str) -> Card {
    Card { name, number, brand, funding, does: Does::Pay, later: Later::Nothing }
}

const fn then(name: &'static str, number: &'static str, later: Later) -> Card {
    Card { name, number, brand: "visa", funding: "credit", does: Does::Pay, later }
}

const DECLINED: &str = "Your card was declined.";

pub(crate) const GENERIC: Decline = decline("generic_decline", DECLINED, AGAIN);

const INSUFFICIENT: Decline = decline("insufficient_funds", "Your card has insufficient funds.", AGAIN);

/// Every card, the plain one first.
pub(crate) static CARDS: &[Card] = &[
    pays("visa", "4242424242424242", "visa", "credit"),
    pays("visa_debit", "4000056655665556", "visa", "debit"),
    pays("mastercard", "5555555555554444", "mastercard", "credit"),
    pays("mastercard_debit", "5200828282828210", "mastercard", "debit"),
    pays("mastercard_prepaid", "5105105105105100", "mastercard", "prepaid"),
    pays("amex", "378282246310005", "amex", "credit"),
    pays("discover", "6011111111111117", "discover", "credit"),
    pays("diners", "3056930009020004", "diners", "credit"),
    pays("jcb", "3566002020360505", "jcb", "credit"),
    pays("unionpay", "6200000000000005", "unionpay", "credit"),
    visa("bypassPending", "4000000000000077", Does::Pay),
    visa("riskLevelHighest", "4000000000004916", Does::PayAtRisk),
    then("createDispute", "4000000000000259", Later::Disputed("fraudulent")),
    then("createDisputeProductNotReceived", "4000000000002685", Later::Disputed("product_not_received")),
    then("createDisputeInquiry", "4000000000001976", Later::AskedAbout("fraudulent")),
    then("refundFail", "4000000000005126", Later::RefundFails),
    then("pendingRefund", "4000000000007726", Later::RefundPends),
    visa("chargeDeclined", "4000000000000002", Does::Decline(GENERIC)),
    visa("chargeDeclinedInsufficientFunds", "4000000000009995", Does::Decline(INSUFFICIENT)),
    visa("chargeDeclinedLostCard", "4000000000009987", Does::Decline(decline("lost_card", DECLINED, NEVER))),
    visa(
        "chargeDeclinedStolenCard",
        "4000000000009979",
        Does::Decline(decline("stolen_card", DECLINED, NEVER)),
    ),
    visa(
        "chargeDeclinedExpiredCard",
        "4000000000000069",
        Does::Decline(data("expired_card", "Your card has expired.", "exp_month")),
    ),
    visa(
        "chargeDeclinedIncorrectCvc",
        "4000000000000127",
        Does::Decline(data("incorrect_cvc", "Your card's security code is incorrect.", "cvc")),
    ),
    visa(
        "chargeDeclinedProcessingError",
        "4000000000000119",
        Does::Decline(Decline {
            code: "processing_error",
            decline_code: "processing_error",
            message: "An error occurred while processing your card. Try again in a little bit.",
            param: None,
            advice: AGAIN,
        }),
    ),
    visa(
        "chargeDeclinedFraudulent",
        "4100000000000019",
        Does::Decline(decline("fraudulent", DECLINED, None)),
    ),
    visa("radarBlock", "4100000000000019", Does::Decline(decline("fraudulent", DECLINED, None))),
    visa(
        "chargeDeclinedVelocityLimitExceeded",
        "4000000000006975",
        Does::Decline(decline("card_velocity_exceeded", DECLINED, AGAIN)),
    ),
    visa("chargeCustomerFail", "4000000000000341", Does::DeclineLater(GENERIC)),
    visa("authenticationRequired", "4000002760003184", Does::Authenticate),
    visa("authenticationRequiredOnSetup", "4000002500003155", Does::AuthenticateUnlessSetUp),
    visa(
        "authenticationRequiredChargeDeclinedInsufficientFunds",
        "4000008260003178",
        Does::AuthenticateThenDecline(INSUFFICIENT),
    ),
    visa("threeDSecure2Required", "4000000000003220", Does::Authenticate),
    visa("threeDSecureRequired", "4000000000003063", Does::Authenticate),
];

/// The refusal of this code, by its decline code or Stripe's own.
pub(crate) fn decline_of(code: &str) -> Option<Decline> {
    let mut declines = CARDS.iter().filter_map(|card| match card.does {
        Does::Decline(decline) | Does::DeclineLater(decline) => Some(decline),
        _ => None,
    });
    declines.find(|decline| decline.decline_code == code || decline.code == code)
}

/// The codes that cards are refused with, sorted.
pub(crate) fn decline_codes() -> Vec<&'static str> {
    let declines = CARDS.iter().filter_map(|card| match card.does {
        Does::Decline(decline) => Some([decline.code, decline.decline_code]),
        _ => None,
    });
    let mut codes: Vec<&'static str> = declines.flatten().collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

impl Card {
    /// The card of a test id: `pm_card_visa`, `tok_visa`; refusals with and without
    /// `visa_` before their name.
    pub(crate) fn of_id(id: &str) -> Option<&'static Self> {
        let name = id.strip_prefix("pm_card_").or_else(|| id.strip_prefix("tok_"))?;
        let short = name.strip_prefix("visa_").unwrap_or(name);
        let special = |card: &&Self| card.does != Does::Pay || card.later != Later::Nothing;
        Self::of_name(name).or_else(|| Self::of_name(short).filter(special))
    }

    pub(crate) fn of_name(name: &str) -> Option<&'static Self> {
        CARDS.iter().find(|card| card.name == name)
    }

    pub(crate) fn of_number(number: &str) -> Option<&'static Self> {
        let digits: String = number.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        CARDS.iter().find(|card| card.number == digits)
    }

    pub(crate) fn last4(&self) -> &'static str {
        &self.number[self.number.len() - 4..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_refusing_card_are_known() {
        let short = Card::of_id("pm_card_chargeDeclined").unwrap();
        assert_eq!(Card::of_id("pm_card_visa_chargeDeclined").unwrap(), short);
        assert_eq!(Card::of_id("tok_visa").unwrap().last4(), "4242");
        assert!(Card::of_id("pm_card_visa_mastercard").is_none());
        assert!(Card::of_id("pm_1234").is_none());
    }
}
