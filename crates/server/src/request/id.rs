//! The `{…}` of a path. What does not parse is not found, never a bad request: an id
//! of another kind and an id of another company look the same from outside.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use crate::failure::{Refused, not_found};

/// The last placeholder of the path, as text.
#[derive(Debug)]
pub(crate) struct Id(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(text)) => Ok(Self(text)),
            Err(_) => Err(not_found("thing", parts.uri.path())),
        }
    }
}

/// Both placeholders of a path that has two, as text.
#[derive(Debug)]
pub(crate) struct Ids(pub(crate) Id, pub(crate) Id);

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        match Path::<(String, String)>::from_request_parts(parts, state).await {
            Ok(Path((first, second))) => Ok(Self(Id(first), Id(second))),
            Err(_) => Err(not_found("thing", parts.uri.path())),
        }
    }
}

impl Id {
    /// The typed id, or not found.
    pub(crate) fn parse<T: FromStr>(&self, what: &str) -> Result<T, Refused> {
        self.0.parse().map_err(|_| not_found(what, &self.0))
    }
}
