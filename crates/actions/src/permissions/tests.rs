//! Every action and every event states what it needs, and no question is a write.

use std::collections::BTreeSet;

use model::{IdempotencyKey, SeededRng};
use serde_json::json;
use stripe::{Answer, Headers, Kind, PINNED, Request, Version};

use super::*;
use crate::Catalog;

/// The triggers that the source of this project names.
const TRIGGERS: [(&str, &str); 8] = [
    ("invoice.paid", "invoice_read"),
    ("invoice.payment_failed", "invoice_read"),
    ("customer.subscription.created", "subscription_read"),
    ("customer.subscription.updated", "subscription_read"),
    ("customer.subscription.deleted", "subscription_read"),
    ("payment_intent.succeeded", "payment_intent_read"),
    ("payment_intent.payment_failed", "payment_intent_read"),
    ("charge.refunded", "charge_read"),
];

fn of_actions() -> BTreeSet<Permission> {
    Catalog.all().iter().map(|action| action.permission).collect()
}

fn of_events() -> BTreeSet<Permission> {
    tables::event_types().iter().flat_map(|kind| Permission::of_event(kind)).collect()
}

/// Reading and writing everything that the table has.
fn of_everything() -> BTreeSet<Permission> {
    let levels = |row: &table::Resource| [Permission::read(row.name), Permission::write(row.name)];
    table::RESOURCES.iter().flat_map(levels).collect()
}

#[test]
fn the_table_has_every_name_once_and_only_resources_of_stripes_tables() {
    assert!(table::RESOURCES.is_sorted_by(|a, b| a.name < b.name));
    let known: BTreeSet<String> = tables::operation_ids().map(resource).collect();
    let mut seen = BTreeSet::new();
    for row in table::RESOURCES {
        for name in row.also.iter().chain([&row.name]) {
            assert!(seen.insert(*name), "{name} twice");
            // The one resource of its own that is no part of an operation's name.
            assert!(known.contains(*name) || *name == "account", "{name} is no resource");
        }
        assert!(!row.label.is_empty() && row.stripe.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
    }
}

#[test]
fn every_action_states_what_it_needs_in_all_three_systems() {
    for action in Catalog.all() {
        let permission = action.permission;
        let needs = permission.needs().unwrap_or_else(|| panic!("{}: {permission} has no row", action.name));
        assert_eq!(permission, permission.canonical(), "{}", action.name);
        assert_eq!(Permission::of_operation(action.operation.resolve()), Some(permission), "{}", action.name);
        let (key, app) = (needs.restricted_key(), needs.app());
        assert_eq!(key, format!("rak_{app}"));
        assert!(app.ends_with(if needs.write { "_write" } else { "_read" }), "{}: {app}", action.name);
        assert_eq!(needs.connect() == "read_write", needs.write);
        assert!(!needs.label.is_empty());
    }
    let needs = Catalog.get("createInvoice").unwrap().permission.needs().unwrap();
    assert_eq!(
        needs.to_json(),
        json!({
            "restrictedKey": { "resource": "Invoices", "level": "Write", "permission": "rak_invoice_write" },
            "connectScope": "read_write",
            "appPermission": "invoice_write",
        })
    );
}

#[test]
fn every_event_states_what_it_needs_and_the_triggers_name_their_objects() {
    for kind in tables::event_types() {
        let needed = Permission::of_event(kind);
        assert_eq!(needed[0], Permission::read("events"), "{kind}");
        assert!(needed.iter().all(|permission| !permission.write && permission.needs().is_some()), "{kind}");
    }
    for (kind, app) in TRIGGERS {
        let names: Vec<_> = Permission::of_event(kind).iter().map(|p| p.needs().unwrap().app()).collect();
        assert_eq!(names, ["event_read", app], "{kind}");
    }
}

#[test]
fn an_operation_without_a_known_permission_states_nothing_rather_than_a_guess() {
    let needs = |id: &str| {
        let operation = tables::operation(id).unwrap();
        Permission::of_operation(operation).and_then(Permission::needs).map(Needs::app)
    };
    assert_eq!(needs("checkout.sessions.create").as_deref(), Some("checkout_session_write"));
    assert_eq!(needs("plans.list").as_deref(), Some("plan_read"));
    assert_eq!(needs("invoiceItems.update").as_deref(), Some("invoice_write"));
    assert_eq!(needs("accounts.retrieveCurrent").as_deref(), Some("accounts_kyc_basic_read"));
    assert_eq!(needs("climate.orders.list"), None);
}

#[test]
fn every_permission_of_an_action_or_an_event_can_be_asked_for_under_every_version() {
    let wanted: BTreeSet<_> = of_actions().into_iter().chain(of_events()).collect();
    for version in Version::all() {
        let probes = Probe::of(&wanted, version);
        // Stripe has no update of a test clock by which writing could be asked for.
        let asked = wanted.iter().filter(|one| one.to_string() != "test_helpers_test_clocks:write");
        for permission in asked {
            let probe = probes.get(permission).unwrap_or_else(|| panic!("{permission} at {version}"));
            assert_eq!(probe.permission, *permission);
        }
    }
    let path = |permission| Probe::of(&wanted, PINNED)[&permission].operation.path;
    assert_eq!(path(Permission::write("invoices")), "/v1/invoices/{invoice}");
    assert_eq!(path(Permission::read("invoices")), "/v1/invoices");
    assert_eq!(path(Permission::read("balance")), "/v1/balance");
    assert_eq!(path(Permission::read("account")), "/v1/account");
}

/// The whole of the safety: reads, and updates of an object that nobody has in nothing.
#[test]
fn no_question_about_any_permission_is_a_write_that_could_change_anything() {
    let (rng, mut asked) = (SeededRng::new(1), 0);
    for version in Version::all() {
        for (permission, probe) in Probe::of(&of_everything(), version) {
            let nobody = Nobody::new(&rng);
            let key = IdempotencyKey::from_text("k");
            let request = probe.request(&nobody, version, key.clone()).unwrap();
            let at = format!("{permission} at {version}: {}", request.path);
            assert_eq!(request.version, version);
            asked += 1;
            match request.kind {
                Kind::Read => {
                    assert_eq!(probe.operation.method, Method::Get, "{at}");
                    assert!(!permission.write, "{at}");
                }
                Kind::Write(_) => is_no_write(&request, &at),
                Kind::Delete => panic!("{at} deletes"),
            }
        }
    }
    assert!(asked > 400, "only {asked}");
}

fn is_no_write(request: &Request, at: &str) {
    let operation = request.operation;
    assert_eq!((operation.method, request.form.len()), (Method::Post, 0), "{at}");
    assert!(operation.path.ends_with('}') && operation.path_params().len() == 1, "{at}");
    let id = request.path.rsplit('/').next().unwrap();
    let bits = id.strip_prefix(Nobody::PREFIX).expect(at);
    assert!(bits.len() == 32 && bits.bytes().all(|b| b.is_ascii_hexdigit()), "{at}");
    // The same path is read: what is posted to it updates, and does not act.
    let (read, ids) = tables::route_in(Method::Get, &request.path, request.version).expect(at);
    assert_eq!(ids, [id], "{at}");
    assert!(!read.params.iter().any(|param| param.required), "{at}");
    // An update that says nothing is complete as it is, so nothing is refused before the permission.
    assert!(operation.check(&serde_json::Map::new(), request.version).is_empty(), "{at}");
}

#[test]
fn no_two_questions_name_the_same_nobody() {
    let rng = SeededRng::new(1);
    assert_ne!(Nobody::new(&rng), Nobody::new(&rng));
}

const OLD: &str = "The provided key 'rk_test_****qs8K' does not have the required permissions for this endpoint on \
                   account 'acct_1'. Having the 'rak_plan_read' permission would allow this request to continue.";
const SEVERAL: &str = "Having the 'rak_confirmation_token_client_read', 'rak_setup_intent_read' permissions would allow \
                       this request to continue.";
const NEW: &str = "Permission denied. The provided key 'rk_live_****va7j' does not have the required permissions for \
                   this endpoint on account 'acct_1'. Enabling \"Prices Read\" ('plan_read') permissions on this key \
                   would allow this request to continue. You can edit permissions at \
                   https://dashboard.stripe.com/b/acct_1?destination=%2Fapikeys%2Fmk_1%2Fedit.";
const SCOPE: &str =
    "This application does not have the required permissions. Having the 'read_write' permission would do.";

fn refusal(message: &str) -> Value {
    json!({ "error": { "type": "invalid_request_error", "message": message } })
}

#[test]
fn every_wording_of_a_refusal_is_read() {
    for (message, named) in [
        (OLD, vec!["rak_plan_read"]),
        (SEVERAL, vec!["rak_confirmation_token_client_read", "rak_setup_intent_read"]),
        (NEW, vec!["plan_read"]),
        (SCOPE, vec!["read_write"]),
        ("The required permissions are not available for use by restricted keys.", vec![]),
    ] {
        assert_eq!(Refused::read(403, &refusal(message)).unwrap().named, named, "{message}");
    }
    let link = Refused::read(403, &refusal(NEW)).unwrap().link.unwrap();
    assert_eq!(link, "https://dashboard.stripe.com/b/acct_1?destination=%2Fapikeys%2Fmk_1%2Fedit");
    let elsewhere =
        refusal("No permission. Go to https://dashboard.stripe.com.evil.example/x or https://evil.example.");
    assert_eq!(Refused::read(403, &elsewhere).unwrap().link, None);
    let newer = json!({ "error": { "code": "more_permissions_required", "message": NEW } });
    assert!(Refused::read(403, &newer).is_some());
    let gone = json!({ "error": { "code": "account_invalid", "message": "no access" } });
    let platforms = refusal("Only Stripe Connect platforms can work with other accounts.");
    let other = [(403, platforms), (403, json!("denied")), (403, json!({}))];
    for (status, body) in [(404, refusal(OLD)), (403, gone)].into_iter().chain(other) {
        assert_eq!(Refused::read(status, &body), None, "{body}");
    }
}

#[test]
fn an_answer_that_does_not_tell_is_never_read_as_one_that_does() {
    let probes = Probe::of(&of_actions(), PINNED);
    let (read, write) = (&probes[&Permission::read("invoices")], &probes[&Permission::write("invoices")]);
    let answer = |status, body| Answer { status, headers: Headers::default(), body };
    let missing_one = json!({ "error": { "code": "resource_missing", "message": "No such invoice." } });
    assert_eq!(read.verdict(&answer(200, json!({ "object": "list" }))), Verdict::Ready);
    assert_eq!(write.verdict(&answer(404, missing_one.clone())), Verdict::Ready);
    for probe in [read, write] {
        assert!(matches!(probe.verdict(&answer(403, refusal(OLD))), Verdict::Missing(_)));
    }
    let parameter =
        json!({ "error": { "code": "parameter_missing", "message": "Missing required param: x." } });
    for (probe, status, body) in [
        (write, 200, json!({ "object": "invoice" })),
        (write, 400, parameter),
        (write, 404, refusal("Unrecognized request URL.")),
        (write, 409, refusal("busy")),
        (write, 500, Value::Null),
        (read, 404, missing_one),
        (read, 401, refusal("Invalid API Key")),
        (read, 403, json!("a proxy's page")),
        (write, 403, refusal("This API call cannot be made with a publishable API key.")),
        (read, 429, refusal("slow down")),
    ] {
        let verdict = probe.verdict(&answer(status, body));
        let Verdict::Unknown(why) = verdict else { panic!("{status}: {verdict:?}") };
        assert!(!why.is_empty() && !why.ends_with('.'), "{why}");
    }
}
