//! `POST /connections` with `via: nango`: takes over a connection that exists at Nango.
//! Whoever may name one may use it, so it needs the scope of whoever runs the server.

use ::connections::AddNango;
use model::{Code, Failure};
use store::Connection;
use stripe::Version;

use super::mode;
use crate::{Actor, App, auth::INSTALLATION, failure::Refused};

/// What such a request has besides a name and a mode.
pub(super) struct Import {
    /// Nango's id of the connection.
    pub(super) nango_connection_id: Option<String>,
    /// Nango's integration; the server's own unless named.
    pub(super) integration: Option<String>,
    /// Whether it is taken when nobody names one.
    pub(super) is_default: bool,
    /// The version of its calls that name none.
    pub(super) version: Option<Version>,
}

/// Takes it over.
pub(super) async fn import(
    app: &App,
    actor: &Actor,
    name: String,
    wanted: Option<String>,
    import: Import,
) -> Result<Connection, Refused> {
    actor.require(&[INSTALLATION])?;
    let mode = mode(wanted.as_deref().unwrap_or("test"))?;
    let Import { nango_connection_id, integration, is_default, version } = import;
    let connection_id = nango_connection_id.ok_or_else(|| missing("nangoConnectionId"))?;
    let add = AddNango { name, mode, connection_id, integration, is_default, version };
    Ok(app.connections.audited(Some(actor.key), "connection.added").add_nango(actor.company, add).await?)
}

/// A field that this way needs.
pub(super) fn missing(field: &str) -> Refused {
    Failure::new(Code::ValidationError, format!("`{field}` is missing. Nothing was stored.")).at(field).into()
}

/// A field of another way.
pub(super) fn stray(field: &str, way: &str) -> Refused {
    let text =
        format!("`{field}` is not used for a connection by `{way}`. Nothing was stored. Leave it out.");
    Failure::new(Code::ValidationError, text).at(field).into()
}
