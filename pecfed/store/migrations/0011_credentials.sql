-- What our actors vouch for: credentials, and the lists that say which of them are revoked.
CREATE TABLE status_lists (
    id {id},
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    used BIGINT NOT NULL DEFAULT 0,        -- places that are given out
    changed_at BIGINT NOT NULL             -- when one of them last was revoked
);
CREATE INDEX status_lists_actor ON status_lists (actor_id, id);

CREATE TABLE credentials (
    id {id},
    uri TEXT {bytewise} NOT NULL UNIQUE,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    kind TEXT NOT NULL,                    -- endorsement, attestation or label
    subject_uri TEXT NOT NULL,
    digest TEXT NOT NULL,                  -- of the statement it is about
    document TEXT NOT NULL,                -- without its proof, made when it is served
    issued_at BIGINT NOT NULL,
    valid_until TEXT NOT NULL,             -- ISO date, its last day in UTC
    list BIGINT NOT NULL REFERENCES status_lists (id),
    place BIGINT NOT NULL,
    revoked_at BIGINT,
    revoked_for TEXT NOT NULL DEFAULT '',
    UNIQUE (list, place)
);
CREATE INDEX credentials_subject ON credentials (subject_uri, kind, id);
