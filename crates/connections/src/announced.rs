//! The end of access that Stripe announces: `account.application.deauthorized`.
//!
//! Stripe delivers for days, and again: what is announced may be an older consent than
//! the one that a connection lives by now. The times tell them apart. Where they are so
//! close together that two clocks could disagree, Stripe is asked whether the access is
//! still there, and what it says holds.

use std::time::Duration;

use model::{AccountId, Binding, Code, Failure, Mode, Timestamp};
use store::Connection;

use crate::{Connections, OAuthClient, Way, api_key, disconnect::is_live, failures};

/// How far our clock and Stripe's may be apart.
const CLOCKS_APART: Duration = Duration::from_secs(3_600);

/// An announcement, as its event has it.
#[derive(Debug, Clone, Copy)]
pub struct Announced<'a> {
    /// Whose owner took the permission back.
    pub account: &'a AccountId,
    /// Live, test or local.
    pub mode: Mode,
    /// The application that lost it: the client id of a Connect platform or a Stripe App.
    pub application: &'a str,
    /// When Stripe says that it happened.
    pub created: Timestamp,
}

/// What an announcement means for a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meant {
    /// It lives by a later consent.
    Earlier,
    /// Its consent is the one that ended.
    This,
    /// The times cannot tell.
    Unclear,
}

impl Connections {
    /// Ends the connections, in whatever company, that live by the consent that was taken
    /// back, and gives those back. Connections by API keys and by Nango are consents of
    /// their own. Safe to repeat.
    ///
    /// # Errors
    /// `connection_unreachable` when Stripe had to be asked and did not say,
    /// `store_unavailable`. What was found out so far is stored; repeat it.
    pub async fn deauthorized(&self, announced: Announced<'_>) -> Result<Vec<Connection>, Failure> {
        let rows = self.store.connections_of_account(announced.account, announced.mode).await;
        let rows = rows.map_err(|e| failures::read(&e))?;
        let known = self.ways_of(announced.application, announced.mode);
        let mut ended = Vec::new();
        for row in rows.iter().filter(|row| is_live(row)) {
            let Some(way @ (Way::Connect | Way::App)) = Way::parse(&row.kind) else { continue };
            // Of an application that the settings do not know, only Stripe knows the way.
            let certain = known.contains(&way);
            if !certain && !known.is_empty() {
                continue;
            }
            let ends = match meant(row, announced.created) {
                Meant::Earlier => false,
                Meant::This if certain => true,
                Meant::This | Meant::Unclear => self.has_ended(row, announced.created, certain).await?,
            };
            if ends {
                ended.extend(self.end(row).await?);
            } else {
                tracing::info!(connection = %row.id, "an earlier consent was taken back; this one is in force");
            }
        }
        Ok(ended)
    }

    /// The ways that an application stands for.
    fn ways_of(&self, application: &str, mode: Mode) -> Vec<Way> {
        let settings = self.providers();
        let is = |client: Option<&OAuthClient>| client.is_some_and(|client| client.client_id == application);
        let connect = is(settings.connect.get(&mode)).then_some(Way::Connect);
        connect.into_iter().chain(is(settings.app.get(&mode)).then_some(Way::App)).collect()
    }

    /// What Stripe says; where it cannot be asked, the seconds decide about a way that is
    /// known, and nothing ends of one that is not.
    async fn has_ended(&self, row: &Connection, created: Timestamp, certain: bool) -> Result<bool, Failure> {
        match self.still_lets_in(row).await {
            Ok(lets_in) => Ok(!lets_in),
            Err(failure) if failure.code == Code::ConnectionRequired => {
                let since = row.authorized_at.map_or(i64::MIN, Timestamp::as_second);
                Ok(certain && created.as_second() >= since)
            }
            Err(failure) => Err(failure),
        }
    }

    async fn still_lets_in(&self, row: &Connection) -> Result<bool, Failure> {
        let Some(account) = row.account.clone() else { return Ok(false) };
        let of = Binding { company: row.company, connection: row.id, account, mode: row.mode };
        match self.credential(&of).await {
            Ok((credential, _)) => api_key::lets_in(self, &credential, &row.base_url).await,
            // Its owner's consent is what a renewal needs.
            Err(failure) if failure.code == Code::ConnectionExpired => Ok(false),
            Err(failure) => Err(failure),
        }
    }
}

fn meant(row: &Connection, created: Timestamp) -> Meant {
    let Some(authorized) = row.authorized_at else { return Meant::Unclear };
    if authorized.duration_until(created).unsigned_abs() <= CLOCKS_APART {
        return Meant::Unclear;
    }
    if created < authorized { Meant::Earlier } else { Meant::This }
}
