//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{ArgAction, Args, Parser, Subcommand, ValueHint, builder::FalseyValueParser};
use clap_complete::engine::ArgValueCompleter;

use crate::{completion, stripe_limits::StripeLimits};

/// Bursar: Stripe actions, connections, triggers and durable workflows, with a
/// Stripe stand-in built in.
#[derive(Debug, Parser)]
#[command(name = "bursar", version, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Arguments {
    /// JSON for programs instead of words for people
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) place: Place,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where the data is, or who serves it.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// The data folder [default: ./bursar-data]
    #[arg(long, global = true, env = "BURSAR_DATA", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data: Option<PathBuf>,

    /// A running server; without it the one that serves the data folder, else the folder itself
    #[arg(long, global = true, env = "BURSAR_URL", value_name = "URL")]
    pub(crate) url: Option<String>,

    /// The file that holds the API key for --url; the key itself goes into BURSAR_API_KEY only
    #[arg(long, global = true, env = "BURSAR_API_KEY_FILE", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) api_key_file: Option<PathBuf>,

    /// The settings file [default: ./bursar.yaml, if there is one]
    #[arg(long, global = true, env = "BURSAR_CONFIG", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,

    /// Shows the settings that result from flags, environment and file, secrets hidden, and stops
    #[arg(long, global = true)]
    pub(crate) print_config: bool,

    #[command(flatten)]
    pub(crate) stripe: StripeLimits,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run everything here: server, sandbox, examples; no Stripe account, no network
    Dev(Dev),
    /// Run the server
    Serve(Serve),
    /// Run or steer the Stripe stand-in alone
    Sandbox(Sandbox),
    /// Call a Stripe action: bursar call stripe.createCustomer --email ada@example.com
    Call(Call),
    /// List the Stripe actions, show one, or search all of Stripe's operations
    Actions(Actions),
    /// Check, push, activate and run workflows
    #[command(subcommand)]
    Workflows(Workflows),
    /// See runs, and decide about those that stand still
    #[command(subcommand)]
    Runs(Runs),
    /// See and replay Stripe's events
    #[command(subcommand)]
    Events(Events),
    /// List the connections
    Connections,
    /// Look for what is wrong
    Doctor,
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
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

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Sandbox {
    #[command(subcommand)]
    pub(crate) command: Option<SandboxCommand>,
    /// Where to listen; port 0 picks one
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:12111")]
    pub(crate) listen: SocketAddr,
    /// Keep objects, keys and pending deliveries in this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) keep: Option<PathBuf>,
    /// Makes ids and everything random repeatable
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// The account's default API version [default: the newest]
    #[arg(long, value_name = "VERSION", value_parser = stripe::Version::parse)]
    pub(crate) api_version: Option<stripe::Version>,
    #[command(flatten)]
    pub(crate) checks: Checks,
}

/// What can go wrong on command; the sandbox says the same.
pub(crate) const FAULTS: [&str; 8] =
    ["lost_answer", "reset", "stored_500", "stored_500_after_commit", "429", "409", "lock_timeout", "slow"];

#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Pay an open invoice as its customer would
    Pay {
        /// The invoice, in_…
        invoice: String,
        /// A test card
        #[arg(long, default_value = "pm_card_visa")]
        with: String,
        /// The sandbox [default: the one of the data folder's server, else http://127.0.0.1:12111]
        #[arg(long, value_name = "URL")]
        at: Option<String>,
    },
    /// Move the sandbox's clock forward
    Advance {
        /// How far, such as 14d, 2h, 30s
        by: String,
        /// The sandbox [default: the one of the data folder's server, else http://127.0.0.1:12111]
        #[arg(long, value_name = "URL")]
        at: Option<String>,
    },
    /// Make the next writes fail
    FailNext {
        /// How
        #[arg(value_parser = FAULTS)]
        fault: String,
        /// With slow: how many milliseconds
        #[arg(long, default_value_t = 1000)]
        ms: u64,
        /// How many
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        times: u32,
        /// The sandbox [default: the one of the data folder's server, else http://127.0.0.1:12111]
        #[arg(long, value_name = "URL")]
        at: Option<String>,
    },
    /// Show the faults that wait for their writes, or take them back
    Faults {
        /// clear: none waits any more
        #[arg(value_parser = ["clear"])]
        what: Option<String>,
        /// The sandbox [default: the one of the data folder's server, else http://127.0.0.1:12111]
        #[arg(long, value_name = "URL")]
        at: Option<String>,
    },
    /// Forget every object
    Reset {
        /// The sandbox [default: the one of the data folder's server, else http://127.0.0.1:12111]
        #[arg(long, value_name = "URL")]
        at: Option<String>,
    },
}

#[derive(Debug, Args)]
#[command(
    override_usage = "bursar call [OPTIONS] <ACTION> [--FIELD VALUE]...",
    after_help = "Fields:\n  \
    --customer-id cus_1        by name; customerId and customer_id are taken too\n  \
    --metadata.team ops        inside an object; also --metadata[team] ops\n  \
    --items.0.price price_1    an item of a list, from 0\n  \
    --expand customer          once more for each further item\n  \
    --auto-advance             true; --no-auto-advance is false\n  \
    --description ''           clears\n\
    or as one JSON object: --input '{\"customerId\": \"cus_1\"}', --input @FILE, --input - (standard input);\n\
    --json '{…}', --json @FILE and --json - do the same, with JSON as the output. Flags add to it.\n\n\
    bursar call ACTION --help shows the fields of an action; bursar actions lists the actions,\n\
    bursar actions search WORD finds them."
)]
pub(crate) struct Call {
    /// All fields as JSON; @FILE reads a file, - standard input
    #[arg(long, value_name = "JSON")]
    pub(crate) input: Option<String>,
    /// The idempotency key of a write; one is made and shown without it
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// The connection, by name or id
    #[arg(long, value_name = "NAME")]
    pub(crate) connection: Option<String>,
    /// Show the request and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The action, such as stripe.createInvoice, or an operation, such as refunds.create; then its
    /// fields as flags
    // One argument for both: what stands behind the name is never clap's to read.
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_names = ["ACTION", "--FIELD VALUE"]
    )]
    pub(crate) words: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Actions {
    #[command(subcommand)]
    pub(crate) command: Option<ActionsCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ActionsCommand {
    /// Show an action or an operation: fields, permission, what repeating does, examples
    Show {
        /// The action, such as stripe.createInvoice, or an operation, such as refunds.create
        #[arg(add = ArgValueCompleter::new(completion::called))]
        action: String,
        /// Show one field and what is inside it, such as items.price_data
        #[arg(long, value_name = "NAME")]
        field: Option<String>,
        /// Show every field, those inside others too
        #[arg(long, short, conflicts_with = "field")]
        verbose: bool,
    },
    /// Find actions and operations that have all of these words
    Search {
        /// Words, such as: cancel subscription
        #[arg(required = true)]
        words: Vec<String>,
        /// At most this many
        #[arg(long, default_value_t = 10)]
        limit: usize,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Workflows {
    /// Check documents without storing them
    Check {
        /// YAML or JSON documents, folders of them, or - for standard input
        #[arg(required = true, value_hint = ValueHint::FilePath)]
        files: Vec<PathBuf>,
    },
    /// Store documents under their keys, as drafts or as new versions
    Push {
        /// YAML or JSON documents, folders of them, or - for standard input
        #[arg(required = true, value_hint = ValueHint::FilePath)]
        files: Vec<PathBuf>,
        /// Activate them too
        #[arg(long)]
        activate: bool,
    },
    /// Let a workflow start runs
    Activate {
        /// Its key or id
        workflow: String,
    },
    /// Keep a workflow from starting runs
    Pause {
        /// Its key or id
        workflow: String,
    },
    /// Start a run
    Run {
        /// Its key or id
        workflow: String,
        /// The input as JSON; @FILE reads a file, - standard input
        #[arg(long, value_name = "JSON", default_value = "{}")]
        input: String,
        /// The idempotency key; one is made and shown without it
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        /// The connection, by name or id
        #[arg(long, value_name = "NAME")]
        connection: Option<String>,
        /// Watch it until it ends
        #[arg(long)]
        watch: bool,
    },
    /// List the workflows
    List,
    /// Show a workflow and its document
    Show {
        /// Its key or id
        workflow: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Runs {
    /// List runs, newest first
    List {
        /// Of this workflow, by key or id
        #[arg(long)]
        workflow: Option<String>,
        /// With this status
        #[arg(long)]
        status: Option<String>,
        /// At most this many, 1 to 100
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// Go on after a page: the cursor that it ended with
        #[arg(long)]
        cursor: Option<String>,
    },
    /// Show a run and its steps
    Show {
        /// The run, run_…
        run: String,
    },
    /// Follow a run until it ends
    Watch {
        /// The run, run_…
        run: String,
    },
    /// Stop a run; what was sent is settled, completed steps are compensated
    Cancel(Cancel),
    /// Let a run go on that failed, was canceled or is parked; what is done is kept
    Retry(Retry),
    /// Say what became of a parked step that nobody can find out about by machine
    Resolve(Resolve),
}

#[derive(Debug, Args)]
pub(crate) struct Cancel {
    /// The run, run_…
    pub(crate) run: String,
    /// End a run that cannot be driven any more, as it is; nothing is compensated
    #[arg(long, requires = "note")]
    pub(crate) abandon: bool,
    /// With --abandon: why; kept for good
    #[arg(long, value_name = "TEXT", requires = "abandon")]
    pub(crate) note: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Retry {
    /// The run, run_…
    pub(crate) run: String,
    /// Why; kept for good
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// An idempotency key: under the same key it is asked for once
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Resolve {
    /// The run, run_…
    pub(crate) run: String,
    /// The step, as bursar runs show names it
    pub(crate) step: String,
    /// What became of it
    #[arg(long = "as", value_name = "WORD")]
    pub(crate) said: Said,
    /// With done: Stripe's object that the step made, such as in_…
    #[arg(long, value_name = "ID")]
    pub(crate) object: Option<String>,
    /// With not_done, of a compensation: leave it undone
    #[arg(long)]
    pub(crate) skip: bool,
    /// How you know; kept for good
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: String,
    /// An idempotency key: under the same key it is said once
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Said {
    /// It took effect at Stripe
    Done,
    /// It had no effect: it is sent once more, under a new key
    NotDone,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Events {
    /// List received events, newest first
    List {
        /// Of this type, such as invoice.paid
        #[arg(long = "type")]
        kind: Option<String>,
        /// With this status
        #[arg(long)]
        status: Option<String>,
        /// At most this many, 1 to 100
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// Go on after a page: the cursor that it ended with
        #[arg(long)]
        cursor: Option<String>,
    },
    /// Show an event
    Show {
        /// The event, evt_… or rcpt_…
        event: String,
    },
    /// Finish what an event should have started
    Replay {
        /// The event, evt_… or rcpt_…
        event: String,
    },
}
