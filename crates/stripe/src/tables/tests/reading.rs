//! Reading parameters: typed JSON and form text.

use proptest::prelude::*;
use serde_json::json;

use super::op;
use crate::{PINNED, form, tables::*};

fn map(value: Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

fn check(id: &str, params: Value) -> Vec<Invalid> {
    op(id).check(&map(params), PINNED)
}

fn coerce(id: &str, form: &str) -> Result<Value, Vec<Invalid>> {
    op(id).coerce(form::decode(form.as_bytes()).unwrap(), PINNED).map(Value::Object)
}

fn invalid(param: &str, problem: Problem) -> Invalid {
    Invalid { param: param.to_owned(), problem }
}

fn unknown(param: &str, nearest: Option<&str>) -> Invalid {
    invalid(param, Problem::Unknown { nearest: nearest.map(str::to_owned) })
}

#[test]
fn what_is_right_passes() {
    assert_eq!(
        check(
            "customers.create",
            json!({
                "email": "ada@example.com", "description": null, "metadata": { "a": 1, "b": true, "c": null },
                "address": { "line1": "x", "country": "GB" }, "tax_exempt": "none", "balance": -5,
                "preferred_locales": ["en"], "invoice_settings": { "custom_fields": [{ "name": "a", "value": "b" }] },
            })
        ),
        []
    );
    assert_eq!(check("invoices.list", json!({ "created": { "gte": 5 }, "due_date": 7, "limit": 3 })), []);
    assert_eq!(
        check(
            "subscriptions.create",
            json!({
                "customer": "cus_1", "trial_end": "now", "items": [{ "price": "p", "quantity": 2 }],
                "application_fee_percent": 2.5
            })
        ),
        []
    );
    assert_eq!(check("subscriptions.create", json!({ "customer": "cus_1", "trial_end": 1_800_000_000 })), []);
}

#[test]
fn free_text_is_cleared_and_a_currency_is_not() {
    for empty in [json!(""), json!(null)] {
        assert_eq!(check("invoices.create", json!({ "description": empty })), []);
        let refused = check("invoices.create", json!({ "currency": empty }));
        assert_eq!(refused, [invalid("currency", Problem::Empty)]);
    }
}

#[test]
fn a_fraction_is_a_number_or_its_text() {
    let findings = |percent: Value| check("coupons.create", json!({ "percent_off": percent })).len();
    for right in [json!(12.5), json!(10), json!("12.50"), json!(-0.5)] {
        assert_eq!(findings(right.clone()), 0, "{right}");
    }
    for wrong in [json!(1e300), json!("1e3"), json!("12,5"), json!("."), json!(true), json!("NaN")] {
        assert_eq!(findings(wrong.clone()), 1, "{wrong}");
    }
    assert_eq!(coerce("coupons.create", "percent_off=12.5"), Ok(json!({ "percent_off": 12.5 })));
}

#[test]
fn every_finding_is_told_with_its_place() {
    let found = check(
        "paymentIntents.create",
        json!({
            "amout": 5, "currency": 7, "confirm": "true", "capture_method": "later", "customer": "",
            "shipping": { "name": "a", "adress": {} }, "statement_descriptor": "",
            "transfer_data": { "amount": 1.5 }, "zzzzzzzz": 1,
        }),
    );
    let names: Vec<&str> = found.iter().map(|one| one.param.as_str()).collect();
    assert_eq!(
        names,
        [
            "amout",
            "currency",
            "confirm",
            "capture_method",
            "customer",
            "shipping[adress]",
            "shipping[address]",
            "transfer_data[amount]",
            "transfer_data[destination]",
            "zzzzzzzz",
            "amount"
        ]
    );
    assert_eq!(found[0], unknown("amout", Some("amount")));
    assert_eq!(found[1].problem, of_type("a string"));
    assert_eq!(found[2].problem, of_type("true or false"));
    assert_eq!(
        found[3].problem,
        Problem::NotAllowed {
            given: "later".into(),
            allowed: vec!["automatic", "automatic_async", "manual"]
        }
    );
    assert_eq!(found[4].problem, Problem::Empty);
    assert_eq!(found[5], unknown("shipping[adress]", Some("address")));
    assert_eq!(found[6].problem, Problem::Missing);
    assert_eq!(found[7].problem, Problem::NotInteger { given: "1.5".into() });
    assert_eq!(found[9], unknown("zzzzzzzz", None));
    assert_eq!(found[10], invalid("amount", Problem::Missing));
}

fn of_type(expected: &str) -> Problem {
    Problem::WrongType { expected: expected.into(), allowed: Vec::new(), nearest: None }
}

#[test]
fn findings_inside_lists_and_unions_name_their_element() {
    let found = check(
        "subscriptions.create",
        json!({
            "items": [{ "price": "p" }, { "prise": "q" }, { "price_data": { "currency": "usd" } }],
            "trial_end": "later", "default_tax_rates": "", "expand": [null]
        }),
    );
    let places: Vec<&str> = found.iter().map(|one| one.param.as_str()).collect();
    assert_eq!(
        places,
        [
            "items[1][prise]",
            "items[2][price_data][product]",
            "items[2][price_data][recurring]",
            "trial_end",
            "expand[0]"
        ]
    );
    assert!(
        matches!(&found[3].problem, Problem::WrongType { expected, allowed, .. } if expected.contains("`now`") && *allowed == ["now"])
    );
}

#[test]
fn metadata_has_stripes_limits() {
    let many: Map<String, Value> = (0..51).map(|i| (format!("k{i}"), json!("v"))).collect();
    let fifty: Map<String, Value> = many.clone().into_iter().take(50).collect();
    let why = |metadata: Value| {
        let found = check("customers.create", json!({ "metadata": metadata }));
        found.first().map(|one| (one.param.clone(), one.problem.clone()))
    };
    let because = |at: &str, why| Some((at.to_owned(), Problem::Metadata { why }));
    assert_eq!(why(json!(fifty)), None);
    assert_eq!(why(json!("")), None);
    assert_eq!(why(json!(many)), because("metadata", "more than 50 keys"));
    assert_eq!(why(json!({ "ä".repeat(40): "v", "k": "ä".repeat(500) })), None);
    let long = "k".repeat(41);
    assert_eq!(
        why(json!({ &long: "" })),
        because(&format!("metadata[{long}]"), "a key of more than 40 characters")
    );
    assert_eq!(why(json!({ "a[b": 1 })), because("metadata[a[b]", "a key with a bracket"));
    assert_eq!(why(json!({ "": 1 })), because("metadata[]", "an empty key"));
    assert_eq!(
        why(json!({ "k": "v".repeat(501) })),
        because("metadata[k]", "a value of more than 500 characters")
    );
    assert_eq!(why(json!({ "k": {} })), because("metadata[k]", "a value that is not text"));
    assert!(why(json!([1])).is_some());
}

#[test]
fn text_becomes_typed() {
    assert_eq!(
        coerce(
            "subscriptions.create",
            "customer=cus_1&items[0][price]=p&items[0][quantity]=2&trial_end=now&application_fee_percent=2.5\
         &off_session=true&default_tax_rates=&metadata[0]=x&metadata[1]=y&cancel_at=1800000000"
        )
        .unwrap(),
        json!({ "customer": "cus_1", "items": [{ "price": "p", "quantity": 2 }], "trial_end": "now",
            "application_fee_percent": 2.5, "off_session": true, "default_tax_rates": "",
            "metadata": { "0": "x", "1": "y" }, "cancel_at": 1_800_000_000 })
    );
    assert_eq!(
        coerce(
            "customers.update",
            "metadata[7]=&metadata[3]=1&preferred_locales[4]=b&preferred_locales[2]=a"
        ),
        Ok(json!({ "metadata": { "3": "1", "7": "" }, "preferred_locales": ["a", "b"] }))
    );
    assert_eq!(
        coerce("invoices.list", "created[gte]=5&created[lt]=9&due_date=4&limit=3&expand[]=data.customer"),
        Ok(
            json!({ "created": { "gte": 5, "lt": 9 }, "due_date": 4, "limit": 3, "expand": ["data.customer"] })
        )
    );
    assert_eq!(
        coerce(
            "prices.create",
            "currency=usd&product=p&unit_amount_decimal=0.05&currency_options[eur][unit_amount]=5"
        ),
        Ok(json!({ "currency": "usd", "product": "p", "unit_amount_decimal": "0.05",
            "currency_options": { "eur": { "unit_amount": 5 } } }))
    );
    assert_eq!(
        coerce("customers.update", "metadata=&description=&address="),
        Ok(json!({ "metadata": "", "description": "", "address": "" }))
    );
}

#[test]
fn a_boolean_may_have_a_capital_as_older_python_sdks_write_it() {
    for (text, read) in [("true", true), ("True", true), ("false", false), ("False", false)] {
        let form = format!("auto_advance={text}");
        assert_eq!(coerce("invoices.create", &form), Ok(json!({ "auto_advance": read })));
    }
    assert!(coerce("invoices.create", "auto_advance=TRUE").is_err());
}

#[test]
fn text_that_is_wrong_is_refused_in_the_order_it_came() {
    let found = coerce(
        "paymentIntents.create",
        "amount=1.5&confirm=yes&customer=&metadata=x&created[gte]=1&capture_method=x&shipping=x",
    )
    .unwrap_err();
    let problems: Vec<(&str, &Problem)> =
        found.iter().map(|one| (one.param.as_str(), &one.problem)).collect();
    assert_eq!(problems[0], ("amount", &Problem::NotInteger { given: "1.5".into() }));
    assert_eq!(problems[1], ("confirm", &of_type("true or false")));
    assert_eq!(problems[2], ("customer", &Problem::Empty));
    assert_eq!(problems[3], ("metadata", &of_type("a map of strings")));
    assert_eq!(problems[4].0, "created");
    assert!(matches!(problems[5], ("capture_method", Problem::NotAllowed { .. })));
    assert_eq!(problems[6], ("shipping", &of_type("a hash")));
    assert_eq!(problems[7..], [("currency", &Problem::Missing)]);
    for text in ["abc", "", "+5", "5e3", "99999999999999999999", "--5", "0x5"] {
        let refused =
            coerce("paymentIntents.create", &format!("currency=usd&amount={}", text.replace('+', "%2B")));
        assert_eq!(refused.unwrap_err()[0].param, "amount", "{text}");
    }
    let anchor = coerce("subscriptions.update", "trial_end=soon").unwrap_err();
    assert_eq!(anchor, [invalid("trial_end", Problem::NotInteger { given: "soon".into() })]);
    let range = coerce("invoices.list", "created[gtee]=1&created[lt]=x").unwrap_err();
    assert_eq!(
        range,
        [
            unknown("created[gtee]", Some("gte")),
            invalid("created[lt]", Problem::NotInteger { given: "x".into() })
        ]
    );
}

#[test]
fn older_versions_take_what_they_took() {
    let clover = Version::parse("2026-02-25.clover").unwrap();
    let create = op("paymentIntents.create");
    let params = map(json!({ "amount": 100, "currency": "usd", "payment_method_types": ["card"] }));
    assert_eq!(create.check(&params, clover), []);
    assert_eq!(create.check(&params, PINNED)[0].param, "payment_method_types");
    let update = op("subscriptions.update");
    let anchor = map(json!({ "billing_cycle_anchor": "now" }));
    assert_eq!(update.check(&anchor, clover), []);
    assert_eq!(update.check(&anchor, PINNED).len(), 1);
    let acacia = Version::parse("2024-09-30.acacia").unwrap();
    assert_eq!(op("subscriptions.create").check(&map(json!({ "customer": "c", "coupon": "x" })), acacia), []);
    assert_eq!(op("balance.retrieve").check(&Map::new(), acacia), []);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z]{0,6}".prop_map(Value::from)
    ];
    let name = prop_oneof![
        "[a-z_]{0,6}",
        Just("items".into()),
        Just("price_data".into()),
        Just("metadata".into()),
        Just("created".into()),
        Just("trial_end".into()),
        Just("expand".into())
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect()))
        ]
    })
}

proptest! {
    #[test]
    fn no_input_makes_the_reader_panic(params in any_json(), id in prop::sample::select(vec![
        "subscriptions.create", "prices.create", "invoices.list", "customers.update", "invoiceItems.update"])) {
        if let Value::Object(params) = params {
            op(id).check(&params, PINNED);
            let _ = op(id).coerce(params, PINNED);
        }
    }

    /// What passes the check on our side, the sandbox reads as the same thing.
    #[test]
    fn what_passes_the_check_is_accepted_as_a_form(
        quantity in any::<i64>(), note in "\\PC{0,20}", flag in any::<bool>(), key in "[a-z0-9]{1,5}",
        locales in prop::collection::vec("[a-z]{1,3}", 0..3),
    ) {
        let params = map(json!({
            "email": note, "balance": quantity, "validate": flag, "metadata": { key: note },
            "preferred_locales": locales, "description": null, "tax": { "validate_location": "deferred" },
        }));
        let op = op("customers.create");
        prop_assert_eq!(op.check(&params, PINNED), []);
        let read = op.coerce(form::decode(form::encode(&params).unwrap().as_bytes()).unwrap(), PINNED).unwrap();
        prop_assert_eq!(&read["balance"], &params["balance"]);
        prop_assert_eq!(&read["metadata"], &params["metadata"]);
        prop_assert_eq!(&read["validate"], &params["validate"]);
    }
}
