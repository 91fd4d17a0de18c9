//! What can be asked, and asking it at random. A refusal is as good a step as any.

use fastrand::Rng;
use serde_json::{Value, json};

use super::super::client::*;
use crate::Sandbox;

const CARDS: &[&str] = &[
    "pm_card_visa",
    "pm_card_bypassPending",
    "pm_card_chargeDeclined",
    "pm_card_authenticationRequired",
    "pm_card_authenticationRequiredOnSetup",
    "pm_card_createDispute",
    "pm_card_createDisputeInquiry",
    "pm_card_refundFail",
    "pm_card_pendingRefund",
    "pm_usBankAccount_success",
    "pm_usBankAccount_insufficientFunds",
    "pm_usBankAccount_dispute",
];

/// A walk, and the customer that it is about.
pub(super) struct Walk {
    customer: String,
    /// How many steps were no refusal.
    pub(super) accepted: usize,
}

/// Some object of a kind; none when there is none.
fn any(sandbox: &Sandbox, rng: &mut Rng, kind: &str) -> Option<String> {
    let all = sandbox.objects(kind);
    (!all.is_empty()).then(|| id(&all[rng.usize(..all.len())]))
}

impl Walk {
    pub(super) async fn begin(sandbox: &Sandbox) -> Self {
        let made = post(sandbox, "/v1/customers", json!({"email": "ada@example.com"})).await.ok();
        Self { customer: id(&made), accepted: 0 }
    }

    /// Asks something. Returns what.
    pub(super) async fn step(&mut self, sandbox: &Sandbox, rng: &mut Rng) -> String {
        match rng.u8(..20) {
            0..=4 => self.pay(sandbox, rng).await,
            5 => self.set_up(sandbox, rng).await,
            6..=8 => self.on_intent(sandbox, rng).await,
            9 | 10 => self.refund(sandbox, rng).await,
            11 => self.dispute(sandbox, rng).await,
            12 | 13 => self.pay_out(sandbox, rng).await,
            14 | 15 => self.invoice(sandbox, rng).await,
            16 => self.credit(sandbox, rng).await,
            17 => self.own(sandbox, rng).await,
            _ => {
                let hours = rng.i64(1..200);
                sandbox.advance_ms(hours * 3_600_000).await;
                format!("{hours} hours")
            }
        }
    }

    async fn ask(&mut self, sandbox: &Sandbox, path: &str, params: Value) -> String {
        let got = post(sandbox, path, params.clone()).await;
        assert!(matches!(got.status, 200 | 400 | 402 | 404), "{path} {params}: {}", got.body);
        self.accepted += usize::from(got.status == 200);
        format!("POST {path} {params} ({})", got.status)
    }

    async fn pay(&mut self, sandbox: &Sandbox, rng: &mut Rng) -> String {
        let card = CARDS[rng.usize(..CARDS.len())];
        let mut params = json!({"amount": rng.i64(50..20_000), "currency": "usd", "customer": self.customer,
            "confirm": rng.u8(..4) > 0, "payment_method": card,
            "allowed_payment_method_types": ["card", "us_bank_account", "customer_balance"]});
        if rng.u8(..4) == 0 {
            params["capture_method"] = json!("manual");
        }
        if rng.u8(..6) == 0 {
            params.as_object_mut().unwrap().shift_remove("payment_method");
            params["payment_method_data"] = json!({"type": "customer_balance"});
            params["payment_method_options"] = json!({"customer_balance": {"funding_type": "bank_transfer",
                "bank_transfer": {"type": "us_bank_transfer"}}});
        }
        self.ask(sandbox, "/v1/payment_intents", params).await
    }

    async fn set_up(&mut self, sandbox: &Sandbox, rng: &mut Rng) -> String {
        if let (0, Some(intent)) = (rng.u8(..2), any(sandbox, rng, "setup_intent")) {
            let then = ["cancel", "confirm"][rng.usize(..2)];
            let params =
                if then == "confirm" { json!({"payment_method": "pm_card_visa"}) } else { json!({}) };
            return self.ask(sandbox, &format!("/v1/setup_intents/{intent}/{then}"), params).await;
        }
        let card = CARDS[rng.usize(..CARDS.len())];
        let params = json!({"customer": self.customer, "confirm": rng.bool(), "payment_method": card,
            "allowed_payment_method_types": ["card", "us_bank_account"]});
        self.ask(sandbox, "/v1/setup_intents", params).await
    }

    async fn on_intent(&mut self, sandbox: &Sandbox, rng: &mut Rng) -> String {
        let Some(intent) = any(sandbox, rng, "payment_intent") else { return "nothing".into() };
        let path = format!("/v1/payment_intents/{intent}");
        match rng.u8(..5) {
            0 => self.ask(sandbox, &format!("{path}/cancel"), json!({})).await,
            1 => {
                self.ask(sandbox, &format!("{path}/capture"), json!({"amount_to_capture": rng.i64(50..9000)}))
                    .await
            }
            2 => {
                self.ask(sandbox, &format!("{path}/confirm"), json!({"payment_method": "pm_card_visa"})).await
            }
            3 => self.ask(sandbox, &format!("{path}/apply_customer_balance"), json!({})).await,
            _ => {
                let setup = any(sandbox, rng, "setup_intent").filter(|_| rng.bool());
                let (which, completes) = (setup.unwrap_or(intent), rng.bool());
                let done = sandbox.authenticate(&which, completes).await.is_ok();
                self.accepted += usize::from(done);
                format!("authenticate {which} {completes}: {done}")
            }
        }
    }

    async fn refund(&mut self, sandbox: &Sandbox, rng: &mut Rng) -> String {
        if let (0, Some(refund)) = (rng.u8(..5), any(sandbox, rng, "refund")) {
            return format!("fail {refund}: {}", sandbox.fail_refund(&refund).await.is_ok());
        }
        let Some(charge) = any(sandbox, rng, "charge") else { return "nothing".into() };
        let mut params = json!({ "charge": charge });
        if rng.bool() {
            params["amount"] = json!(rng.i64(1..5000));
        }
        self.ask(sandbox, "/v1/refunds", params).await
    }

    async fn dispute(&mut self, sandbox: &Sandbox, rng: &mut Rng) -> String {
        let Some(dispute) = any(sandbox, rng, "dispute") else {
            let Some(charge) = any(sandbox, rng, "charge") else { return "nothing".into() };
            return format!("dispute {charge}: {}", sandbox.dispute(&charge, "duplicate").await.is_ok());
        };
        let path = format!("/v1/disputes/{dispute}");
        let text = ["winning_evidence", "losing_evidence", "a letter"][rng.usize(..3)];
        match rng.u8(..3) {
            0 => self.ask(sandbox, &path, json!({"evidence": {"uncategorized_text": text}})).await,
            1 => self.ask(sandbox, &format!("{path}/close"), json!({})).await,
            _ => format!("decide {dispute}: {}", sandbox.decide_dispute(&dispute, rng.bool()).await.is_ok()),
        }
    }

    async fn pay_out(&mut self, sandbox: &Sandbox, rng: &mut Rng) -> String {
        let payout = any(sandbox, rng, "payout").filter(|_| rng.bool());
        match (payout, rng.u8(..3)) {
            (Some(payout), 0) => format!("fail {payout}: {}", sandbox.fail_payout(&payout).await.is_ok()),
            (Some(payout), 1) => self.ask(sandbox, &format!("/v1/payouts/{payout}/cancel"), json!({})).await,
            (Some(payout), _) => self.ask(sandbox, &format!("/v1/payouts/{payout}/reverse"), json!({})).await,
            (None, _) => {
                let params = json!({"amount": rng.i64(1..9000), "currency": "usd"});
                self.ask(sandbox, "/v1/payouts", params).await
            }
        }
    }

    async fn invoice(&mut self, sandbox: &Sandbox, rng: &mut Rng) -> String {
        if let (true, Some(invoice)) = (rng.bool(), any(sandbox, rng, "invoice")) {
            let then = ["pay", "void", "mark_uncollectible", "finalize"][rng.usize(..4)];
            let card = CARDS[rng.usize(..CARDS.len())];
            let params = if then == "pay" { json!({"payment_method": card}) } else { json!({}) };
            return self.ask(sandbox, &format!("/v1/invoices/{invoice}/{then}"), params).await;
        }
        let params = json!({"customer": self.customer, "currency": "usd"});
        let invoice = id(&post(sandbox, "/v1/invoices", params).await.ok());
        let line = json!({"customer": self.customer, "invoice": invoice, "amount": rng.i64(1..9000), "currency": "usd"});
        post(sandbox, "/v1/invoiceitems", line).await.ok();
        // A draft is looked at by its next step; here it goes on at once, or it is one step.
        self.accepted += 1;
        format!("an invoice {invoice}")
    }

    async fn credit(&mut self, sandbox: &Sandbox, rng: &mut Rng) -> String {
        if let (0, Some(note)) = (rng.u8(..4), any(sandbox, rng, "credit_note")) {
            return self.ask(sandbox, &format!("/v1/credit_notes/{note}/void"), json!({})).await;
        }
        let Some(invoice) = any(sandbox, rng, "invoice") else { return "nothing".into() };
        let paid = sandbox.object(&invoice).unwrap()["status"] == "paid";
        let amount = rng.i64(1..4000);
        let mut params = json!({"invoice": invoice, "amount": amount});
        if paid {
            let way = ["refund_amount", "credit_amount", "out_of_band_amount"][rng.usize(..3)];
            params[way] = json!(amount);
        }
        self.ask(sandbox, "/v1/credit_notes", params).await
    }

    async fn own(&mut self, sandbox: &Sandbox, rng: &mut Rng) -> String {
        let path = format!("/v1/customers/{}", self.customer);
        match rng.u8(..4) {
            0 => self.ask(sandbox, &path, json!({"balance": rng.i64(-3000..3000)})).await,
            1 => {
                let params = json!({"amount": rng.i64(-900..900), "currency": "usd"});
                self.ask(sandbox, &format!("{path}/balance_transactions"), params).await
            }
            2 => {
                let value = ["DE123456789", "111111111"][rng.usize(..2)];
                self.ask(sandbox, &format!("{path}/tax_ids"), json!({"type": "eu_vat", "value": value})).await
            }
            _ => {
                let path = format!("/v1/test_helpers/customers/{}/fund_cash_balance", self.customer);
                self.ask(sandbox, &path, json!({"amount": rng.i64(1..9000), "currency": "usd"})).await
            }
        }
    }
}
