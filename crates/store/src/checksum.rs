//! Checksums of rows.
//!
//! SQLite does not notice a bit that flips inside a page. What the promises rest
//! on (receipts, intents, journals) therefore carries the first 8 bytes of a
//! SHA-256: the library is linked anyway, it costs about a microsecond for two
//! kilobytes, and a chance hit is one in 2⁶⁴. It guards against accidents, not
//! against people: the vault's seal does that.

use aws_lc_rs::digest;

/// A checksum being made; every part is preceded by its length, so that parts
/// cannot run together.
pub(crate) struct Checksum(digest::Context);

impl Checksum {
    /// Of a row of this table.
    pub(crate) fn of(table: &str) -> Self {
        Self(digest::Context::new(&digest::SHA256)).part(table.as_bytes())
    }

    /// With these bytes too.
    pub(crate) fn part(mut self, bytes: &[u8]) -> Self {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// With this text too.
    pub(crate) fn text(self, text: &str) -> Self {
        self.part(text.as_bytes())
    }

    /// With this number too.
    pub(crate) fn number(self, n: i64) -> Self {
        self.part(&n.to_le_bytes())
    }

    /// The eight bytes that are stored.
    pub(crate) fn done(self) -> [u8; 8] {
        let hash = self.0.finish();
        let mut sum = [0; 8];
        sum.copy_from_slice(&hash.as_ref()[..8]);
        sum
    }
}
