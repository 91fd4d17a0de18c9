//! Checkout sessions (Stripe's API, Checkout): `open → complete | expired`.
//!
//! What a session brings about is done by the operations that anybody could call, when
//! the customer completes it on the page: a payment intent, a setup intent, or a
//! subscription with its first invoice.

mod complete;
mod confirm;
mod create;
mod expire;
mod line_items;
mod object;
mod parameters;
mod payment;
mod subscription;
mod update;

use serde_json::Value;

use crate::{
    registry::{Row, list, retrieve, run},
    value,
    wire::list::{Filter, Listing},
};

pub(crate) use complete::{Entered, complete, intent_tried, set_up};
pub(crate) use confirm::handle;
pub(crate) use expire::{due_at, perform_due};
pub(crate) use line_items::derive as derive_item;
pub(crate) use object::{derive, line_items as line_items_of};

/// What `object` says of a session.
pub(crate) const KIND: &str = "checkout.session";

pub(crate) static ROWS: &[Row] = &[
    run("checkout.sessions.create", parameters::HEEDS, create::run),
    retrieve("checkout.sessions.retrieve", KIND),
    run("checkout.sessions.update", &["metadata"], update::run),
    run("checkout.sessions.expire", &[], expire::run),
    list("checkout.sessions.list", &SESSIONS),
    list("checkout.sessions.listLineItems", &ITEMS),
];

static SESSIONS: Listing = Listing {
    kind: KIND,
    parent: None,
    filters: &[
        Filter::Equal("customer"),
        Filter::Equal("customer_account"),
        Filter::Equal("payment_intent"),
        Filter::Equal("payment_link"),
        Filter::Equal("status"),
        Filter::Equal("subscription"),
        Filter::Within("created", "created"),
        Filter::By("customer_details", |_, given, session| {
            value::text(given, "email") == value::text(&session["customer_details"], "email")
        }),
    ],
};

static ITEMS: Listing = Listing { kind: "item", parent: Some((KIND, "_session")), filters: &[] };

/// The items of a session, in order.
fn items(tx: &crate::state::Tx, session: &Value) -> Vec<Value> {
    let ids = session["_items"].as_array().into_iter().flatten();
    ids.filter_map(|id| tx.get(id.as_str()?)).cloned().collect()
}
