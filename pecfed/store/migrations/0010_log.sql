-- The log of every act at a hub, and the standing that follows from it. What membership_log held
-- is carried over by store/carried_over.py, which takes that table away.

CREATE TABLE log (                 -- the public part; chained, and never changed
    n BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    is_public INTEGER NOT NULL,    -- 0: of the act itself the entry has only a digest
    entry TEXT NOT NULL,           -- canonical JSON
    hash TEXT NOT NULL             -- SHA-256 of the entry
);
{unchangeable log}

CREATE TABLE log_acts (            -- what the hub itself knows of each line
    n BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,         -- an actor's uri, or an entry's slug
    other TEXT NOT NULL,           -- who endorsed
    member_id BIGINT,              -- the entry it was about
    salt TEXT NOT NULL,
    content TEXT NOT NULL          -- what is private, canonical JSON; '' for nothing, or erased
);
CREATE INDEX log_acts_subject ON log_acts (subject, n);
CREATE INDEX log_acts_other ON log_acts (other) WHERE other <> '';
CREATE INDEX log_acts_member ON log_acts (member_id, n);
{erasable log_acts}

CREATE TABLE log_head (            -- one row, taken by who writes the next line
    one INTEGER PRIMARY KEY,
    lines BIGINT NOT NULL,
    hash TEXT NOT NULL
);

CREATE TABLE standings (           -- computed from the log: what is shown on which days
    subject TEXT NOT NULL,
    from_date TEXT NOT NULL,       -- ISO dates, both included
    until_date TEXT NOT NULL,
    standing TEXT NOT NULL,
    because TEXT NOT NULL,
    PRIMARY KEY (subject, from_date)
);
CREATE INDEX standings_standing ON standings (standing, until_date);
