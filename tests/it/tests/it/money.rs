//! Money through actions over HTTP: every amount comes back as it was given, in minor
//! units of its currency, and what is none is refused with its field named, by us before
//! anything is sent or by Stripe in its own words.

use std::{future::Future, pin::Pin};

use actions::{Action, Catalog, camel};
use bursar_it::TestApp;
use model::Currency;
use serde_json::{Value, json};
use stripe::tables::{Param, Type};

use crate::calling::Calling;

/// No decimals, two, three; hundredths that nobody can pay; whole payouts.
const CURRENCIES: [&str; 6] = ["jpy", "usd", "kwd", "isk", "ugx", "huf"];
/// What can be charged in all of them.
const GOOD: i64 = 25_000;

type Config<'a> = Pin<Box<dyn Future<Output = Value> + 'a>>;

/// An amount of an action.
struct Amount {
    action: &'static str,
    field: &'static str,
    /// Where the answer shows it.
    shows: &'static str,
    /// Whether it is charged, with a least and a most.
    charged: bool,
    /// Everything but the amount.
    config: for<'a> fn(&'a Calling, &'a str) -> Config<'a>,
}

const AMOUNTS: &[Amount] = &[
    Amount {
        action: "stripe.createPaymentIntent",
        field: "amount",
        shows: "amount",
        charged: true,
        config: |_, currency| Box::pin(async move { json!({ "currency": currency }) }),
    },
    Amount {
        action: "stripe.updatePaymentIntent",
        field: "amount",
        shows: "amount",
        charged: true,
        config: |calling, currency| Box::pin(of_intent(calling, currency, json!({}))),
    },
    Amount {
        action: "stripe.capturePaymentIntent",
        field: "amountToCapture",
        shows: "amount_received",
        charged: true,
        config: |calling, currency| {
            let held = json!({"confirm": true, "paymentMethod": "pm_card_visa", "captureMethod": "manual"});
            Box::pin(of_intent(calling, currency, held))
        },
    },
    Amount {
        action: "stripe.createRefund",
        field: "amount",
        shows: "amount",
        charged: false,
        config: |calling, currency| {
            let paid = json!({"confirm": true, "paymentMethod": "pm_card_visa"});
            Box::pin(of_intent(calling, currency, paid))
        },
    },
    Amount {
        action: "stripe.createCoupon",
        field: "amountOff",
        shows: "amount_off",
        charged: false,
        config: |_, currency| Box::pin(async move { json!({ "currency": currency }) }),
    },
    Amount {
        action: "stripe.createCreditNote",
        field: "amount",
        shows: "amount",
        charged: false,
        config: |calling, currency| Box::pin(of_invoice(calling, currency)),
    },
    Amount {
        action: "stripe.createInvoiceItem",
        field: "amount",
        shows: "amount",
        charged: false,
        config: |calling, currency| Box::pin(of_customer(calling, currency)),
    },
    Amount {
        action: "stripe.createInvoiceItem",
        field: "unitAmountDecimal",
        shows: "amount",
        charged: false,
        config: |calling, currency| Box::pin(of_customer(calling, currency)),
    },
    Amount {
        action: "stripe.createPrice",
        field: "unitAmount",
        shows: "unit_amount",
        charged: false,
        config: |_, currency| Box::pin(async move { of_product(currency) }),
    },
    Amount {
        action: "stripe.createPrice",
        field: "unitAmountDecimal",
        shows: "unit_amount",
        charged: false,
        config: |_, currency| Box::pin(async move { of_product(currency) }),
    },
];

/// Parts of another amount, which they have to agree with: the example's invoice is not
/// paid, so there are none of it.
const PARTS: &[(&str, &[&str])] =
    &[("stripe.createCreditNote", &["credit_amount", "out_of_band_amount", "refund_amount"])];

/// An open invoice that is large enough.
async fn of_invoice(calling: &Calling, currency: &str) -> Value {
    let mut line = of_customer(calling, currency).await;
    let made = json!({"customerId": line["customerId"], "currency": currency});
    let invoice = calling.call("stripe.createInvoice", made).await["id"].clone();
    line["amount"] = json!(2 * GOOD);
    line["invoiceId"] = invoice.clone();
    calling.call("stripe.createInvoiceItem", line).await;
    calling.call("stripe.finalizeInvoice", json!({ "invoiceId": invoice })).await;
    json!({ "invoiceId": invoice })
}

fn of_product(currency: &str) -> Value {
    json!({"currency": currency, "productData": {"name": "Gold"}})
}

async fn of_customer(calling: &Calling, currency: &str) -> Value {
    let customer = calling.call("stripe.createCustomer", json!({"name": "Ada"})).await;
    json!({"customerId": customer["id"], "currency": currency})
}

async fn of_intent(calling: &Calling, currency: &str, more: Value) -> Value {
    let mut config = json!({"amount": 2 * GOOD, "currency": currency});
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"paymentIntentId": calling.call("stripe.createPaymentIntent", config).await["id"]})
}

impl Amount {
    fn is_decimal(&self) -> bool {
        self.field.ends_with("Decimal")
    }

    async fn config(&self, calling: &Calling, currency: &str, amount: Value) -> Value {
        let mut config = (self.config)(calling, currency).await;
        config[self.field] = amount;
        config
    }

    async fn comes_back(&self, calling: &Calling, currency: &str, amount: i64) {
        let given = if self.is_decimal() { json!(amount.to_string()) } else { json!(amount) };
        let config = self.config(calling, currency, given).await;
        let shown = calling.call(self.action, config).await;
        assert_eq!(shown[self.shows], amount, "{} {} {currency}", self.action, self.field);
        assert!(shown[self.shows].is_i64(), "{} {}", self.action, self.field);
        assert_eq!(shown["currency"], currency, "{} {}", self.action, self.field);
    }

    /// Refused by us: the field is named, and nothing leaves.
    async fn is_none(&self, calling: &Calling, currency: &str, amount: Value) {
        let config = self.config(calling, currency, amount.clone()).await;
        let asked = calling.surfaces.app.sandbox.journal().len();
        let answer = calling.ask(self.action, config).await;
        let error = &answer.body["error"];
        assert_eq!((answer.status, answer.code()), (400, "validation_error"), "{amount}: {error:#}");
        assert_eq!(error["field"], format!("config.{}", self.field), "{amount}: {error:#}");
        assert_eq!(calling.surfaces.app.sandbox.journal().len(), asked, "{amount} was sent");
    }

    /// Refused by Stripe: its words stay, and the field is named.
    async fn is_refused(&self, calling: &Calling, currency: &str, amount: i64, code: &str) {
        let given = if self.is_decimal() { json!(amount.to_string()) } else { json!(amount) };
        let config = self.config(calling, currency, given).await;
        let answer = calling.ask(self.action, config).await;
        let error = &answer.body["error"];
        let at = format!("{} {} {amount} {currency}: {error:#}", self.action, self.field);
        assert_eq!(answer.code(), "invalid_request_error", "{at}");
        assert_eq!(error["stripe"]["code"].as_str().unwrap_or_default(), code, "{at}");
        let param = error["stripe"]["param"].as_str().unwrap();
        assert_eq!(error["field"], format!("config.{}", self.field), "{at}");
        assert_eq!(param.replace('_', ""), self.field.to_lowercase(), "{at}");
        assert!(answer.message().contains("Nothing changed at Stripe."), "{at}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_amount_of_an_action_holds_in_every_kind_of_currency() {
    let calling = Calling::over(TestApp::new().await).await;
    for amount in AMOUNTS {
        for code in CURRENCIES {
            let currency = Currency::parse(code).unwrap();
            amount.comes_back(&calling, code, GOOD).await;
            for wrong in [json!(1.5), json!(true), json!({}), json!("a lot"), json!("1e3")] {
                amount.is_none(&calling, code, wrong).await;
            }
            if !amount.is_decimal() {
                amount.is_none(&calling, code, json!("250.00")).await;
            }
            if amount.charged {
                amount.is_refused(&calling, code, 0, "parameter_invalid_integer").await;
                amount.is_refused(&calling, code, -GOOD, "parameter_invalid_integer").await;
                amount.is_refused(&calling, code, currency.most_charge() + 1, "amount_too_large").await;
                if let Some(least) = currency.least_charge() {
                    amount.is_refused(&calling, code, least - 1, "amount_too_small").await;
                }
            }
            // What a coupon takes off is no payment.
            let paid = amount.shows.starts_with("amount") && amount.shows != "amount_off";
            if currency.step() > 1 && paid && !amount.is_decimal() {
                amount.is_refused(&calling, code, GOOD + 1, "parameter_invalid_integer").await;
            }
        }
    }
}

/// The whole-number and decimal parameters of an action that say `amount`.
fn amounts(action: &Action) -> impl Iterator<Item = &'static Param> {
    let params = action.operation.resolve().params.iter();
    params.filter(|p| p.name.contains("amount") && matches!(p.kind, Type::Integer | Type::Decimal))
}

#[tokio::test(start_paused = true)]
async fn an_amount_that_the_sandbox_does_not_heed_is_refused_and_not_forgotten() {
    for action in Catalog.all() {
        for param in amounts(action) {
            let tested = |a: &&Amount| {
                a.action == action.name && a.field.to_lowercase() == param.name.replace('_', "")
            };
            if AMOUNTS.iter().any(|a| tested(&a)) {
                continue;
            }
            let app = TestApp::new().await;
            let mut input = bursar_it::Fixtures::of(&app.sandbox).fill(action).await;
            let field = camel(param.name);
            input[&field] = json!(GOOD);
            let calling = Calling::over(app).await;
            let answer = calling.ask(action.name, input).await;
            let error = &answer.body["error"];
            let part = PARTS.iter().any(|(of, all)| *of == action.name && all.contains(&param.name));
            let words = if part { "is not paid, so nothing" } else { "does not do the parameter" };
            assert!(answer.message().contains(words), "{}: {error:#}", action.name);
            assert_eq!(error["field"], format!("config.{field}"), "{}: {error:#}", action.name);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_currency_is_refused_before_anything_is_sent() {
    let calling = Calling::over(TestApp::new().await).await;
    let asked = calling.surfaces.app.sandbox.journal().len();
    for currency in ["EURO", "xxx", "usdc", "us"] {
        let answer =
            calling.ask("stripe.createPaymentIntent", json!({"amount": 1999, "currency": currency})).await;
        assert_eq!(answer.body["error"]["field"], "config.currency", "{:#}", answer.body);
    }
    assert_eq!(calling.surfaces.app.sandbox.journal().len(), asked);
    let shown = calling.call("stripe.createPaymentIntent", json!({"amount": 1999, "currency": "USD"})).await;
    assert_eq!(shown["currency"], "usd", "either case will do");
}
