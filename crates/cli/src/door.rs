//! The one door to data: a server over HTTP, or the same application in-process.

use std::pin::Pin;

use axum::body::Body;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header::CONTENT_TYPE};
use model::{Code, Failure};
use serde::{Deserialize, Serialize};
use tower::ServiceExt as _;

use crate::{asked::Asked, node::Node, settings::Settings};

/// A request to the API.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// An answer whose body may still be coming.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    /// Whether the body is lines of JSON.
    pub(crate) lines: bool,
    /// What it answers, for when it breaks off.
    pub(crate) asked: Asked,
    pub(crate) body: Pin<Box<dyn Stream<Item = Result<Bytes, String>> + Send>>,
}

impl Reply {
    /// The whole body, at most 64 MB.
    pub(crate) async fn whole(mut self) -> Result<Vec<u8>, Failure> {
        let mut all = Vec::new();
        while let Some(chunk) = self.body.next().await {
            let chunk = chunk.map_err(|why| self.asked.no_answer(&why))?;
            all.extend_from_slice(&chunk);
            if all.len() > 64 * 1024 * 1024 {
                return Err(Failure::new(Code::PayloadTooLarge, "The answer is larger than 64 MB."));
            }
        }
        Ok(all)
    }
}

/// What a running server leaves in its data folder for the command line, readable by
/// its owner only.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ServerFile {
    pub(crate) url: String,
    pub(crate) key: String,
    pub(crate) pid: u32,
    /// The sandbox that the server is connected to in mode `local`.
    #[serde(default)]
    pub(crate) sandbox: Option<String>,
}

/// Where the file is.
pub(crate) fn server_file(settings: &Settings) -> std::path::PathBuf {
    settings.data.join("server.json")
}

/// A folder that is not there is a mistake, not an empty one: a command that made it
/// would store into a place that no server looks at.
pub(crate) fn no_folder(settings: &Settings) -> Failure {
    let at = settings.data.display();
    let text = if settings.api_key.is_some() {
        format!(
            "An API key is given, and no server for it: --url (BURSAR_URL) is not set, and there is no data folder of \
             Bursar's at {at}. Nothing was made and nothing was sent. Name the server with --url, or a folder with --data."
        )
    } else {
        format!(
            "There is no data folder of Bursar's at {at}. Nothing was made and nothing was sent. `bursar dev` makes one \
             with a Stripe stand-in, `bursar serve` an empty one; name another with --data, or a running server with --url."
        )
    };
    Failure::new(Code::NotFound, text).at("data")
}

/// What a refused key is told beside the server's words.
const KEY_HINT: &str = "The key is the one of BURSAR_API_KEY or --api-key-file. Without one, a command uses the data \
                        folder's own; --url names another server.";

pub(crate) enum Door {
    Http {
        client: reqwest::Client,
        url: String,
        key: Option<String>,
    },
    Here {
        node: Box<Node>,
        router: axum::Router,
        key: String,
        /// Whether somebody gave the key.
        given: bool,
    },
}

impl Door {
    /// Opens the door: `--url`, else the server of the data folder, else the folder.
    /// A key that was given is used at whichever it is; without one the folder's own.
    ///
    /// # Errors
    /// `not_found` when there is no folder: none is made. And what keeps it from being opened.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, Failure> {
        if let Some(url) = &settings.url {
            return Ok(Self::Http {
                client: http_client()?,
                url: url.clone(),
                key: settings.api_key.clone(),
            });
        }
        if let Some(door) = running_server(settings)? {
            return Ok(door);
        }
        if !store::is_data_folder(&settings.data) {
            return Err(no_folder(settings));
        }
        let node = Node::open(settings).await?;
        let (key, given) = match &settings.api_key {
            Some(key) => (key.clone(), true),
            None => (node.command_line_key().await?, false),
        };
        let router = server::router(node.app.clone());
        node.run_background();
        Ok(Self::Here { node: Box::new(node), router, key, given })
    }

    /// Sends a request.
    pub(crate) async fn send(&self, sent: Sent) -> Result<Reply, Failure> {
        match self {
            Self::Http { client, url, key } => over_http(client, url, key.as_deref(), sent).await,
            Self::Here { router, key, .. } => in_process(router.clone(), key, sent).await,
        }
    }

    /// What somebody whose key is refused has to know besides.
    pub(crate) fn key_hint(&self) -> Option<&'static str> {
        match self {
            Self::Http { key: None, .. } => {
                Some("Put a key of that server into BURSAR_API_KEY, or name its file with --api-key-file.")
            }
            Self::Http { .. } | Self::Here { given: true, .. } => Some(KEY_HINT),
            Self::Here { .. } => None,
        }
    }

    /// Lets an in-process application finish its commits.
    pub(crate) async fn close(self) {
        if let Self::Here { node, .. } = self {
            node.close().await;
        }
    }
}

/// What the running server of the data folder wrote about itself. A file that a killed
/// server left is not a server: whatever listens at that address now is a stranger, who
/// must not get the key.
pub(crate) fn read_server_file(settings: &Settings) -> Option<ServerFile> {
    let text = std::fs::read_to_string(server_file(settings)).ok()?;
    let file = serde_json::from_str(&text).ok()?;
    store::is_locked(&settings.data).then_some(file)
}

/// The server that the data folder names, if a process holds the folder.
fn running_server(settings: &Settings) -> Result<Option<Door>, Failure> {
    let Some(file) = read_server_file(settings) else { return Ok(None) };
    let key = settings.api_key.clone().unwrap_or(file.key);
    Ok(Some(Door::Http { client: http_client()?, url: file.url, key: Some(key) }))
}

async fn over_http(
    client: &reqwest::Client,
    url: &str,
    key: Option<&str>,
    sent: Sent,
) -> Result<Reply, Failure> {
    let asked = Asked::of(url, &sent);
    let mut request =
        client.request(sent.method, format!("{url}{}", sent.path)).headers(sent.headers).body(sent.body);
    if let Some(key) = key {
        request = request.header("x-api-key", key);
    }
    let answer = request.send().await.map_err(|e| match e.is_connect() || e.is_builder() {
        true => asked.not_sent(&stripe::reason(e)),
        false => asked.no_answer(&stripe::reason(e)),
    })?;
    Ok(Reply {
        status: answer.status(),
        lines: is_lines(answer.headers()),
        asked,
        body: Box::pin(answer.bytes_stream().map(|chunk| chunk.map_err(stripe::reason))),
    })
}

async fn in_process(router: axum::Router, key: &str, sent: Sent) -> Result<Reply, Failure> {
    let asked = Asked::of("this process", &sent);
    let broken =
        |why: String| Failure::new(Code::InternalError, format!("The request cannot be made: {why}."));
    let mut request =
        http::Request::builder().method(sent.method).uri(&sent.path).header("host", "localhost");
    if let Some(headers) = request.headers_mut() {
        headers.extend(sent.headers);
        headers.insert("x-api-key", HeaderValue::from_str(key).map_err(|e| broken(e.to_string()))?);
    }
    let request = request.body(Body::from(sent.body)).map_err(|e| broken(e.to_string()))?;
    let answer = router.oneshot(request).await.map_err(|e| broken(e.to_string()))?;
    let (status, lines) = (answer.status(), is_lines(answer.headers()));
    let body = answer.into_body().into_data_stream().map(|chunk| chunk.map_err(|e| e.to_string()));
    Ok(Reply { status, lines, asked, body: Box::pin(body) })
}

fn is_lines(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-ndjson"))
}

/// The command line's HTTP client: no retry of its own, no redirects.
pub(crate) fn http_client() -> Result<reqwest::Client, Failure> {
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .filter_map(|der| reqwest::Certificate::from_der(der).ok());
    reqwest::Client::builder()
        .tls_certs_only(roots)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(std::time::Duration::from_secs(10))
        .build()
        .map_err(|e| Failure::new(Code::InternalError, format!("The HTTP client cannot be built: {e}.")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stripe_limits::StripeLimits;

    #[tokio::test]
    async fn the_key_is_not_given_to_whoever_listens_where_a_killed_server_did() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            data: folder.path().to_path_buf(),
            url: None,
            api_key: None,
            listen: None,
            public_url: None,
            sandbox: None,
            stripe: StripeLimits::default(),
            company: None,
            limits: crate::settings::RequestLimits::default(),
            master_key_command: None,
            providers: crate::providers::Providers::default(),
        };
        // The folder was a server's, and nobody holds it now.
        let sqlite = store::Sqlite::open(folder.path(), store::SqliteOptions::default()).await.unwrap();
        let stranger = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", stranger.local_addr().unwrap());
        let file = ServerFile { url: url.clone(), key: "bsk_canary".into(), pid: 1, sandbox: None };
        std::fs::write(server_file(&settings), serde_json::to_vec(&file).unwrap()).unwrap();
        let found = running_server(&settings).unwrap();
        assert!(matches!(found, Some(Door::Http { url: of, .. }) if of == url), "the folder is held");
        sqlite.close().await;
        assert!(running_server(&settings).unwrap().is_none());
    }
}
