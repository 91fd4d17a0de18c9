//! Words of a command line, and what they say.

use ::actions::{Catalog, describe::Description};
use serde_json::json;
use stripe::PINNED;

use super::*;

fn shape(action: &str) -> Shape {
    Shape::of(&Description::of_action(Catalog.get(action).unwrap(), PINNED))
}

fn try_read(action: &str, words: &[&str]) -> Result<Value, Failure> {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let mut config = Map::new();
    read(&shape(action), &words, &mut config).map(|()| Value::Object(config))
}

#[track_caller]
fn reads(action: &str, line: &str, expected: Value) {
    let words: Vec<&str> = line.split(' ').collect();
    assert_eq!(try_read(action, &words).unwrap(), expected, "{line}");
}

#[track_caller]
fn refuses(action: &str, line: &str, says: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    let failure = try_read(action, &words).unwrap_err();
    assert_eq!(failure.code, Code::ValidationError, "{line}");
    assert!(failure.message.contains(says), "{line}: {}", failure.message);
    assert!(failure.message.ends_with("Nothing was sent."), "{line}: {}", failure.message);
}

#[test]
fn flags_become_fields_of_their_types() {
    reads(
        "createInvoice",
        "--customer-id cus_1 --days-until-due=30 --auto-advance --metadata.team-name=ops --expand customer",
        json!({"customerId": "cus_1", "daysUntilDue": 30, "autoAdvance": true,
               "metadata": {"team-name": "ops"}, "expand": ["customer"]}),
    );
}

#[test]
fn names_are_taken_in_every_case_and_by_stripes_name() {
    for name in ["customer-id", "customerId", "customer_id"] {
        let key = if name == "customer_id" { "customer_id" } else { "customerId" };
        reads("createInvoice", &format!("--{name} cus_1"), json!({ key: "cus_1" }));
    }
    reads("createInvoice", "--customer cus_1", json!({ "customer": "cus_1" }));
    reads(
        "createPaymentIntent",
        "--allowed-payment-method-types card",
        json!({"allowed_payment_method_types": ["card"]}),
    );
}

#[test]
fn dots_and_brackets_lead_inside() {
    let nested = json!({"items": [{"price": "price_1", "quantity": 2}]});
    for line in [
        "--items.0.price price_1 --items.0.quantity 2",
        "--items[0][price] price_1 --items[0].quantity 2",
        r#"--items {"price":"price_1","quantity":2}"#,
        r#"--items [{"price":"price_1","quantity":2}]"#,
        r#"--items {"price":"price_1"} --items.0.quantity 2"#,
    ] {
        reads("createSubscription", line, nested.clone());
    }
    reads("createCustomer", "--address.postal-code 10115", json!({"address": {"postalCode": "10115"}}));
    reads("listInvoices", "--created.gte 1700000000", json!({"created": {"gte": 1_700_000_000}}));
    reads("listInvoices", "--created 1700000000", json!({"created": 1_700_000_000}));
}

#[test]
fn the_keys_of_metadata_are_data() {
    reads(
        "createCustomer",
        "--metadata.order.id 6735 --metadata[a.b] c --metadata.Some_Key true",
        json!({"metadata": {"order.id": "6735", "a.b": "c", "Some_Key": "true"}}),
    );
}

#[test]
fn a_repeated_flag_fills_a_list_and_nothing_else() {
    let both = json!({"expand": ["customer", "charge"]});
    reads("createInvoice", "--expand customer --expand charge", both.clone());
    reads("createInvoice", "--expand[] customer --expand[] charge", both.clone());
    reads("createInvoice", r#"--expand ["customer","charge"]"#, both.clone());
    reads("createInvoice", "--expand.0 customer --expand.1 charge", both);
    refuses("createInvoice", "--description a --description b", "`--description` is given twice");
    refuses("createInvoice", "--metadata.a 1 --metadata.a 2", "`--metadata.a` is given twice");
}

#[test]
fn booleans_are_turned_on_and_off() {
    reads("createInvoice", "--auto-advance", json!({"autoAdvance": true}));
    reads("createInvoice", "--auto-advance false", json!({"autoAdvance": false}));
    reads("createInvoice", "--no-auto-advance", json!({"autoAdvance": false}));
    reads(
        "createPaymentIntent",
        "--no-automatic-payment-methods.enabled --amount 1",
        json!({"automaticPaymentMethods": {"enabled": false}, "amount": 1}),
    );
    reads("createPaymentIntent", "--off-session --confirm", json!({"offSession": true, "confirm": true}));
    refuses("createInvoice", "--no-auto-advance=true", "takes no value");
    refuses("createInvoice", "--no-auto-advance true", "`true` is not a flag");
}

#[test]
fn text_is_read_by_the_type_of_its_place() {
    reads("createInvoiceItem", "--amount -500", json!({"amount": -500}));
    reads("createInvoiceItem", "--amount 19.99", json!({"amount": 19.99}));
    reads("createInvoiceItem", "--amount 19,99", json!({"amount": "19,99"}));
    let huge = "99999999999999999999";
    reads("createInvoiceItem", &format!("--amount {huge}"), json!({ "amount": huge }));
    reads("createCustomer", "--name 42 --phone true", json!({"name": "42", "phone": "true"}));
    reads("createCustomer", "--description=--dashes", json!({"description": "--dashes"}));
    reads("createCustomer", r#"--description {"a":1}"#, json!({"description": r#"{"a":1}"#}));
    // A keyword or a time.
    reads("createSubscription", "--trial-end now", json!({"trialEnd": "now"}));
    reads("createSubscription", "--trial-end 1700000000", json!({"trialEnd": 1_700_000_000}));
}

#[test]
fn the_empty_text_clears_whatever_the_type() {
    let line = ["--name=", "--metadata", "", "--metadata.plan", "", "--address", ""];
    let expected = json!({"name": "", "metadata": "", "address": ""});
    let without: Vec<&str> = line.iter().copied().filter(|word| *word != "--metadata.plan").collect();
    let mut without = without;
    without.remove(2);
    assert_eq!(try_read("updateCustomer", &without).unwrap(), expected);
    let one = try_read("updateCustomer", &["--metadata.plan", ""]).unwrap();
    assert_eq!(one, json!({"metadata": {"plan": ""}}));
    refuses("updateCustomer", "--metadata= --metadata.plan gold", "has a value already");
}

#[test]
fn a_flag_adds_to_the_input_that_is_there() {
    let mut config = json!({"metadata": {"a": "1"}, "name": "Ada"}).as_object().unwrap().clone();
    let words: Vec<String> = ["--metadata.b", "2", "--name", "Grace"].map(str::to_owned).into();
    read(&shape("createCustomer"), &words, &mut config).unwrap();
    assert_eq!(Value::Object(config), json!({"metadata": {"a": "1", "b": "2"}, "name": "Grace"}));
}

#[test]
fn what_is_no_flag_is_refused_with_what_to_write() {
    refuses("getCustomer", "cus_1", "`cus_1` is not a flag");
    refuses("getCustomer", "--", "is not a flag");
    refuses("getCustomer", "--customer-id", "`--customer-id` needs a value; --customer-id= clears it");
    refuses("createCustomer", "--name --email a@b.c", "`--name` needs a value");
    refuses("createSubscription", "--items.price p", "write --items.0.price for the first");
    refuses("createSubscription", "--items.1.price p", "leaves a gap: `items` has 0 items");
    refuses("createSubscription", "--items[0.price p", "not closed");
    refuses("createSubscription", "--items[0]price p", "behind a bracket");
    refuses("createSubscription", "--.a 1", "a name is missing");
    refuses("createSubscription", &format!("--{} 1", vec!["a"; 30].join(".")), "deeper");
    refuses("createCustomer", "--email a --email.x b", "has a value already");
}

#[test]
fn a_flag_that_no_field_has_is_kept_for_the_catalog_to_refuse() {
    reads("createInvoice", "--custmer-id cus_1", json!({"custmerId": "cus_1"}));
    reads("createCustomer", "--address.contry DE", json!({"address": {"contry": "DE"}}));
    reads("createCustomer", "--adress.country DE", json!({"adress": {"country": "DE"}}));
    reads("createCustomer", "--vip", json!({"vip": true}));
}

/// A value of every kind that a field takes.
fn sample(slot: &Slot, depth: usize) -> Value {
    use ::stripe::tables::Type;
    let fields = slot.fields();
    if !fields.is_empty() {
        let inner = fields
            .iter()
            .filter(|_| depth < 6)
            .filter_map(|slot| Some((slot.field.as_ref()?.name.clone(), sample(slot, depth + 1))));
        return Value::Object(inner.collect());
    }
    match slot.types().first() {
        Some(Type::Boolean) => json!(false),
        Some(Type::Integer | Type::Range) => json!(-7),
        Some(Type::Fraction) => json!(1.5),
        Some(Type::Enum(values)) => json!(values[0]),
        Some(Type::Array(_)) => json!([sample(&slot.item(), depth + 1), sample(&slot.item(), depth + 1)]),
        Some(Type::Metadata) => json!({"someKey": "1", "other-key": "with \"quotes\" and spaces"}),
        Some(Type::Map(_)) => json!({"some_key": sample(&slot.below("some_key").unwrap(), depth + 1)}),
        Some(Type::Decimal) => json!("1.5"),
        _ => json!("text"),
    }
}

#[test]
fn every_field_of_every_action_and_operation_goes_there_and_back() {
    let actions = Catalog.all().iter().map(|action| Description::of_action(action, PINNED));
    let operations = ::stripe::tables::operation_ids()
        .filter_map(::stripe::tables::operation)
        .map(|operation| Description::of_operation(operation, PINNED));
    let mut tried = 0;
    for described in actions.chain(operations) {
        let shape = Shape::of(&described);
        let full =
            shape.fields.iter().filter_map(|slot| Some((slot.field.as_ref()?.name.clone(), sample(slot, 0))));
        let full: Map<String, Value> = full.collect();
        let written = words(&shape, &full);
        let mut config = Map::new();
        read(&shape, &written, &mut config).unwrap_or_else(|e| panic!("{}: {e}", described.name));
        assert_eq!(config, full, "{}", described.name);
        tried += written.len();
    }
    assert!(tried > 20_000, "only {tried} words");
}

#[test]
fn flags_of_one_object_are_put_together_and_none_is_lost() {
    let both = json!({"metadata": {"a": "1", "b": "2"}});
    for line in [
        r#"--metadata.a 1 --metadata {"b":"2"}"#,
        r#"--metadata {"b":"2"} --metadata.a 1"#,
        r#"--metadata {"a":"1"} --metadata {"b":"2"}"#,
    ] {
        reads("createCustomer", line, both.clone());
    }
    let deep = json!({"shipping": {"name": "Ada", "address": {"city": "Berlin", "country": "DE"}}});
    for line in [
        r#"--shipping.address.city Berlin --shipping {"name":"Ada","address":{"country":"DE"}}"#,
        r#"--shipping {"name":"Ada","address":{"country":"DE"}} --shipping.address {"city":"Berlin"}"#,
    ] {
        reads("createCustomer", line, deep.clone());
    }
    // A dot in a key of metadata leads nowhere.
    reads("createCustomer", "--metadata.a 1 --metadata[a.b] 2", json!({"metadata": {"a": "1", "a.b": "2"}}));
}

#[test]
fn two_flags_for_one_place_are_refused_and_both_are_named() {
    for (line, place, flag, other) in [
        (r#"--metadata.a 1 --metadata {"a":"2"}"#, "`metadata.a`", "--metadata`", "--metadata.a`"),
        (r#"--metadata {"a":"2"} --metadata.a 1"#, "`metadata.a`", "--metadata.a`", "--metadata`"),
        (
            r#"--address.city Bonn --address {"city":"Berlin"}"#,
            "`address.city`",
            "--address`",
            "--address.city`",
        ),
        (r#"--metadata {"a":"1"} --metadata {"a":"1"}"#, "`metadata.a`", "--metadata`", "is given twice"),
    ] {
        for says in [place, flag, other] {
            refuses("createCustomer", line, says);
        }
    }
    refuses("listInvoices", "--created.gte 1 --created 5", "`--created` is given twice");
    refuses("createSubscription", r#"--items {"price":"a"} --items.0.price b"#, "`items[0].price`");
}

#[test]
fn flags_win_over_the_input_as_a_whole() {
    let mut config = json!({"metadata": {"a": "1", "b": "2"}}).as_object().cloned().unwrap();
    let words = ["--metadata".to_owned(), r#"{"a":"3"}"#.to_owned()];
    read(&shape("createCustomer"), &words, &mut config).unwrap();
    assert_eq!(Value::Object(config), json!({"metadata": {"a": "3"}}));
}
