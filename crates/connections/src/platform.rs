//! The installation's own account: of its Connect platform, or of its Stripe App.

use model::{AccountId, Code, Failure, Mode};

use crate::{Connections, api_key};

impl Connections {
    /// The account that the installation's own key of a mode belongs to, as Stripe says.
    ///
    /// # Errors
    /// `validation_error` when the settings have neither a platform nor an app of this mode,
    /// or Stripe does not know its key; `connection_unreachable` when Stripe does not say.
    pub async fn own_account(&self, mode: Mode) -> Result<AccountId, Failure> {
        let settings = self.providers();
        let client = settings.connect.get(&mode).or_else(|| settings.app.get(&mode));
        let client = client.ok_or_else(|| nobody(mode))?;
        api_key::account_of(self, &client.secret_key, mode, &client.base_url).await
    }
}

fn nobody(mode: Mode) -> Failure {
    let text = format!(
        "The settings have neither a Connect platform nor a Stripe App of mode {mode}, so nobody can tell whose \
         endpoint it is. Nothing was stored. Give the `account` whose endpoint it is."
    );
    Failure::new(Code::ValidationError, text).at("account")
}
