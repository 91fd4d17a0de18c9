//! Raw card numbers in a request's parameters: where they are, and which of them are
//! Stripe's published test cards.
//!
//! A fact about the wire and not about one operation: a number stands wherever card data
//! can, in operations that the tables know and in those they do not. Whoever passes real
//! ones on is held to the whole of PCI DSS, so Bursar looks for them before it notes
//! anything down.

use serde_json::{Map, Value};

/// The numbers that Stripe publishes for tests (Stripe's docs, Testing). No money is
/// behind any of them.
pub const TEST_NUMBERS: &[&str] = &[
    "4242424242424242",
    "4000056655665556",
    "5555555555554444",
    "2223003122003222",
    "5200828282828210",
    "5105105105105100",
    "378282246310005",
    "371449635398431",
    "6011111111111117",
    "6011000990139424",
    "3056930009020004",
    "36227206271667",
    "3566002020360505",
    "6200000000000005",
    "4000000000000077",
    "4000000000000101",
    "4000000000004916",
    "4000000000000259",
    "4000000000002685",
    "4000000000001976",
    "4000000000005126",
    "4000000000007726",
    "4000000000000002",
    "4000000000009995",
    "4000000000009987",
    "4000000000009979",
    "4000000000000069",
    "4000000000000127",
    "4000000000000119",
    "4100000000000019",
    "4000000000006975",
    "4000000000000341",
    "4000002760003184",
    "4000002500003155",
    "4000008260003178",
    "4000000000003220",
    "4000000000003063",
    "4000003800000446",
    "4000000000003055",
];

/// What stands beside a card's number and nothing else's.
const BESIDE: [&str; 3] = ["exp_month", "exp_year", "cvc"];
/// Parameters that take card data, or a token in its place.
const OF_CARDS: [&str; 4] = ["card", "source", "external_account", "default_source"];

/// Whether this is one of the numbers that Stripe publishes for tests.
pub fn is_test_number(number: &str) -> bool {
    TEST_NUMBERS.contains(&digits(number).as_str())
}

/// Every card number among the parameters: its place by Stripe's names, and its text.
pub fn numbers(params: &Map<String, Value>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    look(params, "", false, &mut found);
    found
}

fn look(given: &Map<String, Value>, under: &str, of_card: bool, found: &mut Vec<(String, String)>) {
    let has_data = BESIDE.iter().any(|name| given.contains_key(*name));
    for (name, value) in given {
        let place = if under.is_empty() { name.clone() } else { format!("{under}.{name}") };
        let names_number = name == "card_number" || (name == "number" && (of_card || has_data));
        match value {
            Value::String(text) if names_number && !text.is_empty() => found.push((place, text.clone())),
            Value::Number(number) if names_number => found.push((place, number.to_string())),
            // In the place of a token.
            Value::String(text) if OF_CARDS.contains(&name.as_str()) && is_number(text) => {
                found.push((place, text.clone()));
            }
            Value::Object(inner) => look(inner, &place, OF_CARDS.contains(&name.as_str()), found),
            Value::Array(items) => {
                for (nth, item) in items.iter().enumerate() {
                    if let Value::Object(inner) = item {
                        look(inner, &format!("{place}[{nth}]"), false, found);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether a text has the form of a card number, its check digit included.
fn is_number(text: &str) -> bool {
    let plain = text.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-'));
    let digits = digits(text);
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(nth, digit)| {
            let digit = u32::from(digit - b'0');
            if nth % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }
        })
        .sum();
    plain && (12..=19).contains(&digits.len()) && sum.is_multiple_of(10)
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn places(params: Value) -> Vec<String> {
        let Value::Object(params) = params else { unreachable!("an object") };
        numbers(&params).into_iter().map(|(place, _)| place).collect()
    }

    #[test]
    fn a_number_is_found_wherever_card_data_stands() {
        let card = json!({ "number": "4111 1111 1111 1111", "exp_month": 1, "exp_year": 2030 });
        for (params, place) in [
            (json!({ "type": "card", "card": card }), "card.number"),
            (
                json!({ "payment_method_data": { "card": { "number": "1" } } }),
                "payment_method_data.card.number",
            ),
            (json!({ "source": card }), "source.number"),
            (json!({ "individual": { "cvc": "123", "number": 4_111 } }), "individual.number"),
            (json!({ "items": [{ "card": card }] }), "items[0].card.number"),
            (json!({ "source": "4111111111111111" }), "source"),
            (json!({ "card_number": "4111111111111111" }), "card_number"),
        ] {
            assert_eq!(places(params), [place]);
        }
        for params in [
            json!({ "number": "INV-1" }),
            json!({ "source": "tok_visa" }),
            json!({ "source": "4111111111111112" }),
            json!({ "card": { "token": "tok_visa" } }),
            json!({ "metadata": { "number": "7" } }),
            json!({ "bank_account": { "account_number": "000123456789" } }),
        ] {
            assert_eq!(places(params), Vec::<String>::new());
        }
    }

    #[test]
    fn every_published_number_is_known_in_groups_too() {
        for number in TEST_NUMBERS {
            assert!(is_test_number(&format!("{}-{}", &number[..4], &number[4..])));
        }
        assert!(!is_test_number("4111111111111111") && !is_test_number(""));
    }
}
