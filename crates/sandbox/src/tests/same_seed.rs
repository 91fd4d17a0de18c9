//! The same seed and the same requests give the same bytes.

use serde_json::json;

use super::client::*;
use crate::Fault;

/// Everything that is left of one run, as text.
async fn run(seed: u64) -> String {
    let (sandbox, clock) = quiet(seed).await;
    sandbox.deliver_to("http://127.0.0.1:1/hook".parse().unwrap(), &["*"]).await;
    sandbox.fault(Fault::LostAnswer, 1);
    attempt(&sandbox, &post_request("/v1/customers", &json!({"name": "Ada"}), "lost")).await;
    let (_, invoice) = open(&sandbox).await;
    clock.advance_ms(1_500);
    let _ = sandbox.pay_invoice(&invoice, "pm_card_chargeDeclined").await;
    sandbox.pay_invoice(&invoice, "pm_card_visa").await.unwrap();
    post(&sandbox, "/v1/customers", json!({"nonsense": "1"})).await.error(400);
    let sent = sandbox.due_deliveries();
    format!("{:#?}\n{:#?}\n{:#?}", sandbox.journal(), sandbox.events(), sent)
}

#[tokio::test]
async fn one_seed_gives_one_journal_byte_for_byte() {
    for seed in 0..10 {
        let (first, second) = (run(seed).await, run(seed).await);
        assert!(first == second, "seed {seed} differs");
    }
    assert!(run(1).await != run(2).await);
}
