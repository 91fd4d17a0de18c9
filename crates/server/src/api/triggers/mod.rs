//! `/triggers`: what can start a workflow.

pub(crate) mod list;
