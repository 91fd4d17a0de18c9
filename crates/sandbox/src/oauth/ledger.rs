//! Who granted what to whom, changed by records only.
//!
//! A grant is one consent, named by its code. Its tokens live as long as it does, or
//! shorter. What would surprise: codes that were used and grants that were taken back
//! stay known, because a second use has to be told from a code that never was.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{Exchange, Kind, Settings};
use crate::ids::Ids;

/// The most consents, tokens and exchanges that are remembered; the oldest leave first.
const REMEMBERED_MAX: usize = 10_000;

/// One thing that happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(crate) enum Change {
    /// An account was opened to be connected.
    Account { name: String },
    /// Somebody consented.
    Consented(Grant),
    /// Tokens were handed out; what they were given for is used up.
    Issued { grant: String, used: Option<String>, access: Token, refresh: Option<Token> },
    /// Consents were taken back.
    Revoked { grants: Vec<String> },
    /// A token endpoint was asked.
    Exchanged(Exchange),
    /// The clients were set up.
    Settings(Settings),
}

/// A token and how long it lives.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) text: String,
    /// Connect's `read_only` and `read_write`, or `stripe_apps`.
    pub(crate) scope: String,
    /// Milliseconds on the sandbox's clock; `None`: as long as its grant.
    pub(crate) expires_ms: Option<i64>,
}

/// A consent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) code: String,
    pub(crate) kind: Kind,
    pub(crate) account: String,
    pub(crate) scope: String,
    /// Milliseconds on the sandbox's clock.
    pub(crate) at_ms: i64,
    #[serde(default)]
    pub(crate) status: Status,
}

/// How far a consent has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Its code waits to be exchanged.
    #[default]
    Offered,
    Active,
    Revoked,
}

/// What a token belongs to.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) grant: String,
    pub(crate) token: Token,
}

/// Everything granted.
#[derive(Debug)]
pub(crate) struct Ledger {
    connect: String,
    app: String,
    pub(crate) settings: Settings,
    grants: HashMap<String, Grant>,
    order: VecDeque<String>,
    access: HashMap<String, Held>,
    issued: VecDeque<String>,
    refresh: HashMap<String, Held>,
    exchanges: VecDeque<Exchange>,
}

impl Ledger {
    /// An empty one, with the clients' ids.
    pub(crate) fn new(ids: &mut Ids) -> Self {
        Self {
            connect: format!("ca_{}", ids.text(32)),
            app: format!("ca_{}", ids.text(32)),
            settings: Settings::default(),
            grants: HashMap::new(),
            order: VecDeque::new(),
            access: HashMap::new(),
            issued: VecDeque::new(),
            refresh: HashMap::new(),
            exchanges: VecDeque::new(),
        }
    }

    pub(crate) fn client_id(&self, kind: Kind) -> &str {
        match kind {
            Kind::Connect => &self.connect,
            Kind::App => &self.app,
        }
    }

    /// The consent that a code stands for.
    pub(crate) fn grant(&self, code: &str) -> Option<&Grant> {
        self.grants.get(code)
    }

    /// The consents of an account that are in force.
    pub(crate) fn active<'a>(&'a self, account: &'a str) -> impl Iterator<Item = &'a Grant> {
        self.grants.values().filter(move |grant| grant.account == account && grant.status == Status::Active)
    }

    /// The codes of an account's consents that were not taken back, sorted.
    pub(crate) fn live(&self, account: &str, kind: Kind) -> Vec<String> {
        let of = |grant: &&Grant| {
            grant.account == account && grant.kind == kind && grant.status != Status::Revoked
        };
        let mut codes: Vec<_> = self.grants.values().filter(of).map(|grant| grant.code.clone()).collect();
        codes.sort_unstable();
        codes
    }

    /// Whether a consent of this kind is in force, not counting these.
    pub(crate) fn is_active(&self, account: &str, kind: Kind, without: &[String]) -> bool {
        self.active(account).any(|grant| grant.kind == kind && !without.contains(&grant.code))
    }

    /// Which client has this id.
    pub(crate) fn kind_of(&self, client_id: &str) -> Option<Kind> {
        [Kind::Connect, Kind::App].into_iter().find(|kind| self.client_id(*kind) == client_id)
    }

    pub(crate) fn access(&self, token: &str) -> Option<(&Token, &Grant)> {
        self.held(&self.access, token)
    }

    pub(crate) fn refresh(&self, token: &str) -> Option<(&Token, &Grant)> {
        self.held(&self.refresh, token)
    }

    fn held<'a>(&'a self, among: &'a HashMap<String, Held>, token: &str) -> Option<(&'a Token, &'a Grant)> {
        let held = among.get(token)?;
        Some((&held.token, self.grants.get(&held.grant)?))
    }

    /// What was asked of the token endpoints, in order.
    pub(crate) fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.exchanges.iter()
    }

    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            // The account is a state of its own.
            Change::Account { .. } => {}
            Change::Consented(grant) => self.consented(grant),
            Change::Issued { grant, used, access, refresh } => self.issue(grant, used, access, refresh),
            Change::Revoked { grants } => {
                for code in grants {
                    if let Some(grant) = self.grants.get_mut(&code) {
                        grant.status = Status::Revoked;
                    }
                }
            }
            Change::Exchanged(exchange) => {
                if self.exchanges.len() == REMEMBERED_MAX {
                    self.exchanges.pop_front();
                }
                self.exchanges.push_back(exchange);
            }
            Change::Settings(settings) => self.settings = settings,
        }
    }

    fn consented(&mut self, grant: Grant) {
        if self.order.len() == REMEMBERED_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.grants.remove(&oldest);
            self.refresh.retain(|_, held| held.grant != oldest);
        }
        self.order.push_back(grant.code.clone());
        self.grants.insert(grant.code.clone(), grant);
    }

    fn issue(&mut self, code: String, used: Option<String>, access: Token, refresh: Option<Token>) {
        if let Some(grant) = self.grants.get_mut(&code) {
            grant.status = Status::Active;
        }
        if let Some(used) = used {
            self.refresh.remove(&used);
        }
        if let Some(token) = refresh {
            self.refresh.insert(token.text.clone(), Held { grant: code.clone(), token });
        }
        if self.issued.len() == REMEMBERED_MAX
            && let Some(oldest) = self.issued.pop_front()
        {
            self.access.remove(&oldest);
        }
        self.issued.push_back(access.text.clone());
        self.access.insert(access.text.clone(), Held { grant: code, token: access });
    }
}
