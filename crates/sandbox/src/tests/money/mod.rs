//! Money in every amount parameter of every operation, in currencies with no, two and
//! three decimals and in those with rules of their own. A new amount is covered the day
//! that the sandbox heeds it: it is executed, or refused in so many words, or this fails.

mod places;
mod pricing;
mod recipes;

use model::Currency;
use serde_json::{Value, json};

use super::{client::*, subscribing::*};
use crate::Sandbox;
use places::Place;
use recipes::{BEFORE, Fate, GOOD, Rule};

/// No decimals, two, three; hundredths that nobody can pay; whole payouts.
const CURRENCIES: &[&str] = &["jpy", "usd", "kwd", "isk", "ugx", "huf"];

/// What came of an amount, and that a refusal changed nothing.
async fn given(sandbox: &Sandbox, place: &Place, currency: &str, amount: &str) -> Got {
    let (path, mut params) = recipes::request(sandbox, place, currency).await;
    place.put(&mut params, amount);
    let before = everything(sandbox);
    let got = post(sandbox, &path, params).await;
    if got.status != 200 {
        assert_eq!(everything(sandbox), before, "{} {}={amount}", place.row.id, place.param());
    }
    got
}

fn everything(sandbox: &Sandbox) -> (usize, Vec<Value>) {
    let kinds = ["payment_intent", "charge", "refund", "invoiceitem", "price", "product", "subscription"];
    (sandbox.events().len(), kinds.iter().flat_map(|kind| sandbox.objects(kind)).collect())
}

async fn refused(sandbox: &Sandbox, place: &Place, currency: &str, amount: &str, code: &str) {
    let error = given(sandbox, place, currency, amount).await.error(400);
    let got = (error["code"].as_str().unwrap_or_default(), error["param"].as_str().unwrap_or_default());
    let param = place.param();
    assert_eq!(got, (code, param.as_str()), "{} {amount} {currency}: {error}", place.row.id);
}

async fn accepted(sandbox: &Sandbox, place: &Place, currency: &str, amount: &str) {
    let Some(Fate::Shows(pointer, _)) = recipes::fate(place) else { unreachable!() };
    let got = given(sandbox, place, currency, amount).await.ok();
    let shown = got.pointer(pointer).unwrap_or(&Value::Null);
    let same = match shown {
        Value::String(text) => text == amount,
        Value::Number(number) => number.as_i64() == amount.parse().ok() && !number.is_f64(),
        _ => false,
    };
    assert!(same, "{} {}: {amount} {currency} came back as {shown}", place.row.id, place.param());
    if let Some(billed_in) = got["currency"].as_str() {
        assert_eq!(billed_in, currency, "{}", place.row.id);
    }
}

/// What is no amount in any currency.
async fn no_numbers(sandbox: &Sandbox, place: &Place, currency: &str) {
    let texts: &[&str] = match place.decimal {
        false => {
            &["1.5", "25000.0", "1e3", "25,000", " 25000", "0x10", "NaN", "twenty", "99999999999999999999"]
        }
        true => &["1e3", "25,000", " 1", "0x10", "NaN", "twenty", "1.0000000000001", "1.2.3", "."],
    };
    let code = if place.decimal { "" } else { "parameter_invalid_integer" };
    for text in texts {
        refused(sandbox, place, currency, text, code).await;
    }
}

async fn by_its_rule(sandbox: &Sandbox, place: &Place, currency: Currency, rule: Rule) {
    let code = currency.as_str();
    let (step, most) = (currency.step(), currency.most_charge());
    let text = |amount: i64| amount.to_string();
    accepted(sandbox, place, code, &text(GOOD)).await;
    no_numbers(sandbox, place, code).await;
    let negative = text(-GOOD);
    match rule {
        Rule::Charge | Rule::Part | Rule::Sum => {
            for wrong in ["0", negative.as_str()] {
                refused(sandbox, place, code, wrong, "parameter_invalid_integer").await;
            }
        }
        Rule::Unit if place.decimal => refused(sandbox, place, code, &negative, "").await,
        Rule::Unit => refused(sandbox, place, code, &negative, "parameter_invalid_integer").await,
        Rule::Line | Rule::Units => accepted(sandbox, place, code, &negative).await,
    }
    if step > 1 && matches!(rule, Rule::Charge | Rule::Part | Rule::Sum | Rule::Line) {
        refused(sandbox, place, code, &text(GOOD + 1), "parameter_invalid_integer").await;
        refused(sandbox, place, code, &text(GOOD + step / 2), "parameter_invalid_integer").await;
    } else {
        accepted(sandbox, place, code, &text(GOOD + 1)).await;
    }
    match rule {
        Rule::Charge => {
            refused(sandbox, place, code, &text(most + 1), "amount_too_large").await;
            if let Some(least) = currency.least_charge() {
                refused(sandbox, place, code, &text(least - 1), "amount_too_small").await;
                accepted(sandbox, place, code, &text(least)).await;
            }
        }
        Rule::Part => {
            accepted(sandbox, place, code, &text(step)).await;
            accepted(sandbox, place, code, &text(BEFORE)).await;
            refused(sandbox, place, code, &text(BEFORE + step), "").await;
        }
        Rule::Sum => {
            accepted(sandbox, place, code, &text(step)).await;
            let beyond = most / step * step + step;
            refused(sandbox, place, code, &text(beyond), "amount_too_large").await;
        }
        Rule::Line => refused(sandbox, place, code, "1000000000000", "amount_too_large").await,
        Rule::Unit | Rule::Units if place.decimal => {
            accepted(sandbox, place, code, "25000.123456789012").await;
        }
        Rule::Unit | Rule::Units => {
            refused(sandbox, place, code, "1000000000000", "parameter_invalid_integer").await;
        }
    }
}

/// An amount that nothing comes of is refused in so many words.
async fn without_effect(sandbox: &Sandbox, place: &Place, currency: &str) {
    let error = given(sandbox, place, currency, "25000").await.error(400);
    let message = error["message"].as_str().unwrap_or_default();
    let param = error["param"].as_str().unwrap_or_default();
    assert!(message.contains("does not do"), "{} {}: {error}", place.row.id, place.param());
    assert!(place.param().starts_with(param), "{} {}: {error}", place.row.id, place.param());
}

#[tokio::test]
async fn every_amount_holds_in_every_kind_of_currency() {
    let places = places::all();
    assert!(places.len() > 40, "the tables have amounts");
    let mut executed = 0;
    for place in &places {
        for code in CURRENCIES {
            let (sandbox, _) = quiet(1).await;
            match recipes::fate(place) {
                Some(Fate::Shows(_, rule)) => {
                    by_its_rule(&sandbox, place, Currency::parse(code).unwrap(), rule).await;
                    executed += 1;
                }
                Some(Fate::Refused(why)) => {
                    let error = given(&sandbox, place, code, "25000").await.error(400);
                    assert!(error["message"].as_str().unwrap().contains(why), "{error}");
                }
                None => {
                    without_effect(&sandbox, place, code).await;
                    break;
                }
            }
        }
    }
    assert!(executed >= 20 * CURRENCIES.len(), "{executed}");
}

#[tokio::test]
async fn a_payment_can_be_made_in_every_currency_from_its_least_to_its_most() {
    let place = places::all().into_iter().find(|p| p.row.id == "paymentIntents.create").unwrap();
    for currency in Currency::all() {
        let (sandbox, _) = quiet(2).await;
        let code = currency.as_str();
        let least = currency.least_charge().unwrap_or(currency.step());
        let most = currency.most_charge() / currency.step() * currency.step();
        accepted(&sandbox, &place, code, &least.to_string()).await;
        accepted(&sandbox, &place, code, &most.to_string()).await;
        refused(&sandbox, &place, code, &(most + currency.step()).to_string(), "amount_too_large").await;
    }
}

#[tokio::test]
async fn an_unknown_currency_is_refused_with_the_list() {
    let (sandbox, _) = quiet(3).await;
    for currency in ["EURO", "xxx", "usdc", "us", "dollar"] {
        let params = json!({"amount": 1000, "currency": currency});
        let error = post(&sandbox, "/v1/payment_intents", params).await.error(400);
        let begins = format!(
            "Invalid currency: {}. Stripe currently supports these currencies: usd, aed, afn, ",
            currency.to_lowercase()
        );
        assert!(error["message"].as_str().unwrap().starts_with(&begins), "{error}");
        assert_eq!((&error["param"], error.get("code")), (&Value::from("currency"), None));
    }
}

#[tokio::test]
async fn what_nobody_can_pay_of_an_invoice_waits_on_the_balance_of_its_customer() {
    for (currency, unit, due, waits) in [
        ("ugx", 12_349, 12_300, 49),
        ("ugx", 12_350, 12_400, -50),
        ("kwd", 1_234, 1_230, 4),
        ("usd", 1_234, 1_234, 0),
    ] {
        let (sandbox, _) = quiet(4).await;
        let (customer, _) = payer(&sandbox, "pm_card_visa").await;
        let price = json!({"product_data": {"name": "Gold"}, "currency": currency, "unit_amount": unit,
                           "recurring": {"interval": "month"}});
        let price = id(&post(&sandbox, "/v1/prices", price).await.ok());
        let made = post(&sandbox, "/v1/subscriptions", to(&customer, &price, json!({}))).await.ok();
        assert_eq!(made["status"], "active", "{currency}");
        let invoice = latest(&sandbox, &id(&made));
        let sums = (&invoice["total"], &invoice["amount_paid"], &invoice["ending_balance"]);
        assert_eq!(sums, (&json!(unit), &json!(due), &json!(waits)), "{currency}");
        assert_eq!(sandbox.objects("charge")[0]["amount"], due, "{currency}");
        assert_eq!(sandbox.object(&customer).unwrap()["balance"], waits, "{currency}");
    }
}
