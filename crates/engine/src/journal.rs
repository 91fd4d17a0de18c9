//! What a journal row holds.
