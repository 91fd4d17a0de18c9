//! Every error code there is: produced, or listed with the reason why nothing here
//! can produce it. A new code does not compile until it has a place here.

mod elsewhere;
mod said;
mod scene;
mod secrets;

use std::time::Duration;

use bursar_it::detours::{Detour, Trouble};
use model::Code;
use sandbox::Fault;
use serde_json::{Value, json};
use server::{KeyLimits, ServerLimits};

use scene::{BUDGET, Scene, Told};

/// How a code comes about.
enum Stage {
    /// A call of an action ends with it, over HTTP and on the command line alike.
    Call(Box<Scene>),
    /// Only HTTP has it: the command line never asks like that.
    Http,
    /// Only a command has it: it is about this machine.
    Command,
    /// A run ends with it, and both surfaces show the run.
    Run,
    /// Nothing in this version ends with it.
    NotYet(&'static str),
}

fn call(scene: Scene) -> Stage {
    Stage::Call(Box::new(scene))
}

fn always(fault: Fault) -> Option<(Fault, u32, &'static str)> {
    Some((fault, 1_000, "POST"))
}

/// Where each code comes from. Total.
fn stage(code: Code) -> Stage {
    match code {
        Code::CardDeclined
        | Code::AuthenticationRequired
        | Code::InvalidRequestError
        | Code::ResourceMissing
        | Code::IdempotencyError
        | Code::RateLimitError
        | Code::LockTimeout
        | Code::AuthenticationError
        | Code::PermissionError
        | Code::ApiError => from_stripe(code),
        Code::ValidationError => call(Scene { input: Some(json!({ "emial": "a@b.c" })), ..Scene::default() }),
        Code::Unauthorized => call(Scene { scopes: &[], ..Scene::default() }),
        Code::Forbidden => call(Scene { scopes: &["actions:read"], ..Scene::default() }),
        Code::Conflict => {
            let before = Some(json!({ "email": "ada@example.com" }));
            call(Scene { before, input: Some(json!({ "email": "bob@example.com" })), ..Scene::default() })
        }
        Code::PayloadTooLarge => {
            let server = ServerLimits { body_bytes: 256, ..ServerLimits::default() };
            call(Scene { server, input: Some(json!({ "description": "a".repeat(300) })), ..Scene::default() })
        }
        Code::Timeout => {
            let server = ServerLimits { timeout: Duration::from_secs(1), ..ServerLimits::default() };
            call(Scene { server, budget: 9 * BUDGET, detour: Detour::Silent, ..Scene::default() })
        }
        Code::ConnectionRequired => call(Scene { connection: Some("nobody"), ..Scene::default() }),
        Code::ConnectionExpired => {
            call(Scene { expired: true, connection: Some("local"), ..Scene::default() })
        }
        Code::ConnectionUnreachable => call(Scene { detour: Detour::Unreachable, ..Scene::default() }),
        Code::OutcomeUnknown => call(Scene { detour: Detour::Silent, ..Scene::default() }),
        Code::Parked => call(Scene { detour: key_taken(), ..Scene::default() }),
        Code::StoreUnavailable => call(Scene { trouble: Some(Trouble::Full), ..Scene::default() }),
        Code::InternalError => call(Scene { trouble: Some(Trouble::Damaged), ..Scene::default() }),
        Code::IdempotencyKeyRequired | Code::InvalidSignature => Stage::Http,
        Code::NotFound | Code::WorkflowNotActive => Stage::Run,
        Code::WorkflowFailed | Code::TemplateError => Stage::Run,
        Code::FolderInUse | Code::PortInUse | Code::VaultKeyMissing => Stage::Command,
        Code::RateLimited => {
            let keys = Some(KeyLimits { execute: 1, ..KeyLimits::default() });
            let server = ServerLimits { keys, ..ServerLimits::default() };
            call(Scene { server, before: Some(json!({ "email": "ada@example.com" })), ..Scene::default() })
        }
        Code::PolicyDenied => Stage::NotYet("there are no policies yet"),
        Code::ApprovalPending => Stage::NotYet("there are no approvals yet"),
        Code::Held => Stage::NotYet("there are no restored backups yet"),
    }
}

fn from_stripe(code: Code) -> Stage {
    match code {
        Code::CardDeclined => declined("pm_card_visa_chargeDeclinedInsufficientFunds"),
        Code::AuthenticationRequired => {
            let mut input = payment("pm_card_authenticationRequired");
            input["offSession"] = json!(true);
            call(Scene { action: "stripe.createPaymentIntent", input: Some(input), ..Scene::default() })
        }
        Code::InvalidRequestError => {
            let input = Some(json!({ "amount": 1, "currency": "usd" }));
            call(Scene { action: "stripe.createPaymentIntent", input, ..Scene::default() })
        }
        Code::ResourceMissing => {
            let input = Some(json!({ "customerId": "cus_nobody" }));
            call(Scene { action: "stripe.getCustomer", input, ..Scene::default() })
        }
        Code::RateLimitError => {
            let fault = always(Fault::RateLimited { reason: "global-rate".to_owned() });
            call(Scene { fault, ..Scene::default() })
        }
        Code::LockTimeout => call(Scene { fault: always(Fault::LockTimeout), ..Scene::default() }),
        Code::AuthenticationError => call(Scene { detour: Detour::WrongKey, ..Scene::default() }),
        Code::PermissionError => {
            let input = Some(json!({ "email": "ada@example.com", "stripeAccount": "acct_other" }));
            call(Scene { input, ..Scene::default() })
        }
        Code::ApiError => call(Scene { fault: Some((Fault::Stored500, 1, "POST")), ..Scene::default() }),
        _ => Stage::NotYet(
            "a write whose key Stripe knows for something else is looked for, and parked: see `Code::Parked`",
        ),
    }
}

/// Stripe knows our key for another request: something was done under it, and not this.
fn key_taken() -> Detour {
    let message =
        "Keys for idempotent requests can only be used with the same parameters they were first used with.";
    Detour::Answered(400, json!({ "type": "idempotency_error", "message": message }))
}

fn payment(card: &str) -> Value {
    json!({ "amount": 1999, "currency": "usd", "paymentMethod": card, "confirm": true,
            "automaticPaymentMethods": { "enabled": true, "allowRedirects": "never" } })
}

fn declined(card: &str) -> Stage {
    let action = "stripe.createPaymentIntent";
    call(Scene { action, input: Some(payment(card)), ..Scene::default() })
}

async fn played(stage: Stage) -> Told {
    let Stage::Call(scene) = stage else { panic!("not a call") };
    scene.play().await
}

#[tokio::test]
async fn every_code_that_a_call_can_end_with_is_said_alike_over_http_and_on_the_command_line() {
    for code in Code::ALL {
        if let Stage::Call(scene) = stage(*code) {
            let told = scene.play().await;
            said::hold(*code, &told);
            said::as_on_its_page(*code, &told.http.body["error"]);
        }
    }
}

#[tokio::test]
async fn what_is_not_reachable_says_so_on_its_page() {
    for code in Code::ALL {
        let reserved = said::page(*code).contains("Reserved: nothing in this version answers with it");
        assert_eq!(reserved, matches!(stage(*code), Stage::NotYet(_)), "{code}");
        if let Stage::NotYet(why) = stage(*code) {
            println!("{code}: {why}");
        }
    }
}

#[tokio::test]
async fn each_reason_of_a_decline_is_named() {
    for (card, reason) in [
        ("chargeDeclined", "generic_decline"),
        ("chargeDeclinedLostCard", "lost_card"),
        ("chargeDeclinedStolenCard", "stolen_card"),
        ("chargeDeclinedExpiredCard", "expired_card"),
        ("chargeDeclinedIncorrectCvc", "incorrect_cvc"),
        ("chargeDeclinedProcessingError", "processing_error"),
        ("chargeDeclinedFraudulent", "fraudulent"),
        ("chargeDeclinedVelocityLimitExceeded", "card_velocity_exceeded"),
    ] {
        let told = played(declined(&format!("pm_card_visa_{card}"))).await;
        said::hold(Code::CardDeclined, &told);
        let message = told.http.message();
        assert!(
            message.starts_with(&format!("Stripe declined the card ({reason}). No money moved")),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_read_that_stripe_fails_at_changes_nothing() {
    let fault = Some((Fault::Stored500, 1_000, "GET"));
    let told = Scene { action: "stripe.getBalance", fault, ..Scene::default() }.play().await;
    said::hold(Code::ApiError, &told);
    assert!(told.http.message().contains("A read changes nothing at Stripe"), "{}", told.http.message());
    assert_eq!(told.http.body["error"]["retry"]["kind"], "same_key");
}

/// What only Stripe could see is told at the same place as what the tables saw.
#[tokio::test]
async fn a_refusal_of_stripes_names_the_place_in_the_input() {
    let input = json!({ "amount": 1999, "currency": "usd", "customerId": "cus_nobody" });
    let scene =
        Scene { action: "stripe.createPaymentIntent", input: Some(input.clone()), ..Scene::default() };
    let (answer, _, surfaces) = scene.play_over_http().await;
    assert_eq!(answer.body["error"]["field"], "config.customerId");
    let action = actions::Catalog.get("stripe.createPaymentIntent").expect("an action");
    let run = surfaces.run_written(action, "a run", &input).await;
    let failure = run.error.expect("a failed run says why");
    assert_eq!(failure.field.as_deref(), Some("steps.it.config.customerId"));
    assert_eq!(failure.message, answer.message());
    assert_eq!(Some(&answer.body["error"]["stripe"]), failure.stripe.as_ref());
}
