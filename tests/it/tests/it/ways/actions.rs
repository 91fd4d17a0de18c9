//! Every action over every way of connecting: the objects are those that an API key
//! gives, in the account that was connected and in no other.

use actions::{Catalog, Effect};
use bursar_it::Fixtures;
use serde_json::Value;

use super::{How, World};

/// What an action answered, without what differs between two accounts.
type Answered = Vec<(&'static str, Value)>;

/// Texts that are made up for an account or an object, and are no ids.
const MADE_UP: [&str; 5] = ["client_secret", "code", "invoice_prefix", "number", "receipt_number"];

/// Connects, and calls every action with its example.
async fn all_actions(how: How) -> Answered {
    let world = World::new().await;
    let owner = world.account(how).await;
    world.connect(how, "main", &owner).await;
    let mut answered = Vec::new();
    for action in Catalog.all() {
        let fixtures = Fixtures::of_account(&world.stripe, owner.clone(), action.name);
        let config = fixtures.fill(action).await;
        let journal = world.stripe.journal().len();
        let answer = world.call("main", action.name, action.name, &config).await;
        assert_eq!(answer.status, 200, "{how:?} {}: {:#}", action.name, answer.body);
        let of_account = |account: &Option<String>| {
            let own = account.as_deref().unwrap_or(world.stripe.account().as_str()) == owner.account.as_str();
            assert!(own, "{how:?} {}: {account:?} is another account", action.name);
        };
        let asked = world.stripe.journal().split_off(journal);
        assert!(!asked.is_empty(), "{how:?} {}: Stripe was not asked", action.name);
        asked.iter().for_each(|entry| of_account(&entry.account));
        let keyed = asked.iter().filter(|entry| entry.key.is_some()).count();
        assert_eq!(keyed, usize::from(action.effect == Effect::KeyedWrite), "{how:?} {}", action.name);
        answered.push((action.name, leveled(&answer.body["data"])));
    }
    answered
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_action_gives_the_same_over_every_way_as_over_an_api_key() {
    let [connected, own] = [all_actions(How::SecretKey).await, all_actions(How::OwnKey).await];
    assert!(own.len() >= 24, "the catalog has every action of the source document");
    for how in How::all() {
        let wanted = if matches!(how, How::OwnKey | How::RestrictedKey) { &own } else { &connected };
        for ((action, wanted), (other, got)) in wanted.iter().zip(all_actions(how).await) {
            assert_eq!(*action, other);
            let different = difference(wanted, &got, String::new());
            assert_eq!(different, None, "{how:?} {action}");
        }
    }
}

/// An answer in which ids are only their kinds, and addresses only that.
fn leveled(value: &Value) -> Value {
    match value {
        Value::String(text) => kind_of(text).into(),
        Value::Array(items) => items.iter().map(leveled).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), field(name, value))).collect()
        }
        other => other.clone(),
    }
}

fn field(name: &str, value: &Value) -> Value {
    if MADE_UP.contains(&name) && value.is_string() { "(made up)".into() } else { leveled(value) }
}

fn kind_of(text: &str) -> String {
    if text.starts_with("https://") || text.starts_with("http://") {
        return "(address)".to_owned();
    }
    let word = |word: &str| match word.rsplit_once('_') {
        Some((kind, rest)) if is_made_up(rest) => format!("{kind}_…"),
        // Coupons have ids without a kind.
        None if is_made_up(word) => "(made up)".to_owned(),
        _ => word.to_owned(),
    };
    text.split('/').map(word).collect::<Vec<_>>().join("/")
}

/// Whether nobody would write this.
fn is_made_up(text: &str) -> bool {
    let any = |is: fn(&u8) -> bool| text.bytes().skip(1).any(|byte| is(&byte));
    let mixed = any(u8::is_ascii_digit) || (any(u8::is_ascii_uppercase) && any(u8::is_ascii_lowercase));
    text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) && mixed
}

/// The first place at which two answers differ.
fn difference(wanted: &Value, got: &Value, at: String) -> Option<String> {
    match (wanted, got) {
        (Value::Object(one), Value::Object(other)) => {
            let names = one.keys().chain(other.keys());
            names.into_iter().find_map(|name| {
                let of =
                    |object: &serde_json::Map<String, Value>| object.get(name).cloned().unwrap_or_default();
                difference(&of(one), &of(other), format!("{at}.{name}"))
            })
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate();
            pairs.into_iter().find_map(|(nth, (one, other))| difference(one, other, format!("{at}[{nth}]")))
        }
        (one, other) if one == other => None,
        (one, other) => Some(format!("{at}: {one} is {other}")),
    }
}
