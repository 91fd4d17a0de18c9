use super::*;
use crate::Catalog;

fn found(text: &str) -> Vec<&'static str> {
    Catalog.search(text).into_iter().map(|found| found.operation).collect()
}

fn first(text: &str) -> &'static str {
    found(text).first().copied().unwrap_or_else(|| panic!("`{text}` finds nothing"))
}

#[test]
fn every_operation_is_found_by_its_id_its_path_and_no_words() {
    let ids: Vec<&str> = tables::operation_ids().collect();
    assert_eq!(found(""), {
        let mut by_parts = ids.clone();
        by_parts.sort_by_key(|id| (id.matches('.').count(), *id));
        by_parts
    });
    for id in ids {
        let operation = tables::operation(id).unwrap();
        let by_path = format!("{} {}", operation.method.as_str(), operation.path);
        assert!(found(&by_path).contains(&id), "{by_path}");
        let best = Catalog.search(id);
        let own = best.iter().find(|found| found.operation == id).unwrap_or_else(|| panic!("{id}"));
        assert_eq!((own.score, own.operation), (best[0].score, best[0].operation), "{id}");
    }
}

#[test]
fn every_action_is_the_first_for_its_title_and_its_name() {
    for action in Catalog.all() {
        for text in [action.title, action.name] {
            let best = Catalog.search(text);
            let own = best.iter().find(|found| found.action.is_some_and(|a| a.name == action.name)).unwrap();
            assert_eq!(own.score, best[0].score, "{text}");
        }
    }
}

#[test]
fn people_find_what_they_look_for() {
    for (text, operation) in [
        ("refund", "refunds.create"),
        ("create refund", "refunds.create"),
        ("refund create", "refunds.create"),
        ("delete coupon", "coupons.del"),
        ("remove customers", "customers.del"),
        ("get a customer", "customers.retrieve"),
        ("new payment link", "paymentLinks.create"),
        ("GET /v1/tax_rates", "taxRates.list"),
        ("all disputes", "disputes.list"),
        ("days until due invoice", "invoices.create"),
        ("paymentlink", "paymentLinks.create"),
        ("custmer portal", "billingPortal.sessions.create"),
        ("capabilities", "accounts.listCapabilities"),
    ] {
        let all = found(text);
        assert!(all.iter().take(5).any(|id| *id == operation), "`{text}`: {:?}", &all[..all.len().min(8)]);
    }
    assert_eq!(first("create refund"), "refunds.create");
    assert_eq!(first("delete coupon"), "coupons.del");
    assert!(found("zebra crossing").is_empty());
}

#[test]
fn a_result_has_every_word_and_says_which_action_performs_it() {
    let both = Catalog.search("invoice finalize");
    assert!(both.len() < Catalog.search("invoice").len() && both[1].score < both[0].score);
    assert_eq!(both[0].action.unwrap().name, "stripe.finalizeInvoice");
    assert!(Catalog.search("payment link").iter().all(|found| found.action.is_none()));
}

#[test]
fn odd_questions_are_answered_in_time() {
    for text in ["x".repeat(1_000_000), "a b ".repeat(100_000), "\u{0}é漢字ß".to_owned(), "....".to_owned()]
    {
        drop(Catalog.search(&text));
    }
}
