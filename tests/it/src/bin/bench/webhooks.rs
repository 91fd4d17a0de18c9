//! Webhooks accepted per second: ours, against the least that is durable and against
//! ourselves without the disk.

use std::{path::Path, rc::Rc, time::Duration};

use crate::{
    Done,
    child::Server,
    deliveries::Deliveries,
    load::{self, Load, Loaded},
    measured::micros,
    table::Figures,
};

const CONNECTIONS: usize = 16;
const WARM_UP: Duration = Duration::from_secs(1);
/// Long enough for SQLite's log to be moved into the database several times.
const LONG: Duration = Duration::from_secs(6);
const SHORT: Duration = Duration::from_secs(3);
/// More than any machine accepts in the longest measurement.
const SIGNED: usize = 600_000;

/// Measures and prints.
pub(crate) async fn run(folder: &Path) -> Done {
    let deliveries =
        Rc::new(Deliveries::sign(SIGNED).ok_or("the template of deliveries is not as it should be")?);
    let one =
        async |kind: &str, measured: Duration| measure(folder, kind, measured, deliveries.clone()).await;
    // The baseline comes twice, so that a disk that changes meanwhile is seen.
    let before = one("file", SHORT).await?;
    let ours = one("bursar", LONG).await?;
    let dispatching = one("bursar-dispatching", LONG).await?;
    let diskless = one("bursar-without-store", SHORT).await?;
    let after = one("file", SHORT).await?;

    let baseline = f64::midpoint(before.per_second, after.per_second);
    println!("Webhooks accepted: 3.3 KB, {CONNECTIONS} connections over loopback, 200 means on disk");
    let mut table = Figures::new(&[
        "receiver",
        "events/s",
        "median ms",
        "p99 ms",
        "CPU µs/event",
        "load's CPU µs",
        "of the file",
    ]);
    for (name, loaded) in [
        ("baseline: append to a file, group fdatasync", &before),
        ("the same again, at the end", &after),
        ("Bursar on SQLite, dispatch record included", &ours),
        ("Bursar on SQLite, dispatcher at work", &dispatching),
        ("Bursar without the store's commit", &diskless),
    ] {
        table.row(&row(name, loaded, baseline));
    }
    table.print();
    println!(
        "Bursar accepts {:.2} × the bare file receiver, and {:.0} % of what it does without the commit.\n",
        ours.per_second / baseline,
        100.0 * ours.per_second / diskless.per_second
    );
    Ok(())
}

/// One receiver in a process and a folder of its own.
async fn measure(folder: &Path, kind: &str, measured: Duration, deliveries: Rc<Deliveries>) -> Done<Loaded> {
    let folder = tempfile::tempdir_in(folder)?;
    let server = Server::start(kind, folder.path()).await?;
    let path = server.about["path"].as_str().ok_or("a receiver without a path")?.to_owned();
    let load = Load { connections: CONNECTIONS, warm_up: WARM_UP, measured };
    let loaded = load::run(load, &server.address, &path, server.pid(), deliveries).await?;
    let stored = server.stop().await?["stored"].as_u64();
    let expected = u64::try_from(loaded.accepted)?;
    if kind != "bursar-without-store" && stored != Some(expected) {
        return Err(format!("{kind} accepted {expected} events and holds {stored:?}").into());
    }
    Ok(loaded)
}

fn row(name: &str, loaded: &Loaded, baseline: f64) -> Vec<String> {
    let millis = |time: Duration| format!("{:.2}", micros(time) / 1e3);
    let each = |time: Option<Duration>| time.map_or("?".to_owned(), |time| format!("{:.1}", micros(time)));
    vec![
        name.to_owned(),
        format!("{:.0}", loaded.per_second),
        millis(loaded.times.median()),
        millis(loaded.times.p99()),
        each(loaded.server),
        each(loaded.load),
        format!("{:.2} ×", loaded.per_second / baseline),
    ]
}
