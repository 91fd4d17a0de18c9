use proptest::prelude::*;
use serde_json::json;
use stripe::PINNED;

use super::*;
use crate::Catalog;

fn plan(action: &str, input: Value) -> Plan {
    let action = Catalog.get(action).unwrap();
    Catalog.plan(action, &input, PINNED).unwrap_or_else(|found| panic!("{found:?}"))
}

fn refused(action: &str, input: Value) -> Vec<Invalid> {
    Catalog.plan(Catalog.get(action).unwrap(), &input, PINNED).unwrap_err()
}

/// A list of an operation that has no action of its own.
fn request(operation: &str, params: Value) -> Plan {
    let input = json!({"operation": operation, "params": params, "all": true});
    Catalog.plan(Catalog.entry("stripe.request").unwrap(), &input, PINNED).unwrap()
}

fn search() -> Plan {
    request("invoices.search", json!({"query": "status:\"open\""}))
}

fn page(ids: &[&str], has_more: bool) -> Value {
    let data: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
    json!({ "object": "list", "has_more": has_more, "data": data })
}

#[test]
fn everything_is_asked_for_in_whole_pages_unless_told_otherwise() {
    assert_eq!(plan("listInvoices", json!({"all": true})).params["limit"], 100);
    assert_eq!(plan("listInvoices", json!({"all": true, "limit": 7})).params["limit"], 7);
    for input in [json!({}), json!({"all": false}), json!({"all": null})] {
        let plan = plan("listInvoices", input);
        assert!(!plan.options.all && !plan.params.contains_key("limit"));
    }
}

#[test]
fn only_lists_take_all_and_only_as_true_or_false() {
    for (action, input) in
        [("getBalance", json!({"all": true})), ("getInvoice", json!({"invoiceId": "in_1", "all": true}))]
    {
        let found = refused(action, input);
        assert_eq!((found[0].field.as_str(), found[0].why), ("all", Why::Unknown));
        assert!(found[0].message.contains("lists nothing"), "{}", found[0].message);
    }
    assert_eq!(refused("listInvoices", json!({"all": "yes"}))[0].why, Why::Value);
    assert_eq!(refused("listInvoices", json!({"al": true}))[0].nearest.as_deref(), Some("all"));
}

#[test]
fn a_limit_that_stripe_refuses_is_refused_here_by_the_name_it_was_given() {
    for limit in [0, 101, -1] {
        let found = refused("listInvoices", json!({"extra": {"limit": limit}}));
        assert_eq!(found[0].field, "extra.limit");
        assert!(found[0].message.contains("1 to 100"), "{}", found[0].message);
    }
}

#[test]
fn a_whole_listing_runs_one_way() {
    let both = json!({"all": true, "startingAfter": "in_1", "ending_before": "in_2"});
    assert_eq!(refused("listInvoices", both)[0].field, "ending_before");
}

#[test]
fn a_list_goes_on_from_its_last_row_and_ends_when_stripe_says_so() {
    let first = plan("listInvoices", json!({"all": true, "customerId": "cus_1"}));
    assert_eq!(first.cursor(), None);
    let next = first.next(&page(&["in_3", "in_2"], true)).unwrap().unwrap();
    assert_eq!(next.cursor(), Some(("startingAfter".to_owned(), "in_2")));
    assert_eq!(next.params["customer"], "cus_1");
    // Stripe may say that a full page is the last one.
    assert_eq!(next.next(&page(&["in_1", "in_0"], false)), Ok(None));
    assert_eq!(first.next(&page(&[], false)), Ok(None));
}

#[test]
fn backwards_a_list_goes_on_from_its_first_row_and_is_turned_around() {
    let first = plan("listInvoices", json!({"all": true, "endingBefore": "in_1"}));
    let body = page(&["in_3", "in_2"], true);
    let next = first.next(&body).unwrap().unwrap();
    assert_eq!(next.cursor(), Some(("endingBefore".to_owned(), "in_3")));
    assert!(!next.params.contains_key("starting_after"));
    assert_eq!(first.rows(body), [json!({"id": "in_2"}), json!({"id": "in_3"})]);
}

#[test]
fn a_search_goes_on_by_the_token_it_was_given() {
    let body =
        json!({"object": "search_result", "has_more": true, "next_page": "t1", "data": [{"id": "in_9"}]});
    let next = search().next(&body).unwrap().unwrap();
    assert_eq!(next.cursor(), Some(("params.page".to_owned(), "t1")));
    assert!(next.next(&body).is_err(), "the same token again");
    let lost = json!({"has_more": true, "next_page": null, "data": [{"id": "in_9"}]});
    assert!(next.next(&lost).is_err());
}

#[test]
fn a_page_that_leads_nowhere_is_refused() {
    let listing = plan("listInvoices", json!({"all": true, "startingAfter": "in_2"}));
    for (body, why) in [
        (page(&[], true), "an empty page"),
        (page(&["in_3", "in_2"], true), "the same again"),
        (json!({"has_more": true, "data": [{"object": "invoice"}]}), "how to ask for it"),
        (json!({"has_more": true, "data": [{"id": ""}]}), "how to ask for it"),
        (json!({"object": "invoice", "id": "in_1"}), "no list"),
    ] {
        let failure = listing.next(&body).unwrap_err();
        assert_eq!(failure.code, Code::ApiError);
        assert!(failure.message.contains(why) && failure.message.contains("Nothing changed"), "{failure}");
    }
}

#[test]
fn a_list_without_cursors_ends_or_is_refused() {
    let plan = request("reporting.reportTypes.list", json!({}));
    assert!(!plan.params.contains_key("limit"));
    assert_eq!(plan.next(&page(&["a"], false)), Ok(None));
    assert!(plan.next(&page(&["a"], true)).is_err());
}

/// Stripe's list semantics over ids that grow with time, newest first in a page.
fn answer(of: &[u32], plan: &Plan) -> Value {
    let number =
        |name: &str| plan.params.get(name).and_then(Value::as_str).map(|id| id[3..].parse().unwrap());
    let limit = usize::try_from(plan.params["limit"].as_u64().unwrap()).unwrap();
    let (after, before): (Option<u32>, Option<u32>) = (number("starting_after"), number("ending_before"));
    let mut found: Vec<u32> = match before {
        Some(before) => of.iter().copied().filter(|n| *n > before).collect(),
        None => of.iter().rev().copied().filter(|n| after.is_none_or(|after| *n < after)).collect(),
    };
    let has_more = found.len() > limit;
    found.truncate(limit);
    if before.is_some() {
        found.reverse();
    }
    let ids: Vec<_> = found.iter().map(|n| format!("in_{n}")).collect();
    page(&ids.iter().map(String::as_str).collect::<Vec<_>>(), has_more)
}

proptest! {
    #[test]
    fn every_object_that_was_there_is_listed_once_while_others_are_made(
        there in 0_u32..60,
        limit in 1_u32..=100,
        backwards in any::<bool>(),
        made in proptest::collection::vec(0_u32..4, 0..80),
    ) {
        let mut objects: Vec<u32> = (1..=there).collect();
        let mut input = json!({"all": true, "limit": limit});
        if backwards {
            input["endingBefore"] = json!("in_0");
        }
        let (mut asked, mut seen, mut made) = (Some(plan("listInvoices", input)), Vec::new(), made.into_iter());
        while let Some(plan) = asked {
            let body = answer(&objects, &plan);
            asked = plan.next(&body).unwrap();
            seen.extend(plan.rows(body).iter().map(|row| row["id"].as_str().unwrap()[3..].parse::<u32>().unwrap()));
            // Whoever reads backwards follows new objects, until no more are made.
            let first = u32::try_from(objects.len()).unwrap() + 1;
            objects.extend(first..first + made.next().unwrap_or(0));
        }
        let old: Vec<u32> = seen.iter().copied().filter(|n| *n <= there).collect();
        let expected: Vec<u32> = if backwards { (1..=there).collect() } else { (1..=there).rev().collect() };
        prop_assert_eq!(old, expected);
        let once: std::collections::BTreeSet<_> = seen.iter().collect();
        prop_assert_eq!(once.len(), seen.len());
    }
}
