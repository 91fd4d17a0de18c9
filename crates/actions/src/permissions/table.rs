//! Stripe's names of what permission is given on.
//!
//! A name is Stripe's own, as its errors and the manifests of Stripe Apps spell it;
//! `rak_` before it makes it a restricted key's. Three that would surprise: prices have
//! the permission of plans, refunds that of charges, and reading one's own account is
//! called basic business contact information. What is not in the table has a permission
//! at Stripe that nobody here can name, and nothing is guessed in its place.

/// What permission is given on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Resource {
    /// Ours: the resource of Stripe's tables, snake case.
    pub(super) name: &'static str,
    /// Resources of the tables that the same permission covers.
    pub(super) also: &'static [&'static str],
    /// Its row on the page where a restricted key is edited.
    pub(super) label: &'static str,
    /// Stripe's, without level.
    pub(super) stripe: &'static str,
}

const fn one(name: &'static str, label: &'static str, stripe: &'static str) -> Resource {
    Resource { name, also: &[], label, stripe }
}

const fn several(
    name: &'static str,
    also: &'static [&'static str],
    label: &'static str,
    stripe: &'static str,
) -> Resource {
    Resource { name, also, label, stripe }
}

/// Sorted by name. Sources: Stripe's refusals (403) as they are published with the name
/// in them, and the permissions of Stripe Apps.
pub(super) static RESOURCES: &[Resource] = &[
    one("account", "Basic Business Contact Information", "accounts_kyc_basic"),
    one("account_links", "Account Links", "account_link"),
    one("accounts", "Accounts", "connected_account"),
    one("apple_pay_domains", "Apple Pay Domains", "apple_pay_domain"),
    one("application_fees", "Application Fees", "application_fee"),
    one("apps_secrets", "Secrets", "secret"),
    several("balance", &["balance_transactions"], "Balance", "balance"),
    several(
        "billing_portal_sessions",
        &["billing_portal_configurations"],
        "Customer portal",
        "customer_portal",
    ),
    one("charges", "Charges and Refunds", "charge"),
    one("checkout_sessions", "Checkout Sessions", "checkout_session"),
    one("coupons", "Coupons", "coupon"),
    one("credit_notes", "Credit Notes", "credit_note"),
    one("customers", "Customers", "customer"),
    one("disputes", "Disputes", "dispute"),
    one("events", "Events", "event"),
    one("files", "Files", "file"),
    several("invoices", &["invoice_items", "invoice_payments"], "Invoices", "invoice"),
    one("issuing_authorizations", "Authorizations", "issuing_authorization"),
    one("issuing_cardholders", "Cardholders", "issuing_cardholder"),
    one("issuing_cards", "Cards", "issuing_card"),
    one("issuing_disputes", "Issuing Disputes", "issuing_dispute"),
    one("issuing_transactions", "Transactions", "issuing_transaction"),
    one("mandates", "Mandates", "mandate"),
    one("payment_intents", "PaymentIntents", "payment_intent"),
    one("payment_links", "Payment Links", "payment_links"),
    one("payment_methods", "PaymentMethods", "payment_method"),
    one("payouts", "Payouts", "payout"),
    several("prices", &["plans"], "Prices", "plan"),
    one("products", "Products", "product"),
    one("promotion_codes", "Promotion Codes", "promotion_code"),
    one("quotes", "Quotes", "quote"),
    one("refunds", "Charges and Refunds", "charge"),
    one("reviews", "Reviews", "review"),
    one("setup_intents", "SetupIntents", "setup_intent"),
    one("shipping_rates", "Shipping Rates", "shipping_rate"),
    one("sources", "Sources", "source"),
    several("subscriptions", &["subscription_items"], "Subscriptions", "subscription"),
    several(
        "tax_calculations",
        &["tax_transactions"],
        "Tax Calculations and Transactions",
        "tax_calculations_and_transactions",
    ),
    one("tax_rates", "Tax Rates", "tax_rate"),
    one("tax_settings", "Tax Settings", "tax_settings"),
    one("terminal_configurations", "Configurations", "terminal_configuration"),
    one("terminal_connection_tokens", "Connection Tokens", "terminal_connection_token"),
    one("terminal_locations", "Locations", "terminal_location"),
    one("terminal_readers", "Readers", "terminal_reader"),
    one("test_helpers_test_clocks", "Test clocks", "billing_clock"),
    one("tokens", "Tokens", "token"),
    one("topups", "Top-ups", "top_up"),
    one("transfers", "Transfers", "transfer"),
    one("webhook_endpoints", "Webhook Endpoints", "webhook"),
];

/// The row of a resource of the tables, by any of its names.
pub(super) fn of(name: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|row| row.name == name || row.also.contains(&name))
}
