//! What is said of a call that Stripe refused for want of a permission.
//!
//! Stripe's answer names the permission at best and never the place. It is added where
//! the answer comes in and kept with it, so that every surface and every record says the
//! same, also after the connection has changed.

use actions::{Permission, Refused};
use model::Binding;
use serde_json::json;
use stripe::{Advice, Request, StripeError};

use super::grant;
use crate::{Settled, caller::Caller};

impl Caller {
    /// Stripe's no, with what the action needs and where that is granted if that is why.
    pub(crate) async fn refused(
        &self,
        of: &Binding,
        action: &str,
        request: &Request,
        error: StripeError,
    ) -> Settled {
        let advice = match Refused::read(error.status, &error.body) {
            Some(refused) => Some(Box::new(self.advice(of, action, request, &refused).await)),
            None => error.advice.clone(),
        };
        Settled::Rejected(StripeError { advice, ..error })
    }

    async fn advice(&self, of: &Binding, action: &str, request: &Request, refused: &Refused) -> Advice {
        let operation = request.operation;
        let asked = match action == actions::Entry::Request.name() && operation.is_listed() {
            true => format!("{action} of {}", operation.id),
            false => action.to_owned(),
        };
        let Some(needs) = Permission::of_operation(operation).and_then(Permission::needs) else {
            let to_do = format!(
                "Which permission {asked} needs is not known here: go by what Stripe says, and grant it where the \
                 connection's credential was made. Then send it again, a write under a new idempotency key."
            );
            return Advice { to_do, details: json!({ "needs": null, "named": refused.named }) };
        };
        // Without the row it is said for every way.
        let row = self.parts.store.connection(of.company, of.connection).await.ok().flatten();
        let row = row.as_ref();
        let to_do = format!(
            "{asked} needs {}.{} {} Then send it again, a write under a new idempotency key.",
            grant::missing(row, needs),
            grant::named(refused, needs),
            grant::place(row, needs, refused),
        );
        Advice { to_do, details: json!({ "needs": needs.to_json(), "named": refused.named }) }
    }
}
