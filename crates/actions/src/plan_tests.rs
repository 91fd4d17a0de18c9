//! What `plan` does with particular inputs; the rules for all actions are in the harness.

use model::{AccountId, IdempotencyKey};
use serde_json::{Value, json};
use stripe::{Kind, PINNED, Version};

use crate::{Catalog, Invalid, Plan, Why};

fn plan(action: &str, input: Value) -> Result<Plan, Vec<Invalid>> {
    Catalog.plan(Catalog.get(action).unwrap(), &input, PINNED)
}

fn refused(action: &str, input: Value) -> Vec<Invalid> {
    plan(action, input).unwrap_err()
}

fn fields(found: &[Invalid]) -> Vec<&str> {
    found.iter().map(|one| one.field.as_str()).collect()
}

#[test]
fn auto_advance_is_sent_unless_told_otherwise() {
    let params = |input| plan("createInvoice", input).unwrap().params;
    assert_eq!(params(json!({"customerId": "cus_1"}))["auto_advance"], json!(true));
    assert_eq!(params(json!({"customerId": "cus_1", "autoAdvance": false}))["auto_advance"], json!(false));
}

#[test]
fn an_invoice_becomes_exactly_this_form() {
    let input = json!({"customerId": "cus_1", "collectionMethod": "send_invoice", "daysUntilDue": 30,
        "autoAdvance": false, "metadata": {"orderId": 7, "paid": true}, "expand": ["customer"]});
    let plan = plan("createInvoice", input).unwrap();
    let request = plan.into_request(Kind::Write(IdempotencyKey::from_text("k"))).unwrap();
    let expected = "customer=cus_1&collection_method=send_invoice&days_until_due=30&auto_advance=false\
                    &metadata[orderId]=7&metadata[paid]=true&expand[0]=customer";
    assert_eq!(std::str::from_utf8(&request.form).unwrap(), expected);
    assert_eq!(request.path, "/v1/invoices");
}

#[test]
fn a_float_for_money_is_refused_with_the_minor_units() {
    for amount in [json!(19.99), json!(20.0), json!(u64::MAX), json!("1999")] {
        let input = json!({"customerId": "cus_1", "amount": amount, "currency": "usd"});
        let found = refused("createInvoiceItem", input);
        assert_eq!(fields(&found), ["amount"]);
        assert!(found[0].message.contains("19.99 USD is 1999"), "{}", found[0].message);
    }
    let found = refused("createInvoice", json!({"customerId": "cus_1", "daysUntilDue": 1.5}));
    assert!(!found[0].message.contains("minor units"), "{}", found[0].message);
}

#[test]
fn negative_and_huge_amounts_are_left_to_stripe() {
    for amount in [-500, i64::MAX, i64::MIN] {
        let input = json!({"customerId": "cus_1", "amount": amount, "currency": "usd"});
        assert_eq!(plan("createInvoiceItem", input).unwrap().params["amount"], json!(amount));
    }
}

#[test]
fn an_unknown_currency_is_named_and_a_known_one_is_written_lower_case() {
    let input =
        |currency| json!({"customerId": "cus_1", "priceData": {"currency": currency, "product": "p"}});
    let found = refused("createInvoiceItem", input("dollars"));
    assert_eq!(fields(&found), ["priceData.currency"]);
    assert!(found[0].message.contains("`dollars`"), "{}", found[0].message);
    let plan = plan("createInvoiceItem", input("EUR")).unwrap();
    assert_eq!(plan.params["price_data"]["currency"], json!("eur"));
}

#[test]
fn null_clears_what_can_be_cleared_and_nothing_else() {
    let cleared =
        plan("updateCustomer", json!({"customerId": "cus_1", "address": null, "metadata": {"a": null}}));
    let request = cleared.unwrap().into_request(Kind::Write(IdempotencyKey::from_text("k"))).unwrap();
    assert_eq!(std::str::from_utf8(&request.form).unwrap(), "address=&metadata[a]=");
    let found = refused("createInvoice", json!({"customerId": "cus_1", "autoAdvance": null}));
    assert_eq!((fields(&found), found[0].why), (vec!["autoAdvance"], Why::Value));
    let found = refused("createInvoice", json!({"customerId": null}));
    assert_eq!((fields(&found), found[0].why), (vec!["customerId"], Why::Missing));
}

#[test]
fn an_id_that_would_change_the_path_is_refused() {
    for id in [
        "",
        " ",
        "a/b",
        "../customers",
        "..",
        "in_1?x",
        "in_1#x",
        "in\n1",
        "in_1%2f",
        "a b",
        &"x".repeat(300),
    ] {
        let found = refused("voidInvoice", json!({"invoiceId": id}));
        assert_eq!((fields(&found), found[0].why), (vec!["invoiceId"], Why::Value), "{id:?}");
    }
    assert_eq!(fields(&refused("voidInvoice", json!({"invoiceId": 7}))), ["invoiceId"]);
    assert_eq!(plan("voidInvoice", json!({"invoice": "1ABC"})).unwrap().path, "/v1/invoices/1ABC/void");
}

#[test]
fn map_keys_stay_as_they_are() {
    let metadata = json!({"camelKey": "a", "snake_key": "b", "Ümlaut key": "c"});
    let plan = plan("createCustomer", json!({"metadata": metadata})).unwrap();
    assert_eq!(plan.params["metadata"], metadata);
    let found = refused("createCustomer", json!({"metadata": {"deep": {"a": 1}, "a[b]": "x"}}));
    assert_eq!(fields(&found), ["metadata.deep", "metadata.a[b]"]);
}

#[test]
fn metadata_values_become_text() {
    let given = json!({"count": 7, "rate": 1.5, "paid": true, "name": "x", "gone": null});
    let plan = plan("createCustomer", json!({"metadata": given})).unwrap();
    let text = json!({"count": "7", "rate": "1.5", "paid": "true", "name": "x", "gone": null});
    assert_eq!(plan.params["metadata"], text);
    let request = plan.into_request(Kind::Write(IdempotencyKey::from_text("k"))).unwrap();
    assert!(request.form.starts_with(b"metadata[count]=7&metadata[rate]=1.5&"));
}

#[test]
fn what_only_an_older_version_has_is_taken_under_it_alone() {
    let mut input = json!({"customerId": "cus_1", "price": "price_1", "unitAmount": 5, "currency": "usd"});
    let found = refused("createInvoiceItem", input.clone());
    assert_eq!(fields(&found), ["price", "unitAmount"]);
    assert!(found[0].message.contains("pricing: {price: price_…}"), "{}", found[0].message);
    input["apiVersion"] = json!("2025-02-24.acacia");
    let params = plan("createInvoiceItem", input).unwrap().params;
    assert_eq!((&params["price"], &params["unit_amount"]), (&json!("price_1"), &json!(5)));
}

#[test]
fn call_options_are_taken_off() {
    let input = json!({"invoiceId": "in_1", "stripeAccount": "acct_2", "api_version": "2025-03-31.basil", "expand": ["payments"]});
    let plan = plan("getInvoice", input).unwrap();
    assert_eq!(plan.options.stripe_account, Some(AccountId::new("acct_2")));
    assert_eq!(plan.options.version.as_str(), "2025-03-31.basil");
    assert_eq!(Value::Object(plan.params), json!({"expand": ["payments"]}));
}

#[test]
fn wrong_call_options_are_refused() {
    let found = refused("getInvoice", json!({"invoiceId": "in_1", "apiVersion": "2019-01-01"}));
    assert_eq!(fields(&found), ["apiVersion"]);
    assert!(found[0].message.contains("2026-10-28.endive") && found[0].allowed.contains(&PINNED.as_str()));
    let input =
        json!({"invoiceId": "in_1", "stripeAccount": "a\r\nb", "expand": "customer", "apiVersion": 7});
    assert_eq!(fields(&refused("getInvoice", input)), ["apiVersion", "stripeAccount", "expand"]);
    let input = json!({"invoiceId": "in_1", "stripeAccount": "acct_1", "stripe_account": "acct_1"});
    assert_eq!(refused("getInvoice", input)[0].why, Why::Twice);
}

#[test]
fn extra_is_merged_and_checked_like_the_fields() {
    let plan_ =
        plan("createInvoice", json!({"customerId": "cus_1", "extra": {"footer": "Thanks", "due_date": 1}}));
    let params = plan_.unwrap().params;
    assert_eq!((&params["footer"], &params["due_date"]), (&json!("Thanks"), &json!(1)));
    let input = json!({"customerId": "cus_1", "extra": {"customer": "cus_2", "fotter": "x", "rendering": {"pdff": 1}}});
    let found = refused("createInvoice", input);
    assert_eq!(fields(&found), ["extra.customer", "extra.fotter", "extra.rendering.pdff"]);
    assert_eq!(found[1].nearest.as_deref(), Some("footer"));
    assert_eq!(fields(&refused("createCustomer", json!({"extra": 1}))), ["extra"]);
}

#[test]
fn lines_on_an_invoice_lead_to_the_action_that_adds_them() {
    let found = refused("createInvoice", json!({"customerId": "cus_1", "items": [{"price": "price_1"}]}));
    assert_eq!(fields(&found), ["items"]);
    assert!(found[0].message.contains("stripe.createInvoiceItem"), "{}", found[0].message);
}

#[test]
fn all_findings_come_at_once_in_the_callers_names() {
    let input = json!({"customFields": [{"name": "a", "value": "b"}, {"nmae": "x"}], "collection_method": "mail",
        "shipping_details": {"address": {"line_1": "x"}, "name": "n"}, "custmer": "c"});
    let found = refused("createInvoice", input);
    let expected = [
        "customFields[1].nmae",
        "shipping_details.address.line_1",
        "custmer",
        "customerId",
        "customFields[1].name",
        "customFields[1].value",
        "collection_method",
    ];
    assert_eq!(fields(&found), expected);
    assert_eq!(found[1].nearest.as_deref(), Some("line1"));
    assert_eq!(found[2].nearest.as_deref(), Some("customerId"));
}

#[test]
fn writes_lock_the_objects_they_touch_and_reads_lock_nothing() {
    let input = json!({"customerId": "cus_1", "invoiceId": "in_1", "subscriptionId": "sub_1", "amount": 1, "currency": "usd"});
    assert_eq!(plan("createInvoiceItem", input).unwrap().locks, ["cus_1", "in_1", "sub_1"]);
    assert_eq!(plan("sendInvoice", json!({"invoiceId": "in_1"})).unwrap().locks, ["in_1"]);
    assert_eq!(plan("createRefund", json!({"paymentIntentId": "pi_1"})).unwrap().locks, ["pi_1"]);
    assert!(plan("getInvoice", json!({"invoiceId": "in_1"})).unwrap().locks.is_empty());
    assert!(plan("listInvoices", json!({"customerId": "cus_1"})).unwrap().locks.is_empty());
}

#[test]
fn an_input_that_is_no_object_is_refused_and_none_is_an_empty_one() {
    for input in [json!([]), json!("x"), json!(1), json!(true)] {
        assert_eq!(fields(&refused("createCustomer", input)), [""]);
    }
    assert!(plan("createCustomer", Value::Null).unwrap().params.is_empty());
}

#[test]
fn a_range_keeps_its_bounds() {
    let plan_ = plan("listInvoices", json!({"created": {"gte": 5}, "dueDate": 9})).unwrap();
    assert_eq!(Value::Object(plan_.params), json!({"created": {"gte": 5}, "due_date": 9}));
    assert_eq!(fields(&refused("listInvoices", json!({"created": {"min": 5}}))), ["created.min"]);
}

#[test]
fn payment_method_types_go_out_under_the_name_that_the_version_has() {
    let action = Catalog.get("createPaymentIntent").unwrap();
    for name in ["paymentMethodTypes", "payment_method_types"] {
        for version in Version::all() {
            let input = json!({"amount": 1999, "currency": "usd", name: ["card"]});
            let params = Catalog.plan(action, &input, version).unwrap().params;
            let older = version.name() != "endive";
            assert_eq!(params.get("payment_method_types").is_some(), older, "{}", version.as_str());
            assert_eq!(params.get("allowed_payment_method_types").is_some(), !older, "{}", version.as_str());
        }
    }
}
