//! Scalars, places and budgets.

use serde_json::{Value, json};

use super::parse;
use crate::Source;

fn read(text: &str) -> Value {
    parse(&Source::new("t", text)).unwrap_or_else(|f| panic!("{text}: {f}")).to_json()
}

fn code(text: &str) -> &'static str {
    parse(&Source::new("t", text)).expect_err("it was read").code
}

#[test]
fn yaml_scalars_have_no_surprises() {
    for (text, expected) in [
        ("no", json!("no")),
        ("on", json!("on")),
        ("012", json!("012")),
        ("1_000", json!("1_000")),
        ("0x10", json!("0x10")),
        ("2026-11-22", json!("2026-11-22")),
        ("12:30", json!("12:30")),
        ("~", Value::Null),
        ("true", json!(true)),
        ("-5", json!(-5)),
        ("1.5", json!(1.5)),
        ("1e3", json!(1000.0)),
        ("'5'", json!("5")),
        ("!!str 5", json!("5")),
        ("18446744073709551615", json!(u64::MAX)),
        ("9007199254740993", json!(9_007_199_254_740_993_i64)),
        (".5", json!(".5")),
        ("1.", json!("1.")),
    ] {
        assert_eq!(read(&format!("a: {text}\n")), json!({ "a": expected }), "{text}");
    }
    assert_eq!(read("a: &x [1, 2]\nb: *x\n"), json!({ "a": [1, 2], "b": [1, 2] }));
    assert_eq!(read("\u{FEFF}a: 1\n"), json!({ "a": 1 }));
}

#[test]
fn json_is_read_as_serde_json_reads_it() {
    for text in [
        r#"{"a": [1, -2.5, 1e3, "x\"\\\u00e9\ud83d\ude00", null, true, false, {}, []]}"#,
        "{\t\"a\"\n:\r1 }",
        "{}",
    ] {
        assert_eq!(read(text), serde_json::from_str::<Value>(text).unwrap(), "{text}");
    }
    for text in [
        "{",
        "{]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":[1,]}",
        "{\"a\":01}",
        "{\"a\":tru}",
        "{\"a\":\"x}",
        "{\"a\":\"\\x\"}",
        "{\"a\":1} x",
        "{a: 1}",
        "{\"a\":'x'}",
        "{\"a\":\"\\",
    ] {
        assert_eq!(code(text), "syntax", "{text}");
    }
}

#[test]
fn bombs_are_refused_quickly() {
    let mut aliases = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for i in 1..9 {
        let of = vec![format!("*a{}", i - 1); 10].join(",");
        aliases.push_str(&format!("a{i}: &a{i} [{of}]\n"));
    }
    assert_eq!(code(&aliases), "too_large");
    assert_eq!(code(&"[".repeat(100_000)), "syntax");
    assert_eq!(code(&(0..70).map(|i| format!("{}k:\n", " ".repeat(i))).collect::<String>()), "too_deep");
    assert_eq!(code(&format!("{{\"a\":{}", "[".repeat(100_000))), "too_deep");
    assert_eq!(code(&format!("a: [{}]", "1,".repeat(50_000))), "too_large");
    assert_eq!(code(&format!("{{\"a\":[{}1]}}", "1,".repeat(50_000))), "too_large");
    assert_eq!(code(&"x".repeat(300_000)), "too_large");
    let keys: String = (0..9_000).map(|i| format!("k{i}: {i}\n")).collect();
    read(&keys);
}
