//! The consent page: what it shows, where it sends people, and whom it refuses.

use url::Url;

use super::*;
use crate::tests::client::quiet;

const BACK: &str = "http://127.0.0.1:7420/api/v1/connections/callback?kept=1";
const PATHS: [(&str, OAuthKind); 4] = [
    ("/oauth/authorize", Connect),
    ("/express/oauth/authorize", Connect),
    ("/oauth/v2/authorize", App),
    ("/oauth/v2/chnlink_1/authorize", App),
];

async fn page(sandbox: &Sandbox, verb: &str, path: &str, form: &[(&str, &str)]) -> crate::wire::Reply {
    match ask(sandbox, verb, path, Heads::default(), form).await {
        Outgoing::Answer(reply) => reply,
        other => panic!("no page: {other:?}"),
    }
}

fn header<'a>(reply: &'a crate::wire::Reply, name: &str) -> &'a str {
    reply.headers.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
}

fn back(reply: &crate::wire::Reply) -> Vec<(String, String)> {
    assert_eq!(reply.status, 303, "{}", reply.body);
    let url = Url::parse(header(reply, "location")).unwrap();
    assert!(url.as_str().starts_with(BACK), "{url}");
    url.query_pairs().into_owned().skip(1).collect()
}

fn link<'a>(client: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![
        ("response_type", "code"),
        ("client_id", client),
        ("scope", "read_write"),
        ("redirect_uri", BACK),
        ("state", "s&1=\"<"),
    ];
    for (name, value) in more {
        form.retain(|(known, _)| known != name);
        form.push((name, value));
    }
    form
}

#[tokio::test]
async fn it_names_who_asks_and_works_without_anything_from_elsewhere() {
    let (sandbox, _) = quiet(7).await;
    sandbox.oauth().open_account("<script>alert(1)</script>").await;
    for (path, kind) in PATHS {
        let client = sandbox.oauth().client_id(kind);
        let form = link(&client, &[("stripe_user[business_name]", "\"><b>Ada")]);
        let reply = page(&sandbox, "GET", path, &form).await;
        assert_eq!(reply.status, 200);
        let text = &reply.body;
        assert!(text.contains(&client) && text.contains("Bursar Sandbox") && text.contains("127.0.0.1"));
        assert!(text.contains(if kind == App { "stripe_apps" } else { "read_write" }));
        assert!(text.contains("value=\"connect\"") && text.contains("value=\"deny\""));
        assert!(text.contains("value=\"s&amp;1=&quot;&lt;\"") && text.contains("&quot;&gt;&lt;b&gt;Ada"));
        assert!(!text.contains("<script") && !text.contains("<b>") && !text.contains("http-equiv"));
        let policy = header(&reply, "content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(text.contains("href=\"/_sandbox/page.css\""));
    }
    assert!(sandbox.journal().is_empty());
}

#[tokio::test]
async fn connect_sends_back_with_a_code_and_the_state() {
    let (sandbox, _) = quiet(7).await;
    let known = sandbox.oauth().open_account("Ada").await;
    for (path, kind) in PATHS {
        let client = sandbox.oauth().client_id(kind);
        for account in ["new", known.as_str()] {
            let form = link(&client, &[("decision", "connect"), ("account", account), ("name", " Grace ")]);
            let pairs = back(&page(&sandbox, "POST", path, &form).await);
            let of = |name: &str| pairs.iter().find(|(known, _)| known == name).unwrap().1.as_str();
            assert_eq!(
                (of("state"), of("scope")),
                ("s&1=\"<", if kind == App { "stripe_apps" } else { "read_write" })
            );
            let tokens = exchanged(&sandbox, kind, of("code")).await;
            let same = tokens["stripe_user_id"] == known.as_str();
            assert_eq!(same, account != "new", "{tokens}");
        }
    }
    let shown =
        page(&sandbox, "GET", "/oauth/authorize", &link(&sandbox.oauth().client_id(Connect), &[])).await;
    assert_eq!(shown.body.matches("> Grace <code>acct_1").count(), PATHS.len());
}

#[tokio::test]
async fn deny_sends_back_with_access_denied_and_opens_nothing() {
    let (sandbox, _) = quiet(7).await;
    for (path, kind) in PATHS {
        let client = sandbox.oauth().client_id(kind);
        let reply =
            page(&sandbox, "POST", path, &link(&client, &[("decision", "deny"), ("account", "new")])).await;
        let names: Vec<String> = back(&reply).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["state", "error", "error_description"]);
        assert!(header(&reply, "location").contains("error=access_denied"));
    }
    assert_eq!(sandbox.inner.shared.core().state.accounts().count(), 0);
}

#[tokio::test]
async fn nobody_is_sent_anywhere_for_an_unknown_client_or_to_a_foreign_address() {
    let (sandbox, _) = quiet(7).await;
    let client = sandbox.oauth().client_id(Connect);
    let apps = sandbox.oauth().client_id(App);
    let decides = [("decision", "connect"), ("account", "new")];
    for wrong in [
        vec![("client_id", "ca_nobody")],
        vec![("client_id", apps.as_str())],
        vec![("client_id", "")],
        vec![("redirect_uri", "javascript:alert(1)")],
        vec![("redirect_uri", "http://evil.example/")],
        vec![("redirect_uri", "")],
        vec![("redirect_uri", "https://user:pass@evil.example/")],
    ] {
        for verb in ["GET", "POST"] {
            let mut form = link(&client, &wrong);
            form.extend(decides);
            let reply = page(&sandbox, verb, "/oauth/authorize", &form).await;
            assert_eq!((reply.status, header(&reply, "location")), (400, ""), "{wrong:?}");
            assert!(!reply.body.contains("href=\"http") && !reply.body.contains("javascript"), "{wrong:?}");
        }
    }
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "", "invalid_request"),
        ("scope", "everything", "invalid_scope"),
    ] {
        let reply = page(&sandbox, "GET", "/oauth/authorize", &link(&client, &[(name, value)])).await;
        assert_eq!((reply.status, header(&reply, "location")), (400, ""));
        assert!(reply.body.contains(&format!("error={error}&amp;")), "the way back says it: {}", reply.body);
    }
    for wrong in
        [[("decision", "maybe"), ("account", "new")], [("decision", "connect"), ("account", "acct_x")]]
    {
        assert_eq!(page(&sandbox, "POST", "/oauth/authorize", &link(&client, &wrong)).await.status, 400);
    }
    assert_eq!(sandbox.inner.shared.core().state.accounts().count(), 0);
}
