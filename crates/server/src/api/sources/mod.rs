//! `/sources`: Stripe's webhook endpoints that point at a company. The installation's own,
//! below `/installation`, are made of the same pieces.

pub(crate) mod add;
pub(crate) mod ensure;
pub(crate) mod list;
pub(crate) mod remove;

use std::time::Duration;

use ::events::{NewSource, OLD_SECRET};
use model::{AccountId, Code, CompanyId, Failure, Mode, SourceId};
use serde_json::{Value, json};
use store::{Source, Write};
use stripe::signature::Secret;

use crate::{Actor, App, audit, failure::Refused, request::Id};

/// Longest id of an endpoint, and longest signing secret, in bytes.
const TEXT_MAX: usize = 255;
/// The longest that an old secret may be kept.
const KEEP_OLD_MAX: Duration = Duration::from_secs(7 * 24 * 3_600);

/// A source as every answer shows it: without its signing secret.
pub(super) fn view(source: &Source) -> Value {
    json!({
        "id": source.id,
        "account": source.account,
        "mode": source.mode,
        "endpoint": source.endpoint,
        "url": source.url,
        "createdAt": source.created_at,
        "expiresAt": source.expires_at,
    })
}

/// What is given of a source, whoever's it is. Has no `Debug`: it holds a secret.
pub(super) struct Given {
    pub(super) endpoint: String,
    pub(super) secret: String,
    /// How long the endpoint's secret before is accepted.
    pub(super) keep_old_ms: Option<u64>,
}

impl Given {
    /// Stores it as a source of this account and mode.
    pub(super) async fn store(
        self,
        app: &App,
        actor: &Actor,
        of: Option<CompanyId>,
        (account, mode): (AccountId, Mode),
    ) -> Result<Source, Refused> {
        let endpoint = self.endpoint.trim().to_owned();
        if !is_id(&endpoint) {
            let text = "`endpoint` is the id of Stripe's webhook endpoint, as `we_…`, or of its event destination, \
                        `ed_…`. Nothing was stored.";
            return Err(Failure::new(Code::ValidationError, text).at("endpoint").into());
        }
        let secret = Secret::new(&self.secret).filter(is_secret).ok_or_else(no_secret)?;
        let old_for = self.keep_old_ms.map_or(OLD_SECRET, Duration::from_millis);
        if old_for > KEEP_OLD_MAX {
            let text = "`keepOldMs` is at most 604800000, which are 7 days. Nothing was stored.";
            return Err(Failure::new(Code::ValidationError, text).at("keepOldMs").into());
        }
        let url = address(app, of);
        let new = NewSource { account, mode, endpoint, url, secret };
        let entry = |source: &Source| Some(entry(app, actor, of, "source.added", source));
        Ok(app.sources.rotate(of, new, old_for, entry).await?)
    }
}

fn is_id(text: &str) -> bool {
    let known = text.starts_with("we_") || text.starts_with("ed_");
    known && text.len() <= TEXT_MAX && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn is_secret(secret: &Secret) -> bool {
    let text = secret.expose();
    text.strip_prefix("whsec_").is_some_and(|rest| !rest.is_empty())
        && text.len() <= TEXT_MAX
        && text.bytes().all(|b| b.is_ascii_graphic())
}

fn no_secret() -> Refused {
    let text = "`secret` is the endpoint's signing secret, `whsec_…`; Stripe's dashboard shows it beside the endpoint. \
                Nothing was stored.";
    Failure::new(Code::ValidationError, text).at("secret").into()
}

/// Where Stripe posts to, as far as this server knows where others reach it.
fn address(app: &App, of: Option<CompanyId>) -> String {
    let path = of.map_or_else(|| PATH.to_owned(), |company| format!("{PATH}/{company}"));
    let settings = app.connections.providers();
    let url = settings.public_url.as_ref().and_then(|public| public.join(&path).ok());
    url.map_or(path, String::from)
}

/// Where the receiver is.
const PATH: &str = "/webhooks/stripe";

/// Removes a source of a path.
pub(super) async fn take(
    app: &App,
    actor: &Actor,
    of: Option<CompanyId>,
    id: &Id,
) -> Result<Source, Refused> {
    let id: SourceId = id.parse("source")?;
    let entry = |source: &Source| Some(entry(app, actor, of, "source.removed", source));
    Ok(app.sources.remove(of, id, entry).await?)
}

/// The entry of a change. What is done to the installation stands in the log of the company
/// that the caller's own key belongs to.
fn entry(app: &App, actor: &Actor, of: Option<CompanyId>, what: &str, source: &Source) -> Write {
    let details = json!({
        "endpoint": source.endpoint,
        "account": source.account,
        "mode": source.mode,
        "installation": of.is_none(),
    });
    audit::entry(app, actor, of.unwrap_or(actor.home), what, &source.id.to_string(), &details)
}
