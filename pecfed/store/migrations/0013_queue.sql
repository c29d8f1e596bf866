-- What waits for a reviewer, each act on it, and what became of the links given as evidence.

CREATE TABLE queue (
    id {id},
    kind TEXT NOT NULL,            -- domain/queue.py
    subject TEXT NOT NULL,         -- an actor's uri, or the slug of an entry without one
    ref TEXT NOT NULL,             -- what of the subject's it is about, as a statement's uri
    facts TEXT NOT NULL,           -- JSON
    state TEXT NOT NULL,
    version BIGINT NOT NULL,       -- grows with each act, so that a second reviewer sees the first
    decision TEXT NOT NULL,        -- JSON, or nothing: what waits or took effect
    by TEXT NOT NULL,              -- who decided
    seconded_by TEXT NOT NULL,     -- and who agreed, where two must
    opened_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    due_at BIGINT                  -- when it takes effect, or comes back
);
CREATE UNIQUE INDEX queue_waiting ON queue (kind, subject, ref) WHERE state <> 'done';
CREATE INDEX queue_due ON queue (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX queue_subject ON queue (subject, id);
CREATE INDEX queue_state ON queue (state, id);

CREATE TABLE queue_acts (
    id {id},
    item_id BIGINT NOT NULL REFERENCES queue (id),
    at BIGINT NOT NULL,
    by TEXT NOT NULL,              -- operator:NAME, reviewer:NAME, operator, or an actor's uri
    act TEXT NOT NULL,             -- an act of domain/queue.py, or note, undo, object, answer …
    reason TEXT NOT NULL,
    words TEXT NOT NULL,           -- the message to the member, or the note to other reviewers
    decision TEXT NOT NULL,        -- JSON, or nothing
    note_uri TEXT NOT NULL DEFAULT '',     -- of the review that told the member, once it went out
    press TEXT UNIQUE              -- one press of a button is one act, however often it arrives
);
CREATE INDEX queue_acts_item ON queue_acts (item_id, id);
CREATE INDEX queue_acts_note ON queue_acts (note_uri) WHERE note_uri <> '';

CREATE TABLE evidence_checks (     -- whether an address that a statement names still answers
    url TEXT PRIMARY KEY,
    asked_at BIGINT NOT NULL,      -- by a reviewer's look, or the statement's arrival
    due_at BIGINT,                 -- NULL while nothing asks for another look
    checked_at BIGINT,
    status INTEGER NOT NULL,       -- of HTTP, 0 where nothing answered
    outcome TEXT NOT NULL          -- answers, gone, refused, unreachable, not-asked
);
CREATE INDEX evidence_checks_due ON evidence_checks (due_at) WHERE due_at IS NOT NULL;
