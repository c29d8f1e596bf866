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

-- Reviews that our actors were sent, and those they sent: direct Notes with the property review.
CREATE TABLE reviews (
    id {id},
    uri TEXT NOT NULL UNIQUE,
    actor_id BIGINT NOT NULL REFERENCES actors (id),   -- ours
    other_uri TEXT NOT NULL,       -- who wrote it, or to whom ours wrote
    host TEXT NOT NULL,
    handle TEXT NOT NULL,          -- of the other, as it was then
    name TEXT NOT NULL,
    sent INTEGER NOT NULL,         -- 1 where ours wrote it
    act TEXT NOT NULL,
    about_uri TEXT NOT NULL,
    data TEXT NOT NULL,            -- JSON of a domain/review.py Review
    reply_to TEXT NOT NULL,
    state TEXT NOT NULL,           -- open or done
    at BIGINT NOT NULL
);
CREATE INDEX reviews_actor ON reviews (actor_id, id);
CREATE INDEX reviews_other ON reviews (other_uri, id);
CREATE INDEX reviews_about ON reviews (about_uri, id);
