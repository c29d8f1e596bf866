-- On a member's node: its self-assessment before it is published, and who wrote the statement last.

CREATE TABLE drafts (
    actor_id BIGINT PRIMARY KEY REFERENCES actors (id),
    based_on TEXT NOT NULL,        -- digest of the statement that it was begun from, '' for none
    valid_until TEXT NOT NULL,     -- ISO date, '' until it is chosen
    begun_at BIGINT NOT NULL,
    saved_at BIGINT NOT NULL
);

CREATE TABLE draft_answers (
    actor_id BIGINT NOT NULL REFERENCES drafts (actor_id),
    commitment TEXT NOT NULL,
    level TEXT NOT NULL,           -- '' where none is chosen yet
    explanation TEXT NOT NULL,     -- JSON, by language
    evidence TEXT NOT NULL,        -- JSON, addresses
    version INTEGER NOT NULL,      -- 0 as it was begun, one more with each save
    PRIMARY KEY (actor_id, commitment)
);

CREATE TABLE statement_sources (
    actor_id BIGINT PRIMARY KEY REFERENCES actors (id),
    source TEXT NOT NULL,          -- file or admin: where the present statement was written
    file_mark TEXT NOT NULL,       -- of the last statement that a file asked for, '' for none
    changed_at BIGINT NOT NULL
);
