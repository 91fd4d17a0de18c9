//! Finding a secret in bytes, however it is written.

use std::{collections::BTreeMap, path::Path};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};

/// Enough of a secret's end to be nothing else, and to show a secret that was cut.
const TAIL: usize = 18;

/// Everything that was said or stored, by where.
#[derive(Default)]
pub(super) struct Places(BTreeMap<String, Vec<u8>>);

impl Places {
    pub(super) fn add(&mut self, place: impl Into<String>, bytes: &[u8]) {
        self.0.entry(place.into()).or_default().extend_from_slice(bytes);
    }

    /// Every file of a folder, at any depth.
    pub(super) fn add_files(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                self.add_files(&path);
            } else {
                let bytes = std::fs::read(&path).expect("a file");
                self.add(format!("file {}", path.file_name().expect("a name").to_string_lossy()), &bytes);
            }
        }
    }

    /// Where a secret is, and how it is written there.
    pub(super) fn of(&self, secret: &str) -> Vec<(String, &'static str)> {
        let forms = forms(secret);
        let mut found = Vec::new();
        for (place, bytes) in &self.0 {
            for (form, needle) in &forms {
                if contains(bytes, needle) {
                    found.push((place.clone(), *form));
                }
            }
        }
        found
    }

    /// Whether these bytes are in a place.
    pub(super) fn holds(&self, place: &str, needle: &[u8]) -> bool {
        self.0.get(place).is_some_and(|bytes| contains(bytes, needle))
    }

    pub(super) fn len(&self) -> (usize, usize) {
        (self.0.len(), self.0.values().map(Vec::len).sum())
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else { return false };
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        if rest[at..].starts_with(needle) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

/// A secret's end as text, in hexadecimal, in base64 at every offset, and as percent codes.
fn forms(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
    let tail = &secret.as_bytes()[secret.len().saturating_sub(TAIL)..];
    let percent: String = tail.iter().map(|byte| format!("%{byte:02X}")).collect();
    let mut forms = vec![
        ("text", tail.to_vec()),
        ("hex", hex::encode(tail).into_bytes()),
        ("HEX", hex::encode_upper(tail).into_bytes()),
        ("percent", percent.to_lowercase().into_bytes()),
        ("percent", percent.into_bytes()),
    ];
    for before in 0..3 {
        let mut bytes = vec![0; before];
        bytes.extend_from_slice(tail);
        bytes.truncate(bytes.len() / 3 * 3);
        // The first characters have bits of what stands before.
        let skip = [0, 2, 3][before];
        forms.push(("base64", STANDARD_NO_PAD.encode(&bytes).into_bytes()[skip..].to_vec()));
        forms.push(("base64url", URL_SAFE_NO_PAD.encode(&bytes).into_bytes()[skip..].to_vec()));
    }
    forms
}

#[test]
fn a_secret_is_found_in_every_form_at_every_offset() {
    let secret = "sk_test_51H8Zk2eZvKYlo2C0";
    for before in ["", "a", "ab", "abc", "abcd"] {
        let text = format!("{before}{secret} and more");
        let percent: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
        for written in [
            text.clone(),
            hex::encode(&text),
            hex::encode_upper(&text),
            STANDARD_NO_PAD.encode(&text),
            URL_SAFE_NO_PAD.encode(&text),
            percent,
        ] {
            let mut places = Places::default();
            places.add("here", written.as_bytes());
            assert!(!places.of(secret).is_empty(), "{written}");
            assert!(places.of("sk_test_51H8Zk2eZvKXlo2C0").is_empty(), "{written}");
        }
    }
}
