//! Lists and expansion.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::client::*;
use crate::Sandbox;

fn ids(list: &Value) -> Vec<String> {
    list["data"].as_array().unwrap().iter().map(id).collect()
}

async fn customers(sandbox: &Sandbox, count: usize) -> Vec<String> {
    let mut made = Vec::new();
    for n in 0..count {
        let params = json!({"email": format!("{}@example.com", n % 2)});
        made.push(id(&post(sandbox, "/v1/customers", params).await.ok()));
    }
    made.reverse();
    made
}

#[tokio::test]
async fn cursors_walk_both_ways_newest_first() {
    let (sandbox, _) = quiet(1).await;
    let all = customers(&sandbox, 12).await;
    let first = get(&sandbox, "/v1/customers").await.ok();
    assert_eq!(
        (ids(&first), &first["has_more"], &first["url"]),
        (all[..10].to_vec(), &json!(true), &json!("/v1/customers"))
    );
    let rest = get(&sandbox, &format!("/v1/customers?starting_after={}", all[9])).await.ok();
    assert_eq!((ids(&rest), &rest["has_more"]), (all[10..].to_vec(), &json!(false)));
    let back = get(&sandbox, &format!("/v1/customers?limit=3&ending_before={}", all[5])).await.ok();
    assert_eq!((ids(&back), &back["has_more"]), (all[2..5].to_vec(), &json!(true)));
    let newest = get(&sandbox, &format!("/v1/customers?ending_before={}", all[2])).await.ok();
    assert_eq!((ids(&newest), &newest["has_more"]), (all[..2].to_vec(), &json!(false)));
}

#[tokio::test]
async fn filters_narrow_a_list() {
    let (sandbox, clock) = quiet(2).await;
    let all = customers(&sandbox, 4).await;
    let even = get(&sandbox, "/v1/customers?email=0@example.com").await.ok();
    assert_eq!(ids(&even), [all[1].clone(), all[3].clone()]);
    clock.advance_ms(10_000);
    let later = customers(&sandbox, 1).await;
    let recent = get(&sandbox, &format!("/v1/customers?created[gt]={NOON}")).await.ok();
    assert_eq!(ids(&recent), later);
    let (customer, invoice) = open(&sandbox).await;
    for (filter, count) in [
        ("status=open".to_owned(), 1),
        ("status=draft".to_owned(), 0),
        (format!("customer={customer}&collection_method=send_invoice"), 1),
        (format!("customer={}", later[0]), 0),
        (format!("due_date[gte]={}", NOON), 1),
        ("subscription=sub_1".to_owned(), 0),
    ] {
        let found = get(&sandbox, &format!("/v1/invoices?{filter}")).await.ok();
        assert_eq!(ids(&found).len(), count, "{filter}");
    }
    let paid_by = sandbox.objects("payment_intent").remove(0);
    let path =
        format!("/v1/invoice_payments?payment[type]=payment_intent&payment[payment_intent]={}", id(&paid_by));
    let payments = get(&sandbox, &path).await.ok();
    assert_eq!(payments["data"][0]["invoice"], invoice.as_str());
    let events = get(&sandbox, "/v1/events?types[]=invoice.created&types[]=invoice.sent").await.ok();
    assert_eq!(ids(&events).len(), 2);
    assert_eq!(ids(&get(&sandbox, "/v1/events?type=invoice.*&limit=100").await.ok()).len(), 5);
    assert_eq!(ids(&get(&sandbox, "/v1/events?delivery_success=false").await.ok()).len(), 0);
}

#[tokio::test]
async fn bad_cursors_and_limits_are_refused() {
    let (sandbox, _) = quiet(3).await;
    let all = customers(&sandbox, 2).await;
    for query in ["limit=0", "limit=101", "limit=x", "starting_after=cus_none", "status=nonsense"] {
        get(&sandbox, &format!("/v1/customers?{query}")).await.error(400);
    }
    let both = format!("/v1/customers?starting_after={}&ending_before={}", all[0], all[1]);
    assert_eq!(get(&sandbox, &both).await.error(400)["code"], "parameters_exclusive");
}

#[tokio::test]
async fn a_deleted_customer_is_in_no_list_and_still_answers() {
    let (sandbox, _) = quiet(4).await;
    let all = customers(&sandbox, 3).await;
    delete(&sandbox, &format!("/v1/customers/{}", all[1])).await.ok();
    assert_eq!(ids(&get(&sandbox, "/v1/customers").await.ok()), [all[0].clone(), all[2].clone()]);
    let stub = get(&sandbox, &format!("/v1/customers/{}", all[1])).await.ok();
    assert_eq!(stub, json!({"id": all[1], "object": "customer", "deleted": true}));
    let after = get(&sandbox, &format!("/v1/customers?starting_after={}", all[1])).await.ok();
    assert_eq!(ids(&after), [all[2].clone()]);
    post(&sandbox, &format!("/v1/customers/{}", all[1]), json!({"name": "x"})).await.error(404);
}

#[tokio::test]
async fn expansion_puts_objects_in_place_of_ids() {
    let (sandbox, _) = quiet(5).await;
    let (customer, invoice) = open(&sandbox).await;
    sandbox.pay_invoice(&invoice, "pm_card_visa").await.unwrap();
    let path = format!(
        "/v1/invoices/{invoice}?expand[]=customer&expand[]=payments.data.payment.payment_intent.latest_charge&expand[]=confirmation_secret"
    );
    let shown = get(&sandbox, &path).await.ok();
    assert_eq!(shown["customer"]["email"], "ada@example.com");
    let intent = &shown["payments"]["data"][0]["payment"]["payment_intent"];
    assert_eq!(intent["latest_charge"]["status"], "succeeded");
    assert_eq!(shown["confirmation_secret"]["client_secret"], intent["client_secret"]);
    assert!(get(&sandbox, &format!("/v1/invoices/{invoice}")).await.ok().get("payments").is_none());
    let listed = get(&sandbox, "/v1/invoices?expand[]=data.customer").await.ok();
    assert_eq!(listed["data"][0]["customer"]["id"], customer.as_str());
    let written =
        post(&sandbox, &format!("/v1/invoices/{invoice}"), json!({"expand": ["customer"]})).await.ok();
    assert_eq!(written["customer"]["object"], "customer");
    let every = "expand[]=sources&expand[]=subscriptions&expand[]=tax_ids&expand[]=tax&expand[]=cash_balance&expand[]=invoice_credit_balance";
    get(&sandbox, &format!("/v1/customers/{customer}?{every}")).await.ok();
    delete(&sandbox, &format!("/v1/customers/{customer}")).await.ok();
    let gone = get(&sandbox, &format!("/v1/invoices/{invoice}?expand[]=customer")).await.ok();
    assert_eq!(gone["customer"]["deleted"], true);
}

#[tokio::test]
async fn what_cannot_be_expanded_is_refused_on_reads_and_writes() {
    let (sandbox, _) = quiet(6).await;
    let (_, invoice) = draft(&sandbox).await;
    for path in [
        "nonsense",
        "status",
        "lines",
        "data.customer",
        "customer.name",
        "customer.",
        "payments.data.invoice.customer.test_clock.x",
    ] {
        let error = get(&sandbox, &format!("/v1/invoices/{invoice}?expand[]={path}")).await.error(400);
        assert_eq!(error["param"], "expand", "{path}");
    }
    let before = sandbox.events().len();
    post(&sandbox, &format!("/v1/invoices/{invoice}/finalize"), json!({"expand": ["nope"]})).await.error(400);
    assert_eq!(sandbox.events().len(), before);
    get(&sandbox, "/v1/invoices?expand[]=customer").await.error(400);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever the page size and whatever is added meanwhile, a walk sees each
    /// object that was there at its start exactly once.
    #[test]
    fn paging_visits_each_object_once_under_inserts(seed: u64, count in 0_usize..25, limit in 1_usize..8) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (sandbox, _) = quiet(seed).await;
            let all: BTreeSet<String> = customers(&sandbox, count).await.into_iter().collect();
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = get(&sandbox, &format!("/v1/customers?limit={limit}{cursor}")).await.ok();
                seen.extend(ids(&page));
                if page["has_more"] == false {
                    break;
                }
                cursor = format!("&starting_after={}", seen.last().unwrap());
                customers(&sandbox, 1).await;
            }
            let once: BTreeSet<String> = seen.iter().cloned().collect();
            assert_eq!(once.len(), seen.len());
            assert_eq!(once, all);
        });
    }
}
