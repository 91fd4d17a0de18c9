-- A run that was canceled is `canceled`: American spelling, everywhere.
DROP INDEX runs_open;
UPDATE runs SET status = 'canceled' WHERE status = 'cancelled';
CREATE INDEX runs_open ON runs (id) WHERE status NOT IN ('completed', 'failed', 'canceled', 'timed_out');
