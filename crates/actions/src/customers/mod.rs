//! Actions on customers.
