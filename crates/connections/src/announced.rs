//! The end of access that Stripe announces: `account.application.deauthorized`.
//!
//! Stripe delivers for days, and again: what is announced may be an older consent than
//! the one that a connection lives by now. One that is older by the times is ignored. Any
//! other ends nothing by itself: Stripe is asked whether the access is still there, and
//! what it says holds. So neither a clock that is wrong nor an event that somebody made up
//! ends a consent that is in force.

use std::time::Duration;

use model::{AccountId, Binding, Code, CompanyId, Failure, Mode, Timestamp};
use store::Connection;

use crate::{Connections, OAuthClient, Way, api_key, disconnect::is_live, failures};

/// How far our clock and Stripe's may be apart.
const CLOCKS_APART: Duration = Duration::from_secs(3_600);

/// An announcement, as its event has it.
#[derive(Debug, Clone, Copy)]
pub struct Announced<'a> {
    /// Whose connections it may end: those of the company that received it. Every
    /// company's only when it came to the installation and no company has it.
    pub company: Option<CompanyId>,
    /// Whose owner took the permission back.
    pub account: &'a AccountId,
    /// Live, test or local.
    pub mode: Mode,
    /// The application that lost it: the client id of a Connect platform or a Stripe App.
    pub application: &'a str,
    /// When Stripe says that it happened.
    pub created: Timestamp,
}

impl Connections {
    /// Ends the connections that live by the consent that was taken back, and gives those
    /// back. Connections by API keys and by Nango are consents of their own. Safe to repeat.
    ///
    /// # Errors
    /// The first one: `connection_unreachable` when Stripe did not say, `store_unavailable`,
    /// or what keeps a connection from being asked about. All the others were still looked
    /// at, and what was found out is stored; repeat it.
    pub async fn deauthorized(&self, announced: Announced<'_>) -> Result<Vec<Connection>, Failure> {
        let rows = self.store.connections_of_account(announced.account, announced.mode).await;
        let rows = rows.map_err(|e| failures::read(&e))?;
        let known = self.ways_of(announced.application, announced.mode);
        let concerned = |row: &&Connection| {
            let way = Way::parse(&row.kind).filter(|way| matches!(way, Way::Connect | Way::App));
            // Of an application that the settings do not know, only Stripe knows the way.
            let meant = way.is_some_and(|way| known.is_empty() || known.contains(&way));
            meant && is_live(row) && announced.company.is_none_or(|company| row.company == company)
        };
        let (mut ended, mut trouble) = (Vec::new(), None);
        for row in rows.iter().filter(concerned) {
            match self.end_if_meant(row, announced.created).await {
                Ok(row) => ended.extend(row),
                Err(failure) => trouble = trouble.or(Some(failure)),
            }
        }
        trouble.map_or(Ok(ended), Err)
    }

    async fn end_if_meant(
        &self,
        row: &Connection,
        created: Timestamp,
    ) -> Result<Option<Connection>, Failure> {
        if is_of_earlier_consent(row, created) || self.still_lets_in(row).await? {
            tracing::info!(connection = %row.id, "an earlier consent was taken back; this one is in force");
            return Ok(None);
        }
        self.end(row).await
    }

    /// The ways that an application stands for.
    fn ways_of(&self, application: &str, mode: Mode) -> Vec<Way> {
        let settings = self.providers();
        let is = |client: Option<&OAuthClient>| client.is_some_and(|client| client.client_id == application);
        let connect = is(settings.connect.get(&mode)).then_some(Way::Connect);
        connect.into_iter().chain(is(settings.app.get(&mode)).then_some(Way::App)).collect()
    }

    /// What Stripe says; a connection that nobody can ask for here is not ended by guessing.
    async fn still_lets_in(&self, row: &Connection) -> Result<bool, Failure> {
        let Some(account) = row.account.clone() else { return Ok(false) };
        let of = Binding { company: row.company, connection: row.id, account, mode: row.mode };
        match self.credential(&of).await {
            Ok((credential, _)) => api_key::lets_in(self, &credential, &row.base_url).await,
            // Its owner's consent is what a renewal needs.
            Err(failure) if failure.code == Code::ConnectionExpired => Ok(false),
            // The settings lack its platform, or it has ended meanwhile.
            Err(failure) if failure.code == Code::ConnectionRequired => Ok(true),
            Err(failure) => Err(failure),
        }
    }
}

/// Whether the connection surely lives by a later consent than the one that ended.
fn is_of_earlier_consent(row: &Connection, created: Timestamp) -> bool {
    row.authorized_at
        .is_some_and(|at| created < at && created.duration_until(at).unsigned_abs() > CLOCKS_APART)
}
