//! `cargo xtask nango`: the stand-in by hand.
//!
//! With `--sandbox` tokens come from a running `bursar sandbox`, and people consent on
//! its page; without it every consent is made up.

use std::{net::SocketAddr, process::ExitCode, sync::Arc};

use clap::Parser;
use model::{SystemClock, SystemRng};
use nango::{Courier, HttpCourier, KEY, Kept, Nango, Options, SIGNING_KEY, Scripted, Tokens, of_sandbox};
use url::Url;

/// A stand-in for Nango.
#[derive(Parser)]
struct Arguments {
    /// Where to listen; port 0 picks one.
    #[arg(long, default_value = "127.0.0.1:3003")]
    listen: SocketAddr,
    /// A running sandbox, such as <http://127.0.0.1:12111>.
    #[arg(long)]
    sandbox: Option<Url>,
    /// Where webhooks go, such as <http://127.0.0.1:7420/webhooks/nango>.
    #[arg(long)]
    webhook_url: Option<Url>,
    /// Requests per minute.
    #[arg(long, default_value_t = 200)]
    limit: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match serve(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Arguments) -> Result<(), String> {
    let listener = tokio::net::TcpListener::bind(arguments.listen).await;
    let listener = listener.map_err(|e| format!("{} cannot be listened on: {e}", arguments.listen))?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    let public_url = Url::parse(&format!("http://{address}/")).map_err(|e| e.to_string())?;
    let (tokens, integrations): (Arc<dyn Tokens>, _) = match &arguments.sandbox {
        Some(url) => of_sandbox(url).await?,
        None => (Arc::new(Scripted::default()), Nango::integrations("ca_FakeClientId000")),
    };
    let courier: Arc<dyn Courier> = match arguments.webhook_url {
        Some(url) => Arc::new(HttpCourier::to(url)?),
        None => Arc::new(Kept::default()),
    };
    let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
    let limit = arguments.limit;
    let options = Options { clock, rng, tokens, courier, public_url, limit, integrations };
    println!("listening on http://{address}\nkey          {KEY}\nsigning key  {SIGNING_KEY}");
    let router = Nango::new(options).router();
    let stop = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    axum::serve(listener, router).with_graceful_shutdown(stop).await.map_err(|e| e.to_string())
}
