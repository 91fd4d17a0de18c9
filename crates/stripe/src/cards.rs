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
    "6011981111111113",
    "6555900000604105",
    "6200000000000047",
    "6205500000000000004",
    "4000002500001001",
    "5555552500001001",
    "4000050360000001",
    "5555050360000080",
    "4000000320000021",
    "4000000760000002",
    "4000001240000000",
    "4000001520000001",
    "4000001700000003",
    "4000001880000005",
    "4000002180000000",
    "4000004840008001",
    "5062210000000009",
    "4000005910000000",
    "4000006000000066",
    "4000006040000068",
    "4000008580000003",
    "4000007840000001",
    "5200007840000022",
    "4000000400000008",
    "4000000560000004",
    "4000001000000000",
    "4000001120000005",
    "4000001910000009",
    "4000001960000008",
    "4000002030000002",
    "4000002080000001",
    "4000002330000009",
    "4000002460000001",
    "4000002500000003",
    "4000002760000016",
    "4000002920000005",
    "4000003000000030",
    "4000003480000005",
    "4000003720000005",
    "4000003800000008",
    "4000004280000005",
    "4000004380000004",
    "4000004400000000",
    "4000004420000006",
    "4000004700000007",
    "4000005280000002",
    "4000005780000007",
    "4000006160000005",
    "4000006200000007",
    "4000006420000001",
    "4000006820000007",
    "4000007050000006",
    "4000007030000001",
    "4000007240000007",
    "4000007520000008",
    "4000007560000009",
    "4000008260000000",
    "4000058260000005",
    "5555558265554449",
    "4000000360000006",
    "4000001560000002",
    "4000003440000004",
    "4000003560000008",
    "4000003920000003",
    "3530111333300000",
    "4000004580000002",
    "4000005540000008",
    "4000007020000003",
    "4000001580000008",
    "4000007640000003",
    "4000057640000008",
    "4000000000000010",
    "4000000000000028",
    "4000000000000036",
    "4000000000000044",
    "4000000000004954",
    "4000000000009235",
    "4000058400307872",
    "4000058400306072",
    "4000000000005423",
    "4000000404000079",
    "4000000404000038",
    "4000008400000779",
    "4000003720000278",
    "4000008400001629",
    "4000008400001280",
    "4000000000003097",
    "4000582600000094",
    "4000582600000045",
    "4000582600000102",
    "4000582600000110",
    "4000000000001208",
    "4000000000003725",
    "4001007020000002",
    "4000008260000075",
    "4001000360000005",
    "4000002760000008",
    "4242424242424241",
    "5105008400000002",
    "4000000001000043",
    "4000008405600003",
    "4000008400000407",
    "4000008400000159",
    "4000008400001017",
    "4001858821843804",
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
