//! Whether a key and an address fit the mode, before either is kept. Pure.
//!
//! What would surprise: nothing here decides by asking Stripe, and mode `local`
//! refuses every address but this machine's, so that a demo can never reach Stripe.

use std::net::{Ipv4Addr, Ipv6Addr};

use model::{Code, Failure, Mode};

/// The longest key taken; Stripe's have about 110 characters.
const KEY_LEN_MAX: usize = 500;

/// Refuses a key that cannot work in this mode (prefixes as in Stripe's API, "API
/// keys"). No text of the key is ever repeated.
pub(crate) fn key(mode: Mode, key: &str) -> Result<(), Failure> {
    let refuse = |why: String| {
        let text = format!("{why}. Nothing was stored and nothing was sent to Stripe.");
        Err(Failure::new(Code::ValidationError, text).at("credential"))
    };
    if key.starts_with("pk_") {
        return refuse("this is a publishable key, which cannot call Stripe's API for you; use a secret key (`sk_…`) or a restricted one (`rk_…`)".into());
    }
    let prefix = ["sk_test_", "rk_test_", "sk_live_", "rk_live_"].into_iter().find(|p| key.starts_with(p));
    let Some(prefix) = prefix else {
        return refuse("a secret key begins with `sk_test_`, `rk_test_`, `sk_live_` or `rk_live_`; copy the whole key from Stripe's dashboard".into());
    };
    let body = &key[prefix.len()..];
    let clean = body.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if body.is_empty() || !clean || key.len() > KEY_LEN_MAX {
        return refuse(format!(
            "after `{prefix}` a key has letters, digits and `_` only, without spaces or line ends, and at most {KEY_LEN_MAX} characters; copy it again"
        ));
    }
    let of_key = if prefix.ends_with("live_") { Mode::Live } else { Mode::Test };
    if (of_key == Mode::Live) != (mode == Mode::Live) {
        return refuse(format!(
            "this is a {of_key} key, and the connection's mode is {mode}; use a key of that mode, or make a connection of mode {of_key}"
        ));
    }
    Ok(())
}

/// Refuses an address that a mode must not reach: `local` stays on this machine, and
/// everything else is encrypted unless it does.
pub(crate) fn address(mode: Mode, address: &str) -> Result<(), Failure> {
    let refuse = |why: &str| {
        let text = format!("{why}. Nothing was stored and nothing was sent to Stripe.");
        Err(Failure::new(Code::ValidationError, text).at("baseUrl"))
    };
    let parts = address
        .strip_prefix("https://")
        .map(|rest| (true, rest))
        .or_else(|| address.strip_prefix("http://").map(|rest| (false, rest)));
    let Some((encrypted, rest)) = parts else {
        return refuse("an address begins with https:// or, on this machine, http://");
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty()
        || authority.contains(['@', '\\'])
        || !address.bytes().all(|b| b.is_ascii_graphic())
    {
        return refuse("the address needs a plain host, without user, spaces or other characters");
    }
    let here = is_loopback(authority);
    match (mode, here, encrypted) {
        (Mode::Local, false, _) => refuse(
            "mode local is Bursar's own sandbox on this machine; use its address, such as http://127.0.0.1:12111",
        ),
        (Mode::Live, _, false) | (Mode::Test, false, false) => {
            refuse("secret keys go out encrypted only; use https://api.stripe.com")
        }
        _ => Ok(()),
    }
}

/// Refuses any address but the mode's own, for whoever does not run the installation.
pub(crate) fn own_address(mode: Mode, address: &str, own: Option<&str>) -> Result<(), Failure> {
    let plain = |text: &str| text.trim_end_matches('/').to_owned();
    if own.is_some_and(|own| plain(own) == plain(address)) {
        return Ok(());
    }
    let instead = match (mode, own) {
        (Mode::Local, Some(own)) => format!("give the sandbox's own, {own}"),
        (Mode::Local, None) => "start the server with its own sandbox (`serve --sandbox`)".to_owned(),
        _ => "leave `baseUrl` out, which is Stripe's own address".to_owned(),
    };
    let text = format!(
        "Whatever answers at `baseUrl` says whose account a key reaches, so in mode {mode} only a key with the scope \
         `installation` may name this address. Nothing was stored and nothing was sent. Either {instead}, or ask \
         whoever runs the server to add the connection."
    );
    Err(Failure::new(Code::Forbidden, text).at("baseUrl"))
}

fn is_loopback(authority: &str) -> bool {
    if let Some(rest) = authority.strip_prefix('[') {
        let host = rest.split(']').next().unwrap_or_default();
        return host.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback());
    }
    let host = authority.split(':').next().unwrap_or_default();
    host.eq_ignore_ascii_case("localhost") || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_to_fit_its_mode() {
        for (mode, text, fits) in [
            (Mode::Test, "sk_test_abc", true),
            (Mode::Test, "rk_test_abc", true),
            (Mode::Live, "sk_live_abc", true),
            (Mode::Live, "rk_live_abc", true),
            (Mode::Local, "sk_test_abc", true),
            (Mode::Local, "sk_live_abc", false),
            (Mode::Test, "sk_live_abc", false),
            (Mode::Live, "rk_test_abc", false),
            (Mode::Test, "pk_test_abc", false),
            (Mode::Test, "sk_test_", false),
            (Mode::Test, "sk_test_a b", false),
            (Mode::Test, "sk_test_a\n", false),
            (Mode::Test, "whsec_abc", false),
            (Mode::Test, "", false),
        ] {
            assert_eq!(key(mode, text).is_ok(), fits, "{mode} {text:?}");
        }
        assert!(key(Mode::Test, "pk_test_canary").unwrap_err().message.contains("publishable"));
        assert!(!key(Mode::Live, "sk_test_canary").unwrap_err().message.contains("canary"));
    }

    #[test]
    fn mode_local_never_leaves_this_machine() {
        for (mode, text, fits) in [
            (Mode::Local, "http://127.0.0.1:12111", true),
            (Mode::Local, "https://localhost", true),
            (Mode::Local, "http://[::1]:80", true),
            (Mode::Local, "https://api.stripe.com", false),
            (Mode::Local, "http://127.0.0.1@evil.example", false),
            (Mode::Local, "http://127.0.0.1.evil.example", false),
            (Mode::Local, "http://localhost.evil.example", false),
            (Mode::Local, "http://", false),
            (Mode::Local, "ftp://127.0.0.1", false),
            (Mode::Live, "https://api.stripe.com", true),
            (Mode::Live, "http://api.stripe.com", false),
            (Mode::Live, "http://127.0.0.1:1", false),
            (Mode::Test, "http://127.0.0.1:1", true),
            (Mode::Test, "http://example.com", false),
        ] {
            assert_eq!(address(mode, text).is_ok(), fits, "{mode} {text}");
        }
    }

    #[test]
    fn a_company_names_no_address_but_the_mode_s_own() {
        let sandbox = Some("http://127.0.0.1:12111");
        for (mode, text, own, fits) in [
            (Mode::Live, "https://api.stripe.com/", Some("https://api.stripe.com"), true),
            (Mode::Live, "https://evil.example", Some("https://api.stripe.com"), false),
            (Mode::Live, "https://api.stripe.com.evil.example", Some("https://api.stripe.com"), false),
            (Mode::Test, "http://127.0.0.1:1", Some("https://api.stripe.com"), false),
            (Mode::Local, "http://127.0.0.1:12111/", sandbox, true),
            (Mode::Local, "http://127.0.0.1:12112", sandbox, false),
            (Mode::Local, "http://127.0.0.1:12111", None, false),
        ] {
            let refused = own_address(mode, text, own);
            assert_eq!(refused.is_ok(), fits, "{mode} {text}");
            let about = refused.err().map(|failure| (failure.code, failure.field));
            assert!(fits || about == Some((Code::Forbidden, Some("baseUrl".into()))));
        }
    }
}
