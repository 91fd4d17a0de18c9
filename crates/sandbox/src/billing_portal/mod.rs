//! The customer portal (Stripe's API, Customer portal): configurations say what a customer
//! may do on the page, sessions lead one customer to it.

mod acts;
mod configurations;
mod features;
mod sessions;

use crate::{
    registry::{Row, list, retrieve, run},
    wire::list::{Filter, Listing},
};

pub(crate) use acts::{cancel, change_payment_method};

/// What `object` says of a configuration and of a session.
pub(crate) const CONFIGURATION: &str = "billing_portal.configuration";
pub(crate) const SESSION: &str = "billing_portal.session";

pub(crate) static ROWS: &[Row] = &[
    run(
        "billingPortal.configurations.create",
        &["business_profile", "default_return_url", "features", "login_page", "metadata", "name"],
        configurations::create,
    ),
    retrieve("billingPortal.configurations.retrieve", CONFIGURATION),
    run(
        "billingPortal.configurations.update",
        &["active", "business_profile", "default_return_url", "features", "login_page", "metadata", "name"],
        configurations::update,
    ),
    list("billingPortal.configurations.list", &CONFIGURATIONS),
    run(
        "billingPortal.sessions.create",
        &["configuration", "customer", "flow_data", "locale", "return_url"],
        sessions::create,
    ),
];

static CONFIGURATIONS: Listing = Listing {
    kind: CONFIGURATION,
    parent: None,
    filters: &[Filter::Equal("active"), Filter::Equal("is_default")],
};
