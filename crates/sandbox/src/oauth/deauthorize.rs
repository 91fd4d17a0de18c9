//! A client gives a connected account up (Stripe's API, OAuth A).

use serde_json::{Map, Value};

use super::{Kind, flat::Flat, token::text};
use crate::state::State;

/// What is given up.
#[derive(Debug)]
pub(super) struct GivenUp {
    pub(super) account: String,
    pub(super) kind: Kind,
}

/// Looks at what is asked for. Changes nothing.
pub(super) fn read(state: &State, form: &Map<String, Value>) -> Result<GivenUp, Flat> {
    let given = |name: &str| {
        text(form, name).ok_or_else(|| Flat::new("invalid_request", format!("No {name} was given.")))
    };
    let (client, account) = (given("client_id")?, given("stripe_user_id")?);
    let kind = state.oauth.kind_of(client);
    let kind = kind.filter(|kind| state.oauth.is_active(account, *kind, &[])).ok_or_else(|| {
        let shown: String = account.chars().take(64).collect();
        let why = format!(
            "This application is not connected to stripe account {shown}, or that account does not exist."
        );
        Flat::new("invalid_client", why)
    })?;
    Ok(GivenUp { account: account.to_owned(), kind })
}
