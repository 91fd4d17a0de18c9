-- Sources of the whole installation, which belong to no company; the events that come by
-- them before anybody has a connection to their account; when a connection was last
-- authorized; and the companies that were removed, so that nothing of them comes back.

CREATE TABLE sources_2 (
  id TEXT NOT NULL PRIMARY KEY, company TEXT, account TEXT NOT NULL, mode TEXT NOT NULL,
  endpoint TEXT NOT NULL, url TEXT NOT NULL, secret BLOB NOT NULL,
  created_at BIGINT NOT NULL, expires_at BIGINT
);
INSERT INTO sources_2 (id, company, account, mode, endpoint, url, secret, created_at, expires_at)
SELECT id, company, account, mode, endpoint, url, secret, created_at, expires_at FROM sources;
DROP TABLE sources;
ALTER TABLE sources_2 RENAME TO sources;
CREATE INDEX sources_of_company ON sources (company, id);

CREATE TABLE unclaimed (
  id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL, mode TEXT NOT NULL, event TEXT NOT NULL,
  kind TEXT NOT NULL, created_at BIGINT NOT NULL, received_at BIGINT NOT NULL, objects TEXT NOT NULL,
  body BLOB NOT NULL, sum BLOB NOT NULL,
  UNIQUE (event, account, mode)
);
CREATE INDEX unclaimed_of_account ON unclaimed (account, mode, id);
CREATE INDEX unclaimed_by_age ON unclaimed (received_at);

-- Of what was authorized before, nobody knows when; not after it last changed.
ALTER TABLE connections ADD COLUMN authorized_at BIGINT;
UPDATE connections SET authorized_at = updated_at WHERE account IS NOT NULL;

CREATE TABLE removed_companies (id TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;
