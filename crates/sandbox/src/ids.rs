//! Ids and secrets in Stripe's look, from the seed.
//!
//! Each is a function of (seed, stream, number), never of a generator that runs
//! along: after a restart the numbers go on where the log ends, so no id comes twice.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const UPPER: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// What the numbers of a stream are for; streams never meet.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    /// The account and its key.
    Account,
    /// Objects, their secrets and prefixes.
    Objects,
    /// Requests of one start of the sandbox.
    Requests(u64),
}

/// Where ids come from. Copy it into a transaction, keep the copy when it commits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ids {
    seed: u64,
    stream: Stream,
    /// The next number; persisted for [`Stream::Objects`].
    pub(crate) next: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64, stream: Stream, next: u64) -> Self {
        Self { seed, stream, next }
    }

    /// A new id: `in_1…` with Stripe's lengths. Payments live on a shard of their
    /// own, so their ids begin with 3.
    pub(crate) fn object(&mut self, prefix: &str) -> String {
        match prefix {
            "pi" | "ch" | "py" | "re" | "pyr" | "txn" => format!("{prefix}_3{}", self.text(23)),
            "cus" | "req" | "prod" => format!("{prefix}_{}", self.text(14)),
            "cs" => format!("cs_test_a1{}", self.text(58)),
            _ => format!("{prefix}_1{}", self.text(23)),
        }
    }

    /// Letters and digits.
    pub(crate) fn text(&mut self, length: usize) -> String {
        self.pick(ALPHABET, length)
    }

    /// Capital letters and digits, as in invoice prefixes.
    pub(crate) fn upper(&mut self, length: usize) -> String {
        self.pick(UPPER, length)
    }

    fn pick(&mut self, alphabet: &[u8], length: usize) -> String {
        let (kind, boot) = match self.stream {
            Stream::Account => (1, 0),
            Stream::Objects => (2, 0),
            Stream::Requests(boot) => (3, boot),
        };
        let seed = mix(mix(mix(self.seed ^ kind) ^ boot) ^ self.next);
        self.next += 1;
        let mut rng = fastrand::Rng::with_seed(seed);
        (0..length).map(|_| char::from(alphabet[rng.usize(..alphabet.len())])).collect()
    }
}

/// The seed of the account that was connected as this one, counted from 0.
pub(crate) fn of_connected(seed: u64, number: u64) -> u64 {
    mix(mix(seed ^ 4) ^ number)
}

/// Spreads neighbouring numbers over all bits (splitmix64's finalizer).
fn mix(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
