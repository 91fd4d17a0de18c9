//! Descriptions of every action and every operation.

use stripe::{PINNED, Version, tables};

use super::*;
use crate::Catalog;

fn actions() -> impl Iterator<Item = Description> {
    Catalog.all().iter().map(|action| Description::of_action(action, PINNED))
}

fn operations() -> impl Iterator<Item = Description> {
    tables::operation_ids()
        .filter_map(tables::operation)
        .map(|operation| Description::of_operation(operation, PINNED))
}

fn described(name: &str) -> Description {
    Description::of_action(Catalog.get(name).unwrap(), PINNED)
}

#[test]
fn a_description_has_every_parameter_once_and_says_the_same_as_the_schema() {
    for action in Catalog.all() {
        let described = Description::of_action(action, PINNED);
        let schema = Catalog.input_schema(action);
        let properties = schema["properties"].as_object().unwrap();
        let mut names: Vec<&str> = described.all().map(|field| field.name.as_str()).collect();
        names.push("extra");
        let mut known: Vec<&str> = properties.keys().map(String::as_str).collect();
        names.sort_unstable();
        known.sort_unstable();
        assert_eq!(names, known, "{}", action.name);
        let required = schema["required"].as_array().unwrap();
        for field in described.all() {
            let at = format!("{}: {}", action.name, field.name);
            assert_eq!(required.contains(&field.name.clone().into()), field.required, "{at}");
            let nulls = properties[&field.name].to_string().contains("\"null\"");
            assert!(nulls || !field.clearable, "{at} is cleared by null, says the description alone");
            assert!(!field.takes().is_empty(), "{at}");
        }
    }
}

#[test]
fn no_two_fields_of_one_place_can_be_mistaken_for_each_other() {
    fn distinct(place: &str, fields: &[Field]) {
        for (nth, field) in fields.iter().enumerate() {
            for other in &fields[nth + 1..] {
                let kebab = other.stripe.replace('_', "-");
                for name in [&other.name, other.stripe, &kebab] {
                    assert!(!field.is_spelled(name), "{place}: `{name}` is also `{}`", field.name);
                }
            }
            distinct(&format!("{place}.{}", field.name), &field.inner());
        }
    }
    for described in actions().chain(operations()) {
        distinct(described.name, &described.all().cloned().collect::<Vec<_>>());
    }
}

#[test]
fn a_place_is_found_in_every_spelling_with_and_without_list_positions() {
    let described = described("stripe.createSubscription");
    let places =
        ["items.priceData.unitAmount", "items.0.price_data.unit-amount", "items[0][price_data][unit_amount]"];
    for place in places {
        assert_eq!(described.at(place).unwrap().stripe, "unit_amount", "{place}");
    }
    assert_eq!(described.at("customer").unwrap().name, "customerId");
    assert_eq!(described.at("customer-id").unwrap().name, "customerId");
    for wrong in ["", ".", "0", "item", "items.priec", "customerId.x"] {
        assert!(described.at(wrong).is_err(), "{wrong}");
    }
    let wrong = described.at("items.priec").unwrap_err();
    assert_eq!((wrong.inside.as_deref(), wrong.nearest.as_deref()), (Some("items"), Some("price")));
}

#[test]
fn a_range_shows_its_bounds_and_a_list_its_items() {
    let described = described("stripe.listInvoices");
    let created = described.at("created").unwrap();
    assert_eq!(created.takes(), "integer or range");
    assert_eq!(created.inner().iter().map(|f| f.stripe).collect::<Vec<_>>(), ["gt", "gte", "lt", "lte"]);
    assert_eq!(described.at("status").unwrap().allowed(), ["draft", "open", "paid", "uncollectible", "void"]);
}

#[test]
fn what_an_older_version_has_is_described_under_it() {
    let basil = Version::parse("2025-03-31.basil").unwrap();
    let action = Catalog.get("createPaymentIntent").unwrap();
    let older = Description::of_action(action, basil);
    assert_eq!(older.at("paymentMethodTypes").unwrap().stripe, "payment_method_types");
    assert_eq!(
        described("createPaymentIntent").at("paymentMethodTypes").unwrap().stripe,
        "allowed_payment_method_types"
    );
}

#[test]
fn every_effect_says_what_repeating_does_and_how_a_lost_answer_is_found_out() {
    for described in actions().chain(operations()) {
        assert!(described.repeating().ends_with('.'), "{}", described.name);
        let lost = described.lost_answer();
        assert!(lost.ends_with('.') && !lost.contains("  "), "{}: {lost}", described.name);
        assert_eq!(
            described.effect == Some(Effect::Read),
            lost.starts_with("Nothing was changed"),
            "{}",
            described.name
        );
        assert!(!described.likely_errors().is_empty());
    }
    let lost = described("stripe.createCustomer").lost_answer();
    assert!(lost.contains("customers.list") && lost.contains("filtered by `email`"), "{lost}");
}

#[test]
fn every_answer_names_what_comes_back() {
    for described in actions() {
        let answer = described.answer();
        assert!(!answer.is.is_empty() && !answer.fields.is_empty(), "{}", described.name);
        assert!(answer.fields.iter().all(|field| !field.is.is_empty()), "{}", described.name);
    }
    assert_eq!(described("stripe.listInvoices").answer().is, "page of Invoice");
    let invoice = described("stripe.getInvoice").answer();
    let customer = invoice.fields.iter().find(|field| field.name == "customer").unwrap();
    assert_eq!(customer.is, "id or Customer or DeletedCustomer");
}

#[test]
fn a_declined_card_is_likely_only_where_one_is_charged() {
    let met = |name: &str, code| described(name).likely_errors().iter().any(|error| error.code == code);
    assert!(met("payInvoice", model::Code::CardDeclined));
    assert!(!met("createCustomer", model::Code::CardDeclined));
    assert!(!met("getBalance", model::Code::ResourceMissing));
    assert!(!met("getInvoice", model::Code::IdempotencyKeyRequired));
    assert!(met("getInvoice", model::Code::ResourceMissing));
}
