//! Query parameters, as strict as bodies.

use axum::extract::FromRequestParts;
use http::{Uri, request::Parts};
use model::{Code, Failure};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{
    names::{fields_of, listed, nearest},
    word::{self, Wrong},
};
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
    let pairs = pairs(uri)?;
    let mut seen: Vec<&str> = Vec::new();
    for (name, _) in &pairs {
        if !known.contains(&name.as_str()) {
            return Err(unknown(name, known));
        }
        if seen.contains(&name.as_str()) {
            let message = format!(
                "The query has `{name}` more than once. Nothing was done. Send the request again with one of them."
            );
            return Err(refused(&message).at(name).into());
        }
        seen.push(name);
    }
    word::read(pairs).map_err(wrong)
}

fn pairs(uri: &Uri) -> Result<Vec<(String, String)>, Refused> {
    axum::extract::Query::try_from_uri(uri).map(|axum::extract::Query(read)| read).map_err(|_| {
        refused(
            "The query cannot be read. Nothing was done. Write it as `name=value&name=value`, percent-encoded.",
        )
        .into()
    })
}

/// A value that its parameter does not take.
fn wrong(wrong: Wrong) -> Refused {
    let Wrong { name, what, allowed, nearest } = wrong;
    let subject =
        name.as_ref().map_or_else(|| "The query".to_owned(), |name| format!("`{name}` in the query"));
    let guess = nearest.map_or_else(|| ".".to_owned(), |near| format!("; did you mean `{near}`?"));
    let message = format!("{subject} {what}{guess} Nothing was done. Correct it and send the request again.");
    let mut failure = refused(&message);
    if let Some(name) = name {
        failure = failure.at(name);
    }
    if !allowed.is_empty() {
        failure = failure.with_details(json!({ "nearest": nearest, "allowed": allowed }));
    }
    failure.into()
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
        assert!(read("limit=%FF").is_err());
    }

    #[test]
    fn a_wrong_value_names_its_parameter_and_what_it_takes() {
        let failure = read("limit=many").unwrap_err();
        assert_eq!(failure.field.as_deref(), Some("limit"));
        assert_eq!(
            failure.message,
            "`limit` in the query has to be a whole number from 0 to 4294967295, and `many` is none. Nothing was \
             done. Correct it and send the request again."
        );
        let failure = read("status=complete").unwrap_err();
        assert_eq!(failure.field.as_deref(), Some("status"));
        let said = "`status` in the query cannot be `complete`: it takes `pending`, ";
        assert!(failure.message.starts_with(said), "{failure}");
        assert!(failure.message.contains("; did you mean `completed`? Nothing was done."), "{failure}");
        let details = failure.details.unwrap();
        assert_eq!(details["nearest"], "completed");
        assert!(details["allowed"].as_array().unwrap().contains(&json!("timed_out")));
    }
}
