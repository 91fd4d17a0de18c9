//! What the disk can do: every figure about durable work rests on it.

use std::{fs::File, io::Write as _, path::Path};

use tokio::time::Instant;

use crate::{
    Done,
    measured::{Times, micros},
};

const WRITES: usize = 200;

/// The time of appending 4 KB and syncing them, as words.
pub(crate) fn measure(folder: &Path) -> Done<String> {
    let folder = tempfile::tempdir_in(folder)?;
    let mut file = File::create(folder.path().join("appended"))?;
    let mut times = Times::default();
    for _ in 0..WRITES {
        let begun = Instant::now();
        file.write_all(&[0x5a; 4096])?;
        file.sync_data()?;
        times.push(begun.elapsed());
    }
    Ok(format!(
        "appending 4 KB with fdatasync takes {:.0} µs (median), {:.0} µs (p99)",
        micros(times.median()),
        micros(times.p99())
    ))
}
