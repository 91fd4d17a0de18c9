//! Stripe's wire: what comes in, what goes out, and the way between.
//!
//! A request passes authentication, version, route, faults, parameters and the
//! idempotency layer, in Stripe's order, and then executes. Sockets (`serve`) and
//! the in-process transport (`transport`) meet here.

mod answer;
mod auth;
pub(crate) mod expand;
mod hosts;
mod idempotency;
pub(crate) mod list;
mod params;
mod perform;
mod pipeline;
pub(crate) mod refusal;
mod render;
mod serve;
mod transport;

use bytes::Bytes;
use serde_json::{Map, Value};
use stripe::{Version, tables::Operation};

pub(crate) use answer::{Trip, pretty};
pub(crate) use auth::{authenticate, key_of};
pub(crate) use perform::ask;
pub(crate) use pipeline::handle;
pub(crate) use refusal::Refusal;
pub(crate) use render::{render, shown};
pub(crate) use serve::serve;
pub(crate) use transport::InProcess;

/// The largest body that is read (the sandbox's own limit).
pub(crate) const BODY_MAX: usize = 1024 * 1024;

/// A request, however it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Incoming {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) body: Bytes,
    pub(crate) heads: Heads,
    /// The sandbox asks itself; faults are for others.
    pub(crate) own: bool,
}

/// The request headers that matter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heads {
    pub(crate) authorization: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) accept: Option<String>,
}

/// What happens to the connection.
#[derive(Debug)]
pub(crate) enum Outgoing {
    Answer(Reply),
    /// Closed without a byte, after everything was done.
    Dropped,
    /// Reset, before anything was done.
    Reset,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// A call of an operation, as the code that runs it sees it.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) operation: &'static Operation,
    /// The values in the path, in order.
    pub(crate) ids: Vec<String>,
    /// The concrete path.
    pub(crate) path: String,
    /// Typed by the tables, `expand` and the paging parameters included.
    pub(crate) params: Map<String, Value>,
    /// The version that it is asked and answered in.
    pub(crate) version: Version,
}

impl Call {
    /// The id that the path names first.
    pub(crate) fn id(&self) -> &str {
        self.ids.first().map_or("", String::as_str)
    }

    /// A text parameter; the empty string counts as not given.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.params.get(name)?.as_str().filter(|s| !s.is_empty())
    }

    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.params.get(name)?.as_i64()
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.params.get(name)?.as_bool()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.params.contains_key(name)
    }
}
