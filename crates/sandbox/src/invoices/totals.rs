//! A draft's sums: what its lines cost, what discounts take off, what taxes add.
//!
//! Discounts come before taxes. `subtotal` has the lines' own discounts in it and those of
//! the whole invoice not (Stripe's API, Invoices); `total` is the lines less every discount
//! and plus every tax that is not inside a price, to the last minor unit.

use serde_json::{Value, json};

use crate::{
    discounts::{
        self,
        apply::{Priced, Taken},
    },
    state::Tx,
    tax_rates::{
        self,
        apply::{Rate, Tax, exclusive, inclusive},
    },
    value,
};

#[derive(Default)]
struct Sums {
    subtotal: i64,
    subtotal_without_tax: i64,
    total: i64,
    total_without_tax: i64,
    /// By discount.
    discounts: Vec<(String, i64)>,
    taxes: Vec<Tax>,
}

/// Writes a draft's sums from its lines and the customer's balance, and on its lines what
/// discounts and taxes make of them.
pub(crate) fn recalculate(tx: &mut Tx, invoice: &mut Value) {
    let currency = value::text(invoice, "currency").unwrap_or_default();
    let lines: Vec<Value> =
        super::object::ids(invoice, "_lines").filter_map(|id| tx.get(id)).cloned().collect();
    let priced: Vec<Priced> = lines.iter().map(|line| priced(tx, line, currency)).collect();
    let whole = discounts::cuts(tx, &discounts::ids(invoice), currency);
    let exempt = value::text(invoice, "customer_tax_exempt").filter(|standing| *standing != "none");
    let mut sums =
        Sums { discounts: whole.iter().map(|cut| (cut.discount.clone(), 0)).collect(), ..Sums::default() };
    for (line, taken) in lines.iter().zip(discounts::apply::apply(&priced, &whole)) {
        let rates = rates(tx, line, invoice);
        let taxes = taxes(value::int(line, "amount") - taken.sum(), &rates, exempt);
        sums.add(value::int(line, "amount"), &taken, &taxes, &rates, exempt);
        let after = with(line, &taken, &taxes, exempt);
        if after != *line {
            tx.put(after);
        }
    }
    let exempt = exempt.map(str::to_owned);
    sums.write(invoice, exempt.as_deref());
    due(tx, invoice);
}

fn due(tx: &Tx, invoice: &mut Value) {
    let customer = value::text(invoice, "customer").and_then(|id| tx.find("customer", id));
    let balance = customer.map_or(0, |c| value::int(c, "balance"));
    let due = value::int(invoice, "total").saturating_add(balance).max(0);
    value::set(invoice, "starting_balance", balance);
    value::set(invoice, "amount_due", due);
    value::set(invoice, "amount_remaining", due);
}

/// A line as discounts see it.
fn priced(tx: &Tx, line: &Value, currency: &str) -> Priced {
    Priced {
        amount: value::int(line, "amount"),
        discountable: line["discountable"] == true,
        product: value::text(&line["pricing"]["price_details"], "product").map(str::to_owned),
        own: discounts::cuts(tx, &discounts::ids(line), currency),
    }
}

/// A line's own tax rates, else the invoice's.
fn rates(tx: &Tx, line: &Value, invoice: &Value) -> Vec<Rate> {
    let own = tax_rates::ids(line, "_tax_rates");
    let ids = if own.is_empty() { tax_rates::ids(invoice, "_default_tax_rates") } else { own };
    ids.iter().filter_map(|id| tax_rates::rate(tx, id)).collect()
}

/// The taxes on an amount. Who is exempt has them named, and pays none.
fn taxes(amount: i64, rates: &[Rate], exempt: Option<&str>) -> Vec<Tax> {
    if exempt.is_none() {
        return tax_rates::apply::apply(amount, rates);
    }
    let none =
        |rate: &Rate| Tax { rate: rate.id.clone(), inclusive: rate.inclusive, amount: 0, taxable: amount };
    rates.iter().map(none).collect()
}

/// A line with what discounts and taxes make of it.
fn with(line: &Value, taken: &Taken, taxes: &[Tax], exempt: Option<&str>) -> Value {
    let mut after = line.clone();
    let all: Vec<(String, i64)> = taken.all().cloned().collect();
    value::set(&mut after, "discount_amounts", amounts(&all));
    value::set(&mut after, "pretax_credit_amounts", credits(&all));
    value::set(&mut after, "taxes", tax_rates::taxes(taxes, exempt));
    after
}

fn amounts(discounts: &[(String, i64)]) -> Value {
    discounts.iter().map(|(id, amount)| json!({"amount": amount, "discount": id})).collect()
}

fn credits(discounts: &[(String, i64)]) -> Value {
    discounts
        .iter()
        .map(|(id, amount)| json!({"amount": amount, "discount": id, "type": "discount"}))
        .collect()
}

impl Sums {
    fn add(&mut self, amount: i64, taken: &Taken, taxes: &[Tax], rates: &[Rate], exempt: Option<&str>) {
        let subtotal = amount.saturating_sub(taken.by_own());
        let net = amount.saturating_sub(taken.sum());
        let inside = inclusive(&self::taxes(subtotal, rates, exempt));
        self.subtotal = self.subtotal.saturating_add(subtotal);
        self.subtotal_without_tax = self.subtotal_without_tax.saturating_add(subtotal - inside);
        self.total = self.total.saturating_add(net).saturating_add(exclusive(taxes));
        self.total_without_tax = self.total_without_tax.saturating_add(net - inclusive(taxes));
        for (id, amount) in taken.all() {
            match self.discounts.iter_mut().find(|(known, _)| known == id) {
                Some((_, sum)) => *sum = sum.saturating_add(*amount),
                None => self.discounts.push((id.clone(), *amount)),
            }
        }
        for tax in taxes {
            match self.taxes.iter_mut().find(|known| known.rate == tax.rate) {
                Some(known) => {
                    known.amount = known.amount.saturating_add(tax.amount);
                    known.taxable = known.taxable.saturating_add(tax.taxable);
                }
                None => self.taxes.push(tax.clone()),
            }
        }
    }

    fn write(&self, invoice: &mut Value, exempt: Option<&str>) {
        value::set(invoice, "subtotal", self.subtotal);
        value::set(invoice, "subtotal_excluding_tax", self.subtotal_without_tax);
        value::set(invoice, "total", self.total);
        value::set(invoice, "total_discount_amounts", amounts(&self.discounts));
        value::set(invoice, "total_excluding_tax", self.total_without_tax);
        value::set(invoice, "total_pretax_credit_amounts", credits(&self.discounts));
        value::set(invoice, "total_taxes", tax_rates::taxes(&self.taxes, exempt));
    }
}
