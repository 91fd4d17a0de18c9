//! The words of a test: fail the next payment, let days pass, look at what arrived.

use std::time::Duration;

use serde_json::Value;

use crate::{Sandbox, Settings, control, state::Snapshot, value, wire::Refusal};

/// So many days, for [`Sandbox::advance`].
pub const fn days(days: u64) -> Duration {
    Duration::from_secs(days * 86_400)
}

/// So many hours, for [`Sandbox::advance`].
pub const fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3600)
}

/// Events that an endpoint has answered with a 2xx, oldest first.
#[derive(Debug, Clone)]
pub struct Delivered {
    kind: String,
    events: Vec<Value>,
}

impl Delivered {
    /// The only one.
    ///
    /// # Panics
    /// When there is none, or more than one.
    pub fn one(self) -> Value {
        let (count, kind) = (self.events.len(), self.kind);
        let mut events = self.events.into_iter();
        match (events.next(), count) {
            (Some(event), 1) => event,
            _ => panic!("{count} events `{kind}` were delivered, not one"),
        }
    }

    /// All of them.
    pub fn all(self) -> Vec<Value> {
        self.events
    }
}

impl Sandbox {
    /// Lets the next attempt to charge a card be refused with this code: `card_declined`,
    /// `insufficient_funds`, `expired_card` and the like. Calls add up.
    ///
    /// # Panics
    /// When no card is refused with such a code: a mistake of a test.
    pub fn fail_next_payment(&self, code: &str) {
        if let Err(refused) = control::fail_payments(&self.inner.shared, code, 1) {
            panic!("{}", refused.error.get("message").and_then(Value::as_str).unwrap_or("it was refused"));
        }
    }

    /// Moves the clock forward (as far as [`Sandbox::advance_ms`] does), lets everything due happen, and returns when each delivery
    /// of it has been answered. One that failed is tried again later, and is not waited for.
    pub async fn advance(&self, by: Duration) {
        self.advance_ms(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)).await;
        while self.inner.shared.listening().is_some() && !self.inner.shared.stop.is_cancelled() {
            let now_ms = self.inner.shared.clock.now_ms();
            if self.inner.shared.core().state.deliveries.rests(now_ms) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The events of this type that an endpoint has taken.
    pub fn delivered(&self, kind: &str) -> Delivered {
        let taken = self.inner.shared.core().state.deliveries.taken();
        let events = self
            .events()
            .into_iter()
            .filter(|event| value::text(event, "type") == Some(kind) && taken.contains(value::id(event)));
        Delivered { kind: kind.to_owned(), events: events.collect() }
    }

    /// Sets how events arrive and what becomes of refused payments.
    ///
    /// # Errors
    /// Stripe's error body, when they make no sense.
    pub async fn set(&self, settings: Settings) -> Result<(), Value> {
        control::set(&self.inner.shared, settings).await.map_err(Refusal::body)
    }

    /// Everything that there is, to go back to.
    pub fn snapshot(&self) -> Snapshot {
        control::snapshot(&self.inner.shared)
    }

    /// Goes back to a snapshot. Ids go on, and endpoints that came since stay.
    ///
    /// # Errors
    /// Stripe's error body, when it is of accounts that this sandbox never had.
    pub async fn restore(&self, snapshot: Snapshot) -> Result<(), Value> {
        control::restore(&self.inner.shared, snapshot).await.map(drop).map_err(Refusal::body)
    }
}
