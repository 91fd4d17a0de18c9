-- Connections that are authorized elsewhere: the account and the credential are
-- unknown until then, and every change names the revision it was made from.

CREATE TABLE connections_2 (
  id TEXT NOT NULL PRIMARY KEY, company TEXT NOT NULL, name TEXT NOT NULL, account TEXT,
  mode TEXT NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL, credential BLOB,
  expires_at BIGINT, base_url TEXT NOT NULL, version TEXT, scopes TEXT NOT NULL,
  details TEXT NOT NULL, error TEXT, is_default BOOLEAN NOT NULL, revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, used_at BIGINT,
  UNIQUE (company, name)
);
INSERT INTO connections_2 (id, company, name, account, mode, kind, status, credential, expires_at, base_url,
  version, scopes, details, error, is_default, revision, created_at, updated_at, used_at)
SELECT id, company, name, account, mode, kind, status, credential, NULL, base_url,
  NULL, '[]', '{}', NULL, is_default, 1, created_at, updated_at, NULL FROM connections;
DROP TABLE connections;
ALTER TABLE connections_2 RENAME TO connections;
CREATE INDEX connections_of_company ON connections (company, id);
CREATE INDEX connections_by_account ON connections (account, mode) WHERE account IS NOT NULL;
CREATE INDEX connections_expiring ON connections (expires_at) WHERE expires_at IS NOT NULL;

-- Links to an authorization page that were handed out and have not come back. The
-- state that comes back is kept as its hash only.
CREATE TABLE authorizations (
  state BLOB NOT NULL PRIMARY KEY, company TEXT NOT NULL, connection TEXT NOT NULL,
  kept BLOB NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL
);
CREATE INDEX authorizations_expiring ON authorizations (expires_at);
