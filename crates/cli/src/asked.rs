//! What can be said of a request that got no whole answer.
//!
//! "Nothing was changed" is true only of a request that never left. One that left may
//! have been done, and a run that was under way on a server goes on without whoever
//! watched it.

use http::Method;
use model::{Code, Failure, Retry};

use crate::door::Sent;

/// A request, as far as its failure has to know it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Whom.
    pub(crate) url: String,
    /// Whether it only asks how things are.
    pub(crate) reads: bool,
    /// Whether it went out under an idempotency key.
    pub(crate) keyed: bool,
}

impl Asked {
    pub(crate) fn of(url: &str, sent: &Sent) -> Self {
        let keyed = sent.headers.contains_key("idempotency-key");
        // Every write to Stripe has a key; an action without one reads.
        let reads = sent.method == Method::GET || (sent.path.starts_with("/api/v1/actions/") && !keyed);
        Self { url: url.to_owned(), reads, keyed }
    }

    /// It never left.
    pub(crate) fn not_sent(&self, why: &str) -> Failure {
        let then = if self.reads {
            "This only asks how things are; what was under way there is on disk and goes on when the server runs again."
        } else {
            "This was not sent, so it changed nothing."
        };
        let text = format!("Bursar cannot be reached at {}: {why}. {then} Is the server running?", self.url);
        Failure::new(Code::ConnectionUnreachable, text).retry(Retry::SameKey)
    }

    /// It left, and its answer did not come, or not whole.
    pub(crate) fn no_answer(&self, why: &str) -> Failure {
        let broke =
            format!("The connection to Bursar at {} broke before the answer was there: {why}.", self.url);
        if self.reads {
            let text = format!(
                "{broke} This only asked how things are; what was under way goes on, at the latest when the server runs \
                 again. Ask again."
            );
            return Failure::new(Code::ConnectionUnreachable, text).retry(Retry::SameKey);
        }
        let (then, retry) = if self.keyed {
            (
                "Repeat the command with the same --key: that finds out, and does nothing twice.",
                Retry::SameKey,
            )
        } else {
            ("Look at what there is before you repeat the command.", Retry::Ask)
        };
        Failure::new(Code::OutcomeUnknown, format!("{broke} Whether it was done is not known here. {then}"))
            .retry(retry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: &Method, keyed: bool) -> Asked {
        let mut headers = http::HeaderMap::new();
        if keyed {
            headers.insert("idempotency-key", http::HeaderValue::from_static("k"));
        }
        let sent =
            Sent { method: method.clone(), path: "/api/v1/workflows".to_owned(), headers, body: Vec::new() };
        Asked::of("http://127.0.0.1:7420", &sent)
    }

    #[test]
    fn only_what_never_left_is_said_to_have_changed_nothing() {
        let failure = asked(&Method::POST, true).not_sent("Connection refused");
        assert!(failure.message.contains("was not sent, so it changed nothing"), "{}", failure.message);
        for keyed in [true, false] {
            let failure = asked(&Method::POST, keyed).no_answer("connection reset");
            assert_eq!(failure.code, Code::OutcomeUnknown);
            assert!(failure.message.contains("not known"), "{}", failure.message);
            assert!(!failure.message.contains("changed nothing"), "{}", failure.message);
            assert_eq!(failure.retry == Retry::SameKey, keyed);
            assert_eq!(failure.message.contains("--key"), keyed);
        }
    }

    #[test]
    fn whoever_only_looks_is_told_that_runs_go_on() {
        let reading = asked(&Method::GET, false);
        for failure in [reading.not_sent("Connection refused"), reading.no_answer("reset")] {
            assert_eq!(failure.code, Code::ConnectionUnreachable);
            assert!(failure.message.contains("goes on"), "{}", failure.message);
            assert!(!failure.message.contains("changed nothing"), "{}", failure.message);
        }
    }
}
