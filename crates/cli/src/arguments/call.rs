//! `bursar call`.

use clap::Args;

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
