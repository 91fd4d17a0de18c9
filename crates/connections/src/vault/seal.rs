//! Sealing and opening: AES-256-GCM with a random nonce, and what is authenticated.
//!
//! A ciphertext is a format byte, the nonce, and the sealed bytes with their tag.
//! Authenticated beside it, each part preceded by its length so that no two places
//! run together: the format, the table, the row and the name of the key.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use model::Sealed;
use zeroize::Zeroize as _;

use crate::vault::{Plain, RowId};

/// Raised only when the layout changes.
const FORMAT: u8 = 1;
const TAG_LEN: usize = 16;

/// An opened key and its name.
pub(crate) struct Key {
    aead: RandomizedNonceKey,
    name: String,
}

/// A ciphertext that does not open; deliberately says little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unopened {
    /// Made by a later release, or no ciphertext at all.
    Format,
    /// Altered, of another row, or under another key.
    Refused,
}

impl Key {
    pub(crate) fn new(bytes: &[u8; 32], name: impl Into<String>) -> Self {
        let aead = RandomizedNonceKey::new(&AES_256_GCM, bytes).expect("32 bytes are a key of AES-256");
        Self { aead, name: name.into() }
    }

    /// # Panics
    /// When the operating system has no randomness, in which case nothing is safe.
    pub(crate) fn seal(&self, at: RowId<'_>, plain: &[u8]) -> Sealed {
        let mut body = Vec::with_capacity(1 + NONCE_LEN + plain.len() + TAG_LEN);
        body.extend_from_slice(plain);
        let nonce = self
            .aead
            .seal_in_place_append_tag(Aad::from(self.place(at)), &mut body)
            .expect("the operating system gives randomness");
        let mut head = [FORMAT; 1 + NONCE_LEN];
        head[1..].copy_from_slice(nonce.as_ref());
        body.splice(0..0, head);
        Sealed::from_ciphertext(body)
    }

    pub(crate) fn open(&self, at: RowId<'_>, sealed: &Sealed) -> Result<Plain, Unopened> {
        let (format, rest) = sealed.as_bytes().split_first().ok_or(Unopened::Format)?;
        if *format != FORMAT || rest.len() < NONCE_LEN + TAG_LEN {
            return Err(Unopened::Format);
        }
        let (nonce, body) = rest.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unopened::Format)?;
        let mut body = body.to_vec();
        let opened = self.aead.open_in_place(nonce, Aad::from(self.place(at)), &mut body).map(|b| b.len());
        match opened {
            Ok(len) => {
                body.truncate(len);
                Ok(Plain::new(body))
            }
            Err(_) => {
                body.zeroize();
                Err(Unopened::Refused)
            }
        }
    }

    fn place(&self, at: RowId<'_>) -> Vec<u8> {
        let mut place = Vec::with_capacity(96);
        for part in [&[FORMAT][..], at.table.as_bytes(), at.id.as_bytes(), self.name.as_bytes()] {
            place.extend_from_slice(&(part.len() as u64).to_be_bytes());
            place.extend_from_slice(part);
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AT: RowId<'static> = RowId { table: "intents", id: "row" };

    proptest! {
        #[test]
        fn what_was_sealed_opens_to_the_same_bytes(plain in proptest::collection::vec(any::<u8>(), 0..300)) {
            let key = Key::new(&[7; 32], "k");
            let opened = key.open(AT, &key.seal(AT, &plain)).unwrap();
            prop_assert_eq!(opened.as_bytes(), &plain[..]);
        }

        #[test]
        fn an_altered_or_cut_ciphertext_never_opens(at in 0_usize..60, flip in 1_u8.., cut in any::<bool>()) {
            let key = Key::new(&[7; 32], "k");
            let mut bytes = key.seal(AT, b"thirty-one bytes of some secret").as_bytes().to_vec();
            if cut { bytes.truncate(at) } else { bytes[at] ^= flip }
            prop_assert!(key.open(AT, &Sealed::from_ciphertext(bytes)).is_err());
        }

        #[test]
        fn no_bytes_make_opening_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(Key::new(&[7; 32], "k").open(AT, &Sealed::from_ciphertext(bytes)).is_err());
        }
    }

    #[test]
    fn a_ciphertext_opens_only_in_its_own_row_and_under_its_own_key() {
        let key = Key::new(&[7; 32], "k");
        let sealed = key.seal(AT, b"secret");
        let refused = Some(Unopened::Refused);
        assert_eq!(key.open(RowId { id: "other", ..AT }, &sealed).err(), refused);
        assert_eq!(key.open(RowId { table: "intent", id: "srow" }, &sealed).err(), refused);
        assert_eq!(Key::new(&[8; 32], "k").open(AT, &sealed).err(), refused);
        assert_eq!(Key::new(&[7; 32], "l").open(AT, &sealed).err(), refused);
    }

    #[test]
    fn sealing_twice_gives_different_bytes() {
        let key = Key::new(&[7; 32], "k");
        assert_ne!(key.seal(AT, b"same"), key.seal(AT, b"same"));
    }
}
