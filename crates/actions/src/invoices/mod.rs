//! Actions on invoices.
