-- What waits for somebody and who was told by mail; the rights of those who are listed or spoken of.

CREATE TABLE notices (             -- something that waits for somebody here
    id {id},
    kind TEXT NOT NULL,            -- domain/notice.py: KINDS
    subject TEXT NOT NULL,         -- an actor's uri, or the slug of an entry without one
    ref TEXT NOT NULL,             -- the same kind, subject and ref are told once
    to_whom TEXT NOT NULL,         -- operators, reviewers, or account:NAME
    facts TEXT NOT NULL,           -- JSON object of short texts
    at BIGINT NOT NULL
);
CREATE UNIQUE INDEX notices_once ON notices (kind, subject, ref, to_whom) WHERE ref <> '';

CREATE TABLE notice_reads (        -- an account has read it
    notice_id BIGINT NOT NULL REFERENCES notices (id),
    account TEXT NOT NULL,
    read_at BIGINT NOT NULL,
    PRIMARY KEY (notice_id, account)
);

CREATE TABLE mail_recipients (     -- who is told by mail, too
    id {id},
    address TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,         -- whose it is, '' for an address without an account
    role TEXT NOT NULL,            -- operator or reviewer
    language TEXT NOT NULL,
    token TEXT NOT NULL,           -- says goodbye, and nothing else: it stands in every mail
    ended_at BIGINT,
    added_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX mail_recipients_token ON mail_recipients (token);

CREATE TABLE mails (               -- one mail to one recipient, with all that waited for it
    id {id},
    recipient_id BIGINT NOT NULL REFERENCES mail_recipients (id),
    message_id TEXT NOT NULL,      -- the same at every try
    state TEXT NOT NULL,           -- waiting, sent or parked
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,        -- while it is being sent: until when it is leased
    error TEXT NOT NULL DEFAULT '',
    made_at BIGINT NOT NULL,
    sent_at BIGINT
);
CREATE INDEX mails_due ON mails (due_at) WHERE state = 'waiting';
CREATE INDEX mails_recipient ON mails (recipient_id, id);

CREATE TABLE mailed (              -- which notice went to whom in which mail: each once
    recipient_id BIGINT NOT NULL REFERENCES mail_recipients (id),
    notice_id BIGINT NOT NULL REFERENCES notices (id),
    mail_id BIGINT NOT NULL REFERENCES mails (id),
    PRIMARY KEY (recipient_id, notice_id)
);
CREATE INDEX mailed_mail ON mailed (mail_id);

CREATE TABLE claims (              -- an invited organisation said that an entry is its own, or to take it off
    id {id},
    member_id BIGINT NOT NULL REFERENCES members (id),
    kind TEXT NOT NULL,            -- claim or take-off
    proof_uri TEXT NOT NULL,       -- where on its own site that stood; '' where the operator must look
    handle TEXT NOT NULL,          -- an actor that speaks for it, '' where it named none
    words TEXT NOT NULL,           -- to the operator
    state TEXT NOT NULL,           -- open or closed
    at BIGINT NOT NULL,
    closed_at BIGINT,
    UNIQUE (member_id, kind, proof_uri, handle, words)
);

CREATE TABLE kept_off (            -- never listed again by an invitation
    key TEXT PRIMARY KEY,          -- SHA-256 of what it would be known by: domain/claim.py
    slug TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE TABLE member_replies (      -- the right of reply: shown beside a contested entry
    actor_uri TEXT PRIMARY KEY,
    uri TEXT NOT NULL,             -- the review it came in
    content TEXT NOT NULL,         -- JSON object of plain texts by language
    hidden TEXT NOT NULL,          -- '' while it is shown, else waiting, or the reason code
    replied_at BIGINT NOT NULL
);

CREATE TABLE data_asks (           -- somebody asks what is kept of it, and proves by a message who it is
    secret TEXT PRIMARY KEY,       -- SHA-256 of what the address of its page holds
    code TEXT NOT NULL UNIQUE,     -- what the message says
    actor_uri TEXT NOT NULL DEFAULT '',
    asked_at BIGINT NOT NULL,
    proven_at BIGINT
);
