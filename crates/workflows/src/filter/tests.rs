use serde_json::{Value, json};

use super::Filter;

fn passes(filter: Value, payload: &Value) -> bool {
    Filter::parse(&filter).unwrap().matches(payload).unwrap()
}

fn event() -> Value {
    json!({ "type": "invoice.paid", "livemode": false, "data": { "object": {
        "id": "in_1", "amount_paid": 50_000, "customer": null, "lines": { "data": [{ "price": "p_1" }, { "price": "p_2" }] },
        "metadata": { "plan": "gold-yearly" }, "tags": ["a", "b"], "rate": 1.5, "big": 9_007_199_254_740_993_i64 } } })
}

#[test]
fn every_operator_holds_and_fails() {
    let cases = [
        (json!({ "data.object.id": "in_1" }), json!({ "data.object.id": "in_2" })),
        (
            json!({ "data.object.amount_paid": { "$gte": 50_000 } }),
            json!({ "data.object.amount_paid": { "$gt": 50_000 } }),
        ),
        (
            json!({ "data.object.amount_paid": { "$lte": 50_000 } }),
            json!({ "data.object.amount_paid": { "$lt": 50_000 } }),
        ),
        (json!({ "data.object.id": { "$ne": "x" } }), json!({ "data.object.id": { "$ne": "in_1" } })),
        (json!({ "type": { "$in": ["a", "invoice.paid"] } }), json!({ "type": { "$in": ["a"] } })),
        (json!({ "type": { "$nin": ["a"] } }), json!({ "type": { "$nin": ["invoice.paid"] } })),
        (
            json!({ "data.object.nothing": { "$exists": false } }),
            json!({ "data.object.id": { "$exists": false } }),
        ),
        (
            json!({ "data.object.tags": { "$contains": "b" } }),
            json!({ "data.object.tags": { "$contains": "c" } }),
        ),
        (
            json!({ "data.object.metadata.plan": { "$startsWith": "gold" } }),
            json!({ "data.object.metadata.plan": { "$startsWith": "silver" } }),
        ),
        (
            json!({ "data.object.metadata.plan": { "$endsWith": "yearly" } }),
            json!({ "data.object.metadata.plan": { "$endsWith": "gold" } }),
        ),
        (
            json!({ "data.object.lines.data.1.price": "p_2" }),
            json!({ "data.object.lines.data.2.price": "p_2" }),
        ),
        (json!({ "$or": [{ "type": "x" }, { "livemode": false }] }), json!({ "$or": [{ "type": "x" }] })),
        (
            json!({ "$and": [{ "livemode": false }] }),
            json!({ "$and": [{ "livemode": false }, { "type": "x" }] }),
        ),
        (json!({ "$not": { "type": "x" } }), json!({ "$not": { "livemode": false } })),
        (
            json!({ "type": { "$not": { "$eq": "x" } } }),
            json!({ "type": { "$not": { "$eq": "invoice.paid" } } }),
        ),
        (json!({ "data.object.rate": { "$gt": 1 } }), json!({ "data.object.rate": { "$gt": 2 } })),
        (json!({ "data.object.tags": ["a", "b"] }), json!({ "data.object.tags": ["a"] })),
    ];
    for (holds, fails) in cases {
        assert!(passes(holds.clone(), &event()), "{holds}");
        assert!(!passes(fails.clone(), &event()), "{fails}");
    }
}

#[test]
fn numbers_compare_without_rounding() {
    assert!(!passes(json!({ "data.object.big": 9_007_199_254_740_992_i64 }), &event()));
    assert!(!passes(json!({ "data.object.big": 9_007_199_254_740_992.0 }), &event()));
    assert!(passes(json!({ "data.object.big": { "$gt": 9_007_199_254_740_992.0 } }), &event()));
    assert!(passes(json!({ "data.object.amount_paid": 50_000.0 }), &event()));
    assert!(passes(json!({ "n": { "$lt": 1e300 } }), &json!({ "n": u64::MAX })));
    assert!(passes(json!({ "n": { "$gt": -0.5 } }), &json!({ "n": 0 })));
    assert!(passes(json!({ "n": { "$lt": -0.5 } }), &json!({ "n": -1 })));
}

#[test]
fn what_is_missing_or_null_has_no_order_and_a_mixed_order_is_an_error() {
    assert!(!passes(json!({ "data.object.customer": { "$gt": 0 } }), &event()));
    assert!(!passes(json!({ "data.object.nothing": { "$lt": 0 } }), &event()));
    let filter = Filter::parse(&json!({ "data.object.id": { "$gt": 5 } })).unwrap();
    assert!(filter.matches(&event()).unwrap_err().contains("no order"));
}

#[test]
fn a_mistake_is_named_with_its_place() {
    for (filter, says) in [
        (json!({ "data.object.amount": { "$gtt": 5 } }), "$gtt"),
        (json!({ "$nand": [] }), "$nand"),
        (json!({ "$gt": 5 }), "inside a field"),
        (json!({ "$or": {} }), "list"),
        (json!({ "a": { "$in": 5 } }), "a list"),
        (json!({ "a": { "$gt": true } }), "number"),
        (json!({ "a..b": 5 }), "no path"),
        (json!({ "a": { "$gt": 5, "b": 1 } }), "no operator `b`"),
        (json!([]), "map"),
        (json!({}), "no condition"),
    ] {
        let error = Filter::parse(&filter).unwrap_err();
        assert!(error.contains(says), "{filter}: {error}");
    }
}

#[test]
fn an_id_equality_counts_only_where_it_must_hold() {
    let id = |filter| {
        Filter::parse(&filter).unwrap().id_equality().map(|(path, value)| (path.to_owned(), value.clone()))
    };
    assert_eq!(id(json!({ "data.object.id": "in_1" })), Some(("data.object.id".into(), json!("in_1"))));
    assert_eq!(
        id(json!({ "$and": [{ "type": "x" }, { "data.object.customer": { "$eq": "cus_1" } }] })),
        Some(("data.object.customer".into(), json!("cus_1")))
    );
    assert_eq!(id(json!({ "$or": [{ "data.object.id": "in_1" }, { "type": "x" }] })), None);
    assert_eq!(id(json!({ "$not": { "data.object.id": "in_1" } })), None);
    assert_eq!(id(json!({ "data.object.id": { "$ne": "in_1" } })), None);
}
