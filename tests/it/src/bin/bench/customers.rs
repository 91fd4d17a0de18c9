//! Requests as an SDK sends them to Stripe: customers made, one by one read, and listed.

use std::{
    io::Write as _,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::load::Requests;

/// A test key that every stand-in takes.
const KEY: &str = "sk_test_0123456789abcdefghijklmnop";

/// Makes customers; no two requests have a key in common, whoever sends them.
#[derive(Default)]
pub(crate) struct Making {
    made: AtomicUsize,
}

impl Making {
    /// How many were written so far.
    pub(crate) fn made(&self) -> usize {
        self.made.load(Ordering::Relaxed)
    }
}

impl Requests for Making {
    fn write(&self, _: usize, path: &str, host: &str, into: &mut Vec<u8>) -> bool {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let body = format!("email=ada%2B{number}%40example.com&name=Ada+Lovelace&metadata[order]={number}");
        into.clear();
        let _ = write!(
            into,
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {KEY}\r\nAccept: application/json\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nIdempotency-Key: bench-{number}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        true
    }

    fn len(&self) -> usize {
        usize::MAX
    }
}

/// Reads paths, one after another and again from the first.
pub(crate) struct Reading(pub(crate) Vec<String>);

impl Requests for Reading {
    fn write(&self, number: usize, _: &str, host: &str, into: &mut Vec<u8>) -> bool {
        let Some(path) = self.0.get(number % self.0.len().max(1)) else { return false };
        into.clear();
        let _ = write!(
            into,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {KEY}\r\nAccept: application/json\r\n\r\n"
        );
        true
    }

    fn len(&self) -> usize {
        usize::MAX
    }
}
