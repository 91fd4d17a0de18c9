//! Exit codes, documented in `docs/cli.md`.

use model::{Code, Failure, Retry};

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
    /// The exit code of a failure. Total: a new code has to choose.
    pub(crate) fn of(failure: &Failure) -> Self {
        match failure.code {
            Code::ValidationError
            | Code::IdempotencyKeyRequired
            | Code::InvalidRequestError
            | Code::TemplateError
            | Code::PayloadTooLarge => Self::Usage,
            Code::NotFound | Code::ResourceMissing => Self::NotFound,
            Code::OutcomeUnknown | Code::Parked => Self::Unknown,
            // Stripe keeps its failure under the key: trying again with it is no use.
            Code::ApiError if failure.retry == Retry::Never => Self::Failed,
            // A record that cannot be read, or a defect in the middle of a write.
            Code::InternalError if failure.retry != Retry::Never => Self::Unknown,
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
            Code::Conflict
            | Code::InvalidSignature
            | Code::WorkflowNotActive
            | Code::WorkflowFailed
            | Code::ConnectionRequired
            | Code::ConnectionExpired
            | Code::ApprovalPending
            | Code::FolderInUse
            | Code::PortInUse
            | Code::VaultKeyMissing
            | Code::InternalError
            | Code::CardDeclined
            | Code::AuthenticationRequired
            | Code::IdempotencyError => Self::Failed,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The exit codes at which docs/cli.md lists an error code.
    fn documented(code: Code) -> Vec<u8> {
        let text = include_str!("../../../docs/cli.md");
        let named = format!("`{code}`");
        let rows = text.lines().filter(|line| line.starts_with("| ") && line.contains(&named));
        rows.filter_map(|row| row.split('|').nth(1)?.trim().parse().ok()).collect()
    }

    #[test]
    fn the_page_lists_every_error_code_at_its_exit_codes() {
        for code in Code::ALL {
            let of = |retry| Exit::of(&Failure::new(*code, "").retry(retry)) as u8;
            let kinds = [Retry::Never, Retry::SameKey, Retry::After { after_ms: 1 }, Retry::Ask];
            let mut exits: Vec<u8> = kinds.into_iter().map(of).collect();
            exits.sort_unstable();
            exits.dedup();
            assert_eq!(documented(*code), exits, "{code} in docs/cli.md");
        }
    }
}
