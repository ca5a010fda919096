-- What the public was told, one row for each update, to be searched while writing. Rows outlive their incident's card.
-- A reading of incidents, and no part of the state.
CREATE TABLE past_update (
    id INTEGER PRIMARY KEY,
    incident INTEGER NOT NULL,
    at TEXT NOT NULL,
    phase TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    mine INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX past_update_incident ON past_update (incident);
CREATE INDEX past_update_at ON past_update (at);

-- The words of title and text. Rows are put in and taken out, never changed.
CREATE VIRTUAL TABLE past_update_words USING fts5 (
    title,
    text,
    content = 'past_update',
    content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER past_update_in AFTER INSERT ON past_update BEGIN
    INSERT INTO past_update_words (rowid, title, text) VALUES (new.id, new.title, new.text);
END;
CREATE TRIGGER past_update_out AFTER DELETE ON past_update BEGIN
    INSERT INTO past_update_words (past_update_words, rowid, title, text)
    VALUES ('delete', old.id, old.title, old.text);
END;
