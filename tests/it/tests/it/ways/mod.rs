//! Every way of connecting, from the surface to Stripe and back: one world with a
//! sandbox, a stand-in for Nango in front of it, and an application between them.
//! HTTP is between all three; only calls of Stripe's API go without a socket, so that
//! their bytes can be held against each other.

mod actions;
mod nango;
mod permissions;
mod versions;
mod world;

pub(crate) use world::{How, World};
