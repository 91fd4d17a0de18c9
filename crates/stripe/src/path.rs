//! Paths that people write, as they go on the wire.
//!
//! A path is all that a request may choose of its address, so nothing in it may reach
//! another host, end the path early or climb in it. What is left is written in the one
//! way that this crate writes paths; whoever compares paths compares that.

use percent_encoding::{percent_decode_str, utf8_percent_encode};

use crate::tables::SEGMENT;

/// Longer paths are none of Stripe's.
const BYTES_MAX: usize = 2_000;
const ROOT: &str = "/v1/";

/// Why a text is no path of Stripe's API. The words follow the name of the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each says what it is")]
pub enum BadPath {
    #[error("is longer than any path of Stripe's")]
    Long,
    #[error("is a whole address; give the path alone, such as `{0}`")]
    Address(String),
    #[error("is of Stripe's API v2, which is not supported: its requests are made otherwise")]
    V2,
    #[error("has to begin with `/v1/`, such as `/v1/customers`")]
    Root,
    #[error("has a `{0}`; a path has no query string, parameters are given beside it")]
    Query(char),
    #[error("has an empty part: two slashes in a row, or one at its end")]
    Empty,
    #[error("has a part `{0}`, which would lead to another path")]
    Dots(String),
    #[error("has `{0}` in it; put the value in its place")]
    Placeholder(String),
    #[error("has a character that cannot stand in a path; write it percent-encoded, such as `%20`")]
    Character,
    #[error("has a `%` that begins no percent-encoded text in UTF-8; a `%` itself is written `%25`")]
    Percent,
    #[error("hides a slash, a backslash or a control character behind a `%`")]
    Hidden,
}

/// The path as it goes on the wire: every part percent-decoded and encoded again.
///
/// # Errors
/// When the text is no path below `/v1/`, or could lead to another place than it says.
pub fn clean(given: &str) -> Result<String, BadPath> {
    let rest = below_root(given)?;
    let mut path = String::with_capacity(given.len() + 16);
    path.push_str(ROOT.trim_end_matches('/'));
    for part in rest.split('/') {
        path.push('/');
        path.extend(utf8_percent_encode(&decoded(part)?, SEGMENT));
    }
    Ok(path)
}

fn below_root(given: &str) -> Result<&str, BadPath> {
    if given.len() > BYTES_MAX {
        return Err(BadPath::Long);
    }
    if given.contains("://") || given.starts_with("//") {
        let path = given.split_once("//").and_then(|(_, rest)| Some(&rest[rest.find('/')?..]));
        let path = path.map(|path| path.split(['?', '#']).next().unwrap_or_default());
        let fits = path.filter(|path| path.starts_with(ROOT));
        return Err(BadPath::Address(fits.unwrap_or("/v1/customers").chars().take(100).collect()));
    }
    if given == "/v2" || given.starts_with("/v2/") {
        return Err(BadPath::V2);
    }
    given.strip_prefix(ROOT).ok_or(BadPath::Root)
}

/// One part, decoded.
fn decoded(part: &str) -> Result<String, BadPath> {
    if part.is_empty() {
        return Err(BadPath::Empty);
    }
    if let Some(end) = part.chars().find(|c| matches!(c, '?' | '#')) {
        return Err(BadPath::Query(end));
    }
    if part.starts_with('{') && part.ends_with('}') {
        return Err(BadPath::Placeholder(part.chars().take(60).collect()));
    }
    if part.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(BadPath::Character);
    }
    let mut escapes = part.split('%').skip(1);
    let is_hex = |text: &str| text.len() >= 2 && text.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit);
    if !escapes.all(is_hex) {
        return Err(BadPath::Percent);
    }
    let text = percent_decode_str(part).decode_utf8().map_err(|_| BadPath::Percent)?;
    if text.contains(|c: char| c.is_control() || matches!(c, '/' | '\\')) {
        return Err(BadPath::Hidden);
    }
    match text.as_ref() {
        "." | ".." => Err(BadPath::Dots(text.into_owned())),
        _ => Ok(text.into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_is_written_in_one_way() {
        for (given, path) in [
            ("/v1/customers", "/v1/customers"),
            ("/v1/customers/cus_1", "/v1/customers/cus_1"),
            ("/v1/coupons/50%25%20off", "/v1/coupons/50%25%20off"),
            ("/v1/coupons/50%25%20o%66f", "/v1/coupons/50%25%20off"),
            ("/v1/coupons/a@b:c;d", "/v1/coupons/a%40b%3Ac%3Bd"),
            ("/v1/coupons/été", "/v1/coupons/%C3%A9t%C3%A9"),
            ("/v1/coupons/%3Fx%23", "/v1/coupons/%3Fx%23"),
        ] {
            assert_eq!(clean(given).as_deref(), Ok(path), "{given}");
        }
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused_and_says_why() {
        use BadPath::*;
        let address = |path: &str| Address(path.to_owned());
        for (given, why) in [
            ("https://api.stripe.com/v1/customers?limit=1", address("/v1/customers")),
            ("https://evil.example", address("/v1/customers")),
            ("//evil.example/v1/customers", address("/v1/customers")),
            ("v1/customers", Root),
            ("", Root),
            ("/", Root),
            ("/V1/customers", Root),
            ("/oauth/token", Root),
            ("@evil.example/v1/customers", Root),
            ("/v1", Root),
            ("/v1/", Empty),
            ("/v1/customers/", Empty),
            ("/v1/customers//sources", Empty),
            ("/v2", V2),
            ("/v2/core/accounts", V2),
            ("/v1/customers?limit=1", Query('?')),
            ("/v1/customers#a", Query('#')),
            ("/v1/customers/..", Dots("..".into())),
            ("/v1/../v2/x", Dots("..".into())),
            ("/v1/customers/%2e%2E", Dots("..".into())),
            ("/v1/customers/.", Dots(".".into())),
            ("/v1/customers/{customer}", Placeholder("{customer}".into())),
            ("/v1/customers/a b", Character),
            ("/v1/customers/a\r\nHost: evil", Character),
            ("/v1/customers\\..\\x", Character),
            ("/v1/customers/a%2fb", Hidden),
            ("/v1/customers/a%5Cb", Hidden),
            ("/v1/customers/a%00", Hidden),
            ("/v1/customers/a%0d%0aHost", Hidden),
            ("/v1/customers/a%", Percent),
            ("/v1/customers/a%2", Percent),
            ("/v1/customers/a%zz", Percent),
            ("/v1/customers/a%ff", Percent),
        ] {
            assert_eq!(clean(given), Err(why), "{given:?}");
        }
        assert_eq!(clean(&format!("/v1/{}", "a".repeat(2_000))), Err(Long));
    }

    proptest! {
        #[test]
        fn what_is_clean_stays_as_it_is_and_stays_below_its_root(text in "(/v1/)?[a-z./%?#@: \\\\{}é0-9\\r]{0,24}") {
            if let Ok(path) = clean(&text) {
                prop_assert_eq!(clean(&path).unwrap(), path.clone());
                prop_assert!(path.starts_with("/v1/") && path.is_ascii());
                prop_assert!(path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~!*'()%/".contains(&b)), "{}", path);
                prop_assert!(path.split('/').all(|part| part != "." && part != ".."));
            }
        }
    }
}
