-- Incidents; rows that are no longer live stay as history. A number is never used twice.
CREATE TABLE incident (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    live INTEGER NOT NULL DEFAULT 1,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX incident_live ON incident (live) WHERE live = 1;

-- What is being written, one text for each incident.
CREATE TABLE draft (
    incident INTEGER PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;

-- Attempts to publish.
CREATE TABLE publication (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    body TEXT NOT NULL
) STRICT;
