//! The output of a step that gave none.
//!
//! Strict undefined fails on `steps.x.output.id` already when there is no output, and
//! neither `default` nor `is defined` behind it would ever be asked. An absent value
//! has nothing inside, counts as undefined to both, and is refused as a result.

use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value};

/// See above.
#[derive(Debug)]
pub(super) struct Absent;

impl Absent {
    pub fn value() -> Value {
        Value::from_object(Self)
    }
}

impl Object for Absent {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }
}

/// Whether a value is neither undefined nor absent.
pub(super) fn is_there(value: &Value) -> bool {
    !value.is_undefined() && value.downcast_object_ref::<Absent>().is_none()
}
