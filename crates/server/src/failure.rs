//! Failures as HTTP answers.
//!
//! A handler refuses with a [`Refused`]; the body is written in one place, `finish`,
//! which alone knows the request's id.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use model::{Code, Failure, Retry};
use store::{CommitError, ReadError};

/// A request that was refused. Boxed, because it travels in every `Result`.
#[derive(Debug)]
pub struct Refused {
    failure: Box<Failure>,
    status: StatusCode,
}

impl Refused {
    /// Another status than the code's own, where HTTP has a more exact one.
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The failure itself.
    pub(crate) fn into_failure(self) -> Failure {
        *self.failure
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self { status: status(failure.code), failure: Box::new(failure) }
    }
}

impl From<ReadError> for Refused {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable(why) => unavailable(format!(
                "The database cannot be read ({why}). Nothing was changed, here or at Stripe. Try again soon."
            )),
            ReadError::Damaged { table, id } => Failure::new(
                Code::InternalError,
                format!(
                    "A row of {table} is damaged ({id}) and is not shown. Nothing was changed, here or at \
                     Stripe. Restore it from a backup, and run `bursar doctor`."
                ),
            ),
        }
        .into()
    }
}

impl From<CommitError> for Refused {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused { why, .. } => Failure::new(
                Code::Conflict,
                format!("The change does not fit what is stored: {why}. Nothing was changed. Read it again first."),
            ),
            CommitError::Fenced => unavailable(
                "Another process has taken over this database. Nothing was changed. Ask that one.".to_owned(),
            ),
            CommitError::Full(why) => unavailable(format!(
                "The database cannot be written ({why}). Nothing was changed. Free space or make it writable, \
                 then repeat the request."
            )),
            CommitError::Unavailable(why) => unavailable(format!(
                "The database failed ({why}), and whether the change was stored is unknown. Repeating the same \
                 request is safe."
            )),
        }
        .into()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Reason(self.failure));
        response
    }
}

/// Why a request was refused, on its way to where the body is written.
#[derive(Clone)]
pub(crate) struct Reason(pub(crate) Box<Failure>);

fn unavailable(message: String) -> Failure {
    Failure::new(Code::StoreUnavailable, message).retry(Retry::After { after_ms: 1_000 })
}

/// There is no such thing, or it is another company's: the two look the same.
pub(crate) fn not_found(what: &str, id: &str) -> Refused {
    let id: String = id.chars().take(64).collect();
    Failure::new(
        Code::NotFound,
        format!("There is no {what} `{id}` here. Nothing was changed. List what there is first."),
    )
    .into()
}

/// The HTTP status of a code. Total: a new code has to choose.
pub(crate) fn status(code: Code) -> StatusCode {
    match code {
        Code::ValidationError
        | Code::IdempotencyKeyRequired
        | Code::InvalidSignature
        | Code::TemplateError
        | Code::InvalidRequestError => StatusCode::BAD_REQUEST,
        Code::Unauthorized => StatusCode::UNAUTHORIZED,
        Code::CardDeclined | Code::AuthenticationRequired => StatusCode::PAYMENT_REQUIRED,
        Code::Forbidden | Code::PolicyDenied => StatusCode::FORBIDDEN,
        Code::NotFound | Code::ResourceMissing => StatusCode::NOT_FOUND,
        Code::Conflict
        | Code::IdempotencyError
        | Code::WorkflowNotActive
        | Code::ConnectionRequired
        | Code::ApprovalPending
        | Code::Parked => StatusCode::CONFLICT,
        Code::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::WorkflowFailed => StatusCode::UNPROCESSABLE_ENTITY,
        // The caller's own key is fine; the connection's is not. Neither 401 nor 403,
        // which would make a client discard the key that it holds.
        Code::ConnectionExpired | Code::AuthenticationError | Code::PermissionError => {
            StatusCode::FAILED_DEPENDENCY
        }
        Code::RateLimited | Code::RateLimitError | Code::LockTimeout => StatusCode::TOO_MANY_REQUESTS,
        Code::FolderInUse | Code::PortInUse | Code::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
        Code::ConnectionUnreachable | Code::OutcomeUnknown | Code::ApiError => StatusCode::BAD_GATEWAY,
        Code::Held | Code::StoreUnavailable | Code::VaultKeyMissing => StatusCode::SERVICE_UNAVAILABLE,
        Code::Timeout => StatusCode::GATEWAY_TIMEOUT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_an_error_status() {
        for code in Code::ALL {
            let status = status(*code);
            assert!(status.is_client_error() || status.is_server_error(), "{code} is {status}");
        }
    }

    #[test]
    fn only_our_own_key_gives_401() {
        let unauthorized: Vec<_> =
            Code::ALL.iter().filter(|code| status(**code) == StatusCode::UNAUTHORIZED).collect();
        assert_eq!(unauthorized, [&Code::Unauthorized]);
    }
}
