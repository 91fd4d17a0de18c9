//! Removing everything of a company, in bounded units.
//!
//! In an order that lets nothing new in while the rest goes, and data keys last: a purge
//! that stops half way leaves a company that can be removed again, and one that is done
//! leaves nothing that a copy of the database's free pages could be opened with.

use std::collections::BTreeMap;

use model::CompanyId;
use store::{Effected, PurgePart, Unit, Write};

use crate::{App, failure::Refused};

/// Rows of a part's own table that go in one unit.
const ROWS: u32 = 200;

/// How many rows went, by table.
pub(super) async fn everything(
    app: &App,
    company: CompanyId,
) -> Result<BTreeMap<&'static str, u64>, Refused> {
    let mut removed = BTreeMap::new();
    let connections = app.store.connections(company).await?;
    for part in PurgePart::ALL {
        while some(app, company, part, &mut removed).await? {}
        if part == PurgePart::Connections {
            connections.iter().for_each(|row| app.connections.forget(row.id));
        }
    }
    app.vault.forget(company);
    Ok(removed)
}

/// Removes one unit's worth; says whether there may be more.
async fn some(
    app: &App,
    company: CompanyId,
    part: PurgePart,
    removed: &mut BTreeMap<&'static str, u64>,
) -> Result<bool, Refused> {
    let write = Write::Purge { company, part, limit: ROWS };
    // Behind what others wait for: a purge has time.
    let effects = app.store.commit(Unit::background(vec![write])).await?;
    let Some(Effected::Purged(gone)) = effects.into_iter().next() else { return Ok(false) };
    let more = gone.first().is_some_and(|(_, rows)| *rows >= u64::from(ROWS));
    for (table, rows) in gone {
        *removed.entry(table).or_insert(0) += rows;
    }
    Ok(more)
}
