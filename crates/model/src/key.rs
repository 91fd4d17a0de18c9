//! The idempotency key of a write.

use std::fmt;

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

use crate::{Cause, CompanyId, Origin, StepPath};

/// The key under which a write goes to Stripe, derived and never random: whoever
/// asks for the same thing asks with the same key, after a crash and after a
/// restored backup too.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdempotencyKey(String);

/// Raised only when what goes into a key changes.
const FORMAT: u8 = 1;

impl IdempotencyKey {
    /// H(format version, company, origin, step path, generation), each part
    /// preceded by its length so that no two inputs run together. 40 hex digits
    /// after `bursar_`; Stripe allows 255 characters.
    ///
    /// The generation rises only by a recorded decision, and only after an outcome
    /// that is known to have had no effect.
    pub fn derive(company: &CompanyId, origin: &Origin, path: &StepPath, generation: u32) -> Self {
        let mut hash = digest::Context::new(&digest::SHA256);
        let mut part = |bytes: &[u8]| {
            hash.update(&(bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        part(&[FORMAT]);
        part(company.to_string().as_bytes());
        match origin {
            Origin::Run { workflow, cause } => {
                part(b"run");
                part(workflow.as_str().as_bytes());
                cause_parts(cause, &mut part);
            }
            Origin::Call { action, key } => {
                part(b"call");
                part(action.as_bytes());
                part(key.as_str().as_bytes());
            }
        }
        part(path.as_str().as_bytes());
        part(&generation.to_be_bytes());
        Self(format!("bursar_{}", hex::encode(&hash.finish().as_ref()[..20])))
    }

    /// A key that is already known, such as one read from the database.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The key as it travels.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The parts of a cause, outermost first.
fn cause_parts(cause: &Cause, part: &mut impl FnMut(&[u8])) {
    match cause {
        Cause::Event(id) => {
            part(b"event");
            part(id.as_str().as_bytes());
        }
        Cause::Caller(key) => {
            part(b"caller");
            part(key.as_str().as_bytes());
        }
        Cause::Tick(at) => {
            part(b"tick");
            part(&at.as_microsecond().to_be_bytes());
        }
        Cause::Again { of, nth } => {
            part(b"again");
            part(&nth.to_be_bytes());
            cause_parts(of, part);
        }
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CallerKey, EventId, WorkflowKey};

    fn company() -> CompanyId {
        "co_01890000000070008000000000000001".parse().unwrap()
    }

    fn run(cause: Cause) -> Origin {
        Origin::Run { workflow: WorkflowKey::parse("invoice-and-payment").unwrap(), cause }
    }

    #[test]
    fn the_key_of_a_step_is_the_same_in_every_release() {
        let origin = run(Cause::Event(EventId::new("evt_1")));
        let key = IdempotencyKey::derive(&company(), &origin, &StepPath::parse("finalize").unwrap(), 0);
        // A change here would make a restored or upgraded database write twice.
        assert_eq!(key.as_str(), "bursar_1f66fb3a73872504ab07db835809bd16ca63c4d7");
    }

    #[test]
    fn every_part_changes_the_key() {
        let path = |p: &str| StepPath::parse(p).unwrap();
        let caller = |k: &str| Cause::Caller(CallerKey::parse(k).unwrap());
        let call = |a: &str, k: &str| Origin::Call { action: a.into(), key: CallerKey::parse(k).unwrap() };
        let keys = [
            (run(caller("a")), path("x"), 0),
            (run(caller("b")), path("x"), 0),
            (run(caller("a")), path("y"), 0),
            (run(caller("a")), path("x"), 1),
            (run(Cause::Event(EventId::new("a"))), path("x"), 0),
            (run(Cause::Again { of: Box::new(caller("a")), nth: 1 }), path("x"), 0),
            (run(Cause::Again { of: Box::new(caller("a")), nth: 2 }), path("x"), 0),
            (call("ab", "c"), path("x"), 0),
            (call("a", "bc"), path("x"), 0),
        ]
        .map(|(o, p, g)| IdempotencyKey::derive(&company(), &o, &p, g));
        for (i, key) in keys.iter().enumerate() {
            assert!(!keys[..i].contains(key), "key {i} repeats an earlier one");
        }
    }
}
