//! Where a permission is granted, for every way.

use actions::{Needs, Refused};

use super::*;
use crate::permissions::grant::{missing, named, place};

fn needs(action: &str) -> Needs {
    Catalog.get(action).unwrap().permission.needs().unwrap()
}

/// The words for a connection of this kind, mode and scopes.
async fn words(kind: &str, mode: Mode, scopes: &[&str]) -> [String; 2] {
    let row = World::new().await.row().await;
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let row = Connection { name: "acme".into(), kind: kind.into(), mode, scopes, ..row };
    let needs = needs("createInvoice");
    [missing(Some(&row), needs), place(Some(&row), needs, &Refused::default())]
}

#[tokio::test(start_paused = true)]
async fn every_way_says_what_is_missing_and_where_it_is_granted_in_its_own_words() {
    for (kind, mode, scopes, what, place) in [
        ("api_key", Mode::Live, &[][..], "`rak_invoice_write`", "https://dashboard.stripe.com/apikeys."),
        ("api_key", Mode::Test, &[], "Write on Invoices", "https://dashboard.stripe.com/test/apikeys."),
        ("api_key", Mode::Local, &[], "`rak_invoice_write`", "/_sandbox/keys"),
        ("connect", Mode::Live, &["read_only"], "`read_write`", "--reconnect acme --scope read_write"),
        ("connect", Mode::Live, &["read_write"], "`read_write`", "the platform's own key"),
        (
            "app",
            Mode::Test,
            &["stripe_apps"],
            "`invoice_write`",
            "stripe apps grant permission \"invoice_write\"",
        ),
        ("nango", Mode::Test, &["stripe_apps"], "`invoice_write`", "Nango has to be authorized again"),
        ("nango", Mode::Test, &["read_only"], "`read_write`", "--reconnect acme"),
        ("nango", Mode::Test, &[], "an app with `invoice_write`", "in its manifest"),
    ] {
        let [said, granted] = words(kind, mode, scopes).await;
        assert!(said.contains(what), "{kind} {scopes:?}: {said}");
        assert!(granted.contains(place) && granted.ends_with('.'), "{kind} {scopes:?}: {granted}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_page_that_stripe_links_comes_before_the_general_one() {
    let row = Connection { mode: Mode::Live, ..World::new().await.row().await };
    let link = Some("https://dashboard.stripe.com/b/acct_1".to_owned());
    let refused = Refused { named: vec!["invoice_write".into()], link };
    let granted = place(Some(&row), needs("createInvoice"), &refused);
    assert!(granted.contains("https://dashboard.stripe.com/b/acct_1."), "{granted}");
}

#[test]
fn stripes_own_name_is_told_when_it_is_another_than_ours() {
    let refused = |names: &[&str]| Refused { named: names.iter().map(|n| (*n).into()).collect(), link: None };
    let says = |names: &[&str]| named(&refused(names), needs("getInvoice"));
    assert_eq!(says(&[]), "");
    for known in ["rak_invoice_read", "invoice_read", "read_only"] {
        assert_eq!(says(&["rak_x_read", known]), "", "{known}");
    }
    assert!(says(&["credit_note_read"]).contains("`credit_note_read`"));
}
