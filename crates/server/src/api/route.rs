//! What an endpoint says about itself, and the guard in front of each: who calls, may
//! they, and for how long.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
    routing::MethodRouter,
};
use model::{Code, Failure, Retry};

use crate::{
    App, auth,
    budget::Class,
    failure::Refused,
    request::{Nothing, Query, drain},
};

/// A key that posts under one of these calls an action or moves a run.
const EXECUTING: [&str; 4] = ["actions:read", "actions:write", "actions:raw", "workflows:execute"];

/// The verbs of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
    Put,
    Delete,
}

/// An endpoint.
pub(crate) struct Route {
    /// The verb; limits and the harness that tries every route read it.
    pub verb: Verb,
    /// Below `/api/v1`, placeholders in braces.
    pub path: &'static str,
    /// A key needs one of these; where there are several the handler decides which.
    pub scopes: &'static [&'static str],
    /// Whether it may take longer than other requests: streams and synchronous runs.
    pub patient: bool,
    /// Whether it takes query parameters; one that does not refuses them.
    pub query: bool,
    /// Its handler, for its verb.
    pub handler: fn() -> MethodRouter<Arc<App>>,
}

impl Route {
    /// An endpoint with one scope.
    pub(crate) const fn new(
        verb: Verb,
        path: &'static str,
        scopes: &'static [&'static str],
        handler: fn() -> MethodRouter<Arc<App>>,
    ) -> Self {
        Self { verb, path, scopes, patient: false, query: false, handler }
    }

    /// By which limit its requests are counted.
    pub(crate) fn class(&self) -> Class {
        match self.verb {
            Verb::Get => Class::Read,
            Verb::Post if self.scopes.iter().any(|scope| EXECUTING.contains(scope)) => Class::Execute,
            Verb::Post | Verb::Put | Verb::Delete => Class::Write,
        }
    }

    /// Reads its query.
    pub(crate) const fn with_query(mut self) -> Self {
        self.query = true;
        self
    }

    /// Not bound by the usual time.
    pub(crate) const fn patient(mut self) -> Self {
        self.patient = true;
        self
    }
}

/// Lets a request through to its handler, or answers it.
pub(crate) async fn guard(
    State((app, route)): State<(Arc<App>, &'static Route)>,
    mut request: Request,
    next: Next,
) -> Response {
    let about_a_company = route.scopes != [auth::INSTALLATION];
    let allowed = auth::actor(&app, request.headers(), about_a_company).await.and_then(|actor| {
        if let Some(budgets) = &app.budgets {
            budgets.admit(actor.key, actor.company, route.class(), app.clock.now())?;
        }
        actor.require(route.scopes)?;
        if !route.query {
            Query::<Nothing>::read(request.uri())?;
        }
        Ok(actor)
    });
    match allowed {
        Ok(actor) => request.extensions_mut().insert(actor),
        Err(refused) => {
            drain(request.into_body()).await;
            return refused.into_response();
        }
    };
    if route.patient {
        return next.run(request).await;
    }
    match tokio::time::timeout(app.server.timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => late(&app).into_response(),
    }
}

/// Dropping a handler is safe at any moment: what it had begun is on record.
fn late(app: &App) -> Refused {
    Failure::new(
        Code::Timeout,
        format!(
            "The request was not done within {} s. A write that had begun goes on in the background. Repeat the \
             request, with the same `Idempotency-Key` if it had one: that finds out, and does nothing twice.",
            app.server.timeout.as_secs()
        ),
    )
    .retry(Retry::SameKey)
    .into()
}
