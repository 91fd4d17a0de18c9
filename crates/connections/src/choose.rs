//! Which connection a call uses.

use model::{AccountId, Binding, Code, ConnectionStatus, Failure, Mode};
use serde_json::json;
use store::Connection;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The connection that owns this account in this mode: what a webhook's run is
    /// bound to. With a name, that connection must be the one.
    Owner {
        /// The event's account.
        account: AccountId,
        /// The source's mode.
        mode: Mode,
        /// A name that the document gives.
        named: Option<String>,
    },
    /// This one, by name or id.
    Named(String),
    /// The default, else the only active one.
    Default,
}

/// The connection wanted, of a company's. Pure.
pub(crate) fn choose(all: &[Connection], wanted: &Wanted) -> Result<Binding, Failure> {
    let active = || all.iter().filter(is_usable);
    let found = match wanted {
        Wanted::Named(name) => all.iter().find(|row| is_called(row, name)),
        Wanted::Owner { account, mode, named } => {
            let owns = |row: &&Connection| row.account.as_ref() == Some(account) && row.mode == *mode;
            let named = |row: &&Connection| named.as_deref().is_none_or(|name| is_called(row, name));
            let mut owners = active().filter(owns).filter(named);
            owners.clone().find(|row| row.is_default).or_else(|| owners.next())
        }
        // The default is the one meant, also when it cannot be used: falling back to
        // another account would move somebody else's money.
        Wanted::Default => match all.iter().find(|row| row.is_default) {
            Some(default) => Some(default),
            None => {
                let mut rest = active();
                rest.next().filter(|_| rest.next().is_none())
            }
        },
    };
    found.and_then(binding).ok_or_else(|| none(all, wanted))
}

/// One that failed last is still the one meant; its own failure says more than a missing
/// connection would.
fn is_usable(row: &&Connection) -> bool {
    matches!(row.status, ConnectionStatus::Active | ConnectionStatus::Error)
}

fn is_called(row: &Connection, name: &str) -> bool {
    row.name == name || row.id.to_string() == name
}

/// A connection that was never authorized has no account to bind to.
pub(crate) fn binding(row: &Connection) -> Option<Binding> {
    let account = row.account.clone()?;
    Some(Binding { company: row.company, connection: row.id, account, mode: row.mode })
}

fn none(all: &[Connection], wanted: &Wanted) -> Failure {
    let text =
        format!("{}. Nothing was sent to Stripe.{} {}", what(all, wanted), there(all), to_do(all, wanted));
    let rows: Vec<_> = all
        .iter()
        .map(|row| json!({"id": row.id, "name": row.name, "account": row.account, "mode": row.mode, "status": row.status}))
        .collect();
    Failure::new(Code::ConnectionRequired, text).at("connection").with_details(json!({ "connections": rows }))
}

fn what(all: &[Connection], wanted: &Wanted) -> String {
    if let Some(row) = unauthorized(all, wanted) {
        return format!("The connection `{}` has not been authorized yet", row.name);
    }
    match wanted {
        Wanted::Named(name) => {
            format!("There is no connection `{}`", name.chars().take(100).collect::<String>())
        }
        Wanted::Owner { account, mode, named: None } => {
            format!("No active connection owns account {account} in mode {mode}")
        }
        Wanted::Owner { account, mode, named: Some(name) } => format!(
            "The connection `{name}` is not an active one of account {account} in mode {mode}, where the event comes from"
        ),
        Wanted::Default if all.is_empty() => "There is no connection yet".into(),
        Wanted::Default => "No connection was named, and none is the default".into(),
    }
}

fn there(all: &[Connection]) -> String {
    let names: Vec<_> =
        all.iter().map(|row| format!("`{}` ({}, {})", row.name, row.mode, row.status)).collect();
    if names.is_empty() { String::new() } else { format!(" There are: {}.", names.join(", ")) }
}

fn to_do(all: &[Connection], wanted: &Wanted) -> String {
    if let Some(row) = unauthorized(all, wanted) {
        return format!("`bursar connections auth-url --reconnect {}` makes the link for it.", row.id);
    }
    match wanted {
        Wanted::Default if all.iter().filter(is_usable).count() > 1 => {
            "Name one with `--connection NAME` (in a request or a document `connection`), or choose the default \
             with `bursar connections default NAME`."
                .to_owned()
        }
        _ => "`bursar connections add` makes one; `bursar dev` makes the connection to its sandbox.".to_owned(),
    }
}

/// The connection that is meant, when it is there and nobody has authorized it.
fn unauthorized<'a>(all: &'a [Connection], wanted: &Wanted) -> Option<&'a Connection> {
    let meant = all.iter().find(|row| match wanted {
        Wanted::Named(name) => is_called(row, name),
        Wanted::Default => row.is_default,
        Wanted::Owner { .. } => false,
    });
    meant.filter(|row| row.account.is_none())
}
