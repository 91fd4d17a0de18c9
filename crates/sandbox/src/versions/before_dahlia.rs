//! What dahlia (2026-03-25) changed, undone for clover.
//!
//! Of what the sandbox has it only added: `quantity_decimal` of invoice items and lines,
//! `allowed_payment_method_types` and `managed_payments` of payment intents,
//! `billing_schedules` of subscriptions, `customer` and `payment_method` of refunds. The
//! tables take these away. Decimals were strings on the wire before, too; what changed is
//! how SDKs read them.

use super::Step;

pub(super) const STEP: Step = Step { release: "dahlia", objects: &[], requests: &[] };
