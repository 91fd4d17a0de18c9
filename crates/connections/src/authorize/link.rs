//! The address to which somebody is sent to consent.

use url::Url;

use crate::{OAuthClient, Way};

/// Where Stripe sends people back to, below the server's public address.
pub(crate) const CALLBACK: &str = "/api/v1/connections/callback";

/// The consent page with everything it has to know (Stripe's API, OAuth A and B). An
/// app's permissions come from its manifest, so only Connect names a scope.
pub(super) fn consent(client: &OAuthClient, way: Way, state: &str, scope: Option<&str>, public: &Url) -> Url {
    let mut url = client.authorize_url.clone();
    {
        let mut query = url.query_pairs_mut();
        query.append_pair("response_type", "code").append_pair("client_id", &client.client_id);
        if way == Way::Connect {
            query.append_pair("scope", scope.unwrap_or("read_write"));
        }
        query.append_pair("redirect_uri", callback(public).as_str()).append_pair("state", state);
    }
    url
}

/// Where Stripe sends people back to.
pub(crate) fn callback(public: &Url) -> Url {
    let mut url = public.clone();
    url.set_path(&format!("{}{CALLBACK}", public.path().trim_end_matches('/')));
    url.set_query(None);
    url
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn client() -> OAuthClient {
        let url = |text: &str| Url::parse(text).unwrap();
        OAuthClient {
            client_id: "ca_1".into(),
            secret_key: Zeroizing::new("sk_test_canary".into()),
            authorize_url: url("https://connect.stripe.com/oauth/authorize"),
            token_url: url("https://connect.stripe.com/oauth/token"),
            deauthorize_url: None,
            base_url: "https://api.stripe.com".into(),
        }
    }

    #[test]
    fn a_link_says_who_asks_and_where_to_come_back_and_nothing_secret() {
        let public = Url::parse("https://pay.example/bursar/").unwrap();
        let url = consent(&client(), Way::Connect, "s1", Some("read_only"), &public);
        assert_eq!(
            url.as_str(),
            "https://connect.stripe.com/oauth/authorize?response_type=code&client_id=ca_1&scope=read_only\
             &redirect_uri=https%3A%2F%2Fpay.example%2Fbursar%2Fapi%2Fv1%2Fconnections%2Fcallback&state=s1"
        );
        let app = consent(&client(), Way::App, "s1", None, &public);
        assert!(!app.as_str().contains("scope=") && !app.as_str().contains("canary"));
    }
}
