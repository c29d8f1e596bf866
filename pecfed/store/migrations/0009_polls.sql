-- Votes on our polls, what objects are tagged with, and which weeks a hub has told of.

CREATE TABLE polls (
    question_uri TEXT PRIMARY KEY,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    ends_at BIGINT NOT NULL,
    tell_at BIGINT,                -- when followers are told the tally next, NULL once it is final
    voters INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX polls_due ON polls (tell_at) WHERE tell_at IS NOT NULL;

CREATE TABLE votes (
    question_uri TEXT NOT NULL,
    voter_uri TEXT NOT NULL,
    choice INTEGER NOT NULL,       -- the option's number, from 0
    voted_at BIGINT NOT NULL,
    PRIMARY KEY (question_uri, voter_uri, choice)
);

-- hashtags as ' communs velo ', folded
ALTER TABLE objects ADD COLUMN tags TEXT NOT NULL DEFAULT '';
UPDATE objects SET tags = ' plateformesencommuns ' WHERE kind IN ('statement', 'event', 'resource');

CREATE TABLE digests (             -- one row for each week that was looked at
    week TEXT PRIMARY KEY,         -- the Monday on which it was told, ISO date
    at BIGINT NOT NULL,
    note_uri TEXT NOT NULL         -- '' where there was nothing to tell
);
