//! `cargo xtask generate`: what is committed and made from something else.

mod docs;
mod stripe;

pub(crate) use docs::docs;
pub(crate) use stripe::stripe;
