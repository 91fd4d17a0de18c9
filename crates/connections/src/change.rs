//! The life of a connection: a row goes in, what happens to it, and the next row
//! comes out. Pure.
//!
//! The only place that sets a connection's status. A transition that is not in the
//! table is refused; the account, once known, and the mode never change.

use model::{AccountId, Code, ConnectionStatus, Failure, Mode, Sealed, Timestamp};
use store::Connection;

use ConnectionStatus::{Active, Disconnected, Error, Expired, Pending, Revoked};

/// What was granted, sealed for this connection.
pub(crate) struct Granted {
    pub(crate) account: AccountId,
    pub(crate) mode: Mode,
    pub(crate) credential: Sealed,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) scopes: Vec<String>,
    /// What the way has to know besides, as a JSON object.
    pub(crate) details: String,
}

/// What happens to a connection.
pub(crate) enum Change {
    /// Somebody authorized it, for the first time or again.
    Authorized(Granted),
    /// Its credential was renewed without anybody.
    Renewed { credential: Sealed, expires_at: Option<Timestamp> },
    /// Stripe or the provider refused its credential; another try may help.
    Failed(Failure),
    /// A call went well again.
    Recovered,
    /// Its credential has run out, and cannot be renewed without a person.
    Expired(Failure),
    /// The account's owner took the permission back.
    Revoked(Failure),
    /// We gave it up: the credential is destroyed.
    Disconnected,
}

/// The row after a change, one revision on.
///
/// # Errors
/// `conflict` for another account or mode than before, or for a change that its
/// status does not have; the row stays as it was.
pub(crate) fn change(row: Connection, change: Change, now: Timestamp) -> Result<Connection, Failure> {
    let before = row.status;
    let mut row = Connection { revision: row.revision + 1, updated_at: now, ..row };
    row.status = match (before, change) {
        (_, Change::Authorized(granted)) => return authorized(row, granted),
        (Active | Error, Change::Renewed { credential, expires_at }) => {
            (row.credential, row.expires_at, row.error) = (Some(credential), expires_at, None);
            Active
        }
        (Active | Error, Change::Failed(failure)) => {
            row.error = Some(text(&failure));
            Error
        }
        // A link that came back with a refusal leaves the link's connection waiting.
        (Pending | Expired | Revoked | Disconnected, Change::Failed(failure)) => {
            row.error = Some(text(&failure));
            before
        }
        (Error, Change::Recovered) => {
            row.error = None;
            Active
        }
        (Active | Error | Expired, Change::Expired(failure)) => {
            row.error = Some(text(&failure));
            Expired
        }
        (Active | Error | Expired | Revoked, Change::Revoked(failure)) => {
            (row.error, row.credential, row.expires_at) = (Some(text(&failure)), None, None);
            Revoked
        }
        (_, Change::Disconnected) => {
            (row.credential, row.expires_at, row.is_default) = (None, None, false);
            Disconnected
        }
        (_, other) => return Err(impossible(&row, &other)),
    };
    Ok(row)
}

fn authorized(row: Connection, granted: Granted) -> Result<Connection, Failure> {
    let Granted { account, mode, credential, expires_at, scopes, details } = granted;
    if row.account.as_ref().is_some_and(|known| *known != account) || row.mode != mode {
        return Err(other_account(&row, &account, mode));
    }
    Ok(Connection {
        account: Some(account),
        credential: Some(credential),
        status: Active,
        error: None,
        authorized_at: Some(row.updated_at),
        expires_at,
        scopes,
        details,
        ..row
    })
}

fn text(failure: &Failure) -> String {
    failure.body().to_string()
}

fn other_account(row: &Connection, account: &AccountId, mode: Mode) -> Failure {
    let of = row.account.as_ref().map_or_else(|| "no account yet".to_owned(), ToString::to_string);
    let text = format!(
        "The connection `{}` is of {of} in mode {}, and what was authorized now is of {account} in mode {mode}. \
         Nothing was changed. Authorize the same account again, or add another connection for this one.",
        row.name, row.mode
    );
    Failure::new(Code::Conflict, text).at("account")
}

fn impossible(row: &Connection, change: &Change) -> Failure {
    let what = match change {
        Change::Authorized(_) => "authorized",
        Change::Renewed { .. } => "renewed",
        Change::Failed(_) => "reported as failing",
        Change::Recovered => "reported as working again",
        Change::Expired(_) => "expired",
        Change::Revoked(_) => "revoked",
        Change::Disconnected => "disconnected",
    };
    let text = format!(
        "The connection `{}` is {} and cannot be {what}. Nothing was changed. Authorize it again.",
        row.name, row.status
    );
    Failure::new(Code::Conflict, text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(status: ConnectionStatus) -> Connection {
        let (clock, rng) = (model::ManualClock::at_second(1), model::SeededRng::new(1));
        Connection {
            id: model::ConnectionId::new(&clock, &rng),
            company: model::CompanyId::new(&clock, &rng),
            name: "main".into(),
            account: (status != Pending).then(|| AccountId::new("acct_1")),
            mode: Mode::Test,
            kind: "app".into(),
            status,
            credential: Some(sealed("old")),
            expires_at: None,
            base_url: "https://api.stripe.com".into(),
            version: None,
            scopes: Vec::new(),
            details: "{}".into(),
            error: Some("{}".into()),
            is_default: true,
            revision: 7,
            created_at: at(1),
            updated_at: at(1),
            authorized_at: None,
            used_at: None,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn sealed(text: &str) -> Sealed {
        Sealed::from_ciphertext(text.as_bytes().to_vec())
    }

    fn failure() -> Failure {
        Failure::new(Code::AuthenticationError, "no")
    }

    fn granted(account: &str, mode: Mode) -> Change {
        Change::Authorized(Granted {
            account: AccountId::new(account),
            mode,
            credential: sealed("new"),
            expires_at: Some(at(9)),
            scopes: vec!["read_write".into()],
            details: "{}".into(),
        })
    }

    fn nth(n: usize) -> Change {
        match n {
            0 => granted("acct_1", Mode::Test),
            1 => Change::Renewed { credential: sealed("new"), expires_at: None },
            2 => Change::Failed(failure()),
            3 => Change::Recovered,
            4 => Change::Expired(failure()),
            5 => Change::Revoked(failure()),
            _ => Change::Disconnected,
        }
    }

    /// What becomes of each status, in the order of [`nth`]; `None` is refused.
    #[test]
    fn every_status_has_exactly_these_ways_on() {
        let (a, e, d, r, x) = (Some(Active), Some(Error), Some(Disconnected), Some(Revoked), Some(Expired));
        for (status, ways) in [
            (Pending, [a, None, Some(Pending), None, None, None, d]),
            (Active, [a, a, e, None, x, r, d]),
            (Error, [a, a, e, a, x, r, d]),
            (Expired, [a, None, x, None, x, r, d]),
            (Revoked, [a, None, r, None, None, r, d]),
            (Disconnected, [a, None, d, None, None, None, d]),
        ] {
            for (n, way) in ways.into_iter().enumerate() {
                let next = change(row(status), nth(n), at(5));
                assert_eq!(next.as_ref().ok().map(|row| row.status), way, "{status} {n}");
                if let Ok(next) = next {
                    assert_eq!((next.revision, next.updated_at), (8, at(5)));
                }
            }
        }
    }

    #[test]
    fn another_account_or_mode_is_never_taken() {
        for status in ConnectionStatus::ALL {
            for wrong in [granted("acct_2", Mode::Test), granted("acct_1", Mode::Live)] {
                let refused = change(row(*status), wrong, at(5));
                let first = *status == Pending;
                match refused {
                    Ok(row) => assert!(first && row.mode == Mode::Test),
                    Err(failure) => assert_eq!(failure.code, Code::Conflict),
                }
            }
        }
    }

    #[test]
    fn a_secret_does_not_outlive_the_permission() {
        for end in [Change::Revoked(failure()), Change::Disconnected] {
            let row = change(row(Active), end, at(5)).unwrap();
            assert_eq!((row.credential, row.expires_at), (None, None));
        }
        assert!(!change(row(Active), Change::Disconnected, at(5)).unwrap().is_default);
    }

    proptest! {
        #[test]
        fn an_account_once_known_stays(changes in proptest::collection::vec(0_usize..7, 0..20)) {
            let mut now = row(Pending);
            for n in changes {
                let known = now.account.clone();
                let before = now.clone();
                now = change(now, nth(n), at(5)).unwrap_or(before);
                prop_assert!(known.is_none() || now.account == known);
                prop_assert!(now.status != Active || now.account.is_some() && now.credential.is_some());
            }
        }
    }
}
