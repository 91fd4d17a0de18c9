//! `bursar sandbox snapshot` and `restore`: everything that a sandbox has as a file, and
//! back to it.
//!
//! The file is whole or not there: it is written beside its place and then moved.

use std::path::{Path, PathBuf};

use http::Method;
use model::{Code, Failure};
use serde_json::{Value, json};

use crate::{output::Output, stripe_side::steer};

pub(super) async fn take(at: &str, file: &Path, output: Output) -> Result<(), Failure> {
    let snapshot = steer(at, Method::GET, "/snapshot", None).await?;
    let text = snapshot.to_string();
    write(file, &text).map_err(|e| {
        let why = format!("{} cannot be written: {e}. Nothing was changed.", file.display());
        Failure::new(Code::ValidationError, why).at("file")
    })?;
    let done = json!({ "file": file, "bytes": text.len() });
    output.result(done, |done| {
        let name = file.display();
        format!("{name} has everything, {} bytes\ngo back with: bursar sandbox restore {name}", done["bytes"])
    });
    Ok(())
}

pub(super) async fn put_back(at: &str, file: &Path, output: Output) -> Result<(), Failure> {
    let wrong = |why: String| {
        let why = format!("{} {why}. Nothing was changed.", file.display());
        Failure::new(Code::ValidationError, why).at("file")
    };
    let text = std::fs::read_to_string(file).map_err(|e| wrong(format!("cannot be read: {e}")))?;
    let snapshot: Value = serde_json::from_str(&text).map_err(|e| wrong(format!("is no snapshot: {e}")))?;
    let done = steer(at, Method::POST, "/restore", Some(snapshot)).await?;
    output.result(done, |done| format!("{} objects are as in {}", done["restored"], file.display()));
    Ok(())
}

/// Replaces the file by this text, or leaves it.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = PathBuf::from(beside);
    let done = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, file));
    if done.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    done
}
