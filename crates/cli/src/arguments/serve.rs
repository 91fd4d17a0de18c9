//! `bursar dev` and `bursar serve`.

use std::net::SocketAddr;

use clap::{ArgAction, Args, builder::FalseyValueParser};

/// Where the options are that no help lists.
const LIMITS: &str =
    "Stripe's limits for an account are set with --stripe-total-live and others: bursar docs configuration";

#[derive(Debug, Args)]
#[command(after_help = LIMITS)]
pub(crate) struct Dev {
    /// Where to listen; a taken port gives way to the next free one
    #[arg(long, env = "BURSAR_LISTEN", value_name = "HOST:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// Where the sandbox listens; a taken port gives way to another
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:12111")]
    pub(crate) sandbox_listen: SocketAddr,
    /// Run the examples to their end and stop; fails unless both runs complete
    #[arg(long)]
    pub(crate) once: bool,
    /// Start with an empty folder: deletes the data folder if it is Bursar's and not in use
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Start without running the examples
    #[arg(long, conflicts_with = "once")]
    pub(crate) no_examples: bool,
    #[command(flatten)]
    pub(crate) checks: Checks,
}

/// For suites: the sandbox watches itself.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Checks {
    /// Hold everything that the sandbox answers and sends against Stripe's object tables; what
    /// deviates is answered 500, and fails the command at its end
    #[arg(long, env = "BURSAR_SANDBOX_CHECK", value_parser = FalseyValueParser::new(), action = ArgAction::SetTrue)]
    pub(crate) check_objects: bool,
}

#[derive(Debug, Args)]
#[command(after_help = LIMITS)]
pub(crate) struct Serve {
    /// Where to listen [default: 127.0.0.1:7420]; port 0 picks one
    #[arg(long, env = "BURSAR_LISTEN", value_name = "HOST:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// What others reach this server by, such as https://bursar.example.com
    #[arg(long, env = "BURSAR_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// A running sandbox on this machine to connect to in mode local
    #[arg(long, env = "BURSAR_SANDBOX", value_name = "URL")]
    pub(crate) sandbox: Option<String>,
}
