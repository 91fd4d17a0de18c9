//! The suites of `cargo xtask test`, in order, each with the minutes it may take on
//! two cores. A suite that takes longer is stopped and has failed.

/// A suite: steps that run one after another.
pub(crate) struct Suite {
    /// What to call it on the command line.
    pub(crate) name: &'static str,
    /// What it shows.
    pub(crate) about: &'static str,
    /// What it may take, all steps together.
    pub(crate) minutes: u64,
    /// Its commands.
    pub(crate) steps: &'static [Step],
}

/// One command.
pub(crate) struct Step {
    /// Program and arguments.
    pub(crate) command: &'static [&'static str],
    /// Where, from the repository's root.
    pub(crate) folder: &'static str,
    /// Variables for it.
    pub(crate) env: &'static [(&'static str, &'static str)],
}

const fn step(command: &'static [&'static str]) -> Step {
    Step { command, folder: ".", env: &[] }
}

impl Step {
    const fn within(mut self, folder: &'static str) -> Self {
        self.folder = folder;
        self
    }

    const fn with(mut self, env: &'static [(&'static str, &'static str)]) -> Self {
        self.env = env;
        self
    }
}

/// All suites. Together at most 60 minutes; about 14 on a quiet machine.
pub(crate) const ALL: &[Suite] = &[
    Suite {
        name: "format",
        about: "the code is formatted",
        minutes: 1,
        steps: &[step(&["cargo", "fmt", "--all", "--check"])],
    },
    Suite {
        name: "rust",
        about: "everything that needs only Rust",
        minutes: 13,
        steps: &[step(&["cargo", "test", "--workspace", "--no-fail-fast"])],
    },
    Suite {
        name: "lints",
        about: "the prohibitions hold",
        minutes: 3,
        steps: &[step(&["cargo", "clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])],
    },
    Suite {
        name: "facts",
        about: "Stripe's tables are what the SDK's declarations say",
        minutes: 2,
        steps: &[step(&["cargo", "xtask", "generate", "stripe", "--check"])],
    },
    Suite {
        name: "simulation",
        about: "500 seeds of crashes, lost answers and people's decisions without sockets, and five planted bugs",
        minutes: 5,
        steps: &[step(&["cargo", "test", "-p", "bursar-it", "--", "simulation", "--nocapture"])
            .with(&[("BURSAR_SEEDS", "500")])],
    },
    Suite {
        name: "release",
        about: "the binary as a newcomer builds it; its first run completes both examples",
        minutes: 9,
        steps: &[
            step(&["cargo", "build", "--release"]),
            step(&[
                "target/release/bursar",
                "dev",
                "--once",
                "--json",
                "--fresh",
                "--data",
                "target/first-run",
            ]),
        ],
    },
    Suite {
        name: "kills",
        about: "100 kills of the server at random moments, and 200 while it renews tokens",
        minutes: 4,
        steps: &[step(&["cargo", "test", "-p", "bursar", "--test", "process", "--", "--nocapture", "kill"])
            .with(&[("BURSAR_KILLS", "100"), ("BURSAR_RENEWAL_KILLS", "200")])],
    },
    Suite {
        name: "disk",
        about: "a disk that fills up under the real binary, and recovers",
        minutes: 1,
        steps: &[step(&["cargo", "test", "-p", "bursar", "--test", "process", "--", "--nocapture", "disk"])
            .with(&[("BURSAR_DISK", "1")])],
    },
    Suite {
        name: "sdk-node",
        about: "five majors of the official Node SDK against the sandbox; what actions put on the wire beside it",
        minutes: 2,
        steps: &[
            step(&["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"])
                .within("tests/sdk-node"),
            step(&["node", "--test"]).within("tests/sdk-node"),
        ],
    },
    Suite {
        name: "sdk-python",
        about: "the same scenario with five releases of the official Python SDK",
        minutes: 2,
        steps: &[step(&["python3", "run.py"]).within("tests/sdk-python")],
    },
    Suite {
        name: "async-stripe",
        about: "the Rust SDK decodes every object and event of the scenario",
        minutes: 4,
        steps: &[
            step(&["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"])
                .within("tests/sdk-node"),
            step(&["node", "record.js", "../../target/recorded.jsonl"]).within("tests/sdk-node"),
            step(&["cargo", "run", "--locked", "--", "../../target/recorded.jsonl"])
                .within("tests/async-stripe")
                .with(&[("CARGO_TARGET_DIR", "../../target/async-stripe")]),
        ],
    },
    Suite {
        name: "browser",
        about: "Chromium on the pages that people see: from a link to a connected account, 3D Secure, invoices",
        minutes: 5,
        steps: &[
            step(&["cargo", "xtask", "ensure", "chromium"]),
            step(&["cargo", "build"]),
            step(&["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"]).within("tests/browser"),
            step(&["npm", "test"]).within("tests/browser"),
        ],
    },
    Suite {
        name: "stripe-cli",
        about: "every trigger of the official Stripe CLI for what the sandbox has, delivered and signed",
        minutes: 2,
        steps: &[
            step(&["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"])
                .within("tests/stripe-cli"),
            step(&["node", "--test"]).within("tests/stripe-cli"),
        ],
    },
    Suite {
        name: "licenses",
        about: "only permissive licences and allowed crates",
        minutes: 7,
        steps: &[
            step(&["cargo", "xtask-tool", "cargo-deny", "0.20.2"]),
            step(&["cargo", "deny", "check", "bans", "licenses", "sources"]),
        ],
    },
];
