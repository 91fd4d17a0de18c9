//! Whatever is discounted and taxed: the sums are exact, and a change undone costs nothing.
//! A failing case prints its seed.

use model::{Rng as _, SeededRng};

use super::{super::subscribing::*, *};

/// Picks by a seed.
struct Dice(SeededRng);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % most
    }

    fn chance(&mut self) -> bool {
        self.below(2) == 0
    }

    fn some(&mut self, all: &[String], most: u64) -> Vec<String> {
        let count = self.below(most + 1);
        (0..count).map(|_| all[usize::try_from(self.below(all.len() as u64)).unwrap()].clone()).collect()
    }
}

/// Coupons and tax rates of every kind.
async fn terms(sandbox: &Sandbox, dice: &mut Dice) -> (Vec<String>, Vec<String>) {
    let (mut coupons, mut rates) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        let mut params = json!({"duration": if dice.chance() { "once" } else { "forever" }});
        if dice.chance() {
            let hundredths = dice.below(10_000) + 1;
            params["percent_off"] = json!(format!("{}.{:02}", hundredths / 100, hundredths % 100));
        } else {
            params["amount_off"] = json!(dice.below(5000) + 1);
            params["currency"] = json!("usd");
        }
        coupons.push(coupon(sandbox, params).await);
        let thousandths = dice.below(30_000);
        let percent = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
        rates.push(rate(sandbox, percent, dice.chance()).await);
    }
    (coupons, rates)
}

fn redeeming(coupons: Vec<String>) -> Value {
    coupons.into_iter().map(|id| json!({"coupon": id})).collect()
}

fn sum(list: &Value, which: impl Fn(&Value) -> bool) -> i64 {
    list.as_array().unwrap().iter().filter(|one| which(one)).map(|one| int(one, "amount")).sum()
}

/// What must hold of every invoice and its lines.
fn holds(invoice: &Value, lines: &[Value], seed: u64) {
    let of = |name: &str| lines.iter().map(|line| sum(&line[name], |_| true)).sum::<i64>();
    let on_top = |tax: &Value| tax["tax_behavior"] == "exclusive";
    let inside = |tax: &Value| tax["tax_behavior"] == "inclusive";
    let (discounts, taxes) = (&invoice["total_discount_amounts"], &invoice["total_taxes"]);
    let before: i64 = lines.iter().map(|line| int(line, "amount")).sum();
    let whole: Vec<&Value> = invoice["discounts"].as_array().unwrap().iter().collect();
    let off_whole = sum(discounts, |one| whole.contains(&&one["discount"]));
    assert_eq!(int(invoice, "total"), before - sum(discounts, |_| true) + sum(taxes, on_top), "seed {seed}");
    assert_eq!(
        int(invoice, "total"),
        int(invoice, "subtotal") - off_whole + sum(taxes, on_top),
        "seed {seed}"
    );
    assert_eq!(
        int(invoice, "total_excluding_tax"),
        int(invoice, "total") - sum(taxes, on_top) - sum(taxes, inside),
        "seed {seed}"
    );
    assert_eq!(
        (sum(discounts, |_| true), sum(taxes, |_| true)),
        (of("discount_amounts"), of("taxes")),
        "seed {seed}"
    );
    for line in lines.iter().filter(|line| int(line, "amount") >= 0) {
        let off = sum(&line["discount_amounts"], |_| true);
        assert!((0..=int(line, "amount")).contains(&off), "seed {seed}: {line}");
    }
}

#[tokio::test]
async fn a_total_is_the_lines_less_discounts_and_plus_taxes_to_the_last_unit() {
    for seed in 0..12_u64 {
        let (sandbox, _) = quiet(seed).await;
        let mut dice = Dice(SeededRng::new(seed));
        let (coupons, rates) = terms(&sandbox, &mut dice).await;
        let params = json!({"discounts": redeeming(dice.some(&coupons, 3)), "default_tax_rates": dice.some(&rates, 2)});
        let mut lines = Vec::new();
        for _ in 0..=dice.below(5) {
            let amount =
                i64::try_from(dice.below(30_000)).unwrap() - if dice.below(5) == 0 { 20_000 } else { 0 };
            let mut line = json!({"amount": amount, "tax_rates": dice.some(&rates, 2)});
            line["discounts"] = redeeming(dice.some(&coupons, 2));
            lines.push(line);
        }
        let invoice = draft_of(&sandbox, params, &lines).await;
        let shown = get(&sandbox, &format!("/v1/invoices/{}/lines?limit=100", id(&invoice))).await.ok();
        holds(&invoice, shown["data"].as_array().unwrap(), seed);
    }
}

#[tokio::test]
async fn a_change_undone_in_its_period_costs_nothing() {
    for seed in 100..110_u64 {
        let (sandbox, _) = quiet(seed).await;
        let mut dice = Dice(SeededRng::new(seed));
        let (coupons, rates) = terms(&sandbox, &mut dice).await;
        let (customer, _) = payer(&sandbox, "pm_card_visa").await;
        let mut items = Vec::new();
        for nth in 0..=dice.below(2) {
            let amount = i64::try_from(dice.below(90_000) + 10_000).unwrap();
            let price = price(&sandbox, &format!("Product {nth}"), amount, "month").await;
            items.push(json!({"price": price, "discounts": redeeming(dice.some(&coupons, 1)),
                              "tax_rates": dice.some(&rates, 2)}));
        }
        let more = json!({"items": items, "discounts": redeeming(dice.some(&coupons, 2)),
                          "default_tax_rates": dice.some(&rates, 1)});
        let made = post(&sandbox, "/v1/subscriptions", to(&customer, "", more)).await.ok();
        sandbox.advance_ms(i64::try_from(dice.below(27)).unwrap() * DAY_MS + HOUR_MS).await;
        let item = &made["items"]["data"][0]["id"];
        for quantity in [dice.below(8) + 2, 1] {
            let items = json!([{"id": item, "quantity": quantity}]);
            let params = json!({"items": items, "proration_behavior": "always_invoice"});
            post(&sandbox, &path(&id(&made)), params).await.ok();
        }
        let invoices = sandbox.objects("invoice");
        let undone: i64 = invoices.iter().skip(1).map(|one| int(one, "total")).sum();
        assert_eq!(undone, 0, "seed {seed}");
        for invoice in &invoices {
            let lines = get(&sandbox, &format!("/v1/invoices/{}/lines", id(invoice))).await.ok();
            holds(invoice, lines["data"].as_array().unwrap(), seed);
        }
    }
}
