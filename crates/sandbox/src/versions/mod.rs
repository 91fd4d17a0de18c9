//! Five releases of Stripe's API over one state.
//!
//! Everything is kept and worked on as the newest release has it. What an older release
//! has otherwise is written down one release at a time, as Stripe does it: a step says
//! what a release changed, and how to undo that for who still speaks the one before. A
//! request of an older release is brought up through the steps before it is looked at;
//! an object for one is taken down through them, and then loses every field that the
//! release's table does not declare. So what a release merely added needs no code here.
//!
//! The newest release meets one comparison of two numbers and nothing else.

mod before_basil;
mod before_clover;
mod before_dahlia;
mod before_endive;
mod request;
mod seen;
mod shape;

use serde_json::{Map, Value};
use stripe::{PINNED, Version};

use crate::{
    state::{State, Tx},
    value,
    wire::{Call, Refusal},
};

pub(crate) use request::{Renamed, bring_up, in_its_words};
pub(crate) use seen::{Seen, delivered};
pub(crate) use shape::{declared, shape, shape_error};

/// What one release changed, undone.
pub(crate) struct Step {
    /// The release that made the changes.
    pub(crate) release: &'static str,
    pub(crate) objects: &'static [ObjectChange],
    pub(crate) requests: &'static [RequestChange],
}

/// How the release before shows something.
pub(crate) struct ObjectChange {
    /// What changed, in a few words.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by people and by the tests"))]
    pub(crate) what: &'static str,
    /// The object's `object`.
    pub(crate) object: &'static str,
    /// The fields that only the release before has, as paths.
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests hold it against the tables"))]
    pub(crate) gives: &'static [&'static str],
    /// Adds them to the newer shape, which the tables prune afterwards.
    pub(crate) undo: fn(&Tx, &mut Value),
}

/// How a request of the release before is said in the newer one.
pub(crate) struct RequestChange {
    #[cfg_attr(not(test), expect(dead_code, reason = "read by people and by the tests"))]
    pub(crate) what: &'static str,
    pub(crate) operations: &'static [&'static str],
    /// Parameters by their name now and by the one before.
    pub(crate) names: &'static [Renamed],
    pub(crate) redo: fn(&mut Map<String, Value>) -> Result<(), Refusal>,
}

/// Newest first.
pub(crate) static STEPS: &[Step] =
    &[before_endive::STEP, before_dahlia::STEP, before_clover::STEP, before_basil::STEP];

impl Step {
    /// Whether a version is of a release before this step.
    fn concerns(&self, version: Version) -> bool {
        Version::all().find(|one| one.name() == self.release).is_some_and(|first| version < first)
    }
}

/// Whether a version has the shape that everything is kept in.
pub(crate) fn is_newest(version: Version) -> bool {
    version == PINNED || same_release(version, PINNED)
}

/// Whether two versions are of one release.
fn same_release(one: Version, other: Version) -> bool {
    one.generation() == other.generation()
}

/// What a request without a version is answered in: the account's default. The Stripe
/// CLI names none either, and what its fixtures write stopped being taken with clover
/// (`phases[].iterations`, `coupon` of promotion codes) and endive
/// (`payment_method_types`): it gets the newest release that takes it all.
pub(crate) fn unnamed(account: Version, user_agent: Option<&str>) -> Version {
    let before = Version::all().filter(|one| before_clover::STEP.concerns(*one)).last();
    if is_cli(user_agent) { before.map_or(account, |newest| account.min(newest)) } else { account }
}

/// What a request without a version is answered in once its form is known. The Stripe
/// CLI's fixtures were written over years: one that the release for it does not take any
/// more (`coupon` of customers) gets the newest before that does.
pub(crate) fn that_takes(call: &Call, form: &Map<String, Value>, user_agent: Option<&str>) -> Version {
    let takes = |version: &Version| call.operation.coerce(form.clone(), *version).is_ok();
    if !is_cli(user_agent) || takes(&call.version) {
        return call.version;
    }
    Version::all().filter(|one| *one < call.version).filter(takes).last().unwrap_or(call.version)
}

fn is_cli(user_agent: Option<&str>) -> bool {
    user_agent.is_some_and(|agent| agent.starts_with("Stripe/v1 stripe-cli/"))
}

/// Whether a release has events of this type.
pub(crate) fn tells(version: Version, kind: &str) -> bool {
    is_newest(version) || shape::event_types(version).is_none_or(|known| known.contains(&kind))
}

/// The version that a webhook endpoint wants its events in, unless it is the account's.
pub(crate) fn of_endpoint(endpoint: &Value) -> Option<Version> {
    value::text(endpoint, "api_version").and_then(|text| Version::parse(text).ok())
}

/// The older releases in which events of this account are told, one version of each.
pub(crate) fn older_told(state: &State) -> Vec<Version> {
    let enabled = |endpoint: &&Value| value::text(endpoint, "status") == Some("enabled");
    let wanted = state.of_kind("webhook_endpoint").filter(enabled).filter_map(of_endpoint);
    let mut told: Vec<Version> = Vec::new();
    for version in wanted.chain([state.api_version()]) {
        if !is_newest(version) && !told.iter().any(|one| same_release(*one, version)) {
            told.push(version);
        }
    }
    told
}
