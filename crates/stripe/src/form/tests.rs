use proptest::{collection::vec, prelude::*};
use serde_json::{Map, Value, json};

use super::*;

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

fn decoded(form: &str) -> Value {
    Value::Object(decode(form.as_bytes()).unwrap_or_else(|e| panic!("{form}: {e}")))
}

fn refused(form: &str) -> &'static str {
    decode(form.as_bytes()).expect_err(form).why
}

#[test]
fn the_bytes_are_those_of_the_official_sdks() {
    let params = json!({
        "a": { "b": { "c": 1 } }, "expand": ["x", "y"],
        "items": [{ "price": "p", "quantity": 2 }, { "price": "q" }],
        "flag": true, "off": false, "none": null, "empty": "",
        "nothing": [], "void": {}, "metadata": { "k": "", "Größe": "a b&c=d+e[f]~*'!" }, "percent": "12.5",
    });
    let form = encode(&map(params)).unwrap();
    assert_eq!(
        form,
        "a[b][c]=1&expand[0]=x&expand[1]=y&items[0][price]=p&items[0][quantity]=2&items[1][price]=q\
         &flag=true&off=false&none=&empty=&metadata[k]=&metadata[Gr%C3%B6%C3%9Fe]=a%20b%26c%3Dd%2Be[f]~%2A%27%21&percent=12.5"
    );
}

#[test]
fn no_float_is_sent() {
    for float in [json!(1.5), json!(2.0), json!(1e300)] {
        let refused = encode(&map(json!({ "items": [{ "amount": float }] }))).unwrap_err();
        assert_eq!(refused.path, "items[0][amount]");
    }
    assert_eq!(
        encode(&map(json!({ "large": u64::MAX, "low": i64::MIN }))).unwrap(),
        "large=18446744073709551615&low=-9223372036854775808"
    );
}

#[test]
fn keys_that_cannot_travel_are_refused() {
    for key in ["", "a[b", "a]b", "a[b]"] {
        assert!(encode(&map(json!({ key: 1 }))).is_err(), "{key}");
        assert!(encode(&map(json!({ "metadata": { key: 1 } }))).is_err(), "metadata {key}");
    }
    let mut deep = json!("x");
    for _ in 0..DEPTH_MAX {
        deep = json!({ "a": deep });
    }
    assert!(encode(&map(deep.clone())).is_ok());
    assert!(encode(&map(json!({ "a": deep }))).is_err());
}

#[test]
fn brackets_are_structure_after_decoding() {
    assert_eq!(
        decoded("created%5Bgte%5D=5&a%20b=c+d%20e"),
        json!({ "created": { "gte": "5" }, "a b": "c d e" })
    );
    // A bracket inside a bracket is what no SDK sends; it is refused rather than guessed.
    assert_eq!(refused("metadata[a%5Bb%5D]=1"), "its brackets do not match");
    assert_eq!(decoded("&&a=1&&"), json!({ "a": "1" }));
    assert_eq!(decoded(""), json!({}));
    assert_eq!(decoded("a"), json!({ "a": "" }));
}

#[test]
fn lists_come_with_and_without_indices() {
    assert_eq!(decoded("expand[]=x&expand[]=y"), json!({ "expand": ["x", "y"] }));
    assert_eq!(decoded("expand[1]=y&expand[0]=x"), json!({ "expand": ["x", "y"] }));
    assert_eq!(
        decoded("items[][price]=p&items[][quantity]=2&items[][price]=q&items[][tax][]=1&items[][tax][]=2"),
        json!({ "items": [{ "price": "p", "quantity": "2" }, { "price": "q", "tax": ["1", "2"] }] })
    );
    assert_eq!(
        decoded("items[][a][b]=1&items[][a][c]=2&items[][a][b]=3"),
        json!({ "items": [{ "a": { "b": "1", "c": "2" } }, { "a": { "b": "3" } }] })
    );
}

#[test]
fn indices_with_gaps_keep_their_numbers_in_order() {
    assert_eq!(decoded("m[7]=b&m[3]=a").to_string(), r#"{"m":{"3":"a","7":"b"}}"#);
    assert_eq!(decoded("m[007]=a"), json!({ "m": { "007": "a" } }));
    assert_eq!(decoded("m[0]=a&m[name]=b"), json!({ "m": { "0": "a", "name": "b" } }));
    assert_eq!(decoded("m[99999999999999999999]=a"), json!({ "m": { "99999999999999999999": "a" } }));
}

#[test]
fn a_repeated_scalar_has_its_last_value() {
    assert_eq!(decoded("a=1&a=2"), json!({ "a": "2" }));
}

#[test]
fn shapes_cannot_be_mixed_under_one_key() {
    for form in [
        "a=1&a[b]=2",
        "a[b]=2&a=1",
        "a[]=1&a=2",
        "a=2&a[]=1",
        "a[]=1&a[0]=2",
        "a[0]=1&a[]=2",
        "a[]=1&a[][b]=2",
        "a[][b]=2&a[]=1",
    ] {
        assert_eq!(refused(form), "a scalar, a list and a hash cannot share one key", "{form}");
    }
}

#[test]
fn malformed_forms_are_refused() {
    for form in [
        "a[b=1", "a]b=1", "a[b]c=1", "a[[b]]=1", "[a]=1", "=1", "a=%", "a=%4", "a=%zz", "a=%FF", "%FF=1",
        "a[][]=1",
    ] {
        assert!(decode(form.as_bytes()).is_err(), "{form}");
    }
}

#[test]
fn limits_hold() {
    let deep = |n: usize| format!("a{}=1", "[b]".repeat(n));
    assert!(decode(deep(DEPTH_MAX - 1).as_bytes()).is_ok());
    assert_eq!(refused(&deep(DEPTH_MAX)), "it is nested too deeply");
    let list = |n: usize| vec!["a[]=1"; n].join("&");
    assert!(decode(list(ARRAY_MAX).as_bytes()).is_ok());
    assert_eq!(refused(&list(ARRAY_MAX + 1)), "it has too many elements");
    let indexed = |n: usize| (0..n).map(|i| format!("a[{i}]=1")).collect::<Vec<_>>().join("&");
    assert!(decode(indexed(ARRAY_MAX).as_bytes()).is_ok());
    assert_eq!(refused(&indexed(ARRAY_MAX + 1)), "it has too many elements");
    assert!(decode(vec!["a=1"; PAIRS_MAX].join("&").as_bytes()).is_ok());
    assert_eq!(refused(&vec!["a=1"; PAIRS_MAX + 1].join("&")), "it has too many pairs");
    let long = decode(format!("{}[=1", "k".repeat(5_000)).as_bytes()).expect_err("brackets");
    assert_eq!(long.path.len(), PATH_CHARS);
}

/// Any JSON that a form can carry; keys never look like indices.
fn any_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[a-z0-9]{0,8}", "\\PC{0,12}", Just("a b+c%&=[]".to_owned())];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from)
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![vec(inner.clone(), 0..5).prop_map(Value::from), any_map(inner).prop_map(Value::from)]
    })
}

fn any_map(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let key = prop_oneof!["[a-z_]{1,8}", "[a-zäß .+%&=]{1,6}"];
    vec((key, inner), 0..5).prop_map(|pairs| pairs.into_iter().collect())
}

/// What a form keeps of a value: texts, and nothing of empty lists and hashes.
fn as_text(value: &Value) -> Option<Value> {
    Some(match value {
        Value::Null => json!(""),
        Value::Bool(_) | Value::Number(_) => json!(value.to_string()),
        Value::String(_) => value.clone(),
        Value::Array(items) => {
            let kept: Vec<(usize, Value)> =
                items.iter().enumerate().filter_map(|(i, item)| Some((i, as_text(item)?))).collect();
            let gapless = kept.iter().enumerate().all(|(n, (i, _))| n == *i);
            match kept {
                kept if kept.is_empty() => return None,
                kept if gapless => Value::Array(kept.into_iter().map(|(_, item)| item).collect()),
                kept => Value::Object(kept.into_iter().map(|(i, item)| (i.to_string(), item)).collect()),
            }
        }
        Value::Object(entries) => {
            let kept: Map<String, Value> =
                entries.iter().filter_map(|(key, item)| Some((key.clone(), as_text(item)?))).collect();
            if kept.is_empty() {
                return None;
            }
            Value::Object(kept)
        }
    })
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded_as_text(params in any_map(any_value())) {
        let form = encode(&params).expect("within the limits");
        let kept = as_text(&Value::Object(params)).unwrap_or_else(|| json!({}));
        prop_assert_eq!(Value::Object(decode(form.as_bytes()).expect(&form)), kept);
    }

    #[test]
    fn encoding_what_was_decoded_changes_nothing(form in "([a-z]{1,2}(\\[[a-z0-9]{0,2}\\]){0,3}=[a-z0-9+%]{0,3}&){0,8}") {
        if let Ok(read) = decode(form.as_bytes()) {
            let again = encode(&read).expect("it was a form");
            prop_assert_eq!(decode(again.as_bytes()).expect(&again), read);
        }
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(bytes in vec(any::<u8>(), 0..300)) {
        let _ = decode(&bytes);
    }

    #[test]
    fn no_structure_makes_the_decoder_panic(form in "[ab0-3\\[\\]=&%+]{0,80}") {
        let _ = decode(form.as_bytes());
    }
}
