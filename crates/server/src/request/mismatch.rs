//! What serde says of a value that does not fit, in our words: the caller knows JSON and
//! not Rust. What is not understood is passed on as it is.

/// What has to be different, to follow the field's name in a sentence.
pub(super) fn said(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(said, _)| said);
    let types = text.strip_prefix("invalid type: ").or_else(|| text.strip_prefix("invalid value: "));
    if let Some((given, wanted)) = types.and_then(|rest| rest.split_once(", expected ")) {
        return format!("has to be {}, not {}", wanted_in_words(wanted), given_in_words(given));
    }
    if let Some((given, wanted)) =
        text.strip_prefix("unknown variant ").and_then(|rest| rest.split_once(", "))
    {
        let wanted = wanted.trim_start_matches("expected ").trim_start_matches("one of ");
        return format!("cannot be {given}: it takes {wanted}");
    }
    match text.strip_prefix("missing field ") {
        Some(field) => format!("lacks {field}"),
        None => format!("cannot be used ({text})"),
    }
}

fn wanted_in_words(wanted: &str) -> &str {
    match wanted {
        "u8" | "u16" | "u32" | "u64" | "usize" | "i32" | "i64" => "a whole number",
        "f64" => "a number",
        "a boolean" => "true or false",
        "a string" | "a borrowed string" => "text",
        "a map" => "an object",
        "a sequence" => "a list",
        other if other.starts_with("struct ") => "an object",
        other => other,
    }
}

fn given_in_words(given: &str) -> String {
    let quoted = given.split('`').nth(1);
    match (given.split(' ').next().unwrap_or_default(), quoted) {
        ("string", _) => "text".to_owned(),
        ("integer" | "floating", Some(number)) => format!("the number {number}"),
        ("boolean", Some(word)) => word.to_owned(),
        ("map", _) => "an object".to_owned(),
        ("sequence", _) => "a list".to_owned(),
        ("null" | "unit", _) => "null".to_owned(),
        _ => given.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[expect(dead_code, reason = "only its refusals are read")]
    struct Example {
        timeout_ms: Option<u64>,
        dry_run: Option<bool>,
        name: Option<String>,
        config: Option<serde_json::Map<String, serde_json::Value>>,
        mode: Option<Mode>,
        source: u8,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Mode {
        Async,
        Sync,
    }

    #[test]
    fn nothing_of_rust_shows() {
        for (body, wanted) in [
            (r#"{"timeoutMs": "5"}"#, "has to be a whole number, not text"),
            (r#"{"timeoutMs": -1}"#, "has to be a whole number, not the number -1"),
            (r#"{"timeoutMs": 1.5}"#, "has to be a whole number, not the number 1.5"),
            (r#"{"dryRun": "yes"}"#, "has to be true or false, not text"),
            (r#"{"name": {}}"#, "has to be text, not an object"),
            (r#"{"name": true}"#, "has to be text, not true"),
            (r#"{"config": [1]}"#, "has to be an object, not a list"),
            (r#"{"mode": "later"}"#, "cannot be `later`: it takes `async` or `sync`"),
            ("{}", "lacks `source`"),
        ] {
            let error = serde_json::from_str::<Example>(body).unwrap_err();
            assert_eq!(said(&error), wanted, "{body}");
        }
    }
}
