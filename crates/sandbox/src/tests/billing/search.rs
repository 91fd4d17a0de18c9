//! Search from outside: pages, counts, errors, every resource.

use stripe::form;

use super::{super::subscribing::*, *};

fn asks(resource: &str, query: &str, more: &str) -> String {
    let params = json!({"query": query});
    format!("/v1/{resource}/search?{}{more}", form::encode(params.as_object().unwrap()).unwrap())
}

async fn found(sandbox: &Sandbox, resource: &str, query: &str) -> Vec<String> {
    let answer = get(sandbox, &asks(resource, query, "&limit=100")).await.ok();
    assert_eq!(answer["object"], "search_result");
    answer["data"].as_array().unwrap().iter().map(id).collect()
}

#[tokio::test]
async fn pages_find_each_object_once_while_others_are_made() {
    let (sandbox, _) = quiet(51).await;
    let mut all = Vec::new();
    for nth in 0..7 {
        let params = json!({"email": format!("ada{nth}@example.com"), "metadata": {"team": "ops"}});
        all.push(id(&post(&sandbox, "/v1/customers", params).await.ok()));
        post(&sandbox, "/v1/customers", json!({"metadata": {"team": "dev"}})).await.ok();
    }
    all.reverse();
    let (query, mut seen, mut page) = ("metadata['team']:'ops' email~'ADA'", Vec::new(), String::new());
    for nth in 0.. {
        let more = format!("&limit=3&expand[]=total_count{page}");
        let answer = get(&sandbox, &asks("customers", query, &more)).await.ok();
        seen.extend(answer["data"].as_array().unwrap().iter().map(id));
        assert_eq!(answer["total_count"], if nth == 0 { 7 } else { 7 + nth });
        post(&sandbox, "/v1/customers", json!({"email": "ada@b.cd", "metadata": {"team": "ops"}})).await.ok();
        let Some(next) = answer["next_page"].as_str() else {
            assert_eq!(answer["has_more"], false);
            break;
        };
        page = format!("&page={next}");
    }
    assert_eq!(seen, all);
    let error = get(&sandbox, &asks("customers", "email~'bob'", &page)).await.error(400);
    assert_eq!(error["param"], "page");
}

#[tokio::test]
async fn what_cannot_be_searched_is_refused() {
    let (sandbox, _) = quiet(52).await;
    let missing = get(&sandbox, "/v1/customers/search").await.error(400);
    assert_eq!((&missing["code"], &missing["param"]), (&json!("parameter_missing"), &json!("query")));
    for query in ["name:'a' AND email:'b' OR phone:'c'", "name", "nickname:'a'", "email>5", "name~'ab'"] {
        let error = get(&sandbox, &asks("customers", query, "")).await.error(400);
        assert!(
            error.get("code").is_none() && error["message"].as_str().unwrap().len() > 20,
            "{query}: {error}"
        );
    }
    let limit = get(&sandbox, &asks("customers", "name:'a'", "&limit=101")).await.error(400);
    assert_eq!(limit["param"], "limit");
    assert!(found(&sandbox, "customers", "name:'a'").await.is_empty());
}

#[tokio::test]
async fn every_resource_is_searched_by_its_fields() {
    let (sandbox, _) = quiet(53).await;
    let (subscription, made) = active(&sandbox).await;
    let customer = made["customer"].as_str().unwrap().to_owned();
    let price = made["items"]["data"][0]["price"].clone();
    let invoice = made["latest_invoice"].as_str().unwrap().to_owned();
    let intent = id(sandbox.objects("payment_intent").first().unwrap());
    let charge = id(sandbox.objects("charge").first().unwrap());
    let product = price["product"].as_str().unwrap().to_owned();
    for (resource, query, expected) in [
        ("subscriptions", "status:'active' AND -created<1".to_owned(), &subscription),
        ("subscriptions", "canceled_at:null".to_owned(), &subscription),
        ("invoices", format!("subscription:'{subscription}' total>=1000"), &invoice),
        ("invoices", format!("customer:'{customer}' status:'paid' -number:null"), &invoice),
        ("payment_intents", "amount:1000 currency:'USD'".to_owned(), &intent),
        ("charges", "payment_method_details.card.last4:4242 AND disputed:'false'".to_owned(), &charge),
        ("charges", "refunded:'false' payment_method_details.card.brand:'visa'".to_owned(), &charge),
        ("products", "active:'true' AND name~'gol'".to_owned(), &product),
        ("customers", format!("name:'ada' OR phone:'{customer}'"), &customer),
    ] {
        assert_eq!(found(&sandbox, resource, &query).await, [expected.as_str()], "{resource}: {query}");
        assert!(found(&sandbox, resource, "metadata['none']:'x'").await.is_empty());
    }
    let prices =
        found(&sandbox, "prices", &format!("product:'{product}' type:'recurring' lookup_key:null")).await;
    assert_eq!(prices, [id(&price)]);
}
