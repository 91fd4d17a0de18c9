//! Who asks: Bearer or Basic with a test key, for which account, and with what rights.

use stripe::tables::Operation;

use super::{Heads, Refusal, refusal};
use crate::{
    keys::{self, Needed, Permissions},
    oauth::{Grant, Kind, Status, TOKEN_PREFIX, Token},
    state::State,
};

/// The shortest text that looks like a test key.
const KEY_MIN: usize = 20;

/// Who asks. Cannot be printed: it holds the key.
#[derive(Default)]
pub(crate) struct Caller {
    /// The connected account that is asked about; none for the sandbox's own.
    pub(crate) account: Option<String>,
    key: String,
    /// What it may do, unless it may do everything.
    permissions: Option<Permissions>,
    /// A consent to `read_only` is behind it.
    read_only: bool,
    is_app: bool,
}

impl Caller {
    /// How a refusal names it.
    fn named(&self) -> String {
        if self.key.starts_with(TOKEN_PREFIX) {
            "This application".to_owned()
        } else {
            format!("The provided key '{}'", masked(&self.key))
        }
    }

    /// Whether this is the sandbox's own account with every right.
    pub(crate) fn is_owner(&self) -> bool {
        self.account.is_none() && self.permissions.is_none()
    }

    /// Whether it may run an operation.
    ///
    /// # Errors
    /// 403 with the permission that is missing.
    pub(crate) fn may(&self, operation: &Operation, own: &str) -> Result<(), Refusal> {
        let Some(needed) = keys::needed(operation) else { return Ok(()) };
        let account = self.account.as_deref().unwrap_or(own);
        if self.read_only && needed.writes() {
            return Err(refusal::not_permitted(&self.named(), account, "read_write"));
        }
        match &self.permissions {
            Some(permissions) if !needed.is_given(permissions) => {
                Err(refusal::not_permitted(&self.named(), account, &self.name_of(needed)))
            }
            _ => Ok(()),
        }
    }

    fn name_of(&self, needed: Needed) -> String {
        needed.stripes_name(if self.is_app { "" } else { "rak_" })
    }

    /// With `Stripe-Account`: for another account, if that one allows it.
    ///
    /// # Errors
    /// 403 `account_invalid`.
    pub(crate) fn acting_for(mut self, asked: Option<&str>, state: &State) -> Result<Self, Refusal> {
        let Some(asked) = asked else { return Ok(self) };
        if asked == self.account.as_deref().unwrap_or(&state.account) {
            return Ok(self);
        }
        let mut scopes = state.oauth.active(asked).filter(|grant| grant.kind == Kind::Connect).peekable();
        if self.account.is_some() || scopes.peek().is_none() {
            return Err(refusal::no_access(&self.named(), asked));
        }
        self.read_only = scopes.all(|grant| grant.scope == "read_only");
        self.account = Some(asked.to_owned());
        Ok(self)
    }
}

/// Checks the key.
///
/// # Errors
/// 401; also for a live key, which must never come near a stand-in.
pub(crate) fn authenticate(heads: &Heads, state: &State, now_ms: i64) -> Result<Caller, Refusal> {
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
    known(key, state, now_ms)
}

/// Whose key this is.
fn known(key: String, state: &State, now_ms: i64) -> Result<Caller, Refusal> {
    let caller = Caller { key, ..Caller::default() };
    let key = caller.key.as_str();
    if key == state.secret_key {
        return Ok(caller);
    }
    if state.issued.is_over(key) {
        return Err(refusal::key_expired(&masked(key)));
    }
    if let Some(restricted) = state.issued.find(key) {
        return Ok(Caller { permissions: Some(restricted.permissions.clone()), ..caller });
    }
    if let Some((token, grant)) = state.oauth.access(key) {
        if let Some(refused) = refused_token(token, grant, now_ms) {
            return Err(refused(&masked(key)));
        }
        return Ok(of_token(caller, token, grant, state));
    }
    if let Some(owner) = state.accounts().find(|account| account.secret_key == key) {
        return Ok(Caller { account: Some(owner.account.clone()), ..caller });
    }
    let is_test_key = key.starts_with("sk_test_") && key.len() >= KEY_MIN && !key.starts_with(TOKEN_PREFIX);
    if is_test_key {
        return Ok(caller);
    }
    Err(refusal::unauthorized(format!("Invalid API Key provided: {}", masked(key))))
}

/// How a token is refused that works no more.
fn refused_token(token: &Token, grant: &Grant, now_ms: i64) -> Option<fn(&str) -> Refusal> {
    if grant.status == Status::Revoked {
        return Some(refusal::access_revoked);
    }
    token.expires_ms.is_some_and(|end| now_ms >= end).then_some(refusal::key_expired)
}

/// What a token allows.
fn of_token(caller: Caller, token: &Token, grant: &Grant, state: &State) -> Caller {
    let is_app = grant.kind == Kind::App;
    Caller {
        account: Some(grant.account.clone()),
        permissions: if is_app { state.oauth.settings.app_permissions.clone() } else { None },
        read_only: token.scope == "read_only",
        is_app,
        ..caller
    }
}

/// The text after Bearer, or Basic's user.
pub(crate) fn key_of(header: &str) -> Option<String> {
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

    fn with(header: &str) -> Result<Caller, Refusal> {
        let heads = Heads { authorization: Some(header.to_owned()), ..Heads::default() };
        authenticate(&heads, &State::new(7), 0)
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
            assert_eq!(with(header).err().unwrap().status, 401, "{header}");
        }
    }

    #[test]
    fn a_refused_key_is_not_shown_whole() {
        let refused = with("Bearer rk_test_0123456789abcdefghij").err().unwrap();
        assert!(!refused.body().to_string().contains("0123456789abcdefghij"));
    }
}
