//! A browser without scripts, as far as consenting needs one: opens pages, follows
//! redirects up to an address that is ours to open, and sends forms.

use reqwest::{Client, Response, redirect};
use url::{Url, form_urlencoded};

/// Redirects beyond this lead nowhere.
const HOPS_MAX: usize = 5;

/// Somebody's browser.
pub struct Browser {
    client: Client,
}

/// A page that was opened.
#[derive(Debug)]
pub struct Page {
    /// Where it is.
    pub url: Url,
    /// Its status.
    pub status: u16,
    /// Its text.
    pub text: String,
}

impl Browser {
    /// A browser.
    ///
    /// # Panics
    /// When the HTTP client cannot be built.
    #[expect(clippy::new_without_default, reason = "it makes a client, which is not nothing")]
    pub fn new() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = Client::builder().tls_certs_only([]).no_proxy().redirect(redirect::Policy::none());
        Self { client: client.build().expect("a client without TLS roots") }
    }

    /// Opens a link, and goes wherever it is sent.
    ///
    /// # Panics
    /// When nobody answers there, or it is sent round in circles.
    pub async fn open(&self, url: &Url) -> Page {
        let mut url = url.clone();
        for _ in 0..HOPS_MAX {
            let answer = self.client.get(url.clone()).send().await.expect("somebody answers");
            match sent_to(&url, &answer) {
                Some(next) => url = next,
                None => return page(url, answer).await,
            }
        }
        panic!("{url} leads round in circles");
    }

    /// Decides on a consent page as its form has it: `new` or an account's id, and
    /// `connect` or `deny`. Where one is sent then, which was not opened.
    ///
    /// # Panics
    /// When it is no such page, or it sends nobody anywhere.
    pub async fn decide(&self, page: &Page, account: &str, decision: &str) -> Url {
        let form = Form::of(page);
        assert!(form.text.contains(&format!("name=\"decision\" value=\"{decision}\"")), "{}", page.text);
        assert!(form.text.contains(&format!("name=\"account\" value=\"{account}\"")), "{}", page.text);
        let answer = self.send(&form, &[("account", account), ("decision", decision)]).await;
        sent_to(&form.action, &answer).unwrap_or_else(|| panic!("{} sends nobody anywhere", form.action))
    }

    /// Types a secret key into the form of a page.
    ///
    /// # Panics
    /// When there is no such form, or the key is not taken.
    pub async fn type_key(&self, page: &Page, key: &str) -> Page {
        let form = Form::of(page);
        let answer = self.send(&form, &[("username", key)]).await;
        let sent = self::page(form.action.clone(), answer).await;
        assert_eq!(sent.status, 200, "{}", sent.text);
        sent
    }

    async fn send(&self, form: &Form<'_>, more: &[(&str, &str)]) -> Response {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form.hidden())
            .extend_pairs(more)
            .finish();
        let request = self.client.post(form.action.clone()).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.send().await.expect("somebody answers")
    }
}

impl Page {
    /// The first link whose path begins so.
    pub fn link(&self, path: &str) -> Option<Url> {
        let (_, rest) = self.text.split_once(&format!("href=\"{path}"))?;
        self.url.join(&plain(&format!("{path}{}", rest.split_once('"')?.0))).ok()
    }
}

/// The only form of a page.
struct Form<'a> {
    text: &'a str,
    action: Url,
}

impl<'a> Form<'a> {
    fn of(page: &'a Page) -> Self {
        let text = page.text.split_once("<form ").unwrap_or_else(|| panic!("no form: {}", page.text)).1;
        let text = text.split_once("</form>").expect("a form ends").0;
        let action = text.split_once("action=\"").and_then(|(_, rest)| rest.split_once('"'));
        let action = plain(action.expect("a form leads somewhere").0);
        Self { text, action: page.url.join(&action).expect("an address") }
    }

    fn hidden(&self) -> Vec<(String, String)> {
        let fields = self.text.split("<input type=\"hidden\" name=\"").skip(1);
        let field = |field: &str| {
            let (name, rest) = field.split_once("\" value=\"")?;
            Some((plain(name), plain(rest.split_once('"')?.0)))
        };
        fields.filter_map(field).collect()
    }
}

fn sent_to(from: &Url, answer: &Response) -> Option<Url> {
    let location = answer.headers().get("location").filter(|_| answer.status().is_redirection())?;
    from.join(location.to_str().ok()?).ok()
}

async fn page(url: Url, answer: Response) -> Page {
    let status = answer.status().as_u16();
    Page { url, status, text: answer.text().await.unwrap_or_default() }
}

/// Text as it was before it stood in HTML.
fn plain(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&#39;", "'").replace("&amp;", "&")
}
