//! The PDFs that invoices and credit notes point at.

use reqwest::Client;
use serde_json::json;

use super::client::{draft, get, open, post};

#[tokio::test]
async fn an_invoice_and_its_credit_note_can_be_downloaded_and_a_draft_cannot() {
    let sandbox = super::start().await;
    let (_, invoice) = open(&sandbox).await;
    let note = post(&sandbox, "/v1/credit_notes", json!({"invoice": invoice, "amount": 1000})).await.ok();
    let invoice = get(&sandbox, &format!("/v1/invoices/{invoice}")).await.ok();
    let client = Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
    for (url, title, amount) in [
        (&invoice["invoice_pdf"], "(Invoice) Tj", "42.00 USD"),
        (&note["pdf"], "(Credit note) Tj", "10.00 USD"),
    ] {
        let answer = client.get(url.as_str().unwrap()).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "application/pdf");
        let text = answer.text().await.unwrap();
        assert!(text.starts_with("%PDF-1.4") && text.contains(title) && text.contains(amount), "{text}");
    }
    let (_, draft) = draft(&sandbox).await;
    let url = format!("{}/_sandbox/invoices/{draft}/pdf", sandbox.url().unwrap());
    assert_eq!(client.get(url).send().await.unwrap().status(), 404);
}
