//! An operation as an action without curated fields.
//!
//! Everything behind the catalog knows actions only, so every operation is one, made when
//! it is first asked for and kept as long as the process: there are no more of them than
//! rows in Stripe's tables. All are named `stripe.request`, because that is what was
//! asked for; the operation tells them apart.

use std::{
    collections::HashMap,
    sync::{Mutex, OnceLock, PoisonError},
};

use stripe::{
    Method,
    tables::{self, Operation, Type},
};

use super::NAME;
use crate::{
    Action, Catalog, Effect, Field, OperationRef, Permission, Reconcile, field, names::camel, permissions,
};

/// The action that performs this operation for `stripe.request`.
pub(crate) fn action(operation: &'static Operation) -> &'static Action {
    static MADE: OnceLock<Mutex<HashMap<&'static str, &'static Action>>> = OnceLock::new();
    let mut made = MADE.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(operation.id).or_insert_with(|| Box::leak(Box::new(make(operation))))
}

/// The same of a record's operation, which lives no longer than the record's reader.
pub(crate) fn of(operation: &Operation) -> &'static Action {
    let known = tables::operation_of_any(operation.id).or_else(|| tables::unlisted_named(operation.id));
    action(known.unwrap_or_else(|| tables::unlisted(operation.method)))
}

/// The action of the catalog that performs this operation, if there is one.
pub(crate) fn curated(operation: &Operation) -> Option<&'static Action> {
    Catalog.all().iter().copied().find(|action| action.operation.0 == operation.id)
}

fn make(operation: &'static Operation) -> Action {
    let curated = curated(operation);
    Action {
        name: NAME,
        title: operation.id,
        about: operation.path,
        operation: OperationRef(operation.id),
        effect: Effect::of(operation.method),
        permission: curated.map_or_else(|| permission(operation), |action| action.permission),
        reconcile: curated.map_or_else(|| reconcile(operation), |action| action.reconcile),
        fields: fields(operation),
        hints: curated.map_or(&[], |action| action.hints),
        example: "{}",
    }
}

/// The names in the path, which an operation needs as an action does.
fn fields(operation: &'static Operation) -> &'static [Field] {
    let one = |name: &'static str| {
        let about: &str = format!("It stands in the path, `{}`.", operation.path).leak();
        field(camel(name).leak(), name).required().says(about)
    };
    operation.path_params().into_iter().map(one).collect::<Vec<_>>().leak()
}

/// After the part of the API that the resource is of; whether Stripe's name for it is
/// known, [`Permission::needs`] says.
fn permission(operation: &'static Operation) -> Permission {
    let resource: &str = permissions::resource(operation.id).leak();
    Permission { resource, write: operation.method != Method::Get }.canonical()
}

/// What can be said of an operation that nobody has looked at: nothing, unless it takes
/// away what can be read.
fn reconcile(operation: &'static Operation) -> Reconcile {
    match operation.method {
        Method::Get => Reconcile::NotNeeded,
        Method::Post => Reconcile::Park,
        Method::Delete if !operation.is_listed() => Reconcile::BySamePath,
        Method::Delete => match tables::route(Method::Get, operation.path) {
            Some((read, _)) if leaves_nothing(&operation.response) && read.path == operation.path => {
                Reconcile::ByAbsence { operation: OperationRef(read.id) }
            }
            _ => Reconcile::Park,
        },
    }
}

/// Whether the answer is what Stripe shows of a deleted object.
fn leaves_nothing(response: &Type) -> bool {
    match response {
        Type::Object(name) => name.rsplit('.').next().is_some_and(|last| last.starts_with("Deleted")),
        Type::Union(kinds) => kinds.iter().any(leaves_nothing),
        _ => false,
    }
}
