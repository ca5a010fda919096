-- One row per trigger of a page; rows that are no longer live stay as history.
CREATE TABLE page (
    id TEXT NOT NULL,
    triggered_at TEXT NOT NULL,
    live INTEGER NOT NULL DEFAULT 1,
    body TEXT NOT NULL,
    PRIMARY KEY (id, triggered_at)
) STRICT;
CREATE INDEX page_live ON page (live) WHERE live = 1;

-- Intentions towards PagerDuty. A row id is never used twice, so that no answer meets the wrong job.
CREATE TABLE job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    body TEXT NOT NULL
) STRICT;

-- Alarms that are wanted, or whose notification is still to be taken away.
CREATE TABLE alarm (
    key TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;

-- Things of which there is one: account, settings, source, oncall.
CREATE TABLE single (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;
