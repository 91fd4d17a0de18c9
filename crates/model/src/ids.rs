//! Typed ids.
//!
//! Ours are strict: a prefix, then a UUIDv7 in 32 hex digits, built by parsing or
//! from a clock and a source of randomness. Stripe's are kept as text and their
//! prefixes are never checked, because Stripe changes them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use uuid::Uuid;

use crate::{Clock, Rng};

/// Text that is not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id of this kind: expected `{prefix}` and 32 hexadecimal digits")]
pub struct IdError {
    /// The prefix the id should have had.
    pub prefix: &'static str,
    /// What was given, cut at 64 characters.
    pub text: String,
}

/// A UUIDv7 from the given clock and randomness. Its twelve bits after the
/// milliseconds count (RFC 9562, 6.2, method 1), so that a list in the order of
/// ids is in the order of making even within one millisecond.
fn uuid_v7(clock: &dyn Clock, rng: &dyn Rng) -> Uuid {
    let millis = u64::try_from(clock.now().as_millisecond()).unwrap_or(0);
    let place = rng.place(millis << COUNTER_BITS);
    let mut bytes = [0; 10];
    rng.fill(&mut bytes);
    let [.., high, low] = (place & COUNTER_MASK).to_be_bytes();
    (bytes[0], bytes[1]) = (high, low);
    uuid::Builder::from_unix_timestamp_millis(place >> COUNTER_BITS, &bytes).into_uuid()
}

const COUNTER_BITS: u32 = 12;
const COUNTER_MASK: u64 = (1 << COUNTER_BITS) - 1;

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What the text form begins with.
            pub const PREFIX: &'static str = $prefix;

            /// A new id; ids made later sort later.
            pub fn new(clock: &dyn Clock, rng: &dyn Rng) -> Self {
                Self(uuid_v7(clock, rng))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix($prefix)
                    .filter(|rest| rest.len() == 32 && rest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
                    .and_then(|rest| Uuid::try_parse(rest).ok())
                    .map(Self)
                    .ok_or_else(|| IdError { prefix: $prefix, text: text.chars().take(64).collect() })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(D::Error::custom)
            }
        }
    };
}

typed_id!(/// Who owns data: every row belongs to one company.
    CompanyId, "co_");
typed_id!(/// A workflow, in all its versions.
    WorkflowId, "wf_");
typed_id!(/// One execution of a workflow.
    RunId, "run_");
typed_id!(/// Our authorized link to a Stripe account.
    ConnectionId, "conn_");
typed_id!(/// Our record of one Stripe event, once.
    ReceiptId, "rcpt_");
typed_id!(/// One use of an action, with its outcome.
    CallId, "call_");
typed_id!(/// An API key of ours.
    KeyId, "key_");
typed_id!(/// One entry of the audit log.
    AuditId, "aud_");
typed_id!(/// Stripe's webhook endpoint that points at us.
    SourceId, "src_");

macro_rules! stripe_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id as Stripe writes it; any text is taken.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The id as Stripe writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

stripe_id!(/// A Stripe account, `acct_…`.
    AccountId);
stripe_id!(/// A Stripe event, `evt_…`.
    EventId);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ManualClock, SeededRng};

    #[test]
    fn an_id_reads_back_what_it_wrote() {
        let id = RunId::new(&ManualClock::at_second(1_700_000_000), &SeededRng::new(1));
        assert_eq!(id.to_string().parse::<RunId>().unwrap(), id);
        assert!(id.to_string().starts_with("run_"));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let id = RunId::new(&ManualClock::at_second(1_700_000_000), &SeededRng::new(1)).to_string();
        assert!(id.parse::<WorkflowId>().is_err());
        assert!("run_".parse::<RunId>().is_err());
        assert!("run_zz".parse::<RunId>().is_err());
        assert!(id.to_uppercase().parse::<RunId>().is_err());
    }

    #[test]
    fn later_ids_sort_later() {
        let (clock, rng) = (ManualClock::at_second(1_700_000_000), SeededRng::new(7));
        let first = CallId::new(&clock, &rng);
        clock.advance_ms(2);
        assert!(CallId::new(&clock, &rng) > first);
    }

    #[test]
    fn ids_of_one_millisecond_sort_as_they_were_made() {
        let (clock, rng) = (ManualClock::at_second(1_700_000_000), SeededRng::new(7));
        let ids: Vec<_> = (0..10_000).map(|_| AuditId::new(&clock, &rng)).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_clock_set_back_a_little_keeps_the_order_and_one_set_back_far_begins_again() {
        let (rng, early) = (SeededRng::new(7), ManualClock::at_second(1_700_000_000));
        let at = |second| RunId::new(&ManualClock::at_second(second), &rng);
        let later = at(1_700_000_009);
        assert!(RunId::new(&early, &rng) > later);
        at(1_700_000_100);
        assert!(RunId::new(&early, &rng) < later);
    }
}
