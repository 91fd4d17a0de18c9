//! Credit notes, before and after payment.

use serde_json::{Value, json};

use super::client::*;
use crate::Sandbox;

async fn credit(sandbox: &Sandbox, invoice: &str, more: Value) -> Got {
    let mut params = json!({ "invoice": invoice });
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    post(sandbox, "/v1/credit_notes", params).await
}

fn amounts(invoice: &Value) -> [i64; 4] {
    ["amount_due", "amount_remaining", "pre_payment_credit_notes_amount", "post_payment_credit_notes_amount"]
        .map(|field| invoice[field].as_i64().unwrap())
}

#[tokio::test]
async fn a_note_on_an_open_invoice_asks_for_less_until_it_is_paid_and_a_void_one_asks_again() {
    let (sandbox, _) = quiet(1).await;
    let (_, invoice) = open(&sandbox).await;
    let first =
        credit(&sandbox, &invoice, json!({"amount": 1200, "reason": "order_change", "memo": "sorry"}))
            .await
            .ok();
    assert_eq!((&first["type"], &first["pre_payment_amount"]), (&json!("pre_payment"), &json!(1200)));
    let number = sandbox.object(&invoice).unwrap()["number"].as_str().unwrap().to_owned();
    assert_eq!(first["number"], format!("{number}-CN-01"));
    assert_eq!(amounts(&sandbox.object(&invoice).unwrap()), [3000, 3000, 1200, 0]);
    let intent = sandbox.objects("payment_intent").remove(0);
    assert_eq!(intent["amount"], 3000, "what is paid is what is left");
    let path = format!("/v1/credit_notes/{}/void", id(&first));
    let gone = post(&sandbox, &path, json!({})).await.ok();
    assert_eq!(gone["status"], "void");
    assert_eq!(amounts(&sandbox.object(&invoice).unwrap()), [4200, 4200, 0, 0]);
    post(&sandbox, &path, json!({})).await.error(400);
    assert_eq!(credit(&sandbox, &invoice, json!({"amount": 4201})).await.error(400)["param"], "amount");
    credit(&sandbox, &invoice, json!({"amount": 4200})).await.ok();
    let paid = sandbox.object(&invoice).unwrap();
    assert_eq!((&paid["status"], amounts(&paid)), (&json!("paid"), [0, 0, 4200, 0]));
    assert_eq!(sandbox.objects("payment_intent")[0]["status"], "canceled");
    assert!(event_types(&sandbox).contains(&"invoice.paid".to_owned()));
}

#[tokio::test]
async fn a_note_on_a_paid_invoice_gives_back_exactly_its_total() {
    let (sandbox, _) = quiet(2).await;
    let (customer, invoice) = open(&sandbox).await;
    sandbox.pay_invoice(&invoice, "pm_card_visa").await.unwrap();
    let nothing = credit(&sandbox, &invoice, json!({"amount": 1000})).await.error(400);
    assert!(nothing["message"].as_str().unwrap().contains("must equal the total"), "{nothing}");
    let split =
        json!({"amount": 1000, "refund_amount": 600, "credit_amount": 300, "out_of_band_amount": 100});
    let note = credit(&sandbox, &invoice, split).await.ok();
    assert_eq!((&note["type"], &note["post_payment_amount"]), (&json!("post_payment"), &json!(1000)));
    let refund = sandbox.object(note["refunds"][0]["refund"].as_str().unwrap()).unwrap();
    assert_eq!((&refund["amount"], &note["refunds"][0]["amount_refunded"]), (&json!(600), &json!(600)));
    let transaction = note["customer_balance_transaction"].as_str().unwrap();
    let path = format!("/v1/customers/{customer}/balance_transactions/{transaction}");
    let credited = get(&sandbox, &path).await.ok();
    assert_eq!((&credited["amount"], &credited["type"]), (&json!(-300), &json!("credit_note")));
    assert_eq!((&credited["credit_note"], &credited["invoice"]), (&note["id"], &json!(invoice)));
    assert_eq!(sandbox.object(&customer).unwrap()["balance"], -300);
    let after = sandbox.object(&invoice).unwrap();
    assert_eq!(
        (&after["status"], after["post_payment_credit_notes_amount"].as_i64()),
        (&json!("paid"), Some(1000))
    );
    let too_much = json!({"amount": 3201, "credit_amount": 3201});
    assert_eq!(credit(&sandbox, &invoice, too_much).await.error(400)["param"], "amount");
    let void = format!("/v1/credit_notes/{}/void", id(&note));
    assert!(
        post(&sandbox, &void, json!({})).await.error(400)["message"].as_str().unwrap().contains("is open")
    );
    let known = json!({"amount": 200, "refunds": [{"refund": refund["id"], "amount_refunded": 200}]});
    assert_eq!(credit(&sandbox, &invoice, known).await.ok()["refunds"][0]["refund"], refund["id"]);
}

#[tokio::test]
async fn lines_are_the_notes_own_or_a_part_of_the_invoices() {
    let (sandbox, _) = quiet(3).await;
    let (_, invoice) = open(&sandbox).await;
    let line = sandbox.object(&invoice).unwrap()["lines"]["data"][0]["id"].clone();
    let lines = json!([
        {"type": "custom_line_item", "unit_amount": 100, "quantity": 3, "description": "Late"},
        {"type": "invoice_line_item", "invoice_line_item": line, "amount": 500},
    ]);
    let path = "/v1/credit_notes/preview";
    let query = format!(
        "{path}?invoice={invoice}&lines[0][type]=custom_line_item&lines[0][unit_amount]=100&lines[0][quantity]=3&lines[1][type]=invoice_line_item&lines[1][invoice_line_item]={}&lines[1][amount]=500",
        line.as_str().unwrap()
    );
    let preview = get(&sandbox, &query).await.ok();
    assert_eq!(preview["total"], 800);
    assert!(sandbox.objects("credit_note").is_empty(), "a preview keeps nothing");
    let shown = get(&sandbox, &query.replace(path, "/v1/credit_notes/preview/lines")).await.ok();
    assert_eq!(shown["data"].as_array().unwrap().len(), 2);
    let note = credit(&sandbox, &invoice, json!({ "lines": lines })).await.ok();
    assert_eq!((&note["total"], &note["subtotal"]), (&json!(800), &json!(800)));
    let listed = get(&sandbox, &format!("/v1/credit_notes/{}/lines", id(&note))).await.ok();
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
    assert_eq!(listed["data"][0]["invoice_line_item"], line);
    for (wrong, param) in [
        (json!({"lines": [{"type": "custom_line_item"}]}), "lines[0][unit_amount]"),
        (
            json!({"lines": [{"type": "invoice_line_item", "invoice_line_item": "il_none"}]}),
            "lines[0][invoice_line_item]",
        ),
        (
            json!({"lines": [{"type": "invoice_line_item", "invoice_line_item": line, "amount": 9999}]}),
            "lines[0][amount]",
        ),
        (json!({}), "amount"),
        (json!({"amount": 5, "lines": [{"type": "custom_line_item", "unit_amount": 5}]}), "lines"),
        (json!({"amount": 5, "credit_amount": 5}), "credit_amount"),
    ] {
        assert_eq!(credit(&sandbox, &invoice, wrong.clone()).await.error(400)["param"], param, "{wrong}");
    }
    assert_eq!(sandbox.objects("credit_note").len(), 1);
    let (_, draft) = draft(&sandbox).await;
    assert_eq!(credit(&sandbox, &draft, json!({"amount": 5})).await.error(400)["param"], "invoice");
}
