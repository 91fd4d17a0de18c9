//! What an author writes about an action.

use stripe::{
    Method,
    tables::{self, Operation},
};

/// An action: the static facts of one thing a caller can ask of Bursar.
#[derive(Debug, Clone, Copy)]
pub struct Action {
    /// `stripe.createInvoice`.
    pub name: &'static str,
    /// What people read: "Create invoice".
    pub title: &'static str,
    /// One sentence or two: what it does and what surprises.
    pub about: &'static str,
    /// The operation of Stripe's tables that it performs.
    pub operation: OperationRef,
    /// What repeating does.
    pub effect: Effect,
    /// What a restricted key needs.
    pub permission: Permission,
    /// How to find out what became of a write whose answer is lost for good.
    pub reconcile: Reconcile,
    /// The curated fields, in the order that forms and help show them.
    pub fields: &'static [Field],
    /// Names that people try and that are no parameters, with what to do instead.
    pub hints: &'static [Hint],
    /// An input that the sandbox accepts; generic tests execute it. Ids are written
    /// as `{customer}`, `{invoice:draft}`, `{invoice:open}`, `{invoice:sendable}`,
    /// `{payment_intent}` (waits for a payment method), `{payment_intent:confirmable}`,
    /// `{payment_intent:capturable}`, `{payment_intent:succeeded}`, `{charge}`,
    /// `{refund}`, `{payment_method}` (nobody's), `{customer:paying}` (has a default
    /// payment method), `{product}`, `{price}` (recurring), `{subscription:active}`,
    /// `{subscription:paused}`, `{test_clock}` (stands at the beginning of 2020):
    /// fixtures that the harness puts in place. One name is one object within an example.
    pub example: &'static str,
}

/// What to say of a name that people try in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hint {
    /// The name they try, camel case.
    pub field: &'static str,
    /// Sentences that say what to do instead.
    pub says: &'static str,
}

/// An operation by its id in the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperationRef(pub &'static str);

/// A reading operation. The id is Stripe's own, as in the tables.
pub const fn get(id: &'static str) -> OperationRef {
    OperationRef(id)
}

/// A writing operation. The id is Stripe's own, as in the tables.
pub const fn post(id: &'static str) -> OperationRef {
    OperationRef(id)
}

impl OperationRef {
    /// The operation.
    ///
    /// # Panics
    /// When no version of the tables has such an operation, which a test over the
    /// whole catalog excludes.
    pub fn resolve(self) -> &'static Operation {
        let known = tables::operation_of_any(self.0).or_else(|| tables::unlisted_named(self.0));
        known.expect("a test holds every action against the tables")
    }
}

/// What an action does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Changes something, once per idempotency key.
    KeyedWrite,
    /// Removes something; Stripe knows no keys for it.
    Delete,
}

impl Effect {
    /// What repeating a request with this verb does (Stripe's API, Idempotent requests).
    pub fn of(method: Method) -> Self {
        match method {
            Method::Get => Self::Read,
            Method::Post => Self::KeyedWrite,
            Method::Delete => Self::Delete,
        }
    }
}

/// What has to be granted; [`crate::Needs`] has what Stripe calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission {
    /// Stripe's resource, `invoices`.
    pub resource: &'static str,
    /// Whether write is needed.
    pub write: bool,
}

impl Permission {
    /// Read permission on a resource.
    pub const fn read(resource: &'static str) -> Self {
        Self { resource, write: false }
    }

    /// Write permission on a resource.
    pub const fn write(resource: &'static str) -> Self {
        Self { resource, write: true }
    }
}

impl std::fmt::Display for Permission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.resource, if self.write { "write" } else { "read" })
    }
}

/// How to find out what became of a write once Stripe has forgotten its key. First
/// of all, always, `/v1/events` since the first attempt are searched for the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reconcile {
    /// Nothing to find out: the action reads.
    NotNeeded,
    /// Page this list since the first attempt; an object that agrees with every
    /// parameter of the request, and was made after the first attempt, may be it.
    /// Exactly one such object is "probably done" and is shown to a person; none
    /// within a complete list is "not done". A request that has none of `by` has no
    /// filter to tell its object from others and is parked.
    ByList {
        /// The listing operation.
        operation: OperationRef,
        /// The request's parameters that go out as the list's filters.
        by: &'static [&'static str],
    },
    /// Read the object and look at a field: a value of `done` means done, one of
    /// `not_done` means not done; anything else cannot tell and is parked.
    ByState {
        /// The reading operation, on the same path parameters.
        operation: OperationRef,
        /// The field looked at.
        field: &'static str,
        /// Values that mean done.
        done: &'static [&'static str],
        /// Values that mean not done.
        not_done: &'static [&'static str],
    },
    /// The request itself says how the object will look: read it and compare every
    /// parameter; all equal means done.
    ByValues {
        /// The reading operation, on the same path parameters.
        operation: OperationRef,
    },
    /// Of a delete: read the object; that it is not there means done, that it is means
    /// not done.
    ByAbsence {
        /// The reading operation, on the same path parameters.
        operation: OperationRef,
    },
    /// Of a delete whose path no table knows: read the very path. That Stripe knows the
    /// object no more means done; anything else is parked, because nobody knows what
    /// such an object looks like afterwards.
    BySamePath,
    /// Stripe's verb is POST, and nothing is made or changed: a preview. Whatever became
    /// of a request, asking again is safe, with Stripe's memory of the key or without.
    NothingChanges,
    /// A person has to decide.
    Park,
}

/// A curated field.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Our camel-case name, `customerId`.
    pub name: &'static str,
    /// Stripe's: a parameter, or a name in the operation's path.
    pub stripe: &'static str,
    /// Stripe's name in the versions whose table still has it.
    pub older: Option<&'static str>,
    /// Whether we insist on it (Stripe's own requirements hold besides).
    pub required: bool,
    /// What is sent when it is absent, as JSON.
    pub default: Option<&'static str>,
    /// What it means.
    pub about: &'static str,
}

/// A field with our name and Stripe's.
pub const fn field(name: &'static str, stripe: &'static str) -> Field {
    Field { name, stripe, older: None, required: false, default: None, about: "" }
}

impl Field {
    /// Insists on it.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Goes out under this name in the versions that still take it.
    #[must_use]
    pub const fn before(mut self, older: &'static str) -> Self {
        self.older = Some(older);
        self
    }

    /// Stripe's name among these parameters.
    pub(crate) fn stripe_among(&self, params: &[tables::Param]) -> &'static str {
        match self.older {
            Some(older) if params.iter().any(|param| param.name == older) => older,
            _ => self.stripe,
        }
    }

    /// Sends this JSON when it is absent.
    #[must_use]
    pub const fn default(mut self, json: &'static str) -> Self {
        self.default = Some(json);
        self
    }

    /// Says what it means.
    #[must_use]
    pub const fn says(mut self, about: &'static str) -> Self {
        self.about = about;
        self
    }
}
