//! One group of units in one transaction.
//!
//! First quickly: the receipts of all units in one statement, then the dispatches that
//! lead to nothing in one, savepoints only around units whose guards may refuse. If something goes wrong about a row, everything
//! is undone and done again carefully, each unit on its own savepoint, so that one
//! bad row does not refuse its neighbors. A group with a unit that decides about the next
//! ones, because it takes the driver's place or removes a company, is done in order at once.

use std::collections::HashSet;

use model::ReceiptId;
use sqlx::{SqliteConnection, query};

use super::{
    apply::apply,
    dispatch, receipts,
    stop::{Kind, Stop, kind},
};
use crate::{
    fence::{self, Fence, Raised},
    unit::{CommitError, Effected, Unit, Write},
};

pub(super) type Answer = Result<Vec<Effected>, CommitError>;

/// Why a whole group was not committed.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Nothing was done; each unit is refused with this.
    Refused(String),
    /// The disk or file is broken; whether it was done is unknown.
    Broken(String),
}

/// What ends a quick try.
enum Ended {
    /// Do it again carefully.
    Carefully,
    Trouble(sqlx::Error),
}

/// Commits a group. The answers are in the order of the units and hold once this
/// returns: SQLite has synced its log by then. `fence` is brought up to date.
pub(super) async fn commit(
    conn: &mut SqliteConnection,
    units: &[Unit],
    fence: &mut Fence,
) -> Result<Vec<Answer>, Trouble> {
    for careful in [false, true] {
        if !careful && units.iter().any(fence::raises) {
            continue;
        }
        let mut raised = fence.unraised();
        match body(conn, units, fence, &mut raised, careful).await {
            Ok(answers) => {
                finish(conn).await?;
                fence.raise(raised);
                return Ok(answers);
            }
            Err(Ended::Carefully) => undo(conn).await?,
            Err(Ended::Trouble(error)) => {
                let meant = trouble(&error);
                undo(conn).await?;
                return Err(meant);
            }
        }
    }
    Err(Trouble::Refused("a write failed in a way that the database does not explain".into()))
}

/// `COMMIT`. A full disk is found out here, because the log is written here; the
/// transaction is then still open or already undone. Any other failure leaves
/// open whether the log reached the disk.
async fn finish(conn: &mut SqliteConnection) -> Result<(), Trouble> {
    let Err(error) = query("COMMIT").execute(&mut *conn).await else { return Ok(()) };
    if kind(&error) == Kind::Refusing {
        undo(conn).await?;
        return Err(Trouble::Refused(error.to_string()));
    }
    _ = undo(conn).await;
    Err(Trouble::Broken(error.to_string()))
}

/// `ROLLBACK`; fine when SQLite has rolled back by itself already.
async fn undo(conn: &mut SqliteConnection) -> Result<(), Trouble> {
    match query("ROLLBACK").execute(conn).await {
        Ok(_) => Ok(()),
        // SQLITE_ERROR: no transaction is active.
        Err(error) if super::stop::code(&error) == Some(1) => Ok(()),
        Err(error) => Err(Trouble::Broken(error.to_string())),
    }
}

fn trouble(error: &sqlx::Error) -> Trouble {
    match kind(error) {
        Kind::Row | Kind::Refusing => Trouble::Refused(error.to_string()),
        Kind::Broken => Trouble::Broken(error.to_string()),
    }
}

/// `BEGIN`, and everything between it and `COMMIT`.
async fn body(
    conn: &mut SqliteConnection,
    units: &[Unit],
    fence: &Fence,
    raised: &mut Raised,
    careful: bool,
) -> Result<Vec<Answer>, Ended> {
    let mut received = if careful {
        query("BEGIN IMMEDIATE").execute(&mut *conn).await.map_err(Ended::Trouble)?;
        Vec::new().into_iter()
    } else {
        receive(conn, units, fence).await?.into_iter()
    };
    let mut ignored = if careful { HashSet::new() } else { ignore(conn, units, fence).await? };
    let mut answers = Vec::with_capacity(units.len());
    for unit in units {
        if !careful && only_receives(unit) && fence.pass(unit, raised).is_ok() {
            answers.push(Ok(received.by_ref().take(unit.writes.len()).collect()));
            continue;
        }
        if only_dispatches(unit).is_some_and(|receipt| ignored.remove(&receipt)) {
            answers.push(Ok(vec![Effected::Dispatched { started: Vec::new(), told: Vec::new() }]));
            continue;
        }
        let epoch = match fence.pass(unit, raised) {
            Ok(epoch) => epoch,
            Err(refused) => {
                answers.push(Err(refused));
                continue;
            }
        };
        let answer = if careful || fence::needs_savepoint(unit) {
            within_savepoint(conn, unit).await?
        } else {
            plainly(conn, unit).await?
        };
        if answer.is_ok() {
            raised.by(unit, epoch);
        }
        answers.push(answer);
    }
    Ok(answers)
}

fn only_receives(unit: &Unit) -> bool {
    unit.writes.iter().all(|write| matches!(write, Write::Receive(_)))
}

/// The receipt of a unit that does nothing but dispatch it, and starts no run.
fn only_dispatches(unit: &Unit) -> Option<ReceiptId> {
    match unit.writes.as_slice() {
        [Write::Dispatch { receipt, runs, .. }] if runs.is_empty() => Some(*receipt),
        _ => None,
    }
}

/// Marks the receipts that nothing wants, in one go; the others are dispatched one by one.
async fn ignore(
    conn: &mut SqliteConnection,
    units: &[Unit],
    fence: &Fence,
) -> Result<HashSet<ReceiptId>, Ended> {
    let unraised = fence.unraised();
    let present = units.iter().filter(|unit| fence.pass(unit, &unraised).is_ok());
    let receipts: Vec<ReceiptId> = present.filter_map(only_dispatches).collect();
    if receipts.is_empty() {
        return Ok(HashSet::new());
    }
    dispatch::ignore(conn, &receipts).await.map_err(again)
}

/// Begins, and stores the receipts of all units that consist of nothing else, in one go.
async fn receive(conn: &mut SqliteConnection, units: &[Unit], fence: &Fence) -> Result<Vec<Effected>, Ended> {
    let unraised = fence.unraised();
    let receiving = |unit: &&Unit| only_receives(unit) && fence.pass(unit, &unraised).is_ok();
    let writes = units.iter().filter(receiving).flat_map(|unit| &unit.writes);
    let rows: Vec<_> =
        writes.filter_map(|w| if let Write::Receive(r) = w { Some(r) } else { None }).collect();
    receipts::begin_and_receive(conn, &rows).await.map_err(again)
}

/// A unit that cannot be refused half way. If it is all the same, the group is
/// done again.
async fn plainly(conn: &mut SqliteConnection, unit: &Unit) -> Result<Answer, Ended> {
    let mut effects = Vec::with_capacity(unit.writes.len());
    for (n, write) in unit.writes.iter().enumerate() {
        match apply(conn, write).await {
            Ok(effect) => effects.push(effect),
            Err(Stop::Refused(why)) if n == 0 => return Ok(Err(CommitError::Refused { write: 0, why })),
            Err(stop) => return Err(again(stop)),
        }
    }
    Ok(Ok(effects))
}

/// A unit that may have to be undone alone.
async fn within_savepoint(conn: &mut SqliteConnection, unit: &Unit) -> Result<Answer, Ended> {
    query("SAVEPOINT unit").execute(&mut *conn).await.map_err(Ended::Trouble)?;
    let mut effects = Vec::with_capacity(unit.writes.len());
    let mut refused = None;
    for (n, write) in unit.writes.iter().enumerate() {
        match apply(conn, write).await {
            Ok(effect) => effects.push(effect),
            Err(stop) => {
                refused = Some(refusal(n, stop)?);
                break;
            }
        }
    }
    if refused.is_some() {
        query("ROLLBACK TO unit").execute(&mut *conn).await.map_err(Ended::Trouble)?;
    }
    query("RELEASE unit").execute(&mut *conn).await.map_err(Ended::Trouble)?;
    Ok(refused.map_or(Ok(effects), Err))
}

/// What a stopped write means for its unit alone.
fn refusal(write: usize, stop: Stop) -> Result<CommitError, Ended> {
    match stop {
        Stop::Refused(why) | Stop::Unclean(why) => Ok(CommitError::Refused { write, why }),
        Stop::Unread(error) => Ok(CommitError::Unavailable(error.to_string())),
        Stop::Failed(error) if kind(&error) == Kind::Row => Ok(CommitError::Full(error.to_string())),
        Stop::Failed(error) => Err(Ended::Trouble(error)),
    }
}

/// What a stopped write means for a group that was done quickly.
fn again(stop: Stop) -> Ended {
    match stop {
        Stop::Failed(error) if kind(&error) != Kind::Row => Ended::Trouble(error),
        _ => Ended::Carefully,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Company, Effected, Epoch, PurgePart, Refusal, suite::fixture::*};

    fn open_to_all() -> Fence {
        Fence { epoch: Epoch(0), removed: std::collections::HashSet::new() }
    }

    #[tokio::test]
    async fn a_full_database_refuses_and_goes_on_when_there_is_room() {
        let folder = tempfile::tempdir().unwrap();
        let mut conn = crate::sqlite::open::writer(folder.path()).await.unwrap();
        query("PRAGMA max_page_count = 60").execute(&mut conn).await.unwrap();
        let (mut fence, mut stored) = (open_to_all(), 0);
        let mut big;
        let unit = |row: &crate::Receipt| [Unit::interactive(vec![Write::Receive(row.clone())])];
        let refused = loop {
            stored += 1;
            big = crate::Receipt { body: model::Sealed::from_ciphertext(vec![7; 20_000]), ..receipt(stored) };
            match commit(&mut conn, &unit(&big), &mut fence).await {
                Ok(answers) => assert!(answers[0].is_ok()),
                Err(trouble) => break trouble,
            }
            assert!(stored < 60, "60 pages hold {stored} bodies of 5 pages");
        };
        assert!(matches!(refused, Trouble::Refused(_)), "{refused:?}");
        query("PRAGMA max_page_count = 6000").execute(&mut conn).await.unwrap();
        let answers = commit(&mut conn, &unit(&big), &mut fence).await.unwrap();
        let fresh = Effected::Received { receipt: Box::new(big), fresh: true };
        assert_eq!(answers[0], Ok(vec![fresh]), "nothing of the refused unit was stored");
    }

    #[tokio::test]
    async fn a_purge_counts_for_what_follows_it_in_its_group_unless_it_was_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut conn = crate::sqlite::open::writer(folder.path()).await.unwrap();
        let mut fence = open_to_all();
        let purge = || Write::Purge { company: id("co_", 1), part: PurgePart::ApiKeys, limit: 9 };
        let company = || Write::PutCompany(Company { id: id("co_", 1), name: "a".into(), created_at: at(1) });
        let unit = |writes| Unit::interactive(writes);
        let bad = unit(vec![purge(), Write::TakeUnclaimed(id("rcpt_", 9))]);
        let answers = commit(&mut conn, &[bad, unit(vec![company()])], &mut fence).await.unwrap();
        let missing = CommitError::Refused { write: 1, why: Refusal::Missing };
        assert_eq!((&answers[0], answers[1].is_ok()), (&Err(missing), true));
        let received = |n| unit(vec![Write::Receive(receipt(n))]);
        let group = [received(1), unit(vec![purge()]), received(2), unit(vec![company()])];
        let answers = commit(&mut conn, &group, &mut fence).await.unwrap();
        let removed = Err(CommitError::Refused { write: 0, why: Refusal::Removed });
        assert!(answers[0].is_ok() && answers[1].is_ok(), "{answers:?}");
        assert_eq!(answers[2..], [removed.clone(), removed.clone()]);
        let later = commit(&mut conn, &[received(3)], &mut fence).await.unwrap();
        assert_eq!(later, [removed]);
    }

    #[tokio::test]
    async fn a_row_that_sqlite_refuses_does_not_refuse_its_neighbors() {
        let folder = tempfile::tempdir().unwrap();
        let mut conn = crate::sqlite::open::writer(folder.path()).await.unwrap();
        let trap = "CREATE TRIGGER trap BEFORE INSERT ON receipts WHEN NEW.event = 'evt_2' \
                    BEGIN SELECT RAISE(ABORT, 'no'); END";
        query(trap).execute(&mut conn).await.unwrap();
        let units: Vec<_> = (1..=3).map(|n| Unit::interactive(vec![Write::Receive(receipt(n))])).collect();
        let answers = commit(&mut conn, &units, &mut open_to_all()).await.unwrap();
        assert!(answers[0].is_ok() && answers[2].is_ok());
        assert!(matches!(&answers[1], Err(CommitError::Full(why)) if why.contains("no")), "{:?}", answers[1]);
    }
}
