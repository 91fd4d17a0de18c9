//! `providers`: what the installation brings for Connect, Stripe Apps and Nango, by mode.
//!
//! Secrets stand in files that are named here or in the environment, never in the settings
//! themselves, so that `--print-config` can show all of it. What would surprise: mode
//! `local` is not set here for Connect and Apps; it gets the sandbox's own clients.

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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret_key_file: Option<PathBuf>,
    /// The same from the environment, which wins.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    secret_key: Option<Hidden>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Nango {
    #[serde(default = "cloud")]
    base_url: Url,
    /// The file with the key of Nango's environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_file: Option<PathBuf>,
    /// The same from our environment, which wins.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    key: Option<Hidden>,
    /// The files with the webhook signing keys, the present one first.
    #[serde(default)]
    webhook_key_files: Vec<PathBuf>,
    /// The same from our environment, between commas; they win.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    webhook_keys: Option<Hidden>,
    /// The integration that connections are made under.
    integration: String,
}

/// A secret of the environment's. Shown it is only that it is there.
#[derive(Clone)]
struct Hidden(Zeroizing<String>);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(hidden)")
    }
}

impl Serialize for Hidden {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str("(hidden)")
    }
}

#[expect(clippy::expect_used, reason = "a constant, which the tests of this module read")]
fn cloud() -> Url {
    Url::parse(NANGO).expect("the address of Nango's cloud is one")
}

impl Providers {
    /// With the secrets of the environment: `BURSAR_CONNECT_LIVE_SECRET_KEY`,
    /// `BURSAR_APP_TEST_SECRET_KEY`, `BURSAR_NANGO_TEST_KEY`,
    /// `BURSAR_NANGO_TEST_WEBHOOK_KEYS` and so on for each mode that the settings name.
    pub(crate) fn with(mut self, environment: impl Fn(&str) -> Option<Zeroizing<String>>) -> Self {
        let given = |way: &str, word: Word, what: &str| environment(&variable(way, word, what)).map(Hidden);
        for (way, clients) in [("connect", &mut self.connect), ("app", &mut self.app)] {
            for (word, client) in clients {
                client.secret_key = given(way, *word, "SECRET_KEY");
            }
        }
        for (word, client) in &mut self.nango {
            client.key = given("nango", *word, "KEY");
            client.webhook_keys = given("nango", *word, "WEBHOOK_KEYS");
        }
        self
    }

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
        let at_key = format!("{at}.secretKeyFile");
        let secret_key = match (&self.secret_key, &self.secret_key_file) {
            (Some(given), _) => given.0.clone(),
            (None, Some(file)) => secret(&at_key, file)?,
            (None, None) => return Err(no_secret(&at_key, &variable(way, word, "SECRET_KEY"))),
        };
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
        let at_key = format!("{at}.keyFile");
        let key = match (&self.key, &self.key_file) {
            (Some(given), _) => given.0.clone(),
            (None, Some(file)) => secret(&at_key, file)?,
            (None, None) => return Err(no_secret(&at_key, &variable("nango", word, "KEY"))),
        };
        let host = self.base_url.host_str().unwrap_or_default();
        let here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        if self.base_url.scheme() != "https" && !(here && self.base_url.scheme() == "http") {
            return Err(wrong(&format!("{at}.baseUrl"), "credentials come from there: use https"));
        }
        Ok(NangoClient {
            base_url: self.base_url.clone(),
            key,
            webhook_keys: self.signing_keys(&at)?,
            integration: self.integration.clone(),
            // In mode `local` the sandbox's address, once it is known.
            stripe_url: STRIPE.to_owned(),
        })
    }
}

impl Nango {
    fn signing_keys(&self, at: &str) -> Result<Vec<Zeroizing<String>>, Failure> {
        let Some(given) = &self.webhook_keys else {
            let files = self.webhook_key_files.iter();
            return files.map(|file| secret(&format!("{at}.webhookKeyFiles"), file)).collect();
        };
        let keys = given.0.split(',').map(str::trim).filter(|key| !key.is_empty());
        Ok(keys.map(|key| Zeroizing::new(key.to_owned())).collect())
    }
}

/// The variable that has this secret.
fn variable(way: &str, word: Word, what: &str) -> String {
    format!("BURSAR_{way}_{}_{what}", Mode::from(word)).to_uppercase()
}

fn no_secret(at: &str, variable: &str) -> Failure {
    wrong(at, &format!("the secret is missing: name a file that holds it, or set {variable}"))
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

    #[test]
    fn secrets_come_from_the_environment_and_are_shown_nowhere() {
        let yaml = "connect: { live: { clientId: ca_1 } }\napp: { test: { clientId: ca_2, secretKeyFile: /nowhere } }\n\
                    nango: { local: { baseUrl: 'http://127.0.0.1:3003', integration: stripe } }\n";
        let providers: Providers = serde_saphyr::from_str(yaml).unwrap();
        let given = |name: &str| {
            let text = match name {
                "BURSAR_CONNECT_LIVE_SECRET_KEY" => "sk_live_canary",
                "BURSAR_APP_TEST_SECRET_KEY" => "sk_test_canary",
                "BURSAR_NANGO_LOCAL_KEY" => "canary-key",
                "BURSAR_NANGO_LOCAL_WEBHOOK_KEYS" => "canary-new, canary-old,",
                _ => return None,
            };
            Some(Zeroizing::new(text.to_owned()))
        };
        let with = providers.clone().with(given);
        let settings = with.read(None).unwrap();
        assert_eq!(settings.connect[&Mode::Live].secret_key.as_str(), "sk_live_canary");
        assert_eq!(settings.app[&Mode::Test].secret_key.as_str(), "sk_test_canary");
        let nango = &settings.nango[&Mode::Local];
        assert_eq!((nango.key.as_str(), nango.webhook_keys.len()), ("canary-key", 2));
        assert_eq!(nango.webhook_keys[0].as_str(), "canary-new", "the present one first");
        let shown = serde_json::to_string(&with).unwrap();
        assert!(shown.contains("(hidden)") && !shown.contains("canary"), "{shown}");
        assert!(!format!("{with:?}").contains("canary"));
        let refused = providers.read(None).err().unwrap();
        assert!(refused.message.contains("set BURSAR_"), "{}", refused.message);
    }
}
