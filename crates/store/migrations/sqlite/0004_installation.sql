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
  size BIGINT NOT NULL, body BLOB NOT NULL, sum BLOB NOT NULL,
  UNIQUE (event, account, mode)
);
-- With their sizes, so that adding up the bodies reads none of them.
CREATE INDEX unclaimed_of_account ON unclaimed (account, mode, id, size);
CREATE INDEX unclaimed_of_all ON unclaimed (id, size);
CREATE INDEX unclaimed_by_age ON unclaimed (received_at);

-- Of what was authorized before, nobody knows when: NULL, and Stripe is asked. A renewal
-- or a new name has changed `updated_at` since.
ALTER TABLE connections ADD COLUMN authorized_at BIGINT;

CREATE TABLE removed_companies (id TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;
-- Companies that were removed before this was kept, as far as anything of them is left.
INSERT INTO removed_companies (id)
SELECT company FROM (SELECT company FROM connections UNION SELECT company FROM sources UNION
  SELECT company FROM api_keys UNION SELECT company FROM authorizations UNION
  SELECT company FROM secrets UNION SELECT company FROM workflows UNION
  SELECT company FROM runs UNION SELECT company FROM receipts)
WHERE company IS NOT NULL AND company NOT IN (SELECT id FROM companies);
