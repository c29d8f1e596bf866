-- Organisations on other software that were invited by their handle, and how each answered.
CREATE TABLE invitations (
    member_id BIGINT PRIMARY KEY REFERENCES members (id),
    actor_uri TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,               -- open, willing or declined
    note_uri TEXT NOT NULL,            -- the Note that asked
    asked_at BIGINT NOT NULL,
    looked_at BIGINT,                  -- when its profile was last looked at for a link back
    proof TEXT NOT NULL DEFAULT '',    -- join, reply or link
    proof_uri TEXT NOT NULL DEFAULT '',-- the Join, the reply, the page with the link
    answered_at BIGINT
);
