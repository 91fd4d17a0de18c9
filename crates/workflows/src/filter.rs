//! Filters: conditions on a payload, the same for triggers and waits.

/// A checked filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    // the helper's
}
