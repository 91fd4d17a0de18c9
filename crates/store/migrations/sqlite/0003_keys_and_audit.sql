-- API keys run out, say when they were used, and may be an installation's: `bound` says
-- whether such a key acts for its own company when a request names none.
ALTER TABLE api_keys ADD COLUMN expires_at BIGINT;
ALTER TABLE api_keys ADD COLUMN used_at BIGINT;
ALTER TABLE api_keys ADD COLUMN bound BOOLEAN NOT NULL DEFAULT TRUE;

-- Requests name a company by its id or its name.
CREATE UNIQUE INDEX companies_by_name ON companies (name);

-- Who changed what. Rows are added, and go only with their company.
CREATE TABLE audit (
  id TEXT NOT NULL PRIMARY KEY, company TEXT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL,
  what TEXT NOT NULL, target TEXT NOT NULL, details TEXT NOT NULL
);
CREATE INDEX audit_of_company ON audit (company, id);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
