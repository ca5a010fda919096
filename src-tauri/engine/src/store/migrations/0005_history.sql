-- The past: one row for each incident, published update, and trigger of a page that has left. A reading of incidents and
-- pages, and no part of the state. Takes the place of past_update. Its rows are derived later, piece by piece, and then
-- past_update goes, too (history.rs).
-- Times are milliseconds since 1970. An id is its time and a number below 65,536, so that the newest is the last.
CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    incident INTEGER,
    page TEXT,
    at INTEGER NOT NULL,
    -- When an update was due.
    due_at INTEGER,
    -- The moment at which it counts for the key figures: of a late update the one at which it was due.
    judged_at INTEGER,
    severity TEXT NOT NULL DEFAULT '',
    phase TEXT NOT NULL DEFAULT '',
    mine INTEGER NOT NULL DEFAULT 0,
    title TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX history_kind ON history (kind);
CREATE INDEX history_incident ON history (incident) WHERE incident IS NOT NULL;
CREATE INDEX history_page ON history (page) WHERE page IS NOT NULL;
CREATE INDEX history_judged ON history (kind, judged_at) WHERE judged_at IS NOT NULL;

-- The words of title and text. Rows are put in and taken out, never changed.
CREATE VIRTUAL TABLE history_words USING fts5 (
    title,
    text,
    content = 'history',
    content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER history_in AFTER INSERT ON history BEGIN
    INSERT INTO history_words (rowid, title, text) VALUES (new.id, new.title, new.text);
END;
CREATE TRIGGER history_out AFTER DELETE ON history BEGIN
    INSERT INTO history_words (history_words, rowid, title, text) VALUES ('delete', old.id, old.title, old.text);
END;

-- Which incidents a page called for.
CREATE TABLE history_page_of (
    page TEXT NOT NULL,
    incident INTEGER NOT NULL,
    PRIMARY KEY (page, incident)
) STRICT, WITHOUT ROWID;
CREATE INDEX history_page_of_incident ON history_page_of (incident);
