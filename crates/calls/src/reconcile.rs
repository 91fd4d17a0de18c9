//! Finding out what became of a write.
