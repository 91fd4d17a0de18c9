//! Failures as HTTP answers.
