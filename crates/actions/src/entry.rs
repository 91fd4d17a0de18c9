//! What a name of the catalog stands for: an action, or the way to every operation.
//!
//! Surfaces take names, and one name is no action: `stripe.request` performs whichever
//! operation its input names, so its effect and permission are known only once an input
//! is there. Whoever has an input asks for a [`crate::Plan`], which knows both.

use crate::{Action, Effect, request};

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
pub enum Entry {
    /// An action.
    Action(&'static Action),
    /// `stripe.request`.
    Request,
}

impl Entry {
    /// `stripe.createInvoice`, `stripe.request`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Action(action) => action.name,
            Self::Request => request::NAME,
        }
    }

    /// What people read.
    pub fn title(self) -> &'static str {
        match self {
            Self::Action(action) => action.title,
            Self::Request => request::TITLE,
        }
    }

    /// One sentence or two: what it does and what surprises.
    pub fn about(self) -> &'static str {
        match self {
            Self::Action(action) => action.about,
            Self::Request => request::ABOUT,
        }
    }

    /// What repeating does; `None` when only the input tells.
    pub fn effect(self) -> Option<Effect> {
        match self {
            Self::Action(action) => Some(action.effect),
            Self::Request => None,
        }
    }

    /// Whether a surface that lends the catalog to programs that decide by themselves
    /// lends this too, unless told otherwise.
    pub fn is_tool_by_default(self) -> bool {
        matches!(self, Self::Action(_))
    }
}

impl From<&'static Action> for Entry {
    fn from(action: &'static Action) -> Self {
        Self::Action(action)
    }
}
