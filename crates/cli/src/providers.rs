//! `providers`: what the installation brings for Connect, Stripe Apps and Nango, by mode.
//!
//! Secrets stand in files that are named here, never in the settings themselves, so that
//! `--print-config` can show all of it. What would surprise: mode `local` is not set here
//! for Connect and Apps; it gets the sandbox's own clients.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use connections::{NangoClient, OAuthClient, ProviderSettings};
use model::{Code, Failure, Mode};
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroizing;

const STRIPE: &str = "https://api.stripe.com";
const CONNECT: &str = "https://connect.stripe.com/oauth";
const APP: &str = "https://marketplace.stripe.com/oauth/v2/authorize";
const NANGO: &str = "https://api.nango.dev";

/// As the settings file has it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Providers {
    /// Hosts besides our own to which people may be sent afterwards.
    return_hosts: Vec<String>,
    connect: HashMap<Word, OAuth>,
    app: HashMap<Word, OAuth>,
    nango: HashMap<Word, Nango>,
}

/// A mode, as a key in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Live,
    Test,
    Local,
}

impl From<Word> for Mode {
    fn from(word: Word) -> Self {
        match word {
            Word::Live => Self::Live,
            Word::Test => Self::Test,
            Word::Local => Self::Local,
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OAuth {
    /// `ca_…`.
    client_id: String,
    /// The file with the platform's or developer's secret key.
    secret_key_file: PathBuf,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Nango {
    #[serde(default = "cloud")]
    base_url: Url,
    /// The file with the environment's key.
    key_file: PathBuf,
    /// The files with the webhook signing keys, the present one first.
    #[serde(default)]
    webhook_key_files: Vec<PathBuf>,
    /// The integration that connections are made under.
    integration: String,
}

#[expect(clippy::expect_used, reason = "a constant, which the tests of this module read")]
fn cloud() -> Url {
    Url::parse(NANGO).expect("the address of Nango's cloud is one")
}

impl Providers {
    /// With the files read.
    ///
    /// # Errors
    /// `validation_error` naming the setting and the file.
    pub(crate) fn read(&self, public_url: Option<&str>) -> Result<ProviderSettings, Failure> {
        let public_url = public_url.map(|text| address("publicUrl", text)).transpose()?;
        let mut settings = ProviderSettings {
            public_url,
            return_hosts: self.return_hosts.clone(),
            ..ProviderSettings::default()
        };
        for (word, client) in &self.connect {
            let [authorize, token, deauthorize] = ["authorize", "token", "deauthorize"]
                .map(|path| address("connect", &format!("{CONNECT}/{path}")));
            let client = client.read("connect", *word, authorize?, token?, Some(deauthorize?))?;
            settings.connect.insert((*word).into(), client);
        }
        for (word, client) in &self.app {
            let token = address("app", &format!("{STRIPE}/v1/oauth/token"))?;
            let client = client.read("app", *word, address("app", APP)?, token, None)?;
            settings.app.insert((*word).into(), client);
        }
        for (word, client) in &self.nango {
            settings.nango.insert((*word).into(), client.read(*word)?);
        }
        Ok(settings)
    }
}

impl OAuth {
    fn read(
        &self,
        way: &str,
        word: Word,
        authorize_url: Url,
        token_url: Url,
        deauthorize_url: Option<Url>,
    ) -> Result<OAuthClient, Failure> {
        let at = format!("providers.{way}.{}", Mode::from(word));
        if word == Word::Local {
            return Err(wrong(&at, "mode `local` gets the sandbox's own client; leave it out"));
        }
        let secret_key = secret(&format!("{at}.secretKeyFile"), &self.secret_key_file)?;
        let live = secret_key.starts_with("sk_live_") || secret_key.starts_with("rk_live_");
        if live != (word == Word::Live) {
            return Err(wrong(&at, "the secret key is of another mode; use a key of this one"));
        }
        let (client_id, base_url) = (self.client_id.clone(), STRIPE.to_owned());
        Ok(OAuthClient { client_id, secret_key, authorize_url, token_url, deauthorize_url, base_url })
    }
}

impl Nango {
    fn read(&self, word: Word) -> Result<NangoClient, Failure> {
        let at = format!("providers.nango.{}", Mode::from(word));
        let keys = self.webhook_key_files.iter();
        let webhook_keys: Result<_, _> =
            keys.map(|file| secret(&format!("{at}.webhookKeyFiles"), file)).collect();
        let host = self.base_url.host_str().unwrap_or_default();
        let here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        if self.base_url.scheme() != "https" && !(here && self.base_url.scheme() == "http") {
            return Err(wrong(&format!("{at}.baseUrl"), "credentials come from there: use https"));
        }
        Ok(NangoClient {
            base_url: self.base_url.clone(),
            key: secret(&format!("{at}.keyFile"), &self.key_file)?,
            webhook_keys: webhook_keys?,
            integration: self.integration.clone(),
            // In mode `local` the sandbox's address, once it is known.
            stripe_url: STRIPE.to_owned(),
        })
    }
}

fn address(at: &str, text: &str) -> Result<Url, Failure> {
    let url = Url::parse(text).ok().filter(|url| url.has_host());
    url.ok_or_else(|| wrong(at, "it is no address; write it as https://pay.example.com"))
}

fn secret(at: &str, file: &Path) -> Result<Zeroizing<String>, Failure> {
    let text = std::fs::read_to_string(file).map(Zeroizing::new);
    let text = text.map_err(|e| wrong(at, &format!("the file {} cannot be read: {e}", file.display())))?;
    let text = Zeroizing::new(text.trim().to_owned());
    if text.is_empty() { Err(wrong(at, &format!("the file {} is empty", file.display()))) } else { Ok(text) }
}

fn wrong(at: &str, why: &str) -> Failure {
    Failure::new(Code::ValidationError, format!("`{at}`: {why}. Nothing was started.")).at(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Result<ProviderSettings, Failure> {
        serde_saphyr::from_str::<Providers>(yaml).unwrap().read(Some("https://pay.example"))
    }

    #[test]
    fn secrets_come_from_files_and_addresses_are_stripes() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).unwrap();
            folder.path().join(name).display().to_string()
        };
        let (live, test) = (file("live", "sk_live_1\n"), file("test", " sk_test_1 "));
        let (key, old, empty) = (file("key", "k\n"), file("old", "o"), file("empty", "\n"));
        let yaml = format!(
            "returnHosts: [app.example]\nconnect:\n  live: {{ clientId: ca_1, secretKeyFile: {live} }}\napp:\n  test: \
             {{ clientId: ca_2, secretKeyFile: {test} }}\nnango:\n  test: {{ keyFile: {key}, webhookKeyFiles: [{key}, \
             {old}], integration: stripe-app }}\n"
        );
        let settings = read(&yaml).unwrap();
        let connect = &settings.connect[&Mode::Live];
        assert_eq!(connect.secret_key.as_str(), "sk_live_1");
        assert_eq!(connect.token_url.as_str(), "https://connect.stripe.com/oauth/token");
        assert_eq!(settings.app[&Mode::Test].token_url.as_str(), "https://api.stripe.com/v1/oauth/token");
        let nango = &settings.nango[&Mode::Test];
        assert_eq!((nango.key.as_str(), nango.webhook_keys.len()), ("k", 2));
        assert_eq!(nango.base_url.as_str(), "https://api.nango.dev/");
        for (bad, at) in [
            (
                format!("connect: {{ live: {{ clientId: c, secretKeyFile: {test} }} }}"),
                "providers.connect.live",
            ),
            (format!("app: {{ local: {{ clientId: c, secretKeyFile: {test} }} }}"), "providers.app.local"),
            (
                "app: { test: { clientId: c, secretKeyFile: /nowhere } }".into(),
                "providers.app.test.secretKeyFile",
            ),
            (
                format!("nango: {{ test: {{ keyFile: {empty}, integration: s }} }}"),
                "providers.nango.test.keyFile",
            ),
            (
                format!(
                    "nango: {{ test: {{ baseUrl: 'http://a.example', keyFile: {key}, integration: s }} }}"
                ),
                "providers.nango.test.baseUrl",
            ),
        ] {
            let refused = read(&bad).err().unwrap();
            assert_eq!(refused.field.as_deref(), Some(at), "{}", refused.message);
        }
    }
}
