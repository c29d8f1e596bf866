-- Replies, likes, boosts, votes, reports; who is blocked.

CREATE TABLE blocks (
    target TEXT PRIMARY KEY,       -- a host, host:port or an actor's uri: domain/blocking.py
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    blocked_at BIGINT NOT NULL
);

CREATE TABLE reactions (           -- likes and boosts of what is ours, each once
    object_uri TEXT NOT NULL,
    kind TEXT NOT NULL,            -- like or share
    actor_uri TEXT NOT NULL,
    host TEXT NOT NULL,
    activity_uri TEXT NOT NULL,    -- by which an Undo may name it
    blocked INTEGER NOT NULL DEFAULT 0,
    reacted_at BIGINT NOT NULL,
    PRIMARY KEY (object_uri, kind, actor_uri)
);
CREATE INDEX reactions_actor ON reactions (actor_uri, activity_uri);

CREATE TABLE messages (            -- replies to what is ours, and mentions of our actors
    id {id},
    uri TEXT NOT NULL UNIQUE,
    actor_uri TEXT NOT NULL,
    host TEXT NOT NULL,
    handle TEXT NOT NULL,          -- of its author, as it was then
    name TEXT NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    about_uri TEXT NOT NULL,       -- the object of ours it answers, else our actor
    kind TEXT NOT NULL,            -- reply or mention
    content TEXT NOT NULL,
    links TEXT NOT NULL,           -- JSON list of addresses
    language TEXT NOT NULL,
    url TEXT NOT NULL,
    is_public INTEGER NOT NULL,
    state TEXT NOT NULL,           -- new, seen or answered
    hidden TEXT NOT NULL DEFAULT '',       -- operator, block or ''
    published_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX messages_about ON messages (about_uri, id);
CREATE INDEX messages_actor ON messages (actor_uri, received_at);
CREATE INDEX messages_host ON messages (host, received_at);

CREATE TABLE answers (             -- what our actors answered
    uri TEXT PRIMARY KEY,
    message_id BIGINT NOT NULL REFERENCES messages (id),
    content TEXT NOT NULL,
    is_public INTEGER NOT NULL,
    answered_at BIGINT NOT NULL
);
CREATE INDEX answers_message ON answers (message_id);

CREATE TABLE reports (             -- what others report of ours; for the operator alone
    id {id},
    activity_uri TEXT NOT NULL,
    actor_uri TEXT NOT NULL,
    host TEXT NOT NULL,
    about TEXT NOT NULL,           -- JSON list of our uris
    content TEXT NOT NULL,
    reported_at BIGINT NOT NULL,
    closed_at BIGINT,
    UNIQUE (actor_uri, activity_uri)
);
