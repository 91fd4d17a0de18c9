//! Values out of expressions, and what is refused.

use serde_json::{Map, Value, json};

use super::{Names, Scope, evaluate_text};
use crate::Told;

fn scope() -> Scope {
    let run = Told {
        id: "run_01900000000070008000000000000000".parse().unwrap(),
        workflow: "w".into(),
        version: 3,
        mode: model::Mode::Test,
    };
    let input = json!({ "amount": 1999, "rate": 1.5, "name": "Ada", "none": null, "big": i64::MAX, "items": [{ "price": "p_1" }],
                        "zero": 0, "a-b": 1, "huge": u64::MAX, "evil": ["\u{E000}secret:KEY\u{E001}"], "text": "4200" });
    let mut steps = Map::new();
    steps.insert("a".into(), json!({ "status": "completed", "output": { "z": 1, "b": { "c": [1, 2] } } }));
    let mut variables = Map::new();
    variables.insert("terms".into(), json!(30));
    let names = Names {
        input: &input,
        is_event: false,
        steps,
        variables: &variables,
        run: &run,
        started_at: model::seconds(1_800_000_000),
        now: model::seconds(1_800_000_060),
        secrets: &["KEY".to_owned()],
    };
    Scope::new(&names)
}

fn value(text: &str) -> Value {
    evaluate_text(text, &scope(), "here").unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn refused(text: &str) -> String {
    let error = evaluate_text(text, &scope(), "here").err().unwrap_or_else(|| panic!("{text} was taken"));
    assert!(error.message.starts_with("here: ") || error.message.contains("`"), "{error}");
    error.message
}

#[test]
fn a_whole_template_keeps_its_type_and_a_text_is_text() {
    for (text, expected) in [
        ("{{ input.amount }}", json!(1999)),
        (" {{ input.amount }}\n", json!(1999)),
        ("{{ input.amount }} cents", json!("1999 cents")),
        ("{{ input.name }}{{ input.name }}", json!("AdaAda")),
        ("{{ steps.a.output }}", json!({ "z": 1, "b": { "c": [1, 2] } })),
        ("of {{ steps.a.output.b }}", json!("of {\"c\":[1,2]}")),
        ("{{ input.items.0.price }}", json!("p_1")),
        ("{{ input.items[0].price }}", json!("p_1")),
        ("{{ input['a-b'] }}", json!(1)),
        ("{{ input.none }}", Value::Null),
        ("{{ input.rate }}", json!(1.5)),
        ("{{ input.huge }}", json!(u64::MAX)),
        ("{{ input.amount > 1000 and not input.zero }}", json!(true)),
        ("{{ variables.terms * 2 }}", json!(60)),
        ("{{ run.mode }} {{ run.version }}", json!("test 3")),
        ("{{ now }}", json!("2027-01-15T08:01:00Z")),
        ("{{ run.startedAt }}", json!("2027-01-15T08:00:00Z")),
        ("{{ {'k': [input.amount]} }}", json!({ "k": [1999] })),
        ("plain", json!("plain")),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn maps_keep_the_order_of_their_keys() {
    assert_eq!(value("{{ steps.a.output }}").to_string(), r#"{"z":1,"b":{"c":[1,2]}}"#);
    assert_eq!(value("{{ {'z': 1, 'a': 2} }}").to_string(), r#"{"z":1,"a":2}"#);
}

#[test]
fn what_is_not_there_is_refused() {
    for text in [
        "{{ input.nothing }}",
        "{{ nothing }}",
        "{{ input.amount and input.nothing }}",
        "{{ [input.nothing] }}",
        "{{ input.nothing.more }}",
        "x {{ input.nothing }}",
        "x {{ input.none }}",
    ] {
        refused(text);
    }
    assert_eq!(value("{{ input.nothing | default(5) }}"), json!(5));
}

#[test]
fn a_computed_fraction_and_an_endless_number_are_refused() {
    for text in [
        "{{ input.amount / 100 }}",
        "{{ input.amount * 0.1 }}",
        "{{ [input.amount * 1.5] }}",
        "{{ 3 * input.rate }}",
    ] {
        assert!(refused(text).contains("minor unit"), "{text}");
    }
    assert!(refused("{{ input.big * 4 }}").contains("64 bits"));
    assert_eq!(value("{{ input.amount // 100 }}"), json!(19));
    assert_eq!(value("{{ input.amount / 100 > 19 }}"), json!(true));
}

#[test]
fn money_is_exact_by_stripes_exponents() {
    for (text, expected) in [
        ("{{ input.amount | money('usd') }}", json!("19.99")),
        ("{{ input.amount | money('jpy') }}", json!("1999")),
        ("{{ 1990 | money('kwd') }}", json!("1.990")),
        ("{{ -5 | money('USD') }}", json!("-0.05")),
        ("{{ '19.99' | minor('usd') }}", json!(1999)),
        ("{{ '19.990' | minor('usd') }}", json!(1999)),
        ("{{ '-0.5' | minor('usd') }}", json!(-50)),
        ("{{ 19 | minor('usd') }}", json!(1900)),
        ("{{ '1999' | minor('jpy') }}", json!(1999)),
        ("{{ '92233720368547758.07' | minor('usd') }}", json!(i64::MAX)),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
    for text in [
        "{{ '19.999' | minor('usd') }}",
        "{{ '1.5' | minor('jpy') }}",
        "{{ 19.99 | minor('usd') }}",
        "{{ '1e3' | minor('usd') }}",
        "{{ '92233720368547758.08' | minor('usd') }}",
        "{{ '' | minor('usd') }}",
        "{{ input.amount | money('usdollar') }}",
        "{{ 1.5 | money('usd') }}",
        "{{ 'x' | money('usd') }}",
    ] {
        refused(text);
    }
}

#[test]
fn rounding_is_decimal_and_gives_whole_numbers() {
    for (number, mode, expected) in [
        ("45 * 0.7", "half_up", 32),
        ("1.005 * 1000", "half_up", 1005),
        ("2.5", "half_even", 2),
        ("3.5", "half_even", 4),
        ("-2.5", "half_up", -3),
        ("-2.1", "floor", -3),
        ("-2.9", "ceil", -2),
        ("2.1", "up", 3),
        ("-2.9", "down", -2),
        ("0.00001", "half_up", 0),
        ("123456.5", "half_up", 123_457),
        ("7", "half_up", 7),
        ("1e15", "half_up", 1_000_000_000_000_000_i64),
    ] {
        assert_eq!(
            value(&format!("{{{{ ({number}) | round('{mode}') }}}}")),
            json!(expected),
            "{number} {mode}"
        );
    }
    assert_eq!(value("{{ (input.amount * 0.1) | round }}"), json!(200));
    refused("{{ 1.5 | round('sideways') }}");
    refused("{{ 'x' | round }}");
    refused("{{ 1e300 | round }}");
}

#[test]
fn moments_are_text_or_seconds() {
    assert_eq!(value("{{ now | unix }}"), json!(1_800_000_060));
    assert_eq!(value("{{ now | add('1d') }}"), json!("2027-01-16T08:01:00Z"));
    assert_eq!(value("{{ 1800000000 | add('1h') }}"), json!(1_800_003_600));
    assert_eq!(value("{{ 1800000000 | iso }}"), json!("2027-01-15T08:00:00Z"));
    refused("{{ 'tomorrow' | iso }}");
    refused("{{ now | add('soon') }}");
    assert_eq!(value("{{ input.items | json }}"), json!("[{\"price\":\"p_1\"}]"));
    assert_eq!(value("{{ (input.items | first).price }}"), json!("p_1"));
}

#[test]
fn a_secret_is_a_placeholder() {
    let mut header = value("Bearer {{ secrets.KEY }}");
    assert!(!header.to_string().contains("hunter2"));
    super::fill_secrets(&mut header, &mut |name| Some(format!("{name}=hunter2"))).unwrap();
    assert_eq!(header, json!("Bearer KEY=hunter2"));
}

#[test]
fn an_input_cannot_ask_for_a_secret() {
    let mut config = value("{{ input.evil }} {{ secrets.KEY }}");
    super::fill_secrets(&mut config, &mut |_| Some("hunter2".into())).unwrap();
    assert_eq!(config.as_str().unwrap().matches("hunter2").count(), 1, "{config}");
}

#[test]
fn bombs_stop_quickly() {
    let nested = format!("{{{{ {}1{} }}}}", "(".repeat(5_000), ")".repeat(5_000));
    let added = format!("{{{{ {} }}}}", vec!["1"; 4_000].join("+"));
    let many = "range(99999)|map('string')|join|".to_owned() + &vec!["list|join"; 50].join("|");
    for text in [
        nested.as_str(),
        added.as_str(),
        &format!("{{{{ {many} }}}}"),
        "{{ 'x' * 1000000000 }}",
        "{{ range(100000) | map('string') | list | json }}",
        "{{ ([0] * 100000) | map('json') | list }}",
        &format!("{{{{ 'aaaaaaaa'{} }}}}", "|replace('a','aaaaaaaa')".repeat(30)),
    ] {
        assert!(evaluate_text(text, &scope(), "here").is_err(), "{}", crate::notation::cut(text));
    }
}
