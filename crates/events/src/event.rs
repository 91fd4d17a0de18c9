//! Reading events tolerantly: a receipt never fails because a body surprised us.

use model::{AccountId, EventId, Failure, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::{
    failures,
    read::{Object, Scalar, Top},
};

/// What the inbox reads of an event.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "Stripe's own words")]
pub struct EventHead {
    pub id: EventId,
    pub kind: String,
    pub created: Timestamp,
    /// `None` when the event does not say.
    pub livemode: Option<bool>,
    /// `account`, else `context`.
    pub account: Option<AccountId>,
    /// `data.object.id` first, then the ids of its customer, invoice, payment intent,
    /// charge and subscription.
    pub objects: Vec<String>,
}

impl EventHead {
    /// Reads the head of an event, snapshot or thin. Only an object with a text `id`
    /// and `type` is an event; anything else may be missing or of another shape.
    /// `created` is a Unix second or RFC 3339 text, else `now`.
    ///
    /// # Errors
    /// `validation_error` when the body is no event.
    pub fn read(body: &[u8], now: Timestamp) -> Result<Self, Failure> {
        let top: Top = serde_json::from_slice(body).map_err(failures::no_event)?;
        let id = top.id.text().ok_or_else(|| failures::no_event("it has no text `id`"))?;
        let kind = top.kind.text().ok_or_else(|| failures::no_event("it has no text `type`"))?;
        let objects = match ids(&top.object) {
            none if none.is_empty() => ids(&top.related),
            some => some,
        };
        let account = top.account.text().or_else(|| top.context.text()).map(AccountId::new);
        let livemode = match top.livemode {
            Scalar::Truth(live) => Some(live),
            _ => None,
        };
        let created = created(&top.created).unwrap_or(now);
        Ok(Self { id: EventId::new(id), kind: kind.to_owned(), created, livemode, account, objects })
    }
}

fn created(value: &Scalar) -> Option<Timestamp> {
    match value {
        Scalar::Number(second) => Some(model::seconds(*second)),
        Scalar::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn ids(object: &Object) -> Vec<String> {
    let all = [
        &object.id,
        &object.customer,
        &object.invoice,
        &object.payment_intent,
        &object.charge,
        &object.subscription,
        &object.parent_subscription,
    ];
    let mut ids: Vec<String> = Vec::with_capacity(all.len());
    for id in all.into_iter().filter_map(Scalar::text) {
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

/// A receipt with its event, for people.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "named for what they hold")]
pub struct EventView {
    pub id: model::ReceiptId,
    pub event_id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub account: String,
    pub mode: model::Mode,
    pub status: model::ReceiptStatus,
    pub created_at: Timestamp,
    pub received_at: Timestamp,
    pub objects: Vec<String>,
    pub tries: u32,
    pub next_try_at: Option<Timestamp>,
    pub error: Option<Value>,
    /// The runs that it started.
    pub runs: Vec<model::RunId>,
    /// The event itself; in lists it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Value>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(body: &str) -> Result<EventHead, Failure> {
        EventHead::read(body.as_bytes(), model::seconds(77))
    }

    #[test]
    fn the_ids_that_waits_match_on_are_found_expanded_or_not() {
        let head = read(
            r#"{"id":"evt_1","type":"invoice.paid","created":5,"livemode":false,"account":"acct_2","context":"x",
                "data":{"object":{"id":"in_1","customer":{"id":"cus_1","deleted":true},"charge":null,
                "payment_intent":"pi_1","subscription":"in_1","lines":{"data":[{"id":"il_1"}]},
                "parent":{"subscription_details":{"subscription":"sub_1"}}},"previous_attributes":{"id":"no"}}}"#,
        )
        .unwrap();
        assert_eq!(head.objects, ["in_1", "cus_1", "pi_1", "sub_1"]);
        assert_eq!((head.id.as_str(), head.kind.as_str()), ("evt_1", "invoice.paid"));
        assert_eq!((head.created, head.livemode), (model::seconds(5), Some(false)));
        assert_eq!(head.account.unwrap().as_str(), "acct_2");
    }

    #[test]
    fn a_thin_event_is_an_event() {
        let head = read(
            r#"{"id":"evt_2","object":"v2.core.event","type":"v1.billing.meter.error_report_triggered",
                "created":"2026-01-02T03:04:05.678Z","context":"acct_9","related_object":{"id":"mtr_1","type":"billing.meter"}}"#,
        )
        .unwrap();
        assert_eq!(head.created, "2026-01-02T03:04:05.678Z".parse().unwrap());
        assert_eq!(head.account.unwrap().as_str(), "acct_9");
        assert_eq!(head.objects, ["mtr_1"]);
    }

    #[test]
    fn surprising_values_count_as_absent() {
        let head =
            read(r#"{"id":"evt_3","type":"a.b","created":1.5,"livemode":"no","account":[1],"data":7}"#)
                .unwrap();
        assert_eq!((head.created, head.livemode, head.account), (model::seconds(77), None, None));
        assert!(head.objects.is_empty());
        let deep = format!(
            r#"{{"id":"evt_4","type":"a.b","data":{}1{}}}"#,
            "[".repeat(100_000),
            "]".repeat(100_000)
        );
        assert_eq!(read(&deep).map(|head| head.id), Ok(EventId::new("evt_4")));
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for body in
            ["", "null", "[]", "{}", r#"{"id":"evt_1"}"#, r#"{"id":1,"type":"a"}"#, r#"{"id":"evt"#, "\u{0}"]
        {
            let failure = read(body).unwrap_err();
            assert_eq!(failure.code, model::Code::ValidationError, "{body}");
        }
        assert!(EventHead::read(b"{\"id\":\"\xff\",\"type\":\"a\"}", model::seconds(0)).is_err());
    }

    proptest! {
        #[test]
        fn no_body_brings_the_reader_down(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = EventHead::read(&body, model::seconds(0));
        }
    }
}
