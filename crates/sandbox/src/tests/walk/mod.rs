//! Random walks over everything that moves money: whatever is asked in whatever order, no
//! object changes its status but by the tables of transitions, every sum is the sum of its
//! parts, and what an event told stays told. A failure names its seed.

mod steps;
mod tables;

use std::collections::BTreeMap;

use serde_json::Value;

use super::client::*;
use crate::Sandbox;

const SEEDS: u64 = 25;
const STEPS: usize = 60;

/// What was seen of the sandbox so far.
#[derive(Default)]
struct Seen {
    /// The status of every object, by id.
    statuses: BTreeMap<String, String>,
    /// What every event showed when it was first seen.
    events: BTreeMap<String, Value>,
}

impl Seen {
    /// Holds the sandbox after a step against what was seen before it.
    fn look(&mut self, sandbox: &Sandbox, what: &str) {
        for kind in tables::KINDS {
            for object in sandbox.objects(kind) {
                let status = tables::status(&object);
                let before = self.statuses.insert(id(&object), status.clone());
                let before = before.as_deref();
                assert!(
                    tables::allows(kind, before, &status),
                    "{what}: {kind} from {before:?} to {status}: {object}"
                );
            }
        }
        for event in sandbox.events() {
            let told = &event["data"];
            let first = self.events.entry(id(&event)).or_insert_with(|| {
                let object = &told["object"];
                let current = object["id"].as_str().and_then(|id| sandbox.object(id));
                if let Some(current) =
                    current.filter(|_| tables::KINDS.contains(&object["object"].as_str().unwrap()))
                {
                    // It is told as it was at one moment of the step: never what it never was.
                    let (then, now) = (tables::status(object), tables::status(&current));
                    let kind = object["object"].as_str().unwrap();
                    assert!(
                        then == now || tables::leads(kind, &then, &now),
                        "{what}: {kind} told {then}, is {now}"
                    );
                }
                told.clone()
            });
            assert_eq!(first, told, "{what}: an event changed");
        }
    }
}

fn sum(objects: &[Value], field: &str) -> i64 {
    objects.iter().map(|object| object[field].as_i64().unwrap_or(0)).sum()
}

/// What all transactions of one source come to, fees left out.
fn moved(transactions: &[Value], source: &Value) -> i64 {
    transactions.iter().filter(|t| t["source"] == source["id"]).map(|t| t["amount"].as_i64().unwrap()).sum()
}

/// Every sum is that of its parts, worked out from the objects and not from the balance.
async fn adds_up(sandbox: &Sandbox, what: &str) {
    let transactions = sandbox.objects("balance_transaction");
    for charge in sandbox.objects("charge") {
        let taken = if charge["captured"] == true && charge["status"] == "succeeded" {
            charge["amount_captured"].as_i64().unwrap()
        } else {
            0
        };
        assert_eq!(moved(&transactions, &charge), taken, "{what}: {charge}");
        let refunds: Vec<Value> =
            sandbox.objects("refund").into_iter().filter(|r| r["charge"] == charge["id"]).collect();
        let given: i64 =
            refunds.iter().filter(|r| r["status"] != "failed").map(|r| r["amount"].as_i64().unwrap()).sum();
        let released =
            if charge["captured"] == true { charge["amount"].as_i64().unwrap() - taken } else { 0 };
        let shown = charge["amount_refunded"].as_i64().unwrap();
        assert!(charge["status"] != "succeeded" || shown == given + released, "{what}: {charge} {refunds:?}");
        assert!(shown <= charge["amount"].as_i64().unwrap(), "{what}: {charge}");
        for refund in refunds.iter().filter(|r| !r["balance_transaction"].is_null()) {
            let out = if refund["status"] == "failed" { 0 } else { -refund["amount"].as_i64().unwrap() };
            assert_eq!(moved(&transactions, refund), out, "{what}: {refund}");
        }
    }
    for dispute in sandbox.objects("dispute") {
        let inquiry = dispute["status"].as_str().unwrap().starts_with("warning");
        let taken =
            if inquiry || dispute["status"] == "won" { 0 } else { -dispute["amount"].as_i64().unwrap() };
        assert_eq!(moved(&transactions, &dispute), taken, "{what}: {dispute}");
    }
    for payout in sandbox.objects("payout") {
        let back = matches!(payout["status"].as_str(), Some("canceled" | "failed"));
        let out = if back { 0 } else { -payout["amount"].as_i64().unwrap() };
        assert_eq!(moved(&transactions, &payout), out, "{what}: {payout}");
    }
    let balance = get(sandbox, "/v1/balance").await.ok();
    let shown =
        [&balance["available"], &balance["pending"]].map(|list| sum(list.as_array().unwrap(), "amount"));
    assert_eq!(shown[0] + shown[1], sum(&transactions, "amount") - sum(&transactions, "fee"), "{what}");
    for customer in sandbox.objects("customer") {
        let of = |kind: &str| -> Vec<Value> {
            sandbox.objects(kind).into_iter().filter(|t| t["customer"] == customer["id"]).collect()
        };
        assert_eq!(
            customer["balance"].as_i64().unwrap(),
            sum(&of("customer_balance_transaction"), "amount"),
            "{what}"
        );
        let cash = get(sandbox, &format!("/v1/customers/{}/cash_balance", id(&customer))).await.ok();
        let there: i64 =
            cash["available"].as_object().map_or(0, |all| all.values().filter_map(Value::as_i64).sum());
        assert_eq!(there, sum(&of("customer_cash_balance_transaction"), "net_amount"), "{what}: {cash}");
    }
    for invoice in sandbox.objects("invoice") {
        let notes: Vec<Value> = sandbox
            .objects("credit_note")
            .into_iter()
            .filter(|n| n["invoice"] == invoice["id"] && n["status"] == "issued")
            .collect();
        for (of_invoice, of_note) in [
            ("pre_payment_credit_notes_amount", "pre_payment_amount"),
            ("post_payment_credit_notes_amount", "post_payment_amount"),
        ] {
            assert_eq!(invoice[of_invoice].as_i64().unwrap(), sum(&notes, of_note), "{what}: {invoice}");
        }
    }
}

#[tokio::test]
async fn money_is_never_lost_and_no_status_comes_from_nowhere() {
    for seed in 0..SEEDS {
        let (sandbox, _) = quiet(seed).await;
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut seen = Seen::default();
        let mut walk = steps::Walk::begin(&sandbox).await;
        for nth in 0..STEPS {
            let what = walk.step(&sandbox, &mut rng).await;
            let what = format!("seed {seed}, step {nth}, {what}");
            seen.look(&sandbox, &what);
            if nth % 4 == 3 || nth + 1 == STEPS {
                adds_up(&sandbox, &what).await;
            }
        }
        assert!(walk.accepted > STEPS / 4, "seed {seed}: the walk goes nowhere: {}", walk.accepted);
    }
}
