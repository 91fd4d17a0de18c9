//! Query parameters, as strict as bodies.

use axum::extract::FromRequestParts;
use http::{Uri, request::Parts};
use model::{Code, Failure};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::names::{fields_of, listed, nearest};
use crate::failure::Refused;

/// Exactly the parameters of `T`, each at most once.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        Self::read(&parts.uri)
    }
}

impl<T: DeserializeOwned> Query<T> {
    /// The query of this address.
    pub(crate) fn read(uri: &Uri) -> Result<Self, Refused> {
        parse(uri).map(Self)
    }
}

fn parse<T: DeserializeOwned>(uri: &Uri) -> Result<T, Refused> {
    let known = fields_of::<T>();
    let mut seen: Vec<String> = Vec::new();
    for (name, _) in raw::<Vec<(String, String)>>(uri)? {
        if !known.contains(&name.as_str()) {
            return Err(unknown(&name, known));
        }
        if seen.contains(&name) {
            return Err(refused(&format!("The query has `{name}` more than once. Nothing was done."))
                .at(name)
                .into());
        }
        seen.push(name);
    }
    raw(uri)
}

fn raw<T: DeserializeOwned>(uri: &Uri) -> Result<T, Refused> {
    axum::extract::Query::try_from_uri(uri).map(|axum::extract::Query(read)| read).map_err(|rejection| {
        refused(&format!("The query cannot be used: {}. Nothing was done.", rejection.body_text())).into()
    })
}

fn unknown(given: &str, known: &[&'static str]) -> Refused {
    let given: String = given.chars().take(64).collect();
    let near = nearest(&given, known);
    let advice = match near {
        Some(near) => format!("Did you mean `{near}`?"),
        None if known.is_empty() => "This request takes none.".to_owned(),
        None => format!("There are {}.", listed(known)),
    };
    refused(&format!("The query has an unknown parameter `{given}`. Nothing was done. {advice}"))
        .at(given)
        .with_details(json!({ "nearest": near, "allowed": known }))
        .into()
}

fn refused(message: &str) -> Failure {
    Failure::new(Code::ValidationError, message)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Example {
        status: Option<model::RunStatus>,
        limit: Option<u32>,
    }

    fn read(query: &str) -> Result<Example, Failure> {
        parse(&format!("/runs?{query}").parse().unwrap()).map_err(Refused::into_failure)
    }

    #[test]
    fn parameters_are_typed_known_and_single() {
        let good = read("status=timed_out&limit=5").unwrap();
        assert_eq!((good.status, good.limit), (Some(model::RunStatus::TimedOut), Some(5)));
        assert!(read("state=x").unwrap_err().message.contains("Did you mean `status`?"));
        assert!(read("limit=5&limit=6").unwrap_err().message.contains("more than once"));
        assert!(read("status=paid").unwrap_err().message.contains("status"));
        assert!(read("limit=many").unwrap_err().message.contains("limit"));
        assert!(read("limit=%FF").is_err());
    }
}
