//! Who asks: Bearer or Basic with a test key, and for which account.

use super::{Heads, Refusal, refusal};

/// The shortest text that looks like a test key.
const KEY_MIN: usize = 20;

/// Checks the key.
///
/// # Errors
/// 401; also for a live key, which must never come near a stand-in.
pub(crate) fn authenticate(heads: &Heads) -> Result<(), Refusal> {
    let Some(header) = heads.authorization.as_deref() else {
        return Err(refusal::unauthorized(
            "You did not provide an API key. Send one in the Authorization header, as 'Bearer YOUR_SECRET_KEY' or as the user name of Basic.",
        ));
    };
    let key = key_of(header).unwrap_or_default();
    if key.contains("_live_") {
        return Err(refusal::unauthorized(
            "This is a sandbox, not Stripe, and a live key was sent to it. Nothing was done. Use a test key here (sk_test_…), and consider who else has seen that live key.",
        ));
    }
    if key.starts_with("sk_test_") && key.len() >= KEY_MIN {
        return Ok(());
    }
    Err(refusal::unauthorized(format!("Invalid API Key provided: {}", masked(&key))))
}

/// Checks `Stripe-Account`: the sandbox has no connected accounts.
///
/// # Errors
/// 403 `account_invalid`.
pub(crate) fn check_account(heads: &Heads, own: &str) -> Result<(), Refusal> {
    match heads.account.as_deref() {
        Some(other) if other != own => Err(refusal::invalid(format!(
            "The provided key does not have access to account '{}' (or that account does not exist).",
            other.chars().take(64).collect::<String>()
        ))
        .with_code("account_invalid")
        .with_status(403)),
        _ => Ok(()),
    }
}

fn key_of(header: &str) -> Option<String> {
    let (scheme, rest) = header.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(decode_base64(rest.trim())?).ok()?;
    Some(pair.split_once(':').map_or(pair.clone(), |(user, _)| user.to_owned()))
}

/// Standard base64, padded or not.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut held, mut out) = (0_u32, 0, Vec::new());
    for byte in text.trim_end_matches('=').bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from((bits >> held) & 0xff).ok()?);
        }
    }
    Some(out)
}

/// The beginning and the end of a key, as Stripe shows a wrong one.
fn masked(key: &str) -> String {
    let chars: Vec<char> = key.chars().take(128).collect();
    let hidden = chars.len().saturating_sub(12);
    let mark = |(i, c): (usize, &char)| if i >= 8 && i < 8 + hidden { '*' } else { *c };
    chars.iter().enumerate().map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(header: &str) -> Result<(), Refusal> {
        authenticate(&Heads { authorization: Some(header.to_owned()), ..Heads::default() })
    }

    #[test]
    fn basic_and_bearer_carry_the_same_key() {
        assert!(with("Bearer sk_test_0123456789abcdef").is_ok());
        assert!(with("Basic c2tfdGVzdF8wMTIzNDU2Nzg5YWJjZGVmOg==").is_ok());
        assert!(with("Basic c2tfdGVzdF8wMTIzNDU2Nzg5YWJjZGVmOg").is_ok());
    }

    #[test]
    fn a_live_or_short_or_foreign_key_is_refused() {
        for header in
            ["Bearer sk_live_0123456789abcdef", "Bearer sk_test_1", "Bearer x", "Basic %%%", "nonsense"]
        {
            assert_eq!(with(header).unwrap_err().status, 401, "{header}");
        }
    }

    #[test]
    fn a_refused_key_is_not_shown_whole() {
        let refused = with("Bearer rk_test_0123456789abcdefghij").unwrap_err();
        assert!(!refused.body().to_string().contains("0123456789abcdefghij"));
    }
}
