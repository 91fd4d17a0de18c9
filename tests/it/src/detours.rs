//! What can stand in the way: between Bursar and Stripe, and between Bursar and its
//! database.

use std::{
    future::{pending, ready},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::Value;
use store::{Backend, BoxFuture, CommitError, Effected, ReadError, Store, Unit, Write};
use stripe::{Answer, Attempt, Credential, Headers, Kind, Request, Transport};

/// What becomes of a request on its way.
#[derive(Debug, Clone)]
pub enum Detour {
    /// It arrives.
    None,
    /// Nobody listens.
    Unreachable,
    /// It arrives, is done, and no answer comes back.
    Silent,
    /// It arrives under a key that is not one of Stripe's.
    WrongKey,
    /// Something answers writes in Stripe's place, with this status and `error` object.
    Answered(u16, Value),
}

/// A way to Stripe that remembers what was answered.
#[derive(Clone)]
pub struct Way {
    direct: Arc<dyn Transport>,
    detour: Detour,
    answers: Arc<Mutex<Vec<Answer>>>,
}

/// What was answered on a way, oldest first.
pub type Answers = Arc<Mutex<Vec<Answer>>>;

impl Way {
    /// This detour before the direct way; what is answered goes into `answers`.
    pub fn new(direct: Arc<dyn Transport>, detour: Detour, answers: Answers) -> Self {
        Self { direct, detour, answers }
    }
}

impl Transport for Way {
    fn attempt<'a>(
        &'a self,
        request: &'a Request,
        credential: &'a Credential,
    ) -> stripe::BoxFuture<'a, Attempt> {
        Box::pin(async move {
            let attempt = match &self.detour {
                Detour::None => self.direct.attempt(request, credential).await,
                Detour::Unreachable => Attempt::NeverSent("connection refused".to_owned()),
                Detour::Silent => {
                    self.direct.attempt(request, credential).await;
                    pending().await
                }
                Detour::WrongKey => {
                    let key = "sk_test_no".to_owned();
                    let wrong = Credential::new(credential.account.clone(), credential.mode, key);
                    self.direct.attempt(request, &wrong).await
                }
                Detour::Answered(..) if request.kind == Kind::Read => {
                    self.direct.attempt(request, credential).await
                }
                Detour::Answered(status, error) => Attempt::Answered(Answer {
                    status: *status,
                    headers: Headers::default(),
                    body: serde_json::json!({ "error": error }),
                }),
            };
            if let Attempt::Answered(answer) = &attempt {
                self.answers.lock().unwrap_or_else(PoisonError::into_inner).push(answer.clone());
            }
            attempt
        })
    }
}

/// What is wrong with a database, once it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Its disk is full: no intent can be noted down.
    Full,
    /// The rows of calls are damaged.
    Damaged,
}

/// A database that has a trouble from a moment on.
pub struct Troubled {
    inner: Store,
    trouble: Trouble,
    has_begun: Arc<AtomicBool>,
}

impl Troubled {
    /// This trouble in front of a database, as soon as `has_begun` is set.
    pub fn new(inner: Store, trouble: Trouble, has_begun: Arc<AtomicBool>) -> Self {
        Self { inner, trouble, has_begun }
    }

    fn has(&self, trouble: Trouble) -> bool {
        self.trouble == trouble && self.has_begun.load(Ordering::SeqCst)
    }
}

macro_rules! reads {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $rows:ty;)*) => {
        $(fn $name(&self, $($arg: $ty),*) -> BoxFuture<'_, Result<$rows, ReadError>> {
            if self.has(Trouble::Damaged) && stringify!($name) == "intent" {
                return Box::pin(ready(Err(ReadError::Damaged { table: "intents", id: "1".to_owned() })));
            }
            self.inner.$name($($arg),*)
        })*
    };
}

impl Backend for Troubled {
    fn commit(&self, unit: Unit) -> BoxFuture<'_, Result<Vec<Effected>, CommitError>> {
        let of_call = unit.writes.iter().any(|write| matches!(write, Write::BeginIntent(_)));
        if of_call && (self.has(Trouble::Full) || self.has(Trouble::Damaged)) {
            return Box::pin(ready(Err(CommitError::Full("no space left on device".to_owned()))));
        }
        self.inner.commit(unit)
    }

    store::each_read!(reads);
}
