//! Settings: flags, then `BURSAR_*`, then `bursar.yaml`. The one place that reads the
//! environment; clap reads the variables of flags.

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf};

use model::{Code, Failure};
use serde::{Deserialize, Serialize};
use server::KeyLimits;
use zeroize::Zeroizing;

use crate::{arguments::Place, providers::Providers, stripe_limits::StripeLimits};

/// What a settings file can say.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    url: Option<String>,
    listen: Option<SocketAddr>,
    public_url: Option<String>,
    sandbox: Option<String>,
    #[serde(default)]
    providers: Providers,
    stripe: Option<StripeLimits>,
    company: Option<String>,
    limits: Option<RequestLimits>,
    master_key_command: Option<String>,
}

/// How many requests per minute a server takes from one key.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RequestLimits {
    read: NonZeroU32,
    write: NonZeroU32,
    execute: NonZeroU32,
    /// All keys of a company together get so many times as much.
    company_share: NonZeroU32,
}

impl Default for RequestLimits {
    fn default() -> Self {
        let KeyLimits { read, write, execute, company } = KeyLimits::default();
        let [read, write, execute, company_share] =
            [read, write, execute, company].map(|n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN));
        Self { read, write, execute, company_share }
    }
}

impl From<RequestLimits> for KeyLimits {
    fn from(limits: RequestLimits) -> Self {
        let RequestLimits { read, write, execute, company_share } = limits;
        Self { read: read.get(), write: write.get(), execute: execute.get(), company: company_share.get() }
    }
}

/// What results.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    /// The data folder.
    pub(crate) data: PathBuf,
    /// A running server.
    pub(crate) url: Option<String>,
    /// Its key; hidden when shown.
    #[serde(serialize_with = "hidden")]
    pub(crate) api_key: Option<String>,
    /// Where to listen, if the file says so.
    pub(crate) listen: Option<SocketAddr>,
    /// What others reach the server by.
    pub(crate) public_url: Option<String>,
    /// A running sandbox.
    pub(crate) sandbox: Option<String>,
    /// What the installation brings for each way of connecting.
    pub(crate) providers: Providers,
    /// Stripe's limits.
    pub(crate) stripe: StripeLimits,
    /// The company to act for.
    pub(crate) company: Option<String>,
    /// What `serve` takes from one key.
    pub(crate) limits: RequestLimits,
    /// Prints the master key.
    pub(crate) master_key_command: Option<String>,
}

#[expect(clippy::ref_option, reason = "serde's signature")]
fn hidden<S: serde::Serializer>(key: &Option<String>, s: S) -> Result<S::Ok, S::Error> {
    if key.is_some() { s.serialize_str("(hidden)") } else { s.serialize_none() }
}

impl Settings {
    /// Reads the file and puts the flags over it.
    ///
    /// # Errors
    /// `validation_error` naming file, line and fix.
    pub(crate) fn read(place: &Place) -> Result<Self, Failure> {
        let file = read_file(place)?;
        let limits = file.stripe.unwrap_or_default();
        limits.check()?;
        Ok(Self {
            data: place.data.clone().or(file.data).unwrap_or_else(|| PathBuf::from("bursar-data")),
            url: place.url.clone().or(file.url).map(|url| url.trim_end_matches('/').to_owned()),
            api_key: api_key(place)?,
            listen: file.listen,
            public_url: file.public_url,
            sandbox: file.sandbox,
            providers: file.providers.with(environment),
            stripe: place.stripe.over(limits),
            company: place.company.clone().or(file.company),
            limits: file.limits.unwrap_or_default(),
            master_key_command: file.master_key_command,
        })
    }
}

fn read_file(place: &Place) -> Result<File, Failure> {
    let path = place.config.clone().unwrap_or_else(|| PathBuf::from("bursar.yaml"));
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && place.config.is_none() => {
            return Ok(File::default());
        }
        Err(e) => return Err(invalid(format!("The settings file {} cannot be read: {e}.", path.display()))),
    };
    serde_saphyr::from_str(&text)
        .map_err(|e| invalid(format!("The settings file {} is wrong: {e}", path.display())))
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn api_key(place: &Place) -> Result<Option<String>, Failure> {
    if let Some(path) = &place.api_key_file {
        let text = std::fs::read_to_string(path)
            .map_err(|e| invalid(format!("The key file {} cannot be read: {e}.", path.display())))?;
        return Ok(Some(text.trim().to_owned()));
    }
    Ok(std::env::var("BURSAR_API_KEY").ok().filter(|key| !key.is_empty()))
}

fn invalid(message: String) -> Failure {
    Failure::new(Code::ValidationError, message)
}

/// Whether text is to be without colors, as `NO_COLOR` says (no-color.org).
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub(crate) fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// A secret of the environment's.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn environment(name: &str) -> Option<Zeroizing<String>> {
    std::env::var(name)
        .ok()
        .map(|text| Zeroizing::new(text.trim().to_owned()))
        .filter(|text| !text.is_empty())
}

/// The master key's line, if the environment has it; in no settings, which are shown.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub(crate) fn master_key() -> Option<String> {
    std::env::var("BURSAR_MASTER_KEY").ok().filter(|key| !key.is_empty())
}

/// Whether logs were asked for, and how much: `BURSAR_LOG`, as `info` or `bursar=debug`.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub(crate) fn log_filter() -> Option<String> {
    std::env::var("BURSAR_LOG").ok().filter(|filter| !filter.is_empty())
}
