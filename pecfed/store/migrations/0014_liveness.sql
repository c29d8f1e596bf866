-- Whether entries are alive, what they look like, and which were one and the same.

CREATE TABLE liveness (
    member_id BIGINT PRIMARY KEY REFERENCES members (id),
    due_at BIGINT NOT NULL,            -- when to probe next
    probed_at BIGINT,
    seen_at BIGINT,                    -- when it last answered
    failing_since BIGINT,              -- the first probe in vain since then
    failure TEXT NOT NULL DEFAULT '',  -- why the last one was
    certificate TEXT NOT NULL DEFAULT '',  -- SHA-256 of what its host showed, in hex
    issuer TEXT NOT NULL DEFAULT '',       -- who signed that
    affirmed_at BIGINT NOT NULL,       -- when it last said that its entry is true
    asked_at BIGINT,                   -- an open "still true?"
    told_silent_at BIGINT,             -- when a reviewer was told of its silence
    told_stale_at BIGINT,              -- and that nobody answered
    hidden_at BIGINT,                  -- its label is hidden since
    hidden_because TEXT NOT NULL DEFAULT '',  -- every cause so far, one on a line
    archived_on TEXT NOT NULL DEFAULT '',  -- ISO date
    successor TEXT NOT NULL DEFAULT '',    -- who goes on with it
    is_closed INTEGER NOT NULL DEFAULT 0   -- the organisation itself is no more
);
CREATE INDEX liveness_due ON liveness (due_at);

CREATE TABLE seen_keys (               -- the keys that a member's document listed at the last probe
    member_id BIGINT NOT NULL REFERENCES members (id),
    key TEXT {bytewise} NOT NULL,
    PRIMARY KEY (member_id, key)
);

CREATE TABLE still_true (              -- the links of an open question; the token itself isn't kept
    hash TEXT PRIMARY KEY,             -- SHA-256 of the token, in hex
    member_id BIGINT NOT NULL REFERENCES members (id),
    answer TEXT NOT NULL,              -- true, change or archive
    until_at BIGINT NOT NULL
);
CREATE INDEX still_true_member ON still_true (member_id);

CREATE TABLE likenesses (              -- what an entry looks like, to find those that look alike
    member_id BIGINT NOT NULL REFERENCES members (id),
    kind TEXT NOT NULL,                -- site, name, handle, host or look
    key TEXT {bytewise} NOT NULL,
    written TEXT NOT NULL,             -- what it is in fact
    PRIMARY KEY (member_id, kind)
);
CREATE INDEX likenesses_key ON likenesses (kind, key);

CREATE TABLE apart (                   -- two entries that somebody has found not to be one
    one_id BIGINT NOT NULL REFERENCES members (id),
    other_id BIGINT NOT NULL REFERENCES members (id),
    PRIMARY KEY (one_id, other_id)
);

CREATE TABLE merges (                  -- an entry that is part of another one now
    member_id BIGINT PRIMARY KEY REFERENCES members (id),
    into_id BIGINT NOT NULL REFERENCES members (id),
    at BIGINT NOT NULL,
    state TEXT NOT NULL,               -- of the entry before
    before TEXT NOT NULL               -- the other one's profile and sources before, JSON
);
CREATE INDEX merges_into ON merges (into_id);
