-- From which host a vote came, so that none can make all of them.

ALTER TABLE votes ADD COLUMN host TEXT NOT NULL DEFAULT '';
CREATE INDEX votes_host ON votes (question_uri, host);
