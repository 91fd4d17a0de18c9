//! The facts themselves, and the way from a path to an operation and back.

mod reading;
mod versions;

use std::collections::HashSet;

use super::*;

fn op(id: &str) -> &'static Operation {
    operation(id).unwrap_or_else(|| panic!("{id}"))
}

#[test]
fn every_entry_can_be_read() {
    let ids: Vec<_> = operation_ids().collect();
    assert_eq!(ids.len(), 559);
    assert!(ids.is_sorted());
    for id in ids {
        assert_eq!(op(id).id, id);
    }
    let names: Vec<_> = object_names().collect();
    assert_eq!(names.len(), 179);
    assert!(names.is_sorted());
    for name in names {
        assert!(object(name).is_some(), "{name}");
    }
    assert_eq!(event_types().len(), 275);
    assert!(event_types().is_sorted());
    assert_eq!(error_codes().count(), 209);
    assert!(operation("invoices.vanish").is_none() && object("Nothing").is_none());
}

#[test]
fn every_object_that_is_named_exists() {
    fn names(kind: &Type, out: &mut HashSet<&'static str>) {
        match kind {
            Type::Object(name) => drop(out.insert(name)),
            Type::Expandable(of) => out.extend(of.iter()),
            Type::Fields(fields) => fields.iter().for_each(|field| names(&field.kind, out)),
            Type::Map(one) | Type::Array(one) | Type::List(one) | Type::SearchResult(one) => names(one, out),
            Type::Union(all) => all.iter().for_each(|one| names(one, out)),
            _ => {}
        }
    }
    let mut named = HashSet::new();
    operation_ids().for_each(|id| names(&op(id).response, &mut named));
    for name in object_names() {
        object(name).unwrap().fields.iter().for_each(|field| names(&field.kind, &mut named));
    }
    named.extend(event_types().iter().flat_map(|event| event_objects(event)));
    assert!(named.len() > 150, "{}", named.len());
    for name in named {
        // Objects of the v2 API are named by expandables of the v1 API.
        assert!(object(name).is_some() || name.starts_with("V2."), "{name}");
    }
}

#[test]
fn the_facts_are_stripes() {
    let finalize = op("invoices.finalizeInvoice");
    assert_eq!((finalize.method, finalize.path), (Method::Post, "/v1/invoices/{invoice}/finalize"));
    assert_eq!(finalize.response, Type::Object("Invoice"));
    let create = op("paymentIntents.create");
    let param = |name: &str| create.params.iter().find(|param| param.name == name).unwrap();
    assert_eq!((&param("amount").kind, param("amount").required), (&Type::Integer, true));
    assert_eq!(op("customers.list").response, Type::List(&Type::Object("Customer")));
    let invoice = object("Invoice").unwrap();
    let field = |name: &str| invoice.fields.iter().find(|field| field.name == name).unwrap();
    assert!(field("due_date").nullable);
    assert_eq!(object_on_wire("invoiceitem").unwrap().name, "InvoiceItem");
    assert_eq!(object_on_wire("customer").unwrap().name, "Customer");
    assert_eq!(object_on_wire("test_helpers.test_clock").unwrap().name, "TestHelpers.TestClock");
    assert!(object_on_wire("").is_none() && object_on_wire("list").is_none());
    assert!(event_types().contains(&"invoice.paid"));
    assert_eq!(event_objects("charge.refunded"), ["Charge"]);
    assert!(event_objects("charge.vanished").is_empty());
    assert_eq!(op("oauth.token").host, Some("connect.stripe.com"));
}

#[test]
fn percentages_have_fractions_and_amounts_never() {
    let coupon = op("coupons.create");
    let kind = |name: &str| &coupon.params.iter().find(|param| param.name == name).unwrap().kind;
    assert_eq!((kind("percent_off"), kind("amount_off")), (&Type::Fraction, &Type::Integer));
    fn fractions(params: &[Param], out: &mut Vec<&'static str>) {
        for param in params {
            let mut kind = &param.kind;
            while let Type::Array(inner) | Type::Map(inner) = kind {
                kind = inner;
            }
            match kind {
                Type::Fraction => out.push(param.name),
                Type::Hash(inner) => fractions(inner, out),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    operation_ids().for_each(|id| fractions(op(id).params, &mut found));
    assert!(found.len() > 20);
    let money = |name: &&str| name.contains("amount") && !name.ends_with("percent");
    assert_eq!(found.iter().find(|name| money(name)), None);
}

#[test]
fn fixed_segments_win_over_braces() {
    let found = |method, path: &str| route(method, path).map(|(op, values)| (op.id, values));
    let some = |id, values: &[&str]| Some((id, values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>()));
    assert_eq!(found(Method::Get, "/v1/customers/search"), some("customers.search", &[]));
    assert_eq!(found(Method::Get, "/v1/customers/cus_1"), some("customers.retrieve", &["cus_1"]));
    assert_eq!(found(Method::Post, "/v1/invoices/create_preview"), some("invoices.createPreview", &[]));
    assert_eq!(
        found(Method::Post, "/v1/invoices/in_1/finalize"),
        some("invoices.finalizeInvoice", &["in_1"])
    );
    assert_eq!(found(Method::Get, "/v1/customers/a%2Fb%20c"), some("customers.retrieve", &["a/b c"]));
    assert_eq!(found(Method::Delete, "/v1/subscriptions/sub_1"), some("subscriptions.cancel", &["sub_1"]));
    for path in
        ["", "/", "/v1/customers/", "/v1/nothing", "v1/customers", "/v1/customers/%FF", "/v1/balance/x/y"]
    {
        assert_eq!(found(Method::Get, path), None, "{path}");
    }
    assert_eq!(found(Method::Delete, "/v1/balance"), None);
}

#[test]
fn every_path_leads_back_to_its_operation() {
    for id in operation_ids() {
        let op = op(id);
        let values: Vec<String> = (0..op.path_params().len()).map(|n| format!("x_{n}/ä?#%{{}}")).collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let path = op.path_with(&values).unwrap();
        let (found, read) = route(op.method, &path).unwrap_or_else(|| panic!("{path}"));
        assert_eq!(found.id, id);
        assert_eq!(read, values);
        assert_eq!(route(op.method, op.path).unwrap().0.id, id);
    }
}

#[test]
fn a_path_is_never_built_from_bad_values() {
    let retrieve = op("customers.retrieve");
    assert_eq!(retrieve.path_params(), ["customer"]);
    assert_eq!(retrieve.path_with(&["cus_1"]).as_deref(), Some("/v1/customers/cus_1"));
    for values in [&[][..], &[""], &["a", "b"], &["."], &[".."]] {
        assert_eq!(retrieve.path_with(values), None, "{values:?}");
    }
    assert_eq!(retrieve.path_with(&["../charges"]).as_deref(), Some("/v1/customers/..%2Fcharges"));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "measures real time")]
fn cost_of_everything() {
    let start = std::time::Instant::now();
    let ids = operation_ids().count();
    let cut = start.elapsed();
    assert!(operation_ids().all(|id| operation(id).is_some()));
    assert!(object_names().all(|name| object(name).is_some()));
    println!("{ids} operations: cut in {cut:?}, all tables read in {:?}", start.elapsed());
    assert!(start.elapsed() < std::time::Duration::from_secs(10), "the tables have become slow");
}
