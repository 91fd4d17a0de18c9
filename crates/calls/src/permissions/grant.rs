//! Where a permission is granted, by the way that a connection was authorized. Pure.

use actions::{Needs, Refused};
use connections::Way;
use model::Mode;
use store::Connection;

/// Which of Stripe's systems decides what a connection may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    Key,
    Connect,
    App,
    /// Nango's integration tells, and it is not told here.
    Any,
}

impl System {
    fn of(row: &Connection) -> Self {
        let has = |scope: &str| row.scopes.iter().any(|known| known == scope);
        match Way::parse(&row.kind) {
            Some(Way::ApiKey) => Self::Key,
            Some(Way::Connect) => Self::Connect,
            Some(Way::App) => Self::App,
            _ if has("stripe_apps") => Self::App,
            _ if has("read_only") || has("read_write") => Self::Connect,
            _ => Self::Any,
        }
    }
}

/// What is missing, in Stripe's words for the connection's system.
pub(super) fn missing(row: Option<&Connection>, needs: Needs) -> String {
    let key = format!("{} on {} (`{}`)", needs.level(), needs.label, needs.restricted_key());
    let (scope, app) = (needs.connect(), needs.app());
    match row.map(System::of) {
        Some(System::Key) => format!("a restricted key with {key}"),
        Some(System::Connect) => format!("a consent with the scope `{scope}`"),
        Some(System::App) => format!("an app with the permission `{app}`"),
        Some(System::Any) | None => {
            format!("a restricted key with {key}, a consent with the scope `{scope}`, or an app with `{app}`")
        }
    }
}

/// Where to grant it, in sentences.
pub(super) fn place(row: Option<&Connection>, needs: Needs, refused: &Refused) -> String {
    let Some(row) = row else { return everywhere(needs) };
    let what = match System::of(row) {
        System::Key => key(row, needs, refused),
        System::Connect => connect(row, needs),
        System::App => app(row, needs),
        System::Any => everywhere(needs),
    };
    match row.kind == Way::Nango.as_str() && row.mode != Mode::Local {
        true => format!("{what} Nango has to be authorized again afterwards, by the same command."),
        false => what,
    }
}

fn key(row: &Connection, needs: Needs, refused: &Refused) -> String {
    if row.mode == Mode::Local {
        return "The sandbox makes a key that has it: `POST /_sandbox/keys` with the permission in the body; then \
                give the connection that key."
            .to_owned();
    }
    let page = refused.link.as_deref().unwrap_or(match row.mode {
        Mode::Live => "https://dashboard.stripe.com/apikeys",
        Mode::Test | Mode::Local => "https://dashboard.stripe.com/test/apikeys",
    });
    format!(
        "In Stripe's dashboard, Developers, API keys, edit this key and set {} to {}: {page}. The key stays the same.",
        needs.label,
        needs.level()
    )
}

fn connect(row: &Connection, needs: Needs) -> String {
    let scope = needs.connect();
    if row.scopes.iter().any(|known| known == "read_write" || known == scope) {
        return format!(
            "The account's owner consented to `{scope}`, so it is the platform's own key that may not: in the \
             platform's dashboard, Developers, API keys, set {} to {} for connected accounts, or give the server \
             the platform's secret key.",
            needs.label,
            needs.level()
        );
    }
    format!(
        "Let the account's owner consent again, to more: `bursar connections auth-url --reconnect {} --scope {scope}`, \
         or POST /api/v1/connections/stripe/authorize with `{{\"reconnect\": \"{}\", \"scope\": \"{scope}\"}}`.",
        row.name, row.id
    )
}

fn app(row: &Connection, needs: Needs) -> String {
    format!(
        "Add `{0}` to `permissions` in the app's manifest (`stripe apps grant permission \"{0}\" \"why\"`) and release \
         the app; the account's owner accepts it in Stripe's dashboard, or by `bursar connections auth-url \
         --reconnect {1}`.",
        needs.app(),
        row.name
    )
}

fn everywhere(needs: Needs) -> String {
    format!(
        "A restricted key is edited in Stripe's dashboard, Developers, API keys ({} to {}); a consent of Connect is \
         given again with the scope `{}`; an app gets `{}` in its manifest.",
        needs.label,
        needs.level(),
        needs.connect(),
        needs.app()
    )
}

/// What Stripe names beside what is known here, in a sentence with a space before it, or nothing.
pub(super) fn named(refused: &Refused, needs: Needs) -> String {
    let (key, app) = (needs.restricted_key(), needs.app());
    let known = |name: &&String| **name == key || **name == app || *name == needs.connect();
    let others: Vec<String> = match refused.named.iter().any(|name| known(&name)) {
        true => Vec::new(),
        false => refused.named.iter().map(|name| format!("`{name}`")).collect(),
    };
    match others.as_slice() {
        [] => String::new(),
        others => format!(" Stripe itself names {}: go by that.", others.join(" or ")),
    }
}
