//! Removing everything of a company, in bounded units.
//!
//! In an order that lets nothing new in while the rest goes, and data keys last: a purge
//! that stops half way leaves a company that can be removed again, and one that is done
//! leaves nothing that a copy of the database's free pages could be opened with.
//!
//! What of it is being driven at that moment makes nothing any more: the store refuses
//! every row of a company whose purge has begun. Its runs are looked at when they are gone,
//! so that nobody goes on with them.
//!
//! The audit log has an entry in the first unit and one in the last.

use std::collections::BTreeMap;

use model::CompanyId;
use store::{Effected, PurgePart, Unit, Write};

use super::open;
use crate::{App, failure::Refused};

/// Rows of a part's own table that go in one unit.
const ROWS: u32 = 200;

/// Rows that went, by table.
pub(crate) type Removed = BTreeMap<&'static str, u64>;

/// How many rows went, by table. `entry` makes the audit log's entries: of the beginning,
/// told nothing, and of the end, told what went before it. Unless forced it stops where
/// nothing new can begin any more, if something has not ended.
pub(crate) async fn everything(
    app: &App,
    company: CompanyId,
    force: bool,
    entry: impl Fn(Option<&Removed>) -> Write,
) -> Result<Removed, Refused> {
    let mut removed = Removed::new();
    let connections = app.store.connections(company).await?;
    let mut first = Some(entry(None));
    let mut driven = Vec::new();
    for part in PurgePart::ALL {
        let mut with = first.take();
        if part == PurgePart::DataKeys {
            with = Some(entry(Some(&removed)));
        }
        while some(app, company, part, with.take(), &mut removed).await? {}
        match part {
            // From here on no run is added.
            PurgePart::ApiKeys => {
                if !force {
                    open::refuse(app, company, open::When::Begun).await?;
                }
                driven = app.driver.open_of(company).await?;
            }
            PurgePart::Connections => connections.iter().for_each(|row| app.connections.forget(row.id)),
            PurgePart::Runs => driven.drain(..).for_each(|run| app.driver.wake(run)),
            _ => {}
        }
    }
    app.sources.forget(company);
    app.vault.forget(company);
    Ok(removed)
}

/// Removes one unit's worth; says whether there may be more.
async fn some(
    app: &App,
    company: CompanyId,
    part: PurgePart,
    entry: Option<Write>,
    removed: &mut Removed,
) -> Result<bool, Refused> {
    let mut unit = Unit::background(vec![Write::Purge { company, part, limit: ROWS }]);
    unit.writes.extend(entry);
    // Behind what others wait for: a purge has time.
    let effects = app.store.commit(unit).await?;
    let Some(Effected::Purged(gone)) = effects.into_iter().next() else { return Ok(false) };
    let more = gone.first().is_some_and(|(_, rows)| *rows >= u64::from(ROWS));
    for (table, rows) in gone {
        *removed.entry(table).or_insert(0) += rows;
    }
    Ok(more)
}
