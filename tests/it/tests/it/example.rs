//! The main job: an invoice is made, sent, paid and thanked for, and a lost answer
//! changes nothing of that.

use bursar_it::{TestApp, output};
use model::{RunId, RunStatus};
use sandbox::Fault;
use serde_json::json;

/// Both runs completed, and Stripe has one of each.
async fn happened_once(app: &TestApp, run: RunId) {
    let view = app.show(run).await;
    assert_eq!(view.status, RunStatus::Completed, "{view:#?}");
    let invoice = output(&view, "invoice").unwrap()["id"].clone();
    assert_eq!(view.output, Some(json!({ "invoice": invoice, "paid": true })));
    for kind in ["customer", "invoice", "invoiceitem"] {
        assert_eq!(app.sandbox.objects(kind).len(), 1, "objects of the kind {kind}");
    }
    let sent = app.sandbox.events().into_iter().filter(|event| event["type"] == "invoice.sent").count();
    assert_eq!(sent, 1, "one mail to the customer");
    let thanks = app.thanks().await;
    assert_eq!(thanks.len(), 1);
    assert_eq!(thanks[0].status, RunStatus::Completed);
    let customer = &app.sandbox.objects("customer")[0];
    assert_eq!(customer["metadata"], json!({ "source": "bursar", "last_paid_invoice": invoice }));
    assert_eq!(app.sandbox.objects("invoice")[0]["amount_paid"], 1999);
}

#[tokio::test(start_paused = true)]
async fn an_invoice_is_sent_paid_and_thanked_for() {
    let app = TestApp::new().await;
    let run = app.run_example("order-1").await;
    app.until_idle().await;
    assert_eq!(app.show(run).await.status, RunStatus::Suspended, "it waits for its customer");
    app.pay_when_waiting().await;
    app.until_idle().await;
    happened_once(&app, run).await;
}

#[tokio::test(start_paused = true)]
async fn the_same_key_is_the_same_run() {
    let app = TestApp::new().await;
    let run = app.run_example("order-1").await;
    assert_eq!(app.run_example("order-1").await, run);
    app.pay_when_waiting().await;
    app.until_idle().await;
    assert_eq!(app.run_example("order-1").await, run);
    app.until_idle().await;
    happened_once(&app, run).await;
}

/// The answer to one write is lost after Stripe has executed it.
async fn lost_answer_at(path: &str) {
    let app = TestApp::new().await;
    app.sandbox.fault_at(Fault::LostAnswer, 1, Some("POST"), Some(path));
    let run = app.run_example("order-1").await;
    app.pay_when_waiting().await;
    app.until_idle().await;
    let journal = app.sandbox.journal();
    let met: Vec<_> = journal.iter().filter(|entry| entry.fault.is_some()).collect();
    assert_eq!(met.len(), 1, "one request at {path} lost its answer");
    let again = journal.iter().filter(|entry| entry.key == met[0].key).count();
    assert!(again >= 2, "the request was repeated under its key");
    happened_once(&app, run).await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_does_not_make_two_customers() {
    lost_answer_at("/v1/customers").await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_does_not_make_two_invoices() {
    lost_answer_at("/v1/invoices").await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_does_not_add_two_lines() {
    lost_answer_at("/v1/invoiceitems").await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_finalizing_leaves_one_invoice_open() {
    lost_answer_at("/v1/invoices/*/finalize").await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_does_not_send_two_mails() {
    lost_answer_at("/v1/invoices/*/send").await;
}

#[tokio::test(start_paused = true)]
async fn a_customer_who_never_pays_is_waited_for_and_no_longer() {
    let app = TestApp::new().await;
    let run = app.run_example("order-1").await;
    app.until_idle().await;
    tokio::time::sleep(std::time::Duration::from_secs(45 * 86_400 + 60)).await;
    app.until_idle().await;
    let view = app.show(run).await;
    assert_eq!(view.status, RunStatus::Completed);
    assert_eq!(view.output.unwrap()["paid"], false);
    assert!(app.thanks().await.is_empty());
}
