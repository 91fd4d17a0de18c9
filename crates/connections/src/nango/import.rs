//! Taking over a connection that somebody made at Nango.

use model::{Code, CompanyId, Failure, Mode};
use store::Connection;
use stripe::Version;

use super::{Place, answer::Trouble};
use crate::{
    Connections, Way,
    connections::{name, name_taken},
    failures,
};

/// The longest id at Nango that is taken.
const ID_LEN_MAX: usize = 255;

/// A connection that exists at Nango already.
#[derive(Debug, Clone)]
pub struct AddNango {
    /// What people and documents call it here.
    pub name: String,
    /// Live, test or local.
    pub mode: Mode,
    /// Nango's id of it.
    pub connection_id: String,
    /// Its integration; the server's own unless named.
    pub integration: Option<String>,
    /// Whether it is taken when nobody names one.
    pub is_default: bool,
    /// The version of its calls that name none; the pinned one unless given.
    pub version: Option<Version>,
}

impl Connections {
    /// Makes a connection of one that exists at Nango. Whoever may name any of
    /// Nango's connections may use it: only for those who run the server.
    ///
    /// # Errors
    /// `validation_error` and `not_found` naming the field, `conflict` when the name or
    /// the connection is taken, and what Nango's or Stripe's trouble means.
    pub async fn add_nango(&self, company: CompanyId, add: AddNango) -> Result<Connection, Failure> {
        let (name, client) = (name(&add.name)?, self.nango_in(add.mode)?.client);
        let all = self.list(company).await?;
        if all.iter().any(|row| row.name == name) {
            return Err(name_taken(&name));
        }
        let integration = add.integration.unwrap_or_else(|| client.integration.clone());
        let id = id(add.connection_id)?;
        let place = Place { integration, connection_id: Some(id), imported: true };
        self.refuse_taken(company, add.mode, &place).await?;
        let row = self.pending(company, &name, add.mode, Way::Nango, &client.stripe_url);
        let version = add.version.map(|version| version.as_str().to_owned());
        let row = Connection { is_default: add.is_default || all.is_empty(), version, ..row };
        self.take_from_nango(&row, place).await.map_err(|trouble| of_import(&trouble, &row))
    }

    /// One connection at Nango is of one company.
    async fn refuse_taken(&self, company: CompanyId, mode: Mode, place: &Place) -> Result<(), Failure> {
        for other in self.store.companies().await.map_err(|e| failures::read(&e))? {
            if other.id == company {
                continue;
            }
            let rows = self.list(other.id).await?;
            let same = |row: &Connection| {
                let known = Place::of(row).ok().filter(|_| row.kind == Way::Nango.as_str());
                row.mode == mode && known.is_some_and(|known| known.is_at(place))
            };
            if rows.iter().any(same) {
                let text =
                    "This connection at Nango belongs to another company of this server. Nothing was stored.";
                return Err(Failure::new(Code::Conflict, text).at("nangoConnectionId"));
            }
        }
        Ok(())
    }
}

fn id(given: String) -> Result<String, Failure> {
    let fits = (1..=ID_LEN_MAX).contains(&given.len()) && !matches!(given.as_str(), "." | "..");
    if fits && !given.chars().any(char::is_control) {
        return Ok(given);
    }
    let text = format!(
        "`nangoConnectionId` is Nango's id of the connection, at most {ID_LEN_MAX} bytes. Nothing was stored."
    );
    Err(Failure::new(Code::ValidationError, text).at("nangoConnectionId"))
}

fn of_import(trouble: &Trouble, row: &Connection) -> Failure {
    let (code, field) = match trouble {
        Trouble::Gone => (Code::NotFound, "nangoConnectionId"),
        Trouble::Integration | Trouble::NotStripe(_) => (Code::ValidationError, "integration"),
        _ => return trouble.to_failure(row),
    };
    let what = match trouble {
        Trouble::Gone => "Nango has no such connection under this integration, or it is not this company's",
        _ => return Failure::new(code, format!("{trouble}. Nothing was stored.")).at(field),
    };
    Failure::new(code, format!("{what}. Nothing was stored. Check the id and the integration.")).at(field)
}
