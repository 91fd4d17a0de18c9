//! `bursar call … --all`: a list, printed as it comes.
//!
//! One object a line, for people and programs alike, so that `head`, `grep` and `jq`
//! serve both. What would surprise: a reader that goes away ends the listing, quietly;
//! a list that breaks off is told of on standard error even with `--json`, because
//! standard output holds the objects that came, and nothing else.

use model::Failure;

use crate::{
    exit::Exit,
    lines::{Line, Lines},
    output::Output,
};

pub(super) async fn print(mut lines: Lines, output: Output) -> Result<Exit, Failure> {
    loop {
        match lines.next().await {
            Ok(Line::Object(object)) if !output.row(&object) => return Ok(Exit::Done),
            Ok(Line::Object(_)) => {}
            Ok(Line::Whole(meta)) => {
                output.note(&format!("{} objects on {} pages", meta["count"], meta["pages"]));
                return Ok(Exit::Done);
            }
            Err(failure) => {
                output.late_failure(&failure);
                return Ok(Exit::of(&failure));
            }
        }
    }
}
