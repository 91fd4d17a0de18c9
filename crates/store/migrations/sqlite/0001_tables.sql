-- The first schema. Times are microseconds since 1970, ids are text, sealed
-- bodies are blobs. Columns named `sum` hold a checksum that is verified on read.
-- An applied file is never edited: sqlx compares its hash.

CREATE TABLE driver (one INTEGER PRIMARY KEY CHECK (one = 1), epoch BIGINT NOT NULL);
INSERT INTO driver (one, epoch) VALUES (1, 0);

CREATE TABLE companies (
  id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, created_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
  id TEXT NOT NULL PRIMARY KEY, company TEXT NOT NULL, name TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE, scopes TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE INDEX api_keys_of_company ON api_keys (company, id);

CREATE TABLE data_keys (id TEXT NOT NULL PRIMARY KEY, wrapped BLOB NOT NULL, master TEXT NOT NULL);

CREATE TABLE connections (
  id TEXT NOT NULL PRIMARY KEY, company TEXT NOT NULL, name TEXT NOT NULL, account TEXT NOT NULL,
  mode TEXT NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL, credential BLOB NOT NULL,
  base_url TEXT NOT NULL, is_default BOOLEAN NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  UNIQUE (company, name)
);
CREATE INDEX connections_of_company ON connections (company, id);

CREATE TABLE sources (
  id TEXT NOT NULL PRIMARY KEY, company TEXT NOT NULL, account TEXT NOT NULL, mode TEXT NOT NULL,
  endpoint TEXT NOT NULL, url TEXT NOT NULL, secret BLOB NOT NULL,
  created_at BIGINT NOT NULL, expires_at BIGINT
);
CREATE INDEX sources_of_company ON sources (company, id);

CREATE TABLE secrets (
  company TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, updated_at BIGINT NOT NULL,
  PRIMARY KEY (company, name)
);

CREATE TABLE workflows (
  id TEXT NOT NULL PRIMARY KEY, company TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL,
  status TEXT NOT NULL, version BIGINT NOT NULL, activated_at BIGINT,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  UNIQUE (company, key)
);
CREATE INDEX workflows_of_company ON workflows (company, id);

CREATE TABLE workflow_versions (
  workflow TEXT NOT NULL, version BIGINT NOT NULL, source TEXT NOT NULL, model_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL, PRIMARY KEY (workflow, version)
);

CREATE TABLE request_keys (
  company TEXT NOT NULL, target TEXT NOT NULL, key TEXT NOT NULL, input_hash BLOB NOT NULL,
  result TEXT NOT NULL, created_at BIGINT NOT NULL, PRIMARY KEY (company, target, key)
);

-- One row per (company, account, mode, event). A body may exceed a page, therefore
-- the rows stand in order of arrival and the text id is an index of its own.
CREATE TABLE receipts (
  id TEXT NOT NULL PRIMARY KEY, company TEXT NOT NULL, account TEXT NOT NULL, mode TEXT NOT NULL,
  event TEXT NOT NULL, kind TEXT NOT NULL, created_at BIGINT NOT NULL, received_at BIGINT NOT NULL,
  objects TEXT NOT NULL, listeners BIGINT NOT NULL, body BLOB NOT NULL, sum BLOB NOT NULL,
  status TEXT NOT NULL, tries BIGINT NOT NULL, next_try_at BIGINT, error TEXT,
  UNIQUE (company, event, account, mode)
);
CREATE INDEX receipts_of_company ON receipts (company, id);
CREATE INDEX receipts_by_kind ON receipts (company, kind, id);
-- Only statuses that few receipts have at a time: the others are the rule in any list.
CREATE INDEX receipts_by_status ON receipts (company, status, id)
  WHERE status IN ('received', 'failed', 'dead', 'ignored');
CREATE INDEX receipts_to_dispatch ON receipts (id, status, next_try_at) WHERE status IN ('received', 'failed');
CREATE INDEX receipts_failed ON receipts (next_try_at) WHERE status = 'failed';

-- The ids that waits match on and lists filter by; also kept in order in `receipts.objects`.
CREATE TABLE receipt_objects (
  object TEXT NOT NULL, receipt TEXT NOT NULL, PRIMARY KEY (object, receipt)
) WITHOUT ROWID;

CREATE TABLE runs (
  id TEXT NOT NULL PRIMARY KEY, company TEXT NOT NULL, workflow TEXT NOT NULL, key TEXT NOT NULL,
  version BIGINT NOT NULL, core BIGINT NOT NULL, cause TEXT NOT NULL, cause_text TEXT NOT NULL,
  connection TEXT NOT NULL, account TEXT NOT NULL, mode TEXT NOT NULL, receipt TEXT, given BLOB,
  status TEXT NOT NULL, created_at BIGINT NOT NULL, ended_at BIGINT, result BLOB,
  UNIQUE (company, workflow, cause_text)
);
CREATE INDEX runs_of_company ON runs (company, id);
CREATE INDEX runs_of_workflow ON runs (company, workflow, id);
CREATE INDEX runs_by_status ON runs (company, status, id);
CREATE INDEX runs_of_receipt ON runs (receipt, id) WHERE receipt IS NOT NULL;
CREATE INDEX runs_open ON runs (id) WHERE status NOT IN ('completed', 'failed', 'cancelled', 'timed_out');

CREATE TABLE journal (
  run TEXT NOT NULL, seq BIGINT NOT NULL, row BLOB NOT NULL, sum BLOB NOT NULL, PRIMARY KEY (run, seq)
);

CREATE TABLE timers (
  run TEXT NOT NULL, path TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (run, path)
) WITHOUT ROWID;
CREATE INDEX timers_by_time ON timers (at);

CREATE TABLE waits (
  run TEXT NOT NULL, path TEXT NOT NULL, company TEXT NOT NULL, account TEXT NOT NULL, mode TEXT NOT NULL,
  object TEXT NOT NULL, kinds TEXT NOT NULL, PRIMARY KEY (run, path)
) WITHOUT ROWID;
CREATE INDEX waits_by_object ON waits (company, account, mode, object);

-- A cancellation has an empty path and receipt. What the run took in stays until
-- the run ends, so that no event is told twice.
CREATE TABLE inputs (
  run TEXT NOT NULL, n BIGINT NOT NULL, path TEXT NOT NULL, receipt TEXT NOT NULL, consumed BOOLEAN NOT NULL,
  PRIMARY KEY (run, n), UNIQUE (run, path, receipt)
) WITHOUT ROWID;

-- `sum` covers the request and what it is for, `outcome_sum` the state and its outcome.
CREATE TABLE intents (
  key TEXT NOT NULL PRIMARY KEY, call TEXT NOT NULL, company TEXT NOT NULL, connection TEXT NOT NULL,
  account TEXT NOT NULL, mode TEXT NOT NULL, origin TEXT NOT NULL, run TEXT, path TEXT NOT NULL,
  generation BIGINT NOT NULL, action TEXT NOT NULL, request BLOB NOT NULL, first_attempt BIGINT NOT NULL,
  sum BLOB NOT NULL, state TEXT NOT NULL, outcome BLOB, outcome_sum BLOB NOT NULL,
  stripe_request_id TEXT, settled_at BIGINT
);
CREATE INDEX intents_of_call ON intents (company, call);
CREATE INDEX intents_of_run ON intents (run, first_attempt) WHERE run IS NOT NULL;
CREATE INDEX intents_open ON intents (first_attempt) WHERE state = 'open';
