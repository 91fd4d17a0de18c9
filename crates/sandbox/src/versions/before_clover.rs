//! What clover (2025-09-30) changed, undone for basil.
//!
//! A discount's `source` and a promotion code's `promotion` were the whole coupon, and a
//! promotion code was made with a coupon's id.

use serde_json::{Map, Value, json};

use super::{ObjectChange, RequestChange, Step};
use crate::{
    discounts, promotion_codes, value,
    wire::{Refusal, refusal},
};

pub(super) const STEP: Step = Step {
    release: "clover",
    objects: &[
        ObjectChange {
            what: "a discount had its coupon whole, not as its source",
            object: "discount",
            gives: &["coupon"],
            undo: |tx, discount| value::set(discount, "coupon", discounts::coupon(tx, discount)),
        },
        ObjectChange {
            what: "a promotion code had its coupon whole, not as what it promotes",
            object: "promotion_code",
            gives: &["coupon"],
            undo: |tx, code| value::set(code, "coupon", promotion_codes::coupon(tx, code)),
        },
    ],
    requests: &[
        RequestChange {
            what: "a subscription was classic unless it was made flexible",
            operations: &["subscriptions.create"],
            names: &[],
            redo: classic,
        },
        RequestChange {
            what: "a promotion code was made with a coupon's id",
            operations: &["promotionCodes.create"],
            names: &[("promotion[coupon]", "coupon")],
            redo: promoted,
        },
    ],
};

/// Stripe's changelog, 2025-09-30.clover: from here on `billing_mode` is flexible unless
/// told otherwise.
fn classic(params: &mut Map<String, Value>) -> Result<(), Refusal> {
    params.entry("billing_mode").or_insert_with(|| json!({"type": "classic"}));
    Ok(())
}

/// Stripe's changelog, 2025-09-30.clover: what a code promotes says of what type it is.
fn promoted(params: &mut Map<String, Value>) -> Result<(), Refusal> {
    if let Some(coupon) = params.shift_remove("coupon") {
        if params.contains_key("promotion") {
            return Err(refusal::exclusive("coupon", "promotion"));
        }
        params.insert("promotion".into(), json!({"coupon": coupon, "type": "coupon"}));
    }
    Ok(())
}
