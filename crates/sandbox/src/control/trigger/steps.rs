//! What chains are made of: one request or act each, as data.
//!
//! In a path and in a value of the parameters `$name` is the id of what the step of that
//! name made, `$name.field` a field of it as it was answered, `$now+60` a second.

/// One link of a chain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// What later steps call the object that this one answers; empty: nothing.
    pub(super) name: &'static str,
    pub(super) does: Does,
    /// A path or an id.
    pub(super) at: &'static str,
    /// JSON.
    pub(super) params: &'static str,
}

/// What a link does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    Post,
    /// A write that is to be declined.
    Declined,
    Delete,
    /// The customer completes a checkout session with a good card.
    Complete,
    /// The cardholder disputes a charge.
    Dispute,
    /// The bank does not credit a refund.
    FailRefund,
    /// The bank sends a payout back.
    FailPayout,
}

const fn does(name: &'static str, does: Does, at: &'static str, params: &'static str) -> Step {
    Step { name, does, at, params }
}

/// A write whose answer later steps name.
pub(super) const fn make(name: &'static str, at: &'static str, params: &'static str) -> Step {
    does(name, Does::Post, at, params)
}

/// A write whose answer nobody needs.
pub(super) const fn then(at: &'static str, params: &'static str) -> Step {
    does("", Does::Post, at, params)
}

/// A write that is declined, and leaves an object.
pub(super) const fn declined(name: &'static str, at: &'static str, params: &'static str) -> Step {
    does(name, Does::Declined, at, params)
}

pub(super) const fn delete(at: &'static str) -> Step {
    does("", Does::Delete, at, "{}")
}

const CHANGE: &str = r#"{"metadata": {"changed": "yes"}}"#;

/// Changes an object's metadata.
pub(super) const fn change(at: &'static str) -> Step {
    then(at, CHANGE)
}

pub(super) const CUSTOMER: Step =
    make("customer", "/v1/customers", r#"{"name": "Ada Lovelace", "email": "ada@example.com"}"#);
pub(super) const CARD: Step =
    make("card", "/v1/payment_methods/pm_card_visa/attach", r#"{"customer": "$customer"}"#);
pub(super) const BAD_CARD: Step =
    make("card", "/v1/payment_methods/pm_card_chargeCustomerFail/attach", r#"{"customer": "$customer"}"#);
pub(super) const ASKING_CARD: Step =
    make("card", "/v1/payment_methods/pm_card_authenticationRequired/attach", r#"{"customer": "$customer"}"#);
pub(super) const SOURCE: Step =
    make("source", "/v1/customers/$customer/sources", r#"{"source": "tok_visa"}"#);
pub(super) const TAX_ID: Step =
    make("tax_id", "/v1/customers/$customer/tax_ids", r#"{"type": "eu_vat", "value": "DE123456789"}"#);
pub(super) const CASH: Step = make(
    "cash",
    "/v1/test_helpers/customers/$customer/fund_cash_balance",
    r#"{"amount": 2000, "currency": "usd"}"#,
);

pub(super) const PRODUCT: Step = make("product", "/v1/products", r#"{"name": "Tea"}"#);
pub(super) const PRICE: Step = make(
    "price",
    "/v1/prices",
    r#"{"product": "$product", "currency": "usd", "unit_amount": 1500, "recurring": {"interval": "month"}}"#,
);
pub(super) const PLAN: Step = make(
    "plan",
    "/v1/plans",
    r#"{"product": "$product", "currency": "usd", "amount": 1500, "interval": "month"}"#,
);
pub(super) const COUPON: Step =
    make("coupon", "/v1/coupons", r#"{"percent_off": 20, "duration": "forever"}"#);
pub(super) const CODE: Step =
    make("code", "/v1/promotion_codes", r#"{"promotion": {"type": "coupon", "coupon": "$coupon"}}"#);
pub(super) const RATE: Step =
    make("rate", "/v1/tax_rates", r#"{"display_name": "VAT", "inclusive": false, "percentage": 20}"#);

pub(super) const INVOICE: Step =
    make("invoice", "/v1/invoices", r#"{"customer": "$customer", "auto_advance": false}"#);
pub(super) const BILL: Step = make(
    "invoice",
    "/v1/invoices",
    r#"{"customer": "$customer", "collection_method": "send_invoice", "days_until_due": 30}"#,
);
pub(super) const LINE: Step = make(
    "line",
    "/v1/invoiceitems",
    r#"{"customer": "$invoice.customer", "invoice": "$invoice", "amount": 2000, "currency": "$invoice.currency"}"#,
);
pub(super) const LOOSE_LINE: Step = make(
    "line",
    "/v1/invoiceitems",
    r#"{"customer": "$customer", "amount": 2000, "currency": "usd", "description": "Tea"}"#,
);
pub(super) const FINALIZE: Step = then("/v1/invoices/$invoice/finalize", "{}");
pub(super) const PAY: Step = then("/v1/invoices/$invoice/pay", r#"{"payment_method": "$card"}"#);
pub(super) const PAY_IN_VAIN: Step =
    declined("", "/v1/invoices/$invoice/pay", r#"{"payment_method": "$card"}"#);
pub(super) const NOTE: Step = make("note", "/v1/credit_notes", r#"{"invoice": "$invoice", "amount": 500}"#);

pub(super) const INTENT: Step =
    make("payment", "/v1/payment_intents", r#"{"amount": 2000, "currency": "usd"}"#);
pub(super) const PAYMENT: Step = make(
    "payment",
    "/v1/payment_intents",
    r#"{"amount": 2000, "currency": "usd", "confirm": true, "payment_method": "pm_card_visa",
        "allowed_payment_method_types": ["card"]}"#,
);
pub(super) const HELD: Step = make(
    "payment",
    "/v1/payment_intents",
    r#"{"amount": 2000, "currency": "usd", "confirm": true, "payment_method": "pm_card_visa",
        "allowed_payment_method_types": ["card"], "capture_method": "manual"}"#,
);
pub(super) const ASKING: Step = make(
    "payment",
    "/v1/payment_intents",
    r#"{"amount": 2000, "currency": "usd", "confirm": true, "payment_method": "pm_card_authenticationRequired",
        "allowed_payment_method_types": ["card"]}"#,
);
pub(super) const AVAILABLE: Step = make(
    "payment",
    "/v1/payment_intents",
    r#"{"amount": 100000, "currency": "usd", "confirm": true, "payment_method": "pm_card_bypassPending",
        "allowed_payment_method_types": ["card"]}"#,
);
pub(super) const DEBIT: Step = make(
    "payment",
    "/v1/payment_intents",
    r#"{"amount": 2000, "currency": "usd", "confirm": true, "payment_method": "pm_usBankAccount_success",
        "allowed_payment_method_types": ["us_bank_account"]}"#,
);
pub(super) const REFUSED: Step = declined(
    "payment",
    "/v1/payment_intents",
    r#"{"amount": 2000, "currency": "usd", "confirm": true, "payment_method": "pm_card_chargeDeclined",
        "allowed_payment_method_types": ["card"]}"#,
);
pub(super) const REFUND: Step = make("refund", "/v1/refunds", r#"{"payment_intent": "$payment"}"#);
pub(super) const FAIL_REFUND: Step = does("", Does::FailRefund, "$refund", "{}");
pub(super) const DISPUTE: Step = does("dispute", Does::Dispute, "$payment.latest_charge", "{}");
pub(super) const WIN: Step =
    then("/v1/disputes/$dispute", r#"{"evidence": {"uncategorized_text": "winning_evidence"}}"#);
pub(super) const PAYOUT: Step = make("payout", "/v1/payouts", r#"{"amount": 1000, "currency": "usd"}"#);
pub(super) const FAIL_PAYOUT: Step = does("", Does::FailPayout, "$payout", "{}");

pub(super) const SETUP: Step =
    make("setup", "/v1/setup_intents", r#"{"allowed_payment_method_types": ["card"]}"#);
pub(super) const SET_UP: Step =
    make("setup", "/v1/setup_intents", r#"{"confirm": true, "payment_method": "pm_card_visa"}"#);
pub(super) const ASKING_SETUP: Step = make(
    "setup",
    "/v1/setup_intents",
    r#"{"confirm": true, "payment_method": "pm_card_authenticationRequired"}"#,
);
pub(super) const REFUSED_SETUP: Step = declined(
    "setup",
    "/v1/setup_intents",
    r#"{"confirm": true, "payment_method": "pm_card_chargeDeclined"}"#,
);

pub(super) const SUBSCRIPTION: Step = make(
    "subscription",
    "/v1/subscriptions",
    r#"{"customer": "$customer", "default_payment_method": "$card", "items": [{"price": "$price"}]}"#,
);
pub(super) const SHORT_TRIAL: Step = make(
    "subscription",
    "/v1/subscriptions",
    r#"{"customer": "$customer", "items": [{"price": "$price"}], "trial_end": "$now+86400"}"#,
);
pub(super) const PAUSING_TRIAL: Step = make(
    "subscription",
    "/v1/subscriptions",
    r#"{"customer": "$customer", "items": [{"price": "$price"}], "trial_period_days": 7,
        "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}}}"#,
);
pub(super) const END_TRIAL: Step = then("/v1/subscriptions/$subscription", r#"{"trial_end": "now"}"#);
pub(super) const DISCOUNTED: Step = make(
    "subscription",
    "/v1/subscriptions",
    r#"{"customer": "$customer", "default_payment_method": "$card", "items": [{"price": "$price"}],
        "discounts": [{"coupon": "$coupon"}]}"#,
);
pub(super) const SCHEDULE: Step = make(
    "schedule",
    "/v1/subscription_schedules",
    r#"{"customer": "$customer", "start_date": "$now+86400", "phases": [{"items": [{"price": "$price"}]}]}"#,
);
pub(super) const SCHEDULE_NOW: Step = make(
    "schedule",
    "/v1/subscription_schedules",
    r#"{"customer": "$customer", "start_date": "now", "phases": [{"items": [{"price": "$price"}]}],
        "default_settings": {"default_payment_method": "$card"}}"#,
);

pub(super) const SESSION: Step = make(
    "session",
    "/v1/checkout/sessions",
    r#"{"mode": "payment", "success_url": "https://example.com/done", "line_items": [{"quantity": 1,
        "price_data": {"currency": "usd", "unit_amount": 2000, "product_data": {"name": "Tea"}}}]}"#,
);
pub(super) const COMPLETE: Step = does("", Does::Complete, "$session", "{}");

pub(super) const PORTAL: Step = make(
    "portal",
    "/v1/billing_portal/configurations",
    r#"{"features": {"subscription_cancel": {"enabled": true}}}"#,
);
pub(super) const PORTAL_SESSION: Step =
    make("session", "/v1/billing_portal/sessions", r#"{"customer": "$customer"}"#);
pub(super) const CLOCK: Step = make("clock", "/v1/test_helpers/test_clocks", r#"{"frozen_time": "$now+0"}"#);
