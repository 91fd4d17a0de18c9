//! The viewer, as a browser asks for it.

use reqwest::{Client, Response};
use serde_json::json;

use super::client::{draft, id, open, post};
use crate::Sandbox;

fn client() -> Client {
    let none = reqwest::redirect::Policy::none();
    Client::builder().tls_certs_only([]).no_proxy().redirect(none).build().unwrap()
}

async fn ask(sandbox: &Sandbox, path: &str) -> Response {
    let url = format!("{}{path}", sandbox.url().unwrap());
    client().get(url).header("accept", "text/html,application/xhtml+xml").send().await.unwrap()
}

async fn page(sandbox: &Sandbox, path: &str) -> String {
    let response = ask(sandbox, path).await;
    assert_eq!(response.status(), 200, "{path}");
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    let text = response.text().await.unwrap();
    assert!(text.starts_with("<!doctype html>\n<html lang=\"en\">"), "{text}");
    text
}

#[tokio::test]
async fn every_page_shows_what_there_is_and_a_program_still_gets_json() {
    let sandbox = super::start().await;
    let (customer, invoice) = open(&sandbox).await;
    for path in ["/_sandbox", "/_sandbox/", "/_sandbox/requests"] {
        assert!(page(&sandbox, path).await.contains("POST /v1/customers"), "{path}");
    }
    assert!(page(&sandbox, "/_sandbox/events").await.contains("invoice.finalized"));
    assert!(page(&sandbox, "/_sandbox/objects").await.contains("href=\"/_sandbox/objects/invoice\""));
    assert!(page(&sandbox, "/_sandbox/objects/invoice").await.contains("42.00 USD"));
    assert!(page(&sandbox, "/_sandbox/objects/nothing").await.contains("no object of this type"));
    let shown = page(&sandbox, &format!("/_sandbox/object/{invoice}")).await;
    assert!(shown.contains(&format!("href=\"/_sandbox/object/{customer}\"")), "{shown}");
    assert!(shown.contains("invoice.sent"), "{shown}");
    let hosted = format!("href=\"{}/_sandbox/invoices/{invoice}\"", sandbox.url().unwrap());
    assert!(shown.contains(&hosted), "{shown}");

    let url = format!("{}/_sandbox", sandbox.url().unwrap());
    let about: serde_json::Value = client().get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(about["account"], sandbox.account().as_str());
}

#[tokio::test]
async fn looking_changes_nothing_and_is_no_request_of_the_api() {
    let sandbox = super::start().await;
    let (_, invoice) = draft(&sandbox).await;
    let (asked, events) = (sandbox.journal().len(), sandbox.events().len());
    for path in ["", "/objects", "/objects/event", "/requests", "/events", "/deliveries"] {
        page(&sandbox, &format!("/_sandbox{path}")).await;
    }
    page(&sandbox, &format!("/_sandbox/object/{invoice}")).await;
    assert_eq!((sandbox.journal().len(), sandbox.events().len()), (asked, events));
}

#[tokio::test]
async fn what_an_object_holds_is_text_on_every_page() {
    const HOSTILE: &str = "\"><script src=//x></script><img src=x onerror=alert(1)>";
    let sandbox = super::start().await;
    let params = json!({"name": HOSTILE, "metadata": {"<b>": HOSTILE}});
    let customer = id(&post(&sandbox, "/v1/customers", params).await.ok());
    let one = format!("/_sandbox/object/{customer}");
    for path in ["/_sandbox", "/_sandbox/objects/customer", &one, "/_sandbox/objects/%3Cscript%20src"] {
        let text = page(&sandbox, path).await;
        assert!(!text.contains("<img") && !text.contains("<script src=/") && !text.contains("<b>"), "{text}");
        assert_eq!(text.matches("<script").count(), 1, "only the viewer's own: {text}");
    }
    let found = ask(&sandbox, "/_sandbox/find?id=%3Cscript%3E").await;
    assert_eq!(found.status(), 404);
    assert!(!found.text().await.unwrap().contains("<script>"));
}

#[tokio::test]
async fn an_id_is_found_and_a_list_goes_on_where_the_page_ended() {
    let sandbox = super::start().await;
    let mut made = Vec::new();
    for _ in 0..60 {
        made.push(id(&post(&sandbox, "/v1/customers", json!({})).await.ok()));
    }
    let found = ask(&sandbox, &format!("/_sandbox/find?id=+{}+", made[0])).await;
    assert_eq!(found.status(), 303);
    assert_eq!(found.headers()["location"], format!("/_sandbox/object/{}", made[0]));

    for list in ["/_sandbox/objects/customer", "/_sandbox/events", "/_sandbox/requests"] {
        let first = page(&sandbox, list).await;
        let next = first.split("<a href=\"").find(|part| part.contains("rel=\"next\"")).unwrap();
        let second = page(&sandbox, next.split('"').next().unwrap()).await;
        let rows = |text: &str| text.matches("<tr><td>").count();
        assert_eq!((rows(&first), rows(&second)), (50, 10), "{list}");
        assert!(!second.contains("rel=\"next\""), "{list}");
    }
}

#[tokio::test]
async fn beyond_the_loopback_a_key_is_asked_for() {
    let options = crate::Options { listen: Some("0.0.0.0:0".parse().unwrap()), ..crate::Options::default() };
    let sandbox = crate::Watched::open(options).await.unwrap();
    let url = sandbox.url().unwrap().replace("0.0.0.0", "127.0.0.1") + "/_sandbox";
    let look = || client().get(&url).header("accept", "text/html");
    let refused = look().send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert!(refused.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic"));
    assert!(!refused.text().await.unwrap().contains(&sandbox.secret_key()));
    let wrong = look().basic_auth("sk_live_0123456789abcdefghijklmn", Some("")).send().await.unwrap();
    assert_eq!(wrong.status(), 401);
    let shown = look().basic_auth(sandbox.secret_key(), Some("")).send().await.unwrap();
    assert_eq!(shown.status(), 200);
}
