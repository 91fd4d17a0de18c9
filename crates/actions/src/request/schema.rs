//! The JSON Schema of the input of `stripe.request`.

use serde_json::{Value, json};
use stripe::{PINNED, Version};

use super::{ABOUT, TITLE};
use crate::schema::DIALECT;

/// What stands around the parameters; which parameters there are, each operation says.
pub(crate) fn input() -> Value {
    let versions: Vec<_> = Version::all().map(Version::as_str).collect();
    json!({
        "$schema": DIALECT, "title": TITLE, "description": ABOUT, "type": "object",
        "properties": {
            "operation": { "type": "string", "minLength": 1,
                "description": "The operation's name in Stripe's Node SDK, such as `refunds.create`. This, or `method` and `path`." },
            "method": { "type": "string", "enum": ["GET", "POST", "DELETE"],
                "description": "The verb, with `path`." },
            "path": { "type": "string", "pattern": "^/v1/[^?#]+$",
                "description": "The path with its ids filled in, such as `/v1/refunds/re_1`; no host and no query." },
            "params": { "type": "object",
                "description": "Stripe's parameters in camel or snake case, and with `operation` the ids of its path by their names." },
            "expand": { "type": "array", "items": { "type": "string" },
                "description": "Fields to return as whole objects instead of ids, in Stripe's names, such as `customer`." },
            "stripeAccount": { "type": "string", "minLength": 1,
                "description": "The connected account to act as." },
            "apiVersion": { "type": "string", "enum": versions, "default": PINNED.as_str(),
                "description": "The Stripe API version of this call." },
            "all": { "type": "boolean", "default": false,
                "description": "Lists everything, page after page, as a stream; for lists." },
        },
        "oneOf": [
            { "required": ["operation"], "properties": { "method": false, "path": false } },
            { "required": ["method", "path"], "properties": { "operation": false } },
        ],
        "additionalProperties": false,
    })
}
