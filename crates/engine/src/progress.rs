//! What happens to runs, as it happens.

use model::{CompanyId, RunId, RunStatus, StepPath, StepStatus, Timestamp};
use serde::Serialize;

/// One change, for streams and for people who watch. Committed before it is told;
/// a listener that is slow loses the oldest and can read the run instead.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Progress {
    /// A step changed.
    Step {
        /// Whose run.
        #[serde(skip)]
        company: CompanyId,
        /// The run.
        run: RunId,
        /// The workflow's key.
        workflow: String,
        /// The step.
        step: StepPath,
        /// Where it stands.
        status: StepStatus,
        /// When.
        at: Timestamp,
        /// Stripe's id of the answer.
        #[serde(skip_serializing_if = "Option::is_none")]
        stripe_request_id: Option<String>,
        /// Why it failed or has to wait.
        #[serde(skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// A run changed.
    Run {
        /// Whose run.
        #[serde(skip)]
        company: CompanyId,
        /// The run.
        run: RunId,
        /// The workflow's key.
        workflow: String,
        /// Where it stands.
        status: RunStatus,
        /// When.
        at: Timestamp,
    },
}
