//! Operations that the tables do not have, one for each verb.
//!
//! Stripe has paths that no SDK declares: betas, and what came after the tables were
//! made. Such a request has an operation too, so that it is sent, stored and read back
//! like any other; it just knows no parameters and no answer. No look-up by name or path
//! finds these three: whoever uses one says so.

use std::sync::OnceLock;

use super::{Operation, Releases, Type};
use crate::Method;

/// Ids that no operation of the tables begins with.
const IDS: [(Method, &str); 3] =
    [(Method::Get, "unlisted.get"), (Method::Post, "unlisted.post"), (Method::Delete, "unlisted.delete")];

/// The operation of a request whose path no table knows. Its own path is empty, its
/// parameters are none, and its answer is anything.
pub fn unlisted(method: Method) -> &'static Operation {
    match method {
        Method::Get => &all()[0],
        Method::Post => &all()[1],
        Method::Delete => &all()[2],
    }
}

/// The unlisted operation of this id.
pub fn unlisted_named(id: &str) -> Option<&'static Operation> {
    all().iter().find(|operation| operation.id == id)
}

impl Operation {
    /// Whether the tables have it.
    pub fn is_listed(&self) -> bool {
        unlisted_named(self.id).is_none()
    }
}

fn all() -> &'static [Operation; 3] {
    static ALL: OnceLock<[Operation; 3]> = OnceLock::new();
    ALL.get_or_init(|| {
        IDS.map(|(method, id)| Operation {
            id,
            method,
            path: "",
            releases: Releases::ALL,
            params: &[],
            response: Type::Any,
            host: None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Version, tables};

    #[test]
    fn there_is_one_for_each_verb_and_no_look_up_finds_it() {
        for (method, id) in IDS {
            let operation = unlisted(method);
            assert_eq!((operation.id, operation.method, operation.is_listed()), (id, method, false));
            assert_eq!(unlisted_named(id), Some(operation));
            assert!(Version::all().all(|version| tables::operation_in(id, version).is_none()));
            assert!(Version::all().all(|version| operation.releases.usable_in(version)));
        }
        assert!(tables::operation_ids().all(|id| tables::operation(id).unwrap().is_listed()));
        assert_eq!(unlisted_named("refunds.create"), None);
    }
}
