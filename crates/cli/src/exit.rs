//! Exit codes, documented in `docs/cli.md`.

use model::{Code, Failure};

/// How the command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// What was asked for failed; nothing is half done.
    Failed = 1,
    /// The input or the command line is wrong; nothing was sent.
    Usage = 2,
    /// There is no such thing.
    NotFound = 3,
    /// It cannot be told yet whether it happened; the same key finds out.
    Unknown = 4,
    /// Bursar or Stripe cannot be reached at present; trying again is safe.
    Unavailable = 5,
    /// Not allowed.
    Forbidden = 6,
}

impl Exit {
    /// The exit code of a failure.
    pub(crate) fn of(failure: &Failure) -> Self {
        match failure.code {
            Code::ValidationError
            | Code::IdempotencyKeyRequired
            | Code::InvalidRequestError
            | Code::TemplateError
            | Code::PayloadTooLarge => Self::Usage,
            Code::NotFound | Code::ResourceMissing => Self::NotFound,
            Code::OutcomeUnknown | Code::Parked => Self::Unknown,
            Code::StoreUnavailable
            | Code::ConnectionUnreachable
            | Code::RateLimited
            | Code::RateLimitError
            | Code::LockTimeout
            | Code::Timeout
            | Code::ApiError
            | Code::Held => Self::Unavailable,
            Code::Unauthorized
            | Code::Forbidden
            | Code::AuthenticationError
            | Code::PermissionError
            | Code::PolicyDenied => Self::Forbidden,
            _ => Self::Failed,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
