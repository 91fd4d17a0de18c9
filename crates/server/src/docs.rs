//! `GET /docs/errors/{code}`: the page of an error code, as every failure links it.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use model::Code;

use crate::{
    failure::{Refused, not_found},
    page::{self, Page},
    request::Id,
};

macro_rules! pages {
    ($($code:ident = $file:literal,)+) => {
        /// The page of a code, from `docs/errors/`. A code without a page does not compile.
        pub fn text(code: Code) -> &'static str {
            match code {
                $(Code::$code => {
                    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors/", $file, ".md"))
                })+
            }
        }
    };
}

pages! {
    ValidationError = "validation_error",
    IdempotencyKeyRequired = "idempotency_key_required",
    Unauthorized = "unauthorized",
    Forbidden = "forbidden",
    NotFound = "not_found",
    Conflict = "conflict",
    InvalidSignature = "invalid_signature",
    WorkflowNotActive = "workflow_not_active",
    WorkflowFailed = "workflow_failed",
    TemplateError = "template_error",
    PayloadTooLarge = "payload_too_large",
    RateLimited = "rate_limited",
    Timeout = "timeout",
    ConnectionRequired = "connection_required",
    ConnectionExpired = "connection_expired",
    ConnectionUnreachable = "connection_unreachable",
    PolicyDenied = "policy_denied",
    ApprovalPending = "approval_pending",
    OutcomeUnknown = "outcome_unknown",
    Parked = "parked",
    Held = "held",
    StoreUnavailable = "store_unavailable",
    FolderInUse = "folder_in_use",
    PortInUse = "port_in_use",
    VaultKeyMissing = "vault_key_missing",
    InternalError = "internal_error",
    CardDeclined = "card_declined",
    AuthenticationRequired = "authentication_required",
    InvalidRequestError = "invalid_request_error",
    ResourceMissing = "resource_missing",
    IdempotencyError = "idempotency_error",
    RateLimitError = "rate_limit_error",
    LockTimeout = "lock_timeout",
    AuthenticationError = "authentication_error",
    PermissionError = "permission_error",
    ApiError = "api_error",
}

/// The page, as HTML for browsers and as Markdown for everybody else.
pub(crate) async fn error(id: Id, headers: HeaderMap) -> Result<Response, Refused> {
    let code = Code::ALL.iter().find(|code| code.as_str() == id.0);
    let code = code.ok_or_else(|| not_found("error code", &id.0))?;
    let text = text(*code);
    Ok(if page::is_wanted(&headers) {
        html(*code, text)
    } else {
        ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], text).into_response()
    })
}

/// The Markdown below its title as it is, which reads well.
fn html(code: Code, text: &str) -> Response {
    let below = text.split_once('\n').map_or(text, |(_, below)| below);
    let main = format!("<h1><code>{code}</code></h1><pre>{}</pre>", page::escaped(below.trim_start()));
    Page { root: "../..", title: code.as_str(), wide: true, main: &main }.answer(StatusCode::OK)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::failure::status;

    #[test]
    fn every_code_has_a_page_that_says_what_it_should() {
        for code in Code::ALL {
            let text = text(*code);
            let line = format!("# `{code}`");
            assert_eq!(text.lines().next(), Some(line.as_str()), "{code}: the title");
            for section in ["## What happened", "## What changed", "## What to do", "## Example"] {
                assert!(text.contains(section), "{code}: no section {section}");
            }
            let said = format!("HTTP status {}", status(*code).as_u16());
            assert!(text.contains(&said), "{code}: the page does not say `{said}`");
        }
    }

    #[test]
    fn every_example_is_the_body_of_its_code() {
        for code in Code::ALL {
            let text = text(*code);
            let example = text.split("```json\n").nth(1).and_then(|rest| rest.split("```").next());
            let body: Value =
                serde_json::from_str(example.unwrap()).unwrap_or_else(|e| panic!("{code}: {e}"));
            let failure: model::Failure = serde_json::from_value(body["error"].clone())
                .unwrap_or_else(|e| panic!("{code}: not a failure: {e}"));
            assert_eq!(failure.code, *code);
            assert_eq!(body["success"], json!(false));
            let docs = json!(format!("/docs/errors/{code}"));
            assert_eq!(body["error"]["docs"], docs, "{code}");
            assert!(body["error"]["requestId"].is_string(), "{code}");
        }
    }
}
