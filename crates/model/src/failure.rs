//! The one shape of a failure.
//!
//! A failure has two readers. A person reads the message: what happened, what did
//! or did not change at Stripe, what to do. A program reads the closed code and
//! the retry. Every surface shows the same body.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What went wrong, from a closed list; each has a page in `docs/errors/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each code is its own page in docs/errors")]
pub enum Code {
    ValidationError,
    IdempotencyKeyRequired,
    Unauthorized,
    Forbidden,
    NotFound,
    Conflict,
    InvalidSignature,
    WorkflowNotActive,
    WorkflowFailed,
    TemplateError,
    PayloadTooLarge,
    RateLimited,
    Timeout,
    ConnectionRequired,
    ConnectionExpired,
    ConnectionUnreachable,
    PolicyDenied,
    ApprovalPending,
    OutcomeUnknown,
    Parked,
    Held,
    StoreUnavailable,
    FolderInUse,
    PortInUse,
    VaultKeyMissing,
    InternalError,
    // From Stripe, by status, type and code.
    CardDeclined,
    AuthenticationRequired,
    InvalidRequestError,
    ResourceMissing,
    IdempotencyError,
    RateLimitError,
    LockTimeout,
    AuthenticationError,
    PermissionError,
    ApiError,
}

impl Code {
    /// Every code, ours first.
    pub const ALL: &'static [Self] = &[
        Self::ValidationError,
        Self::IdempotencyKeyRequired,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::Conflict,
        Self::InvalidSignature,
        Self::WorkflowNotActive,
        Self::WorkflowFailed,
        Self::TemplateError,
        Self::PayloadTooLarge,
        Self::RateLimited,
        Self::Timeout,
        Self::ConnectionRequired,
        Self::ConnectionExpired,
        Self::ConnectionUnreachable,
        Self::PolicyDenied,
        Self::ApprovalPending,
        Self::OutcomeUnknown,
        Self::Parked,
        Self::Held,
        Self::StoreUnavailable,
        Self::FolderInUse,
        Self::PortInUse,
        Self::VaultKeyMissing,
        Self::InternalError,
        Self::CardDeclined,
        Self::AuthenticationRequired,
        Self::InvalidRequestError,
        Self::ResourceMissing,
        Self::IdempotencyError,
        Self::RateLimitError,
        Self::LockTimeout,
        Self::AuthenticationError,
        Self::PermissionError,
        Self::ApiError,
    ];

    /// The code as written on every surface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ValidationError => "validation_error",
            Self::IdempotencyKeyRequired => "idempotency_key_required",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::InvalidSignature => "invalid_signature",
            Self::WorkflowNotActive => "workflow_not_active",
            Self::WorkflowFailed => "workflow_failed",
            Self::TemplateError => "template_error",
            Self::PayloadTooLarge => "payload_too_large",
            Self::RateLimited => "rate_limited",
            Self::Timeout => "timeout",
            Self::ConnectionRequired => "connection_required",
            Self::ConnectionExpired => "connection_expired",
            Self::ConnectionUnreachable => "connection_unreachable",
            Self::PolicyDenied => "policy_denied",
            Self::ApprovalPending => "approval_pending",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Parked => "parked",
            Self::Held => "held",
            Self::StoreUnavailable => "store_unavailable",
            Self::FolderInUse => "folder_in_use",
            Self::PortInUse => "port_in_use",
            Self::VaultKeyMissing => "vault_key_missing",
            Self::InternalError => "internal_error",
            Self::CardDeclined => "card_declined",
            Self::AuthenticationRequired => "authentication_required",
            Self::InvalidRequestError => "invalid_request_error",
            Self::ResourceMissing => "resource_missing",
            Self::IdempotencyError => "idempotency_error",
            Self::RateLimitError => "rate_limit_error",
            Self::LockTimeout => "lock_timeout",
            Self::AuthenticationError => "authentication_error",
            Self::PermissionError => "permission_error",
            Self::ApiError => "api_error",
        }
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether asking again makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Retry {
    /// The same request will fail again.
    Never,
    /// Safe under the same idempotency key, and only under it.
    SameKey,
    /// Safe after this time.
    After {
        /// Milliseconds to wait.
        #[serde(rename = "afterMs")]
        after_ms: u64,
    },
    /// A person has to decide first.
    Ask,
}

/// A failure, the same on HTTP, CLI, MCP and console.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// From the closed list.
    pub code: Code,
    /// What happened, what did or did not change, what to do.
    pub message: String,
    /// The input field at fault, as a path: `config.items[0].price`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// More, for programs: findings, allowed values, nearest names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
    /// Stripe's own error, its fields unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stripe: Option<Value>,
    /// Whether asking again makes sense.
    pub retry: Retry,
    /// The request that it answered, once that is known: a client has it from the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Failure {
    /// A failure that the same request will meet again.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code,
            message,
            field: None,
            details: None,
            stripe: None,
            retry: Retry::Never,
            request_id: None,
        }
    }

    /// Names the input field at fault.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Adds data for programs.
    #[must_use]
    pub fn with_details(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }

    /// Adds Stripe's own error.
    #[must_use]
    pub fn with_stripe(mut self, error: Value) -> Self {
        self.stripe = Some(error);
        self
    }

    /// Says whether asking again makes sense.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Names the request that it answers.
    #[must_use]
    pub fn answering(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    /// The body of `error` on every surface. Without a request, as on the command line
    /// itself, it has no `requestId`.
    pub fn body(&self) -> Value {
        let mut body = serde_json::to_value(self).unwrap_or_else(|_| json!({ "code": self.code.as_str() }));
        body["docs"] = json!(format!("/docs/errors/{}", self.code));
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_written_as_it_is_listed() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), json!(code.as_str()));
        }
        let mut seen: Vec<_> = Code::ALL.to_vec();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), Code::ALL.len());
    }

    #[test]
    fn the_body_names_retry_and_docs() {
        let failure = Failure::new(Code::LockTimeout, "m").retry(Retry::After { after_ms: 5 });
        assert_eq!(
            failure.clone().answering("req_1").body(),
            json!({"code":"lock_timeout","message":"m","retry":{"kind":"after","afterMs":5},
                   "requestId":"req_1","docs":"/docs/errors/lock_timeout"})
        );
        assert!(failure.body().get("requestId").is_none());
    }
}
