//! `/vault`: the master key, by its id and never itself. For installation keys only.

pub(crate) mod rotate;
pub(crate) mod show;

use crate::auth::INSTALLATION;

const SCOPES: &[&str] = &[INSTALLATION];
