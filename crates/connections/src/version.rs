//! The API version of a connection's calls: its own, or the pinned one.
//!
//! What would surprise: it is read when a request is made, and never when one is sent. A
//! request that was made once goes out again as it is, whatever the connection says then.

use model::{Binding, Code, CompanyId, Failure};
use store::Connection;
use stripe::{PINNED, Version};

use crate::{Connections, Wanted, choose, failures};

impl Connections {
    /// The connection that a call uses, and the version that it speaks unless the call
    /// names one.
    ///
    /// # Errors
    /// As [`Connections::choose`], and as [`Connections::version_of`].
    pub async fn choose_with_version(
        &self,
        company: CompanyId,
        wanted: Wanted,
    ) -> Result<(Binding, Version), Failure> {
        let all = self.list(company).await?;
        let binding = choose::choose(&all, &wanted)?;
        let row = all.iter().find(|row| row.id == binding.connection);
        Ok((binding, row.map_or(Ok(PINNED), |row| self.version_of(row))?))
    }

    /// The version of a binding's connection; the pinned one when that is gone, which
    /// whoever sends will say.
    ///
    /// # Errors
    /// `store_unavailable`, and as [`Connections::version_of`].
    pub async fn version(&self, binding: &Binding) -> Result<Version, Failure> {
        let row = self.store.connection(binding.company, binding.connection).await;
        row.map_err(|e| failures::read(&e))?.map_or(Ok(PINNED), |row| self.version_of(&row))
    }

    /// The version of a connection.
    ///
    /// # Errors
    /// `validation_error` when another release stored one that this one does not speak.
    pub fn version_of(&self, row: &Connection) -> Result<Version, Failure> {
        row.version.as_deref().map_or(Ok(PINNED), |text| {
            Version::parse(text).map_err(|unknown| {
                let text = format!(
                    "The connection `{}` asks for a version of another release of Bursar: {unknown}. Nothing was sent \
                     to Stripe. Give it one of these, or none for {PINNED}.",
                    row.name
                );
                Failure::new(Code::ValidationError, text).at("apiVersion")
            })
        })
    }

    /// For which account a connection is, through which calls of it go.
    ///
    /// # Errors
    /// `connection_required` when nobody has authorized it yet.
    pub fn bound(&self, row: &Connection) -> Result<Binding, Failure> {
        choose::binding(row).ok_or_else(|| {
            let text = format!(
                "The connection `{}` has not been authorized yet, so it reaches no account. Nothing was sent to Stripe. \
                 Authorize it: `bursar connections auth-url --reconnect {}`.",
                row.name, row.id
            );
            Failure::new(Code::ConnectionRequired, text)
        })
    }
}

/// A version by its name, as a connection can have it.
///
/// # Errors
/// `validation_error` at `apiVersion`, with the list.
pub fn api_version(text: &str) -> Result<Version, Failure> {
    Version::parse(text).map_err(|unknown| {
        let text = format!("{unknown}. Nothing was stored and nothing was sent to Stripe.");
        let allowed: Vec<&str> = Version::all().map(Version::as_str).collect();
        let details = serde_json::json!({ "allowed": allowed });
        Failure::new(Code::ValidationError, text).at("apiVersion").with_details(details)
    })
}
