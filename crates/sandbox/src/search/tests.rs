//! The query language by itself.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    clause, fields,
    parse::{Clause, Field, Operator, Wanted, Wrong, parse},
};

fn one(text: &str) -> Clause {
    let query = parse(text).unwrap();
    assert_eq!(query.clauses.len(), 1, "{text}");
    query.clauses.into_iter().next().unwrap()
}

fn named(name: &str) -> Field {
    Field::Named(name.to_owned())
}

fn found(operation: &str, text: &str, object: &Value) -> bool {
    let query = clause::checked(parse(text).unwrap(), fields::of(operation).unwrap()).unwrap();
    clause::holds(&query, object)
}

#[test]
fn a_clause_is_a_field_an_operator_and_a_value() {
    assert_eq!(
        one(r#"email:"amy@rocketrides.io""#),
        Clause {
            negated: false,
            field: named("email"),
            operator: Operator::Is,
            value: Wanted::Text("amy@rocketrides.io".into())
        }
    );
    assert_eq!(one("total>1000").operator, Operator::More);
    assert_eq!(one("total>=1000").operator, Operator::AtLeast);
    assert_eq!(one("total <= -5").value, Wanted::Number(-5));
    assert_eq!(one("name~'ada'").operator, Operator::Contains);
    assert!(one("-currency:'usd'").negated);
    assert_eq!(one(r#"metadata["key"]:null"#).value, Wanted::Null);
    assert_eq!(one("metadata['a b']:'c'").field, Field::Metadata("a b".into()));
    assert_eq!(one(r#"name:"say \"hi\" \\o/""#).value, Wanted::Text(r#"say "hi" \o/"#.into()));
    assert_eq!(
        one("payment_method_details.card.last4:4242").field,
        named("payment_method_details.card.last4")
    );
}

#[test]
fn clauses_are_joined_by_and_a_space_or_or_but_not_by_both() {
    for all in ["a:1 b:2", "a:1 AND b:2", "a:1 and b:2  c:3"] {
        assert!(!parse(all).unwrap().any && parse(all).unwrap().clauses.len() > 1, "{all}");
    }
    assert!(parse("a:1 OR b:2 or c:3").unwrap().any);
    for mixed in ["a:1 AND b:2 OR c:3", "a:1 OR b:2 c:3"] {
        assert_eq!(parse(mixed), Err(Wrong::Mixed), "{mixed}");
    }
    assert_eq!(one("order:1").field, named("order"), "a field may begin as a keyword does");
}

#[test]
fn what_is_no_query_is_refused() {
    for wrong in [
        "",
        " ",
        "email",
        "email:",
        ":x",
        "email:\"a",
        "email=\"a\"",
        "a:1 AND",
        "a:1 OR ",
        "AND a:1",
        "metadata:1",
        "metadata[k]:1",
        "metadata['k':1",
        "a:b",
        "a:1b:2",
        "a:99999999999999999999",
        "--a:1",
        "a:'x'y",
    ] {
        assert_eq!(parse(wrong), Err(Wrong::Unreadable), "{wrong:?}");
    }
}

#[test]
fn fields_are_those_of_the_resource_and_asked_in_their_way() {
    for (query, about) in [
        ("nickname:'x'", "Field `nickname` is an unsupported search field for resource `customers`"),
        ("email>1", "it can only be searched with `:`"),
        ("created~'123'", "cannot be searched with `~`"),
        ("created:'soon'", "compared with a whole number"),
        ("name~'ab'", "at least 3 characters"),
        ("metadata['k']~'abc'", "cannot be searched with `~`"),
        ("created>null", "only be compared with null by `:`"),
    ] {
        let refused =
            clause::checked(parse(query).unwrap(), fields::of("customers.search").unwrap()).unwrap_err();
        let message = refused.error["message"].as_str().unwrap();
        assert!(message.contains(about), "{query}: {message}");
        assert!(!refused.error.contains_key("code") && refused.error["param"] == "query");
    }
}

#[test]
fn objects_answer() {
    let ada = json!({"name": "Ada Lovelace", "email": "Ada@example.com", "phone": null, "created": 100,
                     "metadata": {"team": "Ops"}});
    for (query, expected) in [
        ("email:'ada@EXAMPLE.com'", true),
        ("email:'ada'", false),
        ("email~'example'", true),
        ("-email~'example'", false),
        ("phone:null", true),
        ("-phone:null", false),
        ("metadata['team']:'ops'", true),
        ("metadata['none']:null", true),
        ("-metadata['team']:null", true),
        ("created>99 created<'101'", true),
        ("created>=101 OR name~'love'", true),
        ("-name:'bob' AND created:100", true),
    ] {
        assert_eq!(found("customers.search", query, &ada), expected, "{query}");
    }
    let price = json!({"active": false, "currency": "usd", "lookup_key": "42"});
    assert!(found("prices.search", "active:'false' lookup_key:42", &price));
    let invoice = json!({"_subscription": "sub_1", "total": -50, "last_finalization_error": {"code": "x"}});
    assert!(found(
        "invoices.search",
        "subscription:'sub_1' total<0 last_finalization_error_code:'x'",
        &invoice
    ));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        drop(parse(&text));
    }

    #[test]
    fn no_pieces_of_queries_make_it_panic(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "email", "metadata", "[", "]", "'", "\"", "\\", ":", "~", "<", "=", ">", "-", "AND", "OR", " ", "null",
            "12", "é", "\u{0}", ".", "k",
        ]), 0..24),
    ) {
        if let Ok(query) = parse(&pieces.concat())
            && let Ok(query) = clause::checked(query, fields::of("customers.search").unwrap())
        {
            clause::holds(&query, &json!({"email": "é", "metadata": {"k": "12"}, "created": 12}));
        }
    }

    #[test]
    fn any_text_can_be_asked_for(value in any::<String>(), key in any::<String>()) {
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let query = format!("metadata[{}]:{}", quoted(&key), quoted(&value));
        let clause = one(&query);
        prop_assert_eq!(clause.field, Field::Metadata(key.clone()));
        prop_assert_eq!(clause.value, Wanted::Text(value.clone()));
        let object = json!({"metadata": {key: value}});
        prop_assert!(found("customers.search", &query, &object));
    }
}
