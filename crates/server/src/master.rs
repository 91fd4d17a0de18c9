//! Where the master key is kept, as far as this crate knows: whoever put the application
//! together keeps it.

use connections::MasterKey;
use model::Failure;

/// Keeps the master key of this process's database. Its calls may block.
pub trait KeepMaster: Send + Sync {
    /// The key to rotate to, kept so that a start after a crash finds it beside the one in
    /// use. `given` is the line of a key that the caller brings. Repeating it before
    /// [`promote`](Self::promote) gives the same key.
    ///
    /// # Errors
    /// `validation_error` when a key has to be given and is not, or the other way round;
    /// `vault_key_missing` when it cannot be kept. Nothing was changed.
    fn prepare(&self, given: Option<&str>) -> Result<MasterKey, Failure>;

    /// The database needs the key of this id from now on: it takes the place of the one
    /// before. Gives back what a person has to do before the next start, if anything.
    /// Safe to repeat.
    ///
    /// # Errors
    /// `vault_key_missing` when it could not be put in place; the next start tries again.
    fn promote(&self, id: &str) -> Result<Option<String>, Failure>;
}
