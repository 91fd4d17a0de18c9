//! Faults on command: the next N matching write requests meet one.

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// The request executes and commits, then the connection drops without an answer.
    LostAnswer,
    /// The connection is reset before anything executes.
    Reset,
    /// The operation fails while executing: nothing is changed, and the 500 is kept
    /// under the key and replayed, as Stripe does. Without a key nothing is kept.
    #[serde(rename = "stored_500")]
    Stored500,
    /// The operation executes and commits, but the answer that is kept and replayed
    /// is a 500: what happened can only be learned by looking.
    #[serde(rename = "stored_500_after_commit")]
    Stored500AfterCommit,
    /// 429 before anything executes; the reason is one of Stripe's, such as
    /// `global-rate` or `endpoint-concurrency`.
    #[serde(rename = "429")]
    RateLimited {
        /// Sent as `Stripe-Rate-Limited-Reason`.
        #[serde(default = "global_rate")]
        reason: String,
    },
    /// 429 `lock_timeout` before anything executes, without a reason header.
    LockTimeout,
    /// 409 `idempotency_key_in_use` before anything executes.
    #[serde(rename = "409")]
    Conflict409,
    /// The request holds its key and waits this long before it executes.
    Slow {
        /// Milliseconds.
        ms: u64,
    },
}

fn global_rate() -> String {
    "global-rate".to_owned()
}

impl Fault {
    /// The name that the control API and the journal use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::LostAnswer => "lost_answer",
            Self::Reset => "reset",
            Self::Stored500 => "stored_500",
            Self::Stored500AfterCommit => "stored_500_after_commit",
            Self::RateLimited { .. } => "429",
            Self::LockTimeout => "lock_timeout",
            Self::Conflict409 => "409",
            Self::Slow { .. } => "slow",
        }
    }
}

/// A fault that waits for its requests.
#[derive(Debug, Clone)]
pub(crate) struct Armed {
    pub(crate) fault: Fault,
    pub(crate) left: u32,
    /// Only this verb; without one every POST and DELETE.
    pub(crate) method: Option<String>,
    /// Only this path; a `*` stands for any text.
    pub(crate) path: Option<String>,
}

impl Armed {
    fn matches(&self, method: &str, path: &str) -> bool {
        let verb = self.method.as_deref().map_or(method != "GET", |m| m.eq_ignore_ascii_case(method));
        self.left > 0 && verb && self.path.as_deref().is_none_or(|pattern| like(pattern, path))
    }
}

/// Takes the first fault that matches and uses it up by one.
pub(crate) fn take(armed: &mut Vec<Armed>, method: &str, path: &str) -> Option<Fault> {
    let found = armed.iter_mut().find(|a| a.matches(method, path))?;
    found.left -= 1;
    let fault = found.fault.clone();
    armed.retain(|a| a.left > 0);
    Some(fault)
}

/// Whether a path fits a pattern in which `*` stands for any text.
fn like(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((head, rest)) => path.strip_prefix(head).is_some_and(|tail| {
            (0..=tail.len()).filter(|i| tail.is_char_boundary(*i)).any(|i| like(rest, &tail[i..]))
        }),
    }
}
