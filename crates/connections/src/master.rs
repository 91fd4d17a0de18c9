//! The master key.

/// The key that wraps the data keys.
pub struct MasterKey {
    // the helper's
}

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// No file there.
    #[error(
        "there is no master key at {0}; put the key of this data folder there, or start with a fresh folder"
    )]
    Missing(std::path::PathBuf),
}
