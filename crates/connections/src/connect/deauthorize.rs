//! Telling Stripe that a connected account's permission is given up.

use model::{AccountId, Code, Failure, Mode};

use crate::{
    Connections, Way,
    exchange::Exchanged,
    failures,
    oauth::{form, post, said},
};

/// Gives the permission up at Stripe (Stripe's API, OAuth A). Safe to repeat; Stripe
/// then refuses, because the account is not connected any more.
///
/// # Errors
/// `connection_required` without settings, `connection_unreachable` when Stripe did
/// not answer.
pub(crate) async fn tell(connections: &Connections, account: &AccountId, mode: Mode) -> Result<(), Failure> {
    let settings = connections.providers();
    let client = settings.connect.get(&mode).ok_or_else(|| failures::not_set_up("connect", mode))?;
    let Some(url) = client.deauthorize_url.clone() else {
        return Err(failures::not_set_up("connect", mode));
    };
    let form = form(&[("client_id", &client.client_id), ("stripe_user_id", account.as_str())]);
    match connections.carrier.exchange(post(client, Way::Connect, url, form)).await {
        Exchanged::Answered { status, .. } if status.is_success() => Ok(()),
        Exchanged::Answered { status, body, .. } => {
            let flat: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            let why = said(flat["error_description"].as_str().unwrap_or_default());
            Err(untold(&format!("it answered {status}: {why}")))
        }
        Exchanged::NeverSent(why) | Exchanged::Broken(why) => Err(untold(&why)),
    }
}

fn untold(why: &str) -> Failure {
    let text = format!(
        "Stripe could not be told that the permission is given up ({why}). The credential is destroyed here all the \
         same. Its owner ends the permission in Stripe's dashboard, under the account's connected apps."
    );
    // Giving up again tells nothing: the credential is gone.
    Failure::new(Code::ConnectionUnreachable, text)
}
