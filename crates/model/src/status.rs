//! The states of things, as every surface and the database write them.

use serde::{Deserialize, Serialize};

/// A word that names no status of this kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not one of {}", allowed.join(", "))]
pub struct UnknownStatus {
    /// What was given.
    pub given: String,
    /// What could have been given.
    pub allowed: Vec<&'static str>,
}

macro_rules! status {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// Every status, in the order of a life.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word used on every surface.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownStatus;
            fn from_str(text: &str) -> Result<Self, UnknownStatus> {
                Self::ALL.iter().copied().find(|s| s.as_str() == text).ok_or_else(|| UnknownStatus {
                    given: text.chars().take(64).collect(),
                    allowed: Self::ALL.iter().map(|s| s.as_str()).collect(),
                })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

status!(/// The life of a workflow. Only active ones start runs.
WorkflowStatus {
    /// Stored and checked, starts nothing.
    Draft = "draft",
    /// Starts runs.
    Active = "active",
    /// Starts nothing for now.
    Paused = "paused",
    /// Starts nothing any more.
    Archived = "archived",
});

status!(/// The life of a run.
RunStatus {
    /// Stored, not yet begun.
    Pending = "pending",
    /// A step is being performed.
    Running = "running",
    /// Waits for an event or a person.
    Suspended = "suspended",
    /// Makes up for completed steps, last first.
    Compensating = "compensating",
    /// Stopped until a person decides.
    Parked = "parked",
    /// Every step is done.
    Completed = "completed",
    /// A step failed for good.
    Failed = "failed",
    /// Somebody canceled it.
    Canceled = "canceled",
    /// Its time was up.
    TimedOut = "timed_out",
});

impl RunStatus {
    /// Whether nothing more will happen by itself or otherwise.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Canceled | Self::TimedOut)
    }
}

status!(/// The life of a step within a run.
StepStatus {
    /// Not reached.
    Pending = "pending",
    /// Being performed.
    Running = "running",
    /// Waits for an event, a time or a person.
    Suspended = "suspended",
    /// Done.
    Completed = "completed",
    /// Failed for good.
    Failed = "failed",
    /// Left out: its `when` was not true, or its branch was not taken.
    Skipped = "skipped",
    /// Failed and will be tried again.
    Retrying = "retrying",
    /// Stopped until a person decides.
    Parked = "parked",
});

status!(/// The life of a connection.
ConnectionStatus {
    /// Consent has been asked for.
    Pending = "pending",
    /// Usable.
    Active = "active",
    /// The credential has run out.
    Expired = "expired",
    /// The last use failed.
    Error = "error",
    /// Removed here.
    Disconnected = "disconnected",
    /// Removed at Stripe.
    Revoked = "revoked",
});

status!(/// The life of a receipt. `received` is itself the record that it has to be dispatched.
ReceiptStatus {
    /// On disk; not yet looked at.
    Received = "received",
    /// Its runs exist, or its waits were told.
    Dispatched = "dispatched",
    /// Every run that it started has ended.
    Done = "done",
    /// A start failed; it will be tried again.
    Failed = "failed",
    /// Failed six times; a person can replay it.
    Dead = "dead",
    /// Nothing wanted it.
    Ignored = "ignored",
});
