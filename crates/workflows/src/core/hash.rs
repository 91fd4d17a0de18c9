//! The hash of commands.

use aws_lc_rs::digest;

use super::Command;

/// A hash of commands, kept beside each journal row: replay that gives another one
/// parks the run.
pub fn commands_hash(commands: &[Command]) -> String {
    // Commands are plain data, so writing them cannot fail; if it ever did, the text
    // of the error would still tell apart what differs.
    let bytes = serde_json::to_vec(commands).unwrap_or_else(|e| e.to_string().into_bytes());
    hex::encode(digest::digest(&digest::SHA256, &bytes))
}
