//! A refusal of Stripe's for want of a permission, read.
//!
//! Stripe says which permission would do in words only, and its words have changed over
//! the years: `Having the 'rak_plan_read' permission would allow …`, the same with several
//! of which one is enough, `Enabling "Prices Read" ('plan_read') permissions …` with a
//! link to the key's page, or no name at all.

use serde_json::Value;

/// The code that newer refusals have; older ones have none.
const CODE: &str = "more_permissions_required";

/// The only place that a link of a refusal may lead to.
const DASHBOARD: &str = "https://dashboard.stripe.com/";

/// The longest link that is repeated.
const LINK_LEN_MAX: usize = 300;

/// What a refusal says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused {
    /// The permissions that Stripe names, any of which would do, as it spells them.
    pub named: Vec<String>,
    /// The page of Stripe's dashboard on which the key is edited.
    pub link: Option<String>,
}

impl Refused {
    /// Reads a refusal; `None` when it is about something else: another status, an
    /// account that is out of reach, what only platforms may, or no answer of Stripe's.
    pub fn read(status: u16, body: &Value) -> Option<Self> {
        let error = body.get("error").filter(|error| error.is_object())?;
        let code = error.get("code").and_then(Value::as_str);
        if status != 403 || code.is_some_and(|code| code != CODE) {
            return None;
        }
        let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
        // Without a code only the words tell what it is about.
        if code.is_none() && !message.contains("permission") {
            return None;
        }
        Some(Self { named: named(message), link: link(message) })
    }
}

/// What stands between single quotes and ends as a permission does.
fn named(message: &str) -> Vec<String> {
    let is_name = |text: &&str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        text.chars().all(plain) && (text.ends_with("_read") || text.ends_with("_write"))
    };
    message.split('\'').filter(is_name).map(str::to_owned).collect()
}

fn link(message: &str) -> Option<String> {
    let words = message.split_whitespace().filter(|word| word.starts_with(DASHBOARD));
    let link = words.map(|word| word.trim_end_matches(['.', ',', ')'])).next()?;
    (link.len() <= LINK_LEN_MAX && link.bytes().all(|b| b.is_ascii_graphic())).then(|| link.to_owned())
}
