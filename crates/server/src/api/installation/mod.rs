//! `/installation`: what belongs to no company: the sources of a Connect platform or a
//! Stripe App, and events that no company claims. For installation keys only.

pub(crate) mod sources;
pub(crate) mod unclaimed;

use crate::auth::INSTALLATION;

const SCOPES: &[&str] = &[INSTALLATION];
