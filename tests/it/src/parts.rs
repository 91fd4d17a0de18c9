//! What a test application and a simulated one are both made of.

use std::{path::PathBuf, sync::Arc};

use calls::{Limits, Transports};
use connections::{MasterKey, NewConnection};
use events::NewSource;
use model::{Clock, CompanyId, Failure, Mode, Rng, WorkflowId};
use sandbox::{Sandbox, Watched};
use server::{App, Assembly, FIRST_COMPANY, ServerLimits};
use store::Store;
use stripe::{Credential, Transport};
use tempfile::TempDir;
use url::Url;
use workflows::Source;

/// The two examples of the repository, as they are.
pub const EXAMPLES: [(&str, &str); 2] = [
    ("invoice-and-payment.yaml", include_str!("../../../workflows/invoice-and-payment.yaml")),
    ("thank-the-customer.yaml", include_str!("../../../workflows/thank-the-customer.yaml")),
];

/// Where calls of the local connection go, by name only: the transport is in-process.
const SANDBOX_URL: &str = "http://127.0.0.1:12111";

/// The master key of a test's database, in a file, because every start reads it anew.
pub struct Master {
    _folder: TempDir,
    path: PathBuf,
}

impl Master {
    /// A fresh key in a folder of its own.
    ///
    /// # Panics
    /// Without a temporary folder there is no test.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("master.key");
        MasterKey::read_or_create(&path).map_err(|e| e.to_string()).expect("a fresh folder takes a key");
        Self { _folder: folder, path }
    }

    /// The key, the same each time.
    ///
    /// # Panics
    /// When somebody removed the file.
    pub fn key(&self) -> MasterKey {
        MasterKey::read(&self.path).map_err(|e| e.to_string()).expect("the key is still there")
    }
}

impl Default for Master {
    fn default() -> Self {
        Self::new()
    }
}

/// One application over a store and a transport.
///
/// # Errors
/// Those of `server::assemble`.
pub async fn assemble(
    store: Store,
    master: &Master,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    server: ServerLimits,
) -> Result<App, Failure> {
    let transports: Transports = Arc::new(move |_: &str| Ok(transport.clone()));
    server::assemble(Assembly {
        store,
        master: master.key(),
        transports,
        carrier: Arc::new(connections::Unconnected),
        providers: connections::ProviderSettings::default(),
        clock,
        rng,
        limits: Limits::default(),
        concurrency: 16,
        server,
    })
    .await
}

/// What the set-up made.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    /// The first company.
    pub company: CompanyId,
    /// "Invoice and payment", active.
    pub invoice: WorkflowId,
    /// "Thank the customer", active.
    pub thanks: WorkflowId,
}

/// Makes the company, the connection to the sandbox, the source through which its
/// events come, and activates both examples.
///
/// # Errors
/// Whatever one of these refuses.
pub async fn set_up(app: &App, sandbox: &Sandbox) -> Result<Setup, Failure> {
    let company = server::ensure_company(app, FIRST_COMPANY).await?.id;
    connect(app, company, sandbox).await?;
    let mut ids = Vec::new();
    for (name, text) in EXAMPLES {
        let source = Source { text: text.to_owned(), name: name.to_owned() };
        let pushed = app.lifecycle.push(company, source).await?;
        ids.push(app.lifecycle.activate(company, pushed.workflow.id).await?.id);
    }
    Ok(Setup { company, invoice: ids[0], thanks: ids[1] })
}

async fn connect(app: &App, company: CompanyId, sandbox: &Sandbox) -> Result<(), Failure> {
    let account = sandbox.account();
    let credential = Credential::new(account.clone(), Mode::Local, sandbox.secret_key());
    let new = NewConnection {
        name: "local".into(),
        account: account.clone(),
        mode: Mode::Local,
        base_url: SANDBOX_URL.into(),
        is_default: true,
        credential,
    };
    app.connections.put(company, new).await?;
    let url = format!("http://127.0.0.1:7420/webhooks/stripe/{company}");
    let hook = sandbox.deliver_to(Url::parse(&url).expect("an address"), &["*"]).await;
    let secret = stripe::signature::Secret::new(&hook.secret).expect("the sandbox gives a secret");
    let source = NewSource { account, mode: Mode::Local, endpoint: hook.id, url, secret };
    app.sources.put(company, source).await.map(drop)
}

/// A sandbox without sockets, on this clock, from this seed.
///
/// # Panics
/// Without a folder and without a socket nothing can refuse.
pub async fn quiet_sandbox(seed: u64, clock: Arc<dyn Clock>) -> Watched {
    let options = sandbox::Options {
        listen: None,
        data: None,
        seed,
        clock,
        check_objects: true,
        ..sandbox::Options::default()
    };
    Watched::open(options).await.expect("a sandbox without folder and socket opens")
}
