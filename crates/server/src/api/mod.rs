//! Everything below `/api/v1`. The folder is the URL, one endpoint is one file, and
//! [`ROUTES`] is the one list of them: the router and the harness that tries every
//! route both read it.

mod actions;
mod audit;
mod calls;
pub(crate) mod companies;
mod connections;
mod events;
mod installation;
mod keys;
mod operations;
mod route;
mod runs;
mod sources;
mod stream;
mod triggers;
mod vault;
mod workflows;

use std::sync::Arc;

use axum::{Router, middleware};

use crate::App;

pub(crate) use route::{Route, Verb};

/// Where the API begins.
pub(crate) const BASE: &str = "/api/v1";

/// Every endpoint.
pub(crate) const ROUTES: &[Route] = &[
    actions::list::ROUTE,
    actions::show::ROUTE,
    actions::call::ROUTE,
    operations::list::ROUTE,
    operations::show::ROUTE,
    calls::list::ROUTE,
    calls::show::ROUTE,
    workflows::list::ROUTE,
    workflows::create::ROUTE,
    workflows::check::ROUTE,
    workflows::show::ROUTE,
    workflows::replace::ROUTE,
    workflows::archive::ROUTE,
    workflows::activate::ROUTE,
    workflows::pause::ROUTE,
    workflows::versions::ROUTE,
    workflows::run::ROUTE,
    triggers::list::ROUTE,
    runs::list::ROUTE,
    runs::show::ROUTE,
    runs::stream::ROUTE,
    runs::cancel::ROUTE,
    runs::retry::ROUTE,
    runs::resolve::ROUTE,
    events::list::ROUTE,
    events::show::ROUTE,
    events::replay::ROUTE,
    connections::list::ROUTE,
    connections::add::ROUTE,
    connections::authorize::ROUTE,
    connections::auth_url::ROUTE,
    connections::providers::ROUTE,
    connections::show::ROUTE,
    connections::change::ROUTE,
    connections::disconnect::ROUTE,
    connections::test::ROUTE,
    sources::list::ROUTE,
    sources::add::ROUTE,
    sources::ensure::ROUTE,
    sources::remove::ROUTE,
    installation::sources::list::ROUTE,
    installation::sources::add::ROUTE,
    installation::sources::remove::ROUTE,
    installation::unclaimed::list::ROUTE,
    keys::list::ROUTE,
    keys::create::ROUTE,
    keys::revoke::ROUTE,
    companies::list::ROUTE,
    companies::create::ROUTE,
    companies::remove::ROUTE,
    audit::list::ROUTE,
    vault::show::ROUTE,
    vault::rotate::ROUTE,
    stream::ROUTE,
];

/// The routes, each behind its guard.
pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    // The one endpoint without a key: what comes back carries a state of ours.
    let callback = axum::routing::get(connections::callback::callback);
    let open = Router::new().route(&format!("{BASE}{}", connections::callback::PATH), callback);
    ROUTES.iter().fold(open, |router, route| {
        let guard = middleware::from_fn_with_state((app.clone(), route), route::guard);
        router.route(&format!("{BASE}{}", route.path), (route.handler)().route_layer(guard))
    })
}
